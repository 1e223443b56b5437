"""Take the last change of a dataset back, as a new version."""

from __future__ import annotations

from dataclasses import dataclass

from workbench import history
from workbench.records import Version
from workbench.store import Store, datasets


@dataclass(frozen=True)
class Undone:
    """taken_back: the version whose change is undone; version: the new one, with the rows from before it."""

    taken_back: Version
    version: Version


def undo(store: Store, dataset: str | None = None) -> Undone:
    """Brings back the rows from before the last change that still stands. Nothing is deleted: the change stays listed.

    Raises Refused when there is nothing left to undo or when the change froze a golden set.
    """
    head = datasets.version(store, dataset)
    taken_back, target = history.before_last_change(store, head)
    version, _ = history.commit(
        store,
        head,
        datasets.rows_of(store, target),
        verb="undo",
        settings={"undoes": taken_back.number, "restores": target.number},
        restores=target.number,
        why=f"took back version {taken_back.number} ({taken_back.change.verb})",
    )
    return Undone(taken_back, version)
