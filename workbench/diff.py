"""What changed between two versions: rows added, removed and changed, and inside a row the words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

import numpy as np
import polars as pl
from rapidfuzz.distance import Indel

from workbench.rows import Rows

TOKEN = re.compile(r"\w+|\s+|[^\w\s]")
LINE = re.compile(r"[^\n]*\n|[^\n]+")
MOST_TOKENS = 20_000  # in both texts together; beyond it whole lines are compared, which stays quick

Kind = Literal["equal", "delete", "insert"]


@dataclass(frozen=True)
class Diff:
    """Row ids by what happened to them, in table order, and the rows themselves.

    before: the removed and the changed rows as they were; after: the added and the changed rows as they are. reordered:
    True when the rows that both versions hold stand in another order.
    """

    added: tuple[str, ...]
    removed: tuple[str, ...]
    changed: tuple[str, ...]
    before: Rows
    after: Rows
    reordered: bool

    def __bool__(self) -> bool:
        return bool(self.added or self.removed or self.changed or self.reordered)

    @property
    def counts(self) -> dict[str, int]:
        return {"added": len(self.added), "removed": len(self.removed), "changed": len(self.changed)}

    @property
    def summary(self) -> str:
        """One short line, such as "3 rows dropped, 2 changed"."""
        told = {"dropped": len(self.removed), "added": len(self.added), "changed": len(self.changed)}
        parts = [f"{count:,} {verb}" for verb, count in told.items() if count]
        if parts:
            count, verb = parts[0].split(" ")
            parts[0] = f"{count} {'row' if count == '1' else 'rows'} {verb}"
        if self.reordered:
            parts.append("in another order" if parts else "same rows in another order")
        return ", ".join(parts) or "nothing changed"


def diff(old: Rows, new: Rows) -> Diff:
    """What happened to the rows between two versions, by row id. A row counts as changed when any of its columns is."""
    were, are = old.frame["row_id"], new.frame["row_id"]
    if were.equals(are):
        stayed = known = pl.repeat(True, len(were), dtype=pl.Boolean, eager=True)
    else:
        stayed, known = were.is_in(are.implode()), are.is_in(were.implode())
    # where the rows that both hold stand in each, in the order of the old
    places = stayed.arg_true().to_numpy()
    now = known.arg_true().to_numpy()
    reordered = not were.filter(stayed).equals(are.filter(known))
    if reordered:
        at = dict(zip(are.gather(now), now.tolist(), strict=True))
        now = np.array([at[row_id] for row_id in were.gather(places)], dtype=np.int64)
    other = (old.row_digests[places] != new.row_digests[now]).any(axis=1)
    return Diff(
        added=tuple(are.filter(~known)),
        removed=tuple(were.filter(~stayed)),
        changed=tuple(were.gather(places[other])),
        before=old.keep(_marked(len(old), places[other]) | ~stayed.to_numpy()),
        after=new.keep(_marked(len(new), now[other]) | ~known.to_numpy()),
        reordered=reordered,
    )


def _marked(n: int, places: np.ndarray) -> np.ndarray:
    """(n,) True at these places."""
    mask = np.zeros(n, dtype=bool)
    mask[places] = True
    return mask


def word_changes(before: str, after: str) -> list[tuple[Kind, str]]:
    """The two texts as pieces that are equal, deleted or inserted, in reading order; what went stands before what came.

    The pieces without the inserted ones make `before`, those without the deleted ones make `after`. Compares words,
    blanks and signs; above 20,000 of them whole lines.
    """
    old, new = TOKEN.findall(before), TOKEN.findall(after)
    if len(old) + len(new) > MOST_TOKENS:
        old, new = LINE.findall(before), LINE.findall(after)
    pieces: list[tuple[Kind, str]] = []
    for step in Indel.opcodes(old, new):
        if step.tag == "equal":
            pieces.append(("equal", "".join(old[step.src_start : step.src_end])))
            continue
        if step.src_end > step.src_start:
            late = bool(pieces) and pieces[-1][0] == "insert"  # the edit script may insert first
            pieces.insert(len(pieces) - late, ("delete", "".join(old[step.src_start : step.src_end])))
        if step.dest_end > step.dest_start:
            pieces.append(("insert", "".join(new[step.dest_start : step.dest_end])))
    return pieces
