"""openai: chat JSON Lines as OpenAI's fine-tuning takes them, and its rules, row by row.

Rules checked: the last message is the assistant's and one is the user's, roles are known, content is not empty unless
there are tool calls, `weight` is 0 or 1 and only on the assistant's messages (not 0 on all of them), names are 1 to 64
letters, digits, _ or -, tool calls have an id, a known function and JSON arguments and are each answered (but those
that a row ends in), tools are functions with a JSON schema, parallel_tool_calls is true or false; at least 10 rows and
at most 512 MB. Tags and kept keys are not written, as the service refuses keys that it does not know.

Source: OpenAI's fine-tuning guide and API reference (chat format) and the openai-cookbook's data preparation notebook,
as summed up for this project. The rules were never tried against the service, which may have changed them since; it
checks again, and counts tokens, which needs its tokeniser.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from workbench.formats.format import quoted
from workbench.formats.turns import write_turn

ROLES = ("developer", "system", "user", "assistant", "tool", "function")
NAME = re.compile(r"[a-zA-Z0-9_-]{1,64}")
FEWEST_ROWS = 10
MOST_BYTES = 512 << 20  # a file of the service
TURN_KEYS = {"role", "content", "name", "weight", "tool_calls", "tool_call_id", "function_call", "refusal"}
TOP_KEYS = ("tools", "parallel_tool_calls", "functions")
PARTS = {"user": ("text", "image_url"), "assistant": ("text", "refusal")}  # the others take texts alone


def record_of(row: Mapping[str, Any]) -> dict[str, Any]:
    """A row as the service takes it: messages, and tools where there are some."""
    extra = json.loads(row["extra"]) if row["extra"] else {}
    record: dict[str, Any] = {"messages": _with_call_ids([_turn(turn) for turn in row["messages"]])}
    for key in TOP_KEYS:
        value = extra.get(key)
        if key != "parallel_tool_calls" and isinstance(value, str):  # ShareGPT files keep their tools as a text
            value = _json(value)
        if value is not None:
            record[key] = [_tool(one) for one in value] if key == "tools" and isinstance(value, list) else value
    return record


def _turn(turn: Mapping[str, Any]) -> dict[str, Any]:
    written = {key: value for key, value in write_turn(turn).items() if key in TURN_KEYS}
    if written.get("tool_calls") == []:  # says nothing, and a list must hold a call
        del written["tool_calls"]
    if written["content"] is None and written.get("tool_calls"):
        del written["content"]
    return written


def _with_call_ids(messages: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The messages with an id for each tool call that has none, and for the results that follow it, in their order.

    ShareGPT files have no ids, and the service refuses calls without one.
    """
    waiting: list[str] = []
    made = 0
    for turn in messages:
        calls = turn.get("tool_calls")
        if isinstance(calls, list):
            waiting = []
            for place, call in enumerate(calls):
                if isinstance(call, dict) and not call.get("id"):
                    made += 1
                    calls[place] = {"id": f"call_{made}", **{key: call[key] for key in call if key != "id"}}
                    waiting.append(f"call_{made}")
        elif turn.get("role") == "tool" and "tool_call_id" not in turn and waiting:
            turn["tool_call_id"] = waiting.pop(0)
    return messages


def _tool(tool: Any) -> Any:
    """A bare function, as ShareGPT files have it, as a tool."""
    bare = isinstance(tool, dict) and "name" in tool and "function" not in tool and tool.get("type") != "function"
    return {"type": "function", "function": tool} if bare else tool


def problems(record: Mapping[str, Any]) -> list[str]:
    """What the service would refuse in a record; each continues "Row 7 ..."."""
    found: list[str] = []
    messages = record["messages"]
    offered, faults = _tools(record)
    found += faults
    asked = set[str]()
    for number, turn in enumerate(messages, 1):
        found += [f"{problem} (message {number})" for problem in _turn_problems(turn, offered, asked)]
    if asked and not messages[-1].get("tool_calls"):  # a row may end in the calls that it teaches
        found.append("has a tool call that no tool message answers")
    if not messages or messages[-1].get("role") != "assistant":
        found.append("does not end with a message of the assistant")
    if not isinstance(record.get("parallel_tool_calls", True), bool):
        found.append('has a "parallel_tool_calls" that is neither true nor false')
    if all(turn.get("role") != "user" for turn in messages):
        found.append("has no message of the user")
    own = [turn for turn in messages if turn.get("role") == "assistant"]
    if own and all(turn.get("weight") == 0 for turn in own):
        found.append("has weight 0 on every message of the assistant, so nothing would be learned")
    return found


