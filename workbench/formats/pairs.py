"""pairs: one prompt and its reply, as {"prompt", "completion"}, prompt/response, question/answer, input/output or
instruction/response.

A "system" or "system_prompt" text becomes the system turn. Prompt and completion may be lists of turns, as TRL has
them. `pairs:text,label` reads the keys "text" and "label". Export writes prompt, completion and, if any, system.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from workbench.formats.format import CannotHold, Conversation, Format, Seen, text_of
from workbench.formats.turns import read_turns
from workbench.rows import message

PAIRS = (
    ("prompt", "completion"),
    ("prompt", "response"),
    ("question", "answer"),
    ("input", "output"),
    ("instruction", "response"),
    # met in the wild, after the usual ones
    ("prompt", "answer"),
    ("prompt", "output"),
    ("question", "response"),
    ("query", "response"),
    ("query", "answer"),
    ("instruction", "completion"),
    ("user_query", "chatgpt_response"),
    ("original", "fixed"),
    ("original", "corrected"),
    ("source", "target"),
)
ASKING = {"prompt", "question", "query", "instruction", "asked"}
ANSWERING = {"completion", "response", "answer", "reply", "answered"}
ABOUT = {"id", "type", "kind", "lang", "language", "length", "tokens", "model", "time", "date", "count", "score", "url"}
LONGEST_NAME = 30  # characters
PARTS_OF_A_NAME = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])")
SYSTEM_KEYS = ("system", "system_prompt")


def pair_in(record: Mapping[str, Any]) -> tuple[str, str] | None:
    """Which of the known pairs of keys a record has; None without one."""
    return next((pair for pair in PAIRS if pair[0] in record and pair[1] in record), None) or _alike(record)


def _alike(record: Mapping[str, Any]) -> tuple[str, str] | None:
    """The one key that is named like a prompt and the one named like a reply: "userQuery" and "Final answer"."""
    asking, answering = [], []
    for key, value in record.items():
        if isinstance(value, str) and len(key) <= LONGEST_NAME:  # a longer one is a header that is an example
            words = {word.lower() for word in PARTS_OF_A_NAME.findall(key)}
            if words & ABOUT:
                continue
            asking += [key] if words & ASKING else []
            answering += [key] if words & ANSWERING else []
    if len(asking) == 1 and len(answering) == 1 and asking != answering:
        return asking[0], answering[0]
    return None


def read_pair(record: Mapping[str, Any], pair: tuple[str, str], seen: Seen) -> Conversation:
    """The conversation of a prompt and a reply under these keys."""
    prompt_key, reply_key = pair
    turns, used = [], list(pair)
    for key in SYSTEM_KEYS:
        if key in record and key not in pair:
            used.append(key)
            if system := text_of(record, key):
                turns.append(message("system", system))
            break
    for key, role in ((prompt_key, "user"), (reply_key, "assistant")):
        value = record[key]
        turns += read_turns(value, key, seen) if isinstance(value, list) else [message(role, text_of(record, key))]
    seen["pair", f'"{prompt_key}" as the prompt and "{reply_key}" as the reply'] += 1
    return Conversation(turns, used)


def read(record: Mapping[str, Any], seen: Seen) -> Conversation:
    pair = pair_in(record)
    assert pair, "fits() said that a pair is here"
    return read_pair(record, pair, seen)


def named_pair(prompt_key: str, reply_key: str) -> Format:
    """pairs under keys of the user's own choice, as in `--format pairs:text,label`."""
    pair = (prompt_key, reply_key)
    return Format(
        "pairs",
        f'"{prompt_key}" and "{reply_key}"',
        lambda record: prompt_key in record and reply_key in record,
        lambda record, seen: read_pair(record, pair, seen),
    )


def single_turn(messages: list[dict[str, Any]], format_name: str) -> tuple[str | None, str | None, str | None]:
    """(system, prompt, reply) of a conversation of one question and one reply; raises CannotHold for any other."""
    roles = [turn["role"] for turn in messages]
    system = messages[0]["content"] if roles[:1] == ["system"] else None
    if roles[-2:] != ["user", "assistant"] or len(roles) - (roles[0] == "system") != 2:
        held = f"{len(roles)} turns ({', '.join(str(role) for role in roles[:6])}{', ...' if len(roles) > 6 else ''})"
        raise CannotHold(
            f"has {held}, and {format_name} holds one prompt and one reply. Export with --format chat or sharegpt."
        )
    if any(turn["more"] for turn in messages):
        raise CannotHold(
            f"has turns with keys of their own (such as tool_calls or name), which {format_name} cannot hold. "
            "Export with --format chat."
        )
    return system, messages[-2]["content"], messages[-1]["content"]


def without_system(system: str | None, format_name: str) -> None:
    """Raises CannotHold where there is a system text."""
    if system is not None:
        raise CannotHold(f"has a system text, which {format_name} cannot hold. Export with --format chat or pairs.")


def write(messages: list[dict[str, Any]]) -> dict[str, Any]:
    system, prompt, reply = single_turn(messages, "pairs")
    return ({"system": system} if system is not None else {}) | {"prompt": prompt, "completion": reply}


FORMAT = Format(
    "pairs",
    'prompt and reply (such as "prompt" and "completion", or "question" and "answer")',
    lambda record: pair_in(record) is not None,
    read,
    write,
    reads=SYSTEM_KEYS,
)
