"""The tools that a row offers, as chat templates take them: a list of functions with their JSON schemas"""

from __future__ import annotations

import json
from typing import Any

COLUMN = "tools"  # of a table of rows: JSON text, null where a row offers none


class BadTools(Exception):
    """Why what a row gives as its tools cannot be shown to a model."""


def tools_of(given: Any) -> list[dict[str, Any]] | None:
    """A row's tools, each {"type": "function", "function": {"name", ...}}; None where it offers none.

    given: a list, or the text of one. Bare functions, as ShareGPT files and OpenAI's older `functions` have them,
    become tools. Keys without a value are left out of a list that is no text, since tables give every tool the keys of
    all the others. Raises BadTools.
    """
    listed = _parsed(given) if isinstance(given, str) else _without_nulls(given)
    if listed is None or listed == []:
        return None
    if not isinstance(listed, list):
        raise BadTools("its tools are no list of functions")
    return [_tool(one, number) for number, one in enumerate(listed, 1)]


def as_text(tools: list[dict[str, Any]] | None) -> str | None:
    """Tools as a table's column holds them, in the order of their keys."""
    return None if tools is None else json.dumps(tools, ensure_ascii=False)


def _parsed(text: str) -> Any:
    if not text.strip():
        return None
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        raise BadTools("its tools are a text that is no JSON") from None


def _tool(one: Any, number: int) -> dict[str, Any]:
    function = one.get("function", one) if isinstance(one, dict) else None
    if not isinstance(function, dict) or not isinstance(function.get("name"), str) or not function["name"]:
        raise BadTools(f"tool {number} of its tools is no function with a name")
    return one if "function" in one else {"type": "function", "function": function}


def _without_nulls(value: Any) -> Any:
    if isinstance(value, dict):
        return {key: _without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [_without_nulls(inner) for inner in value] if isinstance(value, list | tuple) else value