def _turn_problems(turn: Mapping[str, Any], offered: set[str] | None, asked: set[str]) -> Iterator[str]:
    """What is wrong with one message. asked: ids of tool calls that wait for their answer, kept up to date."""
    role, content, calls = turn.get("role"), turn.get("content"), turn.get("tool_calls")
    if role not in ROLES:
        yield f"has the role {json.dumps(role)}, and known are {', '.join(ROLES[:5])}"
    if not calls and not turn.get("function_call") and _empty(content):
        yield "has an empty content"
    if isinstance(content, list):
        kinds = [str(part.get("type")) for part in content if isinstance(part, dict)]
        if odd := [kind for kind in kinds if kind not in PARTS.get(str(role), ("text",))]:
            yield f"has a part of the type {quoted(odd[:1])}, which a message of {role} may not have"
    if "weight" in turn and role != "assistant":
        yield "has a weight, and only messages of the assistant may have one"
    if "weight" in turn and (isinstance(turn["weight"], bool) or turn["weight"] not in (0, 1)):
        yield f"has the weight {json.dumps(turn['weight'])}, and only 0 and 1 are known"
    if "name" in turn and not (isinstance(turn["name"], str) and NAME.fullmatch(turn["name"])):
        yield f"has the name {json.dumps(turn['name'])[:60]}, which is not 1 to 64 letters, digits, _ or -"
    if role == "tool" and not isinstance(turn.get("tool_call_id"), str):
        yield "is a tool message without a tool_call_id"
    elif role == "tool" and turn["tool_call_id"] not in asked:
        yield "is a tool message for a call that was not made before it"
    elif role == "tool":
        asked.remove(turn["tool_call_id"])
    elif asked:
        yield "follows a tool call that no tool message answers"
        asked.clear()
    if calls:
        yield from _calls(calls, role, offered, asked)


def _calls(calls: Any, role: Any, offered: set[str] | None, asked: set[str]) -> Iterator[str]:
    if role != "assistant" or not isinstance(calls, list):
        yield "has tool_calls, which only a message of the assistant has, as a list"
        return
    for call in calls:
        function = call.get("function") if isinstance(call, dict) else None
        if not isinstance(function, dict) or call.get("type") != "function":
            yield "has a tool call that is no function call"
            continue
        name = function.get("name")
        if not isinstance(name, str) or not NAME.fullmatch(name):
            yield f"calls {json.dumps(name)[:60]}, which is no name of 1 to 64 letters, digits, _ or -"
        elif offered is None or name not in offered:
            yield f'calls "{name}", which is not among the row\'s "tools"'
        if not isinstance(function.get("arguments"), str) or not isinstance(_json(function["arguments"]), dict):
            yield f"calls {json.dumps(name)[:60]} with arguments that are no JSON object as a text"
        if not isinstance(call.get("id"), str) or not call["id"]:
            yield "has a tool call without an id"
        elif call["id"] in asked:
            yield "has two tool calls of one id"
        else:
            asked.add(call["id"])


def _tools(record: Mapping[str, Any]) -> tuple[set[str] | None, list[str]]:
    """(names of the functions that a row offers, what is wrong with its tools); None where it offers none."""
    tools = record.get("tools")
    if tools is None:
        return None, []
    if not isinstance(tools, list):
        return None, ['has "tools" that are no list']
    names, found = set[str](), []
    for number, tool in enumerate(tools, 1):
        function = tool.get("function") if isinstance(tool, dict) else None
        if not isinstance(function, dict) or tool.get("type") != "function":
            found.append(f"has a tool that is no function (tool {number})")
            continue
        name, parameters = function.get("name"), function.get("parameters")
        if not isinstance(name, str) or not NAME.fullmatch(name):
            found.append(f"has a tool without a name of 1 to 64 letters, digits, _ or - (tool {number})")
        else:
            names.add(name)
        if parameters is not None and not (
            isinstance(parameters, dict) and parameters.get("type", "object") == "object"
        ):
            found.append(f"has a tool whose parameters are no JSON schema of an object (tool {number})")
    return names, found


def _empty(content: Any) -> bool:
    return not content or (isinstance(content, str) and not content.strip())


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None
