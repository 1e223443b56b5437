"""sharegpt: {"conversations": [{"from": "human", "value": ...}, {"from": "gpt", "value": ...}]}.

Also read: "conversation" as the key, role and content as names in a turn, a "system" text beside the list. A
function_call becomes an assistant turn with tool_calls, an observation becomes a tool turn; export turns them back.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from workbench.formats.format import Conversation, Format, Seen, text_of
from workbench.formats.turns import read_turns, write_turn
from workbench.rows import message

KEYS = ("conversations", "conversation")
NAMES = {"user": "human", "assistant": "gpt", "tool": "observation"}  # the rest keep theirs


def fits(record: Mapping[str, Any]) -> bool:
    return any(key in record for key in KEYS)


def read(record: Mapping[str, Any], seen: Seen) -> Conversation:
    key = next(key for key in KEYS if key in record)
    turns, used = read_turns(record[key], key, seen), [key]
    if "system" in record:
        used.append("system")
        if (system := text_of(record, "system")):
            turns.insert(0, message("system", system))
    return Conversation(turns, used)


def write(messages: list[dict[str, Any]]) -> dict[str, Any]:
    return {"conversations": [piece for turn in messages for piece in _pieces(write_turn(turn))]}


def _pieces(turn: dict[str, Any]) -> list[dict[str, Any]]:
    """A turn as ShareGPT has it: one piece, or one for its text and one for each call."""
    role, content = turn.pop("role"), turn.pop("content")
    calls = turn.pop("tool_calls", None) or []
    if not all(isinstance(call, dict) and isinstance(call.get("function"), dict) for call in calls):
        turn["tool_calls"], calls = calls, []  # not the shape ShareGPT has a name for: leave it where it is
    said = [{"from": NAMES.get(role, role), "value": content, **turn}] if content is not None or not calls else []
    return said + [{"from": "function_call", "value": _call_text(call["function"])} for call in calls]


def _call_text(function: dict[str, Any]) -> str:
    arguments = function.get("arguments")
    with suppress(ValueError, RecursionError):  # arguments that are no JSON are the model's own words, kept as a text
        arguments = json.loads(arguments) if isinstance(arguments, str) else arguments
    return json.dumps({"name": function.get("name"), "arguments": arguments}, ensure_ascii=False)


FORMAT = Format("sharegpt", '"conversations"', fits, read, write)
