"""Tool calls of a conversation, as a chat template takes them"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from training.errors import RowsError

CALLS = ("tool_calls", "function_call")  # the second is the older name of a single call
ORDER = ("id", "type", "function", "name", "arguments")


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


def as_tool_calls(message: dict[str, Any]) -> dict[str, Any]:
    """The message with a call under its older name, `function_call`, as the one tool call that it is."""
    call = message.get("function_call")
    if not isinstance(call, dict) or message.get("tool_calls"):
        return message
    rest = {key: value for key, value in message.items() if key != "function_call"}
    return rest | {"tool_calls": [{"type": "function", "function": _with_object(call)}]}


def rendered(render: Callable[[Sequence[dict[str, Any]]], str], messages: Sequence[dict[str, Any]]) -> str:
    """A conversation's text, its calls' arguments as an object, or as text where the template wants that.

    Some templates join arguments to a text, which fails for an object (DeepSeek's), or print them as they are, which
    writes an object as Python does: with single quotes, no JSON. Raises what `render` raises for both.
    """
    calling = [message for message in messages if "tool_calls" in message]
    given = [arguments for message in calling for arguments in _objects_in(message)]
    if not given:
        return render(messages)
    as_text = [_with_text(message) for message in messages]
    try:
        text = render(messages)
    except Exception:
        try:
            return render(as_text)
        except Exception:  # then the fault lies elsewhere, and what the first try says is nearer to it
            return render(messages)
    written = any(str(one) in text and json.dumps(one, ensure_ascii=False) not in text for one in given)
    return render(as_text) if written else text


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
    """The call with its arguments as an object, where they are the text of one.

    Its keys in the order in which the families' own examples have them, since some templates write a call as it is.
    """
    if not isinstance(call, dict):
        return call
    call = {key: call[key] for key in ORDER if key in call} | call
    if isinstance(call.get("function"), dict):
        return {**call, "function": _with_object(call["function"])}
    try:
        arguments = json.loads(call["arguments"])
    except (KeyError, TypeError, ValueError):
        return call
    return {**call, "arguments": arguments} if isinstance(arguments, dict) else call


def _objects_in(message: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The arguments of a message's calls that are objects and not empty."""
    listed = message.get("tool_calls")
    calls = [one for one in (listed if isinstance(listed, list) else []) if isinstance(one, dict)]
    found = [one.get("function", one) for one in calls]
    return [one["arguments"] for one in found if isinstance(one, dict) and isinstance(one.get("arguments"), dict)
            and one["arguments"]]  # fmt: skip


def _with_text(message: dict[str, Any]) -> dict[str, Any]:
    """The message with its calls' arguments as JSON text."""
    if not _objects_in(message):
        return message

    def texted(call: Any) -> Any:
        if isinstance(call, dict) and isinstance(call.get("function"), dict):
            return {**call, "function": texted(call["function"])}
        if isinstance(call, dict) and isinstance(call.get("arguments"), dict):
            return {**call, "arguments": json.dumps(call["arguments"], ensure_ascii=False)}
        return call

    return {**message, "tool_calls": [texted(call) for call in message["tool_calls"]]}
