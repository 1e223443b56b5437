"""The difference between a whole rows file and rows that are much like it, as a small file of its own."""

from __future__ import annotations

import json
from bisect import bisect_right
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from workbench.rows import Rows

ABOUT = "goldloop.changes"  # the key in the Parquet file's metadata


@dataclass(frozen=True)
class Changes:
    """What makes other rows of a whole file's. whole: its digest; size: how many rows it has.

    removed: positions in it that are gone, ascending; replaced: positions in it of rows that are other, ascending;
    fresh: those rows in that order, and after them the rows that were added at the end.
    """

    whole: str
    size: int
    removed: tuple[int, ...]
    replaced: tuple[int, ...]
    fresh: pl.DataFrame

    def write(self, path: Path) -> None:
        about = {"whole": self.whole, "size": self.size, "removed": self.removed, "replaced": self.replaced}
        self.fresh.write_parquet(path, metadata={ABOUT: json.dumps(about)})

    @classmethod
    def read(cls, path: Path) -> Changes:
        about = json.loads(pl.read_parquet_metadata(path)[ABOUT])
        return cls(
            about["whole"], about["size"], tuple(about["removed"]), tuple(about["replaced"]), pl.read_parquet(path)
        )

    def on(self, whole: Rows) -> Rows:
        """The rows that the changes make of the whole file's."""
        count = len(self.replaced)
        rows = whole.with_rows_at(self.replaced, Rows(self.fresh[:count])) if count else whole
        if self.removed:
            gone = pl.repeat(False, self.size, dtype=pl.Boolean, eager=True).scatter(list(self.removed), True)
            rows = rows.keep(~gone)
        return rows.plus(Rows(self.fresh[count:])) if self.fresh.height > count else rows

    def at(self, position: int) -> tuple[pl.DataFrame | None, int]:
        """The row at a position when it is among the changes; else None and its position in the whole file."""
        stayed = self.size - len(self.removed)
        if position >= stayed:
            return self.fresh.slice(len(self.replaced) + position - stayed, 1), -1
        place = position
        while (shifted := position + bisect_right(self.removed, place)) != place:
            place = shifted
        if place in self.replaced:
            return self.fresh.slice(self.replaced.index(place), 1), -1
        return None, place


def changes_between(digest: str, whole: Rows, rows: Rows, *, most: int) -> Changes | None:
    """What makes `rows` of the whole file's; None when that is more than `most` rows or rows changed their order."""
    were, are = whole.frame["row_id"], rows.frame["row_id"]
    if were.equals(are):
        gone, stayed, before = [], len(are), whole
    else:
        there = were.is_in(are.implode())
        gone = (~there).arg_true().to_list()
        stayed = len(were) - len(gone)
        if len(gone) + len(are) - stayed > most or not were.filter(there).equals(are.head(stayed)):
            return None
        before = whole.keep(there)
    other = (before.row_digests != rows.row_digests[:stayed]).any(axis=1).nonzero()[0].tolist()
    if len(gone) + len(other) + len(are) - stayed > most:
        return None
    positions = other
    if gone:
        kept = there.arg_true()
        positions = kept.gather(other).to_list()
    fresh = pl.concat([rows.frame[other], rows.frame.slice(stayed)])
    return Changes(digest, len(were), tuple(gone), tuple(positions), fresh)
