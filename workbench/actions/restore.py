"""Go on from an old version: its rows become the newest version, and nothing in between is lost."""

from __future__ import annotations

from dataclasses import dataclass

from workbench import history
from workbench.diff import Diff, diff
from workbench.errors import Refused
from workbench.records import Version
from workbench.store import Store, datasets


@dataclass(frozen=True)
class Restored:
    """of: the old version; after: the new one with its rows, None for a preview.

    held_back: rows of the old version that a freeze took out for a golden set since, or that nearly repeat a golden
    row; they stay out.
    """

    of: Version
    before: Version
    difference: Diff
    after: Version | None
    held_back: int


def restore(store: Store, version: str, *, why: str = "", preview: bool = False) -> Restored:
    """Makes the rows of an old version the newest one; an undo takes that back like any change.

    Rows that were frozen as golden since then stay out, and so do rows that would come back as copies of one. Raises
    NotFound for an unknown version, Refused when the newest version holds these rows already.
    """
    of = datasets.version(store, version)
    head = datasets.version(store, of.dataset)
    old = datasets.rows_of(store, of)
    rows, now = old.without(history.taken_for_golden(store, of.dataset)), datasets.rows_of(store, head)
    coming_back = diff(now, rows).after  # a row that was changed before the freeze may have been a copy until then
    rows = rows.without(history.like_golden(store, of.dataset, coming_back))
    difference = diff(now, rows)
    held_back = len(old) - len(rows)
    if preview:
        return Restored(of, head, difference, None, held_back)
    if not difference:
        raise Refused(f"{head.label} holds the rows of {of.label} already: no new version was made.")
    if len(rows) == 0:
        raise Refused(f"Every row of {of.label} is golden by now: no new version was made.")
    settings = {"restored": of.number, "held_back": held_back}
    after, difference = history.commit(
        store, head, rows, verb="restore", settings=settings, why=why or f"went back to version {of.number}"
    )
    return Restored(of, head, difference, after, held_back)
