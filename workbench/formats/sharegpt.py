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
        if system := text_of(record, "system"):
            turns.insert(0, message("system", system))
    return Conversation(turns, used)


def write(messages: list[dict[str, Any]]) -> dict[str, Any]:
    return {"conversations": [_piece(write_turn(turn)) for turn in messages]}


def _piece(turn: dict[str, Any]) -> dict[str, Any]:
    """A turn as ShareGPT has it; what it has no name for (several calls, calls with ids) stays as tool_calls."""
    role, content, calls = turn.pop("role"), turn.pop("content"), turn.get("tool_calls")
    if role == "assistant" and content is None and isinstance(calls, list) and len(calls) == 1 and _plain(calls[0]):
        del turn["tool_calls"]
        return {"from": "function_call", "value": _call_text(calls[0]["function"]), **turn}
    return {"from": NAMES.get(role, role), "value": content, **turn}


def _plain(call: Any) -> bool:
    """Whether a call is no more than a name and arguments."""
    if not isinstance(call, dict) or set(call) != {"type", "function"}:
        return False
    return isinstance(call["function"], dict) and set(call["function"]) == {"name", "arguments"}


def _call_text(function: dict[str, Any]) -> str:
    arguments = function.get("arguments")
    with suppress(ValueError, RecursionError):  # arguments that are no JSON are the model's own words, kept as a text
        arguments = json.loads(arguments) if isinstance(arguments, str) else arguments
    return json.dumps({"name": function.get("name"), "arguments": arguments}, ensure_ascii=False)


FORMAT = Format("sharegpt", '"conversations"', fits, read, write, reads=(*KEYS, "system"))
