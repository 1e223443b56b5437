"""What a search for copies found: verified pairs with scores, clusters under any limit, and who would stay."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import polars as pl

from workbench.checks.duplicates.copies import Copies, kept_instead
from workbench.checks.similarity import LEAST_RUNS, components
from workbench.errors import BadInput, NotFound
from workbench.records import Version

SAME = 1 - 1e-9  # score of rows that stand for one another
PAIRS = {"a": pl.Int64, "b": pl.Int64, "score": pl.Float64}
IDS = {"row": pl.Int64, "row_id": pl.String}
CLUSTERS = {"cluster": pl.Int64, "row": pl.Int64, "row_id": pl.String, "stays": pl.Boolean, "score": pl.Float64}


@dataclass(frozen=True)
class FoundCopies:
    """Verified near copies with a score each, and what follows from them under a limit.

    label, against: what was compared, with what ("" for itself); version: None for a file. rows: how many.
    pairs: a line a pair of positions a < b and score (0.7 to 1); with `against`, b counts there. members: row, row_id,
    faults (checks that flag it), words of its reply, of every row in a pair; others: row, row_id on the other side.
    """

    label: str
    version: Version | None
    field: str
    against: str
    least: float
    rows: int
    pairs: pl.DataFrame
    members: pl.DataFrame
    others: pl.DataFrame

    def at(self, limit: float) -> FoundCopies:
        """The same pairs under another limit; nothing is measured again. Raises BadInput outside of 0.7 to 1."""
        if not LEAST_RUNS <= limit <= 1:
            raise BadInput(
                f"Copies are measured from a likeness of {LEAST_RUNS:g} on: give a limit up to 1, not {limit}."
            )
        return replace(self, least=limit)

    @property
    def near(self) -> pl.DataFrame:
        """The pairs that reach the limit."""
        return self.pairs.filter(pl.col("score") >= self.least - 1e-9)

    @cached_property
    def clusters(self) -> pl.DataFrame:
        """A line a row that has a copy: cluster (from 1, largest first), row, row_id, stays, score; none if `against`.

        A cluster is what verified pairs link. In it the row with the fewest faults stays, of those the one with the
        longest reply, of those the first; a row that is no copy of one that stays, stays as well. score: likeness to
        the likest that stays, 1 for those that stay.
        """
        return self._clusters({})

    @property
    def matches(self) -> pl.DataFrame:
        """With `against`: a line a row that has a copy there: row, row_id, other, other_id, score of the likest."""
        best = self.near.sort("score", "b", descending=[True, False]).group_by("a", maintain_order=True).first()
        other = self.others.rename({"row": "b", "row_id": "other_id"})
        found = best.rename({"a": "row"}).join(self.members, on="row").join(other, on="b").sort("row")
        return found.select("row", "row_id", pl.col("b").alias("other"), "other_id", "score")

    def dropped(self, keep: Mapping[int, str] | None = None) -> list[str]:
        """The row ids that would go. keep: for a cluster the row that is to stay instead of the proposed one."""
        if self.against:
            return self.matches["row_id"].to_list()
        frame = self._clusters(keep) if keep else self.clusters
        return frame.filter(~pl.col("stays"))["row_id"].to_list()

    def _clusters(self, keep: Mapping[int, str]) -> pl.DataFrame:
        near = self.near
        if self.against or not near.height:
            return pl.DataFrame(schema=CLUSTERS)
        rows = np.unique(np.concatenate([near["a"].to_numpy(), near["b"].to_numpy()]))
        a, b = np.searchsorted(rows, near["a"].to_numpy()), np.searchsorted(rows, near["b"].to_numpy())
        known = pl.DataFrame({"row": rows}).join(self.members, on="row", how="left", maintain_order="left")
        label = components(len(rows), a, b)
        number = _largest_first(label)
        wanted = self._wanted(keep, number, known["row_id"].to_list())
        faults, words = known["faults"].to_list(), known["words"].to_list()
        order = sorted(range(len(rows)), key=lambda i: (i not in wanted, faults[i], -words[i], i))
        goes = kept_instead(_copies(len(rows), a, b, near["score"].to_numpy()), order)
        return pl.DataFrame(
            {
                "cluster": number,
                "row": rows,
                "row_id": known["row_id"],
                "stays": [i not in goes for i in range(len(rows))],
                "score": [goes[i][1] if i in goes else 1.0 for i in range(len(rows))],
            },
            schema=CLUSTERS,
        ).sort("cluster", "row")

    @staticmethod
    def _wanted(keep: Mapping[int, str], number: np.ndarray, row_ids: Sequence[str]) -> set[int]:
        found = set()
        for cluster, row_id in keep.items():
            place = next((i for i, one in enumerate(row_ids) if one == row_id and number[i] == cluster), None)
            if place is None:
                raise NotFound(f"Cluster {cluster} has no row {row_id}.")
            found.add(place)
        return found


def _largest_first(label: np.ndarray) -> np.ndarray:
    """(N,) cluster numbers from 1, the largest cluster first, of equal ones the one that begins first."""
    size = np.bincount(label)
    rank = np.empty(len(size), np.int64)
    rank[np.lexsort((np.arange(len(size)), -size))] = np.arange(1, len(size) + 1)
    return rank[label]


def _copies(n: int, a: np.ndarray, b: np.ndarray, score: np.ndarray) -> Copies:
    """Rows that are as good as equal as one kind, and the near kinds of each."""
    same = score >= SAME
    kind = components(n, a[same], b[same]).tolist()
    near: dict[int, list[tuple[int, float]]] = defaultdict(list)
    for one, other, likeness in zip(a[~same].tolist(), b[~same].tolist(), score[~same].tolist(), strict=True):
        near[kind[one]].append((kind[other], likeness))
        near[kind[other]].append((kind[one], likeness))
    return Copies(kind, near)
