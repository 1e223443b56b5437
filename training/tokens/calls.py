"""Tool calls of a conversation, as a chat template takes them"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from training.errors import RowsError

CALLS = ("tool_calls", "function_call")  # the second is the older name of a single call


def unfolded(message: Mapping[str, Any]) -> dict[str, Any]:
    """A table's message as the file said it: the keys kept in `more` beside role and content, empty keys left out.

    `more` is a JSON object as text (tool_calls, tool_call_id, name ...). A call's arguments given as JSON text become
    an object, since templates write them with `tojson` and would put text in quotes a second time. A reply of calls
    alone gets an empty content, since templates add to it. Raises RowsError when `more` is no JSON object.
    Source: transformers' guide to tool use, where the arguments of a call are a dict.
    """
    own = {key: value for key, value in message.items() if key != "more"}
    found = {key: value for key, value in (_kept(message.get("more")) | own).items() if value is not None}
    if isinstance(found.get("tool_calls"), list):
        found["tool_calls"] = [_with_object(call) for call in found["tool_calls"]]
    if calls_of(found):
        found.setdefault("content", "")
    return found


def calls_of(message: Mapping[str, Any]) -> dict[str, Any]:
    """The keys of a message that hold tool calls; empty when it makes none."""
    return {key: message[key] for key in CALLS if message.get(key)}


def without_calls(message: Mapping[str, Any]) -> dict[str, Any]:
    """The message as if it made no tool calls."""
    return {key: value for key, value in message.items() if key not in CALLS}


def names_of(message: Mapping[str, Any]) -> list[str]:
    """The names of the functions that a message calls, where they can be told."""
    listed = message.get("tool_calls")
    calls = [*(listed if isinstance(listed, list) else []), {"function": message.get("function_call")}]
    named = [call.get("function", call) for call in calls if isinstance(call, dict)]
    return [str(one["name"]) for one in named if isinstance(one, dict) and one.get("name")]


def _kept(more: object) -> dict[str, Any]:
    if not more:
        return {}
    try:
        kept = json.loads(more) if isinstance(more, str) else more
    except ValueError:
        kept = None
    if not isinstance(kept, dict):
        raise RowsError(
            f"the column more of a message holds no JSON object: {str(more)[:60]!r}. Import the file again."
        )
    return kept


def _with_object(call: Any) -> Any:
    """The call with its arguments as an object, where they are the text of one."""
    if not isinstance(call, dict):
        return call
    if isinstance(call.get("function"), dict):
        return {**call, "function": _with_object(call["function"])}
    try:
        arguments = json.loads(call["arguments"])
    except (KeyError, TypeError, ValueError):
        return call
    return {**call, "arguments": arguments} if isinstance(arguments, dict) else call
