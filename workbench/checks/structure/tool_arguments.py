"""Tool call with arguments that do not fit

A call that is no valid JSON cannot be run, and one without a required argument, or with an argument of the wrong
type, fails. The model learns to make such calls.

Known limits
    Required arguments, types, allowed values and unknown names are judged only where the row declares the tool with a
    JSON schema under "tools" or "functions". Types inside lists and objects are looked at one level deep. Whether the
    values are right is not judged.
Source
    JSON Schema (types, required, enum); OpenAI's chat format, where arguments are a text that holds a JSON object.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.checks.check import Findings, above, check
from workbench.checks.structure.tool_calls import (
    CALL_ROLES,
    Call,
    calls_of,
    declared_tools,
    parameters_of,
    rows_with_tools,
)
from workbench.rows import Message, Rows, message

SCHEMA = (
    '{"tools": [{"type": "function", "function": {"name": "hours", "parameters": {"type": "object", "properties": '
    '{"day": {"type": "string"}, "week": {"type": "integer"}}, "required": ["day"]}}}]}'
)
# JSON types, and what tools written in Python call them.
KINDS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("string", "str"), (str,)),
    **dict.fromkeys(("integer", "int"), (int,)),
    **dict.fromkeys(("number", "float"), (int, float)),
    **dict.fromkeys(("boolean", "bool"), (bool,)),
    **dict.fromkeys(("array", "list"), (list,)),
    **dict.fromkeys(("object", "dict"), (dict,)),
    "null": (type(None),),
}
NAMES = {str: "a text", bool: "true or false", int: "a number", float: "a number", list: "a list", dict: "an object"}


def _calling(arguments: Any, n: int) -> dict[str, Any]:
    call = {"tool_calls": [{"type": "function", "function": {"name": "hours", "arguments": arguments}}]}
    turns = [message("user", "When do you open on Monday?"), message("assistant", None, call)]
    return {"row_id": f"row-{n}", "messages": turns, "source": "example", "line": n, "extra": SCHEMA}


@check(
    severity="error",
    flags=Rows.from_records(
        _calling(arguments, n)
        for n, arguments in enumerate(
            ('{"day": "Monday"', "{}", '{"day": 1}', '{"day": "Monday", "week": "three"}', '["Monday"]'), 1
        )
    ),
    passes=Rows.from_records(
        _calling(arguments, n)
        for n, arguments in enumerate(('{"day": "Monday"}', '{"day": "Monday", "week": 3}', {"day": "Monday"}), 1)
    ),
)
def tool_arguments(rows: Rows, *, most: int = 0) -> Findings:
    """Measure: how many faults the arguments of the row's tool calls have, 0 and up."""
    faults: list[list[str]] = [[] for _ in range(len(rows))]
    extras = rows.frame["extra"]
    for row in rows_with_tools(rows):
        tools = declared_tools(extras[row]) or {}
        faults[row] = [
            f"turn {number}: {fault}"
            for number, turn in enumerate(rows.messages[row], 1)
            for fault in _turn_faults(turn, tools)
        ]
    return above([len(found) for found in faults], most, ["; ".join(found[:3]) for found in faults])


def _turn_faults(turn: Message, tools: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    if turn["role"] in CALL_ROLES:
        yield "the call is no JSON object with a name and arguments"
    elif turn["role"] == "assistant":
        for call in calls_of(turn):
            yield from call_faults(call, tools.get(call.name))


def call_faults(call: Call, tool: Mapping[str, Any] | None) -> Iterator[str]:
    """What is wrong with a call's arguments, one phrase a fault. tool: as the row declares it, or None."""
    name = call.name or "a tool without a name"
    if not call.name:
        yield "a call names no tool"
    arguments = call.arguments
    if isinstance(arguments, str):
        try:
            arguments = json.loads(arguments) if arguments.strip() else {}
        except (ValueError, RecursionError) as problem:
            reason = str(problem).split(":")[0]
            yield f"the arguments of {name} are no valid JSON ({reason})"
            return
    if arguments is None:
        arguments = {}
    if not isinstance(arguments, dict):
        yield f"the arguments of {name} are {_kind(arguments)} and not an object of names and values"
        return
    if tool is not None:
        yield from _schema_faults(name, arguments, parameters_of(tool))


def _schema_faults(name: str, arguments: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[str]:
    properties, required = schema.get("properties"), schema.get("required")
    if not isinstance(properties, Mapping) or any(key in schema for key in ("anyOf", "oneOf", "allOf", "$ref")):
        return
    for wanted in required if isinstance(required, list) else ():
        if isinstance(wanted, str) and wanted not in arguments:
            yield f'{name} lacks the required argument "{wanted}"'
    open_ended = schema.get("additionalProperties") not in (None, False) or "patternProperties" in schema
    for argument, value in arguments.items():
        declared = properties.get(argument)
        if isinstance(declared, Mapping):
            yield from _value_faults(f'the argument "{argument}" of {name}', value, declared)
        elif properties and not open_ended:
            yield f'{name} has no argument "{argument}"'


def _value_faults(what: str, value: Any, declared: Mapping[str, Any]) -> Iterator[str]:
    wanted = declared.get("type")
    kinds = wanted if isinstance(wanted, list) else [wanted]
    known = [KINDS[kind] for kind in kinds if isinstance(kind, str) and kind in KINDS]
    if value is None and (declared.get("nullable") or "default" in declared):
        return
    if len(known) == len(kinds) and not any(_is(value, kind) for kind in known):
        yield f"{what} is {_kind(value)}, not {' or '.join(map(str, kinds))}"
    elif isinstance(declared.get("enum"), list) and value not in declared["enum"]:
        yield f"{what} is {json.dumps(value, ensure_ascii=False)[:40]}, which is not among its allowed values"
    elif isinstance(value, list) and isinstance(declared.get("items"), Mapping):
        for item in value[:1]:  # one wrong item is enough to say so
            yield from _value_faults(f"an item of {what}", item, {"type": declared["items"].get("type")})


def _is(value: Any, kinds: tuple[type, ...]) -> bool:
    if isinstance(value, bool):
        return bool in kinds
    if isinstance(value, float) and value.is_integer() and kinds == (int,):
        return True  # 3.0 is an integer to JSON Schema
    return isinstance(value, kinds)


def _kind(value: Any) -> str:
    return "null" if value is None else NAMES.get(type(value), "something else")
