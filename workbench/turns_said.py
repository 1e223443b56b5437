"""Turns that a person wrote, made sure of before they become a row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from workbench.errors import BadInput
from workbench.rows import storable


def valid_turns(messages: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    """Messages that a person wrote, as the table holds them. Raises BadInput for a turn that is none, or no turn."""
    turns = [_valid_turn(position, one) for position, one in enumerate(messages, 1)]
    if not turns:
        raise BadInput("A row needs at least one turn. To take the row out, drop it.")
    return turns


def _valid_turn(position: int, one: Mapping[str, Any]) -> dict[str, Any]:
    role, content, more = one.get("role"), one.get("content"), one.get("more")
    if not isinstance(role, str) or not role.strip():
        raise BadInput(f"Turn {position} has no role; use system, user, assistant or tool.")
    if content is not None and not isinstance(content, str):
        raise BadInput(f"Turn {position} has no text.")
    if more is not None and not isinstance(more, str):
        raise BadInput(f"Turn {position} has other keys that are no JSON text.")
    return {"role": storable(role), "content": None if content is None else storable(content), "more": more}
