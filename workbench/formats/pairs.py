"""pairs: one prompt and its reply, as {"prompt", "completion"}, prompt/response, question/answer, input/output or
instruction/response.

A "system" or "system_prompt" text becomes the system turn. Prompt and completion may be lists of turns, as TRL has
them. `pairs:text,label` reads the keys "text" and "label". Export writes prompt, completion and, if any, system.
"""

from __future__ import annotations

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
)
SYSTEM_KEYS = ("system", "system_prompt")


def pair_in(record: Mapping[str, Any]) -> tuple[str, str] | None:
    """Which of the known pairs of keys a record has; None without one."""
    return next((pair for pair in PAIRS if pair[0] in record and pair[1] in record), None)


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


def write(messages: list[dict[str, Any]]) -> dict[str, Any]:
    system, prompt, reply = single_turn(messages, "pairs")
    return ({"system": system} if system is not None else {}) | {"prompt": prompt, "completion": reply}


FORMAT = Format(
    "pairs",
    'prompt and reply (such as "prompt" and "completion", or "question" and "answer")',
    lambda record: pair_in(record) is not None,
    read,
    write,
)
