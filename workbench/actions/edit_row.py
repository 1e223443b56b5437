"""Edit one row by hand; the edit is a change like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench import history
from workbench.diff import Diff, diff
from workbench.errors import NotFound, Refused
from workbench.records import Version
from workbench.store import Store, datasets
from workbench.turns_said import valid_turns


@dataclass(frozen=True)
class Edited:
    """What an edit did or would do; after is None for a preview.

    carried_over: others had made a newer version and left this row alone, so the edit was made on that one; by: who.
    """

    before: Version
    difference: Diff
    after: Version | None
    carried_over: bool = False
    by: tuple[str, ...] = ()


def edit_row(
    store: Store,
    row_id: str,
    messages: Sequence[Mapping[str, Any]],
    *,
    version: str | None = None,
    why: str = "",
    preview: bool = False,
) -> Edited:
    """Gives a row other messages and remembers that as the next version; with `preview` only shows the difference.

    messages: dicts with role and content, and `more` where a turn had other keys. version: the one that the person
    looks at; when it is no longer the newest, the edit is carried over. Raises NotFound for an unknown row, BadInput
    for messages that are none, Refused when nothing changed, and Conflict with all three texts when somebody else
    changed or took out the same row after `version`.
    """
    before = datasets.version(store, version)
    rows = datasets.rows_of(store, before)
    if len(rows.having([row_id])) == 0:
        raise NotFound(f"{before.label} has no row {row_id}.")
    edited = rows.edit({row_id: valid_turns(messages)})
    difference = diff(rows, edited)
    if preview:
        return Edited(before, difference, None)
    if not difference:
        raise Refused("Nothing was changed in this row: no new version was made.")
    landed = history.land(store, before, rows, edited, verb="edit", settings={"row": row_id}, why=why)
    return Edited(landed.on, landed.difference, landed.version, landed.carried_over, landed.by)
