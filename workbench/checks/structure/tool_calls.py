"""Reads the tool calls of a conversation and the tools that its row declares, in the ways that files spell them."""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import polars as pl

from workbench.rows import TOOL_KEYS, Message, Rows

CALL_ROLES = ("function_call", "tool_call")  # ShareGPT's; an import leaves one only where its content is no call
MARKS = '"(?:tool_calls|function_call|tool_call_id)"'  # in the JSON of a message's other keys


@dataclass(frozen=True)
class Call:
    """One call: the tool's name, its arguments as the file has them (text or object), and its id; "" where none is."""

    name: str
    arguments: Any
    id: str


def rows_with_tools(rows: Rows) -> list[int]:
    """The positions of rows in which a tool is called or speaks, in order."""
    turns = rows.turns
    spoken = pl.col("role").is_in(("tool", *CALL_ROLES)) | pl.col("more").str.contains(MARKS)
    return turns.filter(spoken.fill_null(False))["row"].unique().sort().to_list()


def calls_of(turn: Message) -> list[Call]:
    """The calls that a turn makes; both `tool_calls` and the older `function_call`."""
    more = kept(turn)
    listed = more.get("tool_calls")
    found = [_call(one) for one in listed] if isinstance(listed, list) else []
    if isinstance(more.get("function_call"), dict):
        found.append(_call(more["function_call"]))
    return found


def kept(turn: Message) -> dict[str, Any]:
    """The turn's other keys; {} where there are none."""
    more = _json(turn.get("more"))
    return more if isinstance(more, dict) else {}


def declared_tools(extra: str | None) -> dict[str, Mapping[str, Any]] | None:
    """The tools that a row declares beside its turns, by name; None where it declares none that can be read."""
    record = _json(extra)
    if not isinstance(record, dict):
        return None
    for key in TOOL_KEYS:
        listed = _json(record[key]) if isinstance(record.get(key), str) else record.get(key)
        if isinstance(listed, list):
            tools = [tool.get("function", tool) for tool in listed if isinstance(tool, dict)]
            named: dict[str, Mapping[str, Any]] = {
                str(tool["name"]): tool for tool in tools if isinstance(tool, dict) and tool.get("name")
            }
            if named:
                return named
    return None


def parameters_of(tool: Mapping[str, Any]) -> Mapping[str, Any]:
    """A tool's parameters as JSON schema; {} where it declares none."""
    schema = tool.get("parameters") or tool.get("input_schema")
    return schema if isinstance(schema, Mapping) else {}


def _call(one: Any) -> Call:
    if not isinstance(one, dict):
        return Call("", one, "")
    function = one["function"] if isinstance(one.get("function"), dict) else one
    return Call(str(function.get("name") or ""), function.get("arguments"), str(one.get("id") or ""))


def _json(text: Any) -> Any:
    if isinstance(text, str) and text:
        with suppress(ValueError, RecursionError):
            return json.loads(text)
    return None
