"""Making versions: what changed is counted by comparing rows, never by what a verb says of itself."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.diff import Diff, diff
from workbench.errors import Refused
from workbench.records import Version
from workbench.rows import Rows
from workbench.settings import user_name
from workbench.store import Connection, Store, datasets


def commit(
    store: Store,
    parent: Version | None,
    rows: Rows,
    *,
    verb: str,
    settings: Mapping[str, Any],
    dataset: str | None = None,
    why: str = "",
    restores: int | None = None,
    connection: Connection | None = None,
) -> tuple[Version, Diff]:
    """Remembers rows as the next version after `parent` (or as version 1 of `dataset`), with the counted difference.

    Raises Conflict when somebody else was quicker; see `store.datasets.add_version`.
    """
    name = parent.dataset if parent is not None else dataset
    assert name is not None, "a first version needs the name of its dataset"
    old = Rows.empty() if parent is None else datasets.rows_of(store, parent)
    difference = diff(old, rows)
    version = datasets.add_version(
        store,
        name,
        rows,
        parent=parent,
        verb=verb,
        settings=settings,
        counts=difference.counts,
        who=user_name(),
        why=why,
        restores=restores,
        connection=connection,
    )
    return version, difference


def standing(store: Store, head: Version) -> list[Version]:
    """The changes whose effect is still in `head`, the last one first: what was undone is not among them."""
    known = {one.number: one for one in datasets.listed(store, head.dataset)}
    found, at = [], known.get(head.number)
    while at is not None:
        if at.change.restores is not None:
            at = known[at.change.restores]
            continue
        found.append(at)
        at = known.get(at.parent) if at.parent is not None else None
    return found


def before_last_change(store: Store, head: Version) -> tuple[Version, Version]:
    """The change that an undo would take back and the version that it would bring back.

    An undo is a version too; undoing again goes one change further back, never forth. Raises Refused at version 1, and
    at a freeze: what was taken out for a golden set stays out.
    """
    last = standing(store, head)[0]
    if last.parent is None:
        raise Refused(f"{head.label} holds what was first imported: there is nothing left to undo.")
    if last.change.verb == "freeze golden":
        raise Refused(
            f"The last change of {head.dataset} froze its golden set, and a frozen set stays frozen: undoing it would "
            "put golden rows back where training can see them."
        )
    return last, datasets.version(store, f"{head.dataset}@{last.parent}")
