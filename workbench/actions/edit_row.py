"""Edit one row by hand; the edit is a change like any other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench import history
from workbench.diff import Diff, diff
from workbench.errors import BadInput, NotFound, Refused
from workbench.records import Version
from workbench.store import Store, datasets


@dataclass(frozen=True)
class Edited:
    """What an edit did or would do; after is None for a preview."""

    before: Version
    difference: Diff
    after: Version | None


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

    messages: dicts with role and content, and `more` where a turn had other keys. Raises NotFound for an unknown row,
    BadInput for messages that are none, Refused when nothing changed, Conflict when the version is outdated.
    """
    before = datasets.version(store, version)
    rows = datasets.rows_of(store, before)
    if row_id not in rows.row_id:
        raise NotFound(f"{before.label} has no row {row_id}.")
    turns = [_turn(position, one) for position, one in enumerate(messages, 1)]
    if not turns:
        raise BadInput("A row needs at least one turn. To take the row out, drop it.")
    edited = rows.edit({row_id: turns})
    difference = diff(rows, edited)
    if preview:
        return Edited(before, difference, None)
    if edited.digest == rows.digest:
        raise Refused("Nothing was changed in this row: no new version was made.")
    after, difference = history.commit(store, before, edited, verb="edit", settings={"row": row_id}, why=why)
    return Edited(before, difference, after)


def _turn(position: int, one: Mapping[str, Any]) -> dict[str, Any]:
    role, content = one.get("role"), one.get("content")
    if not isinstance(role, str) or not role.strip():
        raise BadInput(f"Turn {position} has no role; use system, user, assistant or tool.")
    if content is not None and not isinstance(content, str):
        raise BadInput(f"Turn {position} has no text.")
    return {"role": role, "content": content, "more": one.get("more")}
