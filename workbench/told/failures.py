"""Error analysis as it stands: the kinds of failure found so far, and whether reading more would find new ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from evaluators.statistics.estimate import Estimate
from evaluators.statistics.wilson import wilson
from workbench.diagnosis.failures import topic
from workbench.errors import Refused
from workbench.records import Evaluation
from workbench.rows import Rows
from workbench.store import Store, evaluations, failure_notes, goldens

ENOUGH_WITHOUT_NEW = 15  # notes in a row without a new kind: reading more seldom finds one (practice: 15 to 60)


@dataclass(frozen=True)
class Counted:
    """One kind of failure: in how many of the rows that were read, and by slice as (slice, rows, rows read there)."""

    kind: str
    rows: int
    share: Estimate
    slices: tuple[tuple[str, int, int], ...]


@dataclass(frozen=True)
class Analysis:
    """How far reading is. read: rows noted by anybody, of all there are; since_new: notes since the last new kind."""

    read: int
    of: int
    counted: tuple[Counted, ...]
    without_kind: int
    since_new: int

    @property
    def saturated(self) -> bool:
        return self.since_new >= ENOUGH_WITHOUT_NEW


def analysis(store: Store, evaluation_id: int) -> Analysis:
    """The kinds found so far with their shares of the rows read, by slice, and whether new kinds still turn up."""
    evaluation = readable(store, evaluation_id)
    rows = rows_read(store, evaluation)
    slices = dict(zip(rows.row_id, map(topic, rows.tags), strict=True))
    notes = [one for one in failure_notes.listed(store, evaluation_id) if one.row_id in slices]
    read = {one.row_id for one in notes}
    in_slice = Counter(slices[row_id] for row_id in read)
    kinds: dict[str, set[str]] = {}
    new_at = 0
    for place, one in enumerate(notes, 1):
        if one.kind and one.kind not in kinds:
            new_at = place
        if one.kind:
            kinds.setdefault(one.kind, set()).add(one.row_id)
    counted = []
    for kind, row_ids in kinds.items():
        here = Counter(slices[row_id] for row_id in row_ids)
        spread = tuple((name, count, in_slice[name]) for name, count in here.most_common())
        counted.append(Counted(kind, len(row_ids), wilson(len(row_ids), len(read)), spread))
    counted.sort(key=lambda one: (-one.rows, one.kind))
    without = len({one.row_id for one in notes if not one.kind})
    return Analysis(len(read), len(rows), tuple(counted), without, len(notes) - new_at if notes else 0)


def told(store: Store, evaluation_id: int) -> dict[str, Any] | None:
    """For a report: {"read", "of", "saturated", "kinds": [{"kind", "rows", "share", "low", "high", "slices"}]}."""
    found = analysis(store, evaluation_id)
    if not found.read:
        return None
    kinds: list[Mapping[str, Any]] = [
        {
            "kind": one.kind, "rows": one.rows, "share": one.share.value, "low": one.share.low, "high": one.share.high,
            "slices": [list(part) for part in one.slices],
        }
        for one in found.counted
    ]  # fmt: skip
    return {"read": found.read, "of": found.of, "saturated": found.saturated, "kinds": kinds}


def readable(store: Store, evaluation_id: int) -> Evaluation:
    evaluation = evaluations.get(store, evaluation_id)
    if (evaluation.summary or {}).get("part") == "sealed":
        raise Refused(f"Evaluation {evaluation_id} was made on sealed rows: nobody reads their answers.")
    return evaluation


def rows_read(store: Store, evaluation: Evaluation) -> Rows:
    """The golden rows of an evaluation that were answered and may be read."""
    rows = goldens.readable(store, goldens.by_id(store, evaluation.golden_id))
    return rows.having([one.row_id for one in evaluations.answers_of(store, evaluation.id, "tuned")])
