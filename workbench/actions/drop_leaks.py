"""Take the training rows out that are certain leaks, or that people ruled to be leaks, as the next version."""

from __future__ import annotations

from dataclasses import dataclass

from workbench.diff import Diff, diff
from workbench.errors import Refused
from workbench.history import land
from workbench.leak_search import search
from workbench.records import Version
from workbench.store import Store, datasets, goldens


@dataclass(frozen=True)
class DroppedLeaks:
    """What dropping leaks did or would do. row_ids: the rows concerned; after is None for a preview."""

    before: Version
    row_ids: tuple[str, ...]
    difference: Diff
    after: Version | None


def drop_leaks(store: Store, version: str | None = None, *, why: str = "", preview: bool = False) -> DroppedLeaks:
    """The version without its certain leaks and the rows ruled to be leaks; undo brings them back, and the guard finds
    them again. Raises Refused when there is nothing to drop, or nothing would be left."""
    of = datasets.version(store, version)
    found = search(store, of, goldens.newest(store, of.dataset))
    gone = {one.training_id for one in found.pairs if one.tier == "certain" or (one.ruling and one.ruling.leak)}
    rows = datasets.rows_of(store, of)
    left = rows.without(gone)
    row_ids = tuple(row_id for row_id in rows.row_id if row_id in gone)
    if preview:
        return DroppedLeaks(of, row_ids, diff(rows, left), None)
    if not row_ids:
        raise Refused(f"No row of {of.label} is a certain leak or was ruled to be one: nothing was dropped.")
    if not len(left):
        raise Refused(f"Every row of {of.label} is a leak: without them nothing would be left.")
    landed = land(
        store, of, rows, left, verb="drop leaks", settings={"rows": len(row_ids), "golden": found.search.golden},
        why=why or f"shows the model what stands in {found.search.golden}",
    )  # fmt: skip
    return DroppedLeaks(landed.on, row_ids, landed.difference, landed.version)
