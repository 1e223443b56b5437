"""Bring back what the last undo took away, as a new version."""

from __future__ import annotations

from dataclasses import dataclass

from workbench import history
from workbench.records import Version
from workbench.store import Store, datasets


@dataclass(frozen=True)
class Redone:
    """brought_back: the version whose change stands again; version: the new one, with its rows."""

    brought_back: Version
    version: Version


def redo(store: Store, dataset: str | None = None) -> Redone:
    """Takes the last undo back; as often as there were undos since the last change.

    Raises Refused when nothing was undone since the last change, Conflict when `dataset` names a version that is no
    longer the newest.
    """
    head = datasets.version(store, dataset)
    target = history.after_last_undo(store, head)
    version, _ = history.commit(
        store,
        head,
        datasets.rows_of(store, target),
        verb="redo",
        settings={"redoes": target.number},
        restores=target.number,
        why=f"brought back version {target.number} ({target.change.verb})",
    )
    return Redone(target, version)
