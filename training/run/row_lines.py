"""Rows of a JSON Lines file for a run without the app, each as its own line has it

A table reader would give every message the keys of all the others, and every call and tool the arguments of all the
others. Here what is not role and content stays JSON text, as in a version's own table.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import polars as pl

from training.errors import RowsError
from training.tokens.tools import COLUMN as TOOLS

MESSAGE = pl.Struct({"role": pl.String, "content": pl.String, "more": pl.String})
TEXTS: dict[str, Any] = {"row_id": pl.String, "group": pl.String, "validation": pl.Boolean, TOOLS: pl.String}


def rows_of_lines(path: Path) -> pl.DataFrame:
    """The rows of a file with {"messages": [...]} on each line, and row_id, group, validation, tools where it has some.

    OpenAI's older "functions" count as tools. Raises RowsError with the line.
    """
    found: dict[str, list[Any]] = {"messages": [], **{name: [] for name in TEXTS}}
    with path.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if line.strip():
                _take(line, f"line {number} of {path.name}", found)
    known = {name: found[name] for name in TEXTS if any(value is not None for value in found[name])}
    kinds = {"messages": pl.List(MESSAGE), **{name: TEXTS[name] for name in known}}
    return pl.DataFrame({"messages": found["messages"], **known}, schema=kinds)


def _take(line: str, place: str, found: dict[str, list[Any]]) -> None:
    try:
        record = json.loads(line)
    except (ValueError, RecursionError):
        raise RowsError(f"{place} is no JSON.") from None
    if not isinstance(record, dict) or not isinstance(record.get("messages"), list):
        raise RowsError(f'{place} has no list "messages". Each line is {{"messages": [{{"role", "content"}}, ...]}}.')
    found["messages"].append([_message(one, place) for one in record["messages"]])
    tools = record.get(TOOLS) or record.get("functions")
    given = tools if tools is None or isinstance(tools, str) else json.dumps(tools, ensure_ascii=False)
    for name in TEXTS:
        value = given if name == TOOLS else record.get(name)
        found[name].append(value if value is None or isinstance(value, bool | str) else str(value))


def _message(given: Any, place: str) -> dict[str, Any]:
    """A message as a version's table holds it; texts that came in parts are joined."""
    if not isinstance(given, Mapping):
        raise RowsError(f"{place} has a message that is no object with role and content.")
    content = given.get("content")
    if isinstance(content, list):
        parts = [part.get("text") if isinstance(part, dict) else part for part in content]
        texts = [part for part in parts if isinstance(part, str)]
        if len(texts) < len(parts):
            raise RowsError(f"{place} has a message with parts that are no text, and only text is learned.")
        content = "\n".join(texts)
    if content is not None and not isinstance(content, str):
        raise RowsError(f"{place} has a message whose content is no text.")
    more = {key: value for key, value in given.items() if key not in ("role", "content") and value is not None}
    kept = json.dumps(more, ensure_ascii=False) if more else None
    return {"role": given.get("role"), "content": content, "more": kept}
