"""Turns: one message of a conversation, in the ways that files spell it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from training.tokens.learned import context_mark, ignored_mark
from workbench.formats.format import Seen, Unreadable, kind_of
from workbench.rows import message

ROLES = {  # what files call the roles -> what Goldloop calls them
    "system": "system",
    "developer": "developer",
    "user": "user",
    "human": "user",
    "prompter": "user",
    "assistant": "assistant",
    "gpt": "assistant",
    "chatgpt": "assistant",
    "bot": "assistant",
    "model": "assistant",
    "ai": "assistant",
    "tool": "tool",
    "function": "tool",
    "observation": "tool",
    "tool_response": "tool",
    "function_response": "tool",
}
CALLS = ("function_call", "tool_call")  # ShareGPT roles: a call of the assistant's, as JSON text
TEXT_PARTS = ("text", "input_text", "output_text")


def read_turns(turns: Any, key: str, seen: Seen) -> list[dict[str, Any]]:
    """The turns of a list as messages; raises Unreadable where the list or one of its turns is something else."""
    if not isinstance(turns, list):
        hint = " (it looks like a printed Python list; save it as JSON)" if _printed_list(turns) else ""
        raise Unreadable(f'has {kind_of(turns)} under "{key}" where a list of turns belongs{hint}.')
    if not turns:
        raise Unreadable(f'has no turns: its "{key}" is an empty list.')
    return [read_turn(turn, f'turn {number} of "{key}"', seen) for number, turn in enumerate(turns, 1)]


def read_turn(turn: Any, place: str, seen: Seen) -> dict[str, Any]:
    """One message of {"role", "content"} or {"from", "value"}; other keys stay with it under `more`.

    A role we do not know is kept as it is (the check role_order names it), and so is a null content (empty_turn does).
    """
    if not isinstance(turn, dict):
        raise Unreadable(f"has {kind_of(turn)} as {place} where an object with role and content belongs.")
    role_key = "role" if "role" in turn else "from"
    content_key = "content" if "content" in turn else "value"
    role, content = turn.get(role_key), turn.get(content_key)
    if role is not None and not isinstance(role, str):
        raise Unreadable(f"has {kind_of(role)} as the role of {place}.")
    more = {name: value for name, value in turn.items() if name not in (role_key, content_key)}
    if isinstance(content, list):
        content = _join_parts(content, more, place, seen)
    if content is not None and not isinstance(content, str):
        raise Unreadable(f"has {kind_of(content)} as the content of {place}, not a text.")
    if role in CALLS and (call := _call(content)):
        more["tool_calls"] = [call]
        _count_marks("assistant", more, seen)
        return message("assistant", None, more)
    known = _role(role, seen)
    _count_marks(known, more, seen)
    return message(known, content, more)


def _count_marks(role: str | None, more: Mapping[str, Any], seen: Seen) -> None:
    """Counts what a turn says of being learned: replies to be read only, and marks that have no effect here."""
    turn = {**more, "role": role}
    if mark := context_mark(turn):
        seen["context only", mark] += 1
    elif more and (mark := ignored_mark(turn)):
        seen["mark ignored", mark] += 1


def _role(role: str | None, seen: Seen) -> str | None:
    known = ROLES.get(role.strip().lower()) if role else None
    if known is None:
        seen["unknown role", role or "no role"] += 1
        return role
    if known != role:
        seen["role read", f'"{role}" as "{known}"'] += 1
    return known


def _call(text: Any) -> dict[str, Any] | None:
    """'{"name": .., "arguments": ..}' as an OpenAI tool call; None where the text is something else."""
    try:
        call = json.loads(text)
        name, arguments = call["name"], call["arguments"]
    except (TypeError, ValueError, KeyError, RecursionError):
        return None
    arguments = arguments if isinstance(arguments, str) else json.dumps(arguments, ensure_ascii=False)
    return {"type": "function", "function": {"name": name, "arguments": arguments}}


def _join_parts(parts: list[Any], more: dict[str, Any], place: str, seen: Seen) -> str | None:
    """The text of content parts, joined by line breaks; tool calls and reasoning go where chat files have them.

    Parts of any other kind (an image) keep the whole list beside the text, under `content_parts`.
    """
    texts, calls, reasoning, others = [], [], [], []
    for part in parts:
        if isinstance(part, str):
            part = {"type": "text", "text": part}
        if not isinstance(part, dict):
            raise Unreadable(f"has {kind_of(part)} as a part of {place}.")
        kind, text = part.get("type", "text"), part.get("text", part.get("value"))
        if kind in TEXT_PARTS and isinstance(text, str):
            texts.append(text)
        elif kind == "reasoning" and isinstance(text, str):
            reasoning.append(text)
        elif kind == "tool_call" and (call := _call(text)):
            calls.append(call)
        else:
            others.append(str(kind))
    seen["content parts", "joined"] += 1
    if others:
        seen["parts without text", others[0]] += 1
        more["content_parts"] = parts
    if calls and not others:
        more["tool_calls"] = [*more.get("tool_calls", []), *calls]
    if reasoning and not others:
        more["reasoning_content"] = "\n".join(reasoning)
    return "\n".join(texts) if texts else None


def write_turn(turn: Mapping[str, Any]) -> dict[str, Any]:
    """A message as chat files have it: role, content and its other keys."""
    more = json.loads(turn["more"]) if turn["more"] else {}
    parts = more.pop("content_parts", None)
    content = turn["content"]
    if isinstance(parts, list):
        content = _parts_with(parts, content)
    return {"role": turn["role"], "content": content, **more}


def _parts_with(parts: list[Any], content: str | None) -> list[Any]:
    """The parts as they came; where the text was edited since, the new text stands in the place of the first one."""
    texts = [_text_of_part(part) for part in parts]
    told = [text for text in texts if text is not None]
    if ("\n".join(told) if told else None) == content:
        return parts
    first = next((place for place, text in enumerate(texts) if text is not None), 0)
    fresh = [{"type": "text", "text": content}] if content else []
    others = [(place, part) for place, part in enumerate(parts) if texts[place] is None]
    before = [part for place, part in others if place < first]
    return [*before, *fresh, *(part for place, part in others if place >= first)]


def _text_of_part(part: Any) -> str | None:
    """What a part adds to the turn's text; None for an image and the like."""
    if isinstance(part, str):
        return part
    if not isinstance(part, dict) or part.get("type", "text") not in TEXT_PARTS:
        return None
    text = part.get("text", part.get("value"))
    return text if isinstance(text, str) else None


def _printed_list(value: Any) -> bool:
    return isinstance(value, str) and value.lstrip().startswith(("[{'", "[{ '"))
