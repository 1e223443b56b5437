"""Carrying a change over: what somebody did to one version, done to the version that others have made meanwhile."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.diff import diff
from workbench.rows import Rows

COLUMNS = ("messages", "tags", "source", "line", "extra")


@dataclass(frozen=True)
class Collision:
    """A row that both changed. The three states of its turns; None: taken out (or, for base, not there yet)."""

    row_id: str
    base: tuple[Mapping[str, Any], ...] | None
    mine: tuple[Mapping[str, Any], ...] | None
    theirs: tuple[Mapping[str, Any], ...] | None


@dataclass(frozen=True)
class Carried:
    """rows: theirs with my change on top of it, but for the rows that collide, which stay as theirs."""

    rows: Rows
    collisions: tuple[Collision, ...]


def carry_over(base: Rows, mine: Rows, theirs: Rows) -> Carried:
    """Does to `theirs` what makes `mine` of `base`, row by row and in a row column by column (text apart from tags).

    A row collides when both changed the same column of it differently, or one took it out and the other changed it.
    Rows that I added come last. An order that I changed is not carried over.
    """
    change = diff(base, mine)
    concerned = [*change.removed, *change.changed, *change.added]
    were, mines, there = (_by_id(rows.having(concerned)) for rows in (base, mine, theirs))
    fresh: list[dict[str, Any]] = []
    gone: list[str] = []
    collisions: list[Collision] = []
    for row_id in (*change.changed, *change.removed):
        was, my, their = were[row_id], mines.get(row_id), there.get(row_id)
        if my is None:
            if their is not None and their != was:
                collisions.append(_collision(row_id, was, my, their))
            elif their is not None:
                gone.append(row_id)
            continue
        merged = None if their is None else _merged(was, my, their)
        if merged is None:
            collisions.append(_collision(row_id, was, my, their))
        else:
            fresh.append(merged)
    rows = theirs.replaced(Rows.from_records(fresh)) if fresh else theirs
    rows = rows.without(gone) if gone else rows
    added = [row_id for row_id in change.added if row_id not in there]
    for row_id in change.added:
        if row_id in there and there[row_id] != mines[row_id]:
            collisions.append(_collision(row_id, None, mines[row_id], there[row_id]))
    return Carried(rows.plus(mine.having(added)) if added else rows, tuple(collisions))


def _by_id(rows: Rows) -> dict[str, dict[str, Any]]:
    return {record["row_id"]: record for record in rows.frame.to_dicts()}


def _merged(was: dict[str, Any], my: dict[str, Any], their: dict[str, Any]) -> dict[str, Any] | None:
    """Their row with what I changed in it; None where they changed the same column to something else."""
    merged = dict(their)
    for column in COLUMNS:
        if my[column] == was[column]:
            continue
        if their[column] not in (was[column], my[column]):
            return None
        merged[column] = my[column]
    return merged


def _collision(
    row_id: str, was: dict[str, Any] | None, my: dict[str, Any] | None, their: dict[str, Any] | None
) -> Collision:
    base, mine, theirs = (None if one is None else tuple(one["messages"]) for one in (was, my, their))
    return Collision(row_id, base, mine, theirs)
