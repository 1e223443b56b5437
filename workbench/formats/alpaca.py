"""alpaca: {"instruction", "input", "output"}, with "system" and "history" where a file has them.

The instruction and a non-empty input become the prompt, with a blank line between them; "response" is read like
"output". Export writes the whole prompt as the instruction with an empty input, and earlier turns as history.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.formats.format import CannotHold, Conversation, Format, Seen, Unreadable, text_of
from workbench.rows import message

REPLY_KEYS = ("output", "response")


def fits(record: Mapping[str, Any]) -> bool:
    """instruction/output, or instruction/input/response; instruction/response alone is a pair."""
    return "instruction" in record and ("output" in record or ("input" in record and "response" in record))


def prompt_turns(record: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[str]]:
    """The turns before the reply and the keys they came from."""
    turns, used = [], [key for key in ("instruction", "input", "system", "history") if key in record]
    if "system" in record and (system := text_of(record, "system")):
        turns.append(message("system", system))
    for exchange in _history(record.get("history")):
        turns += [message("user", exchange[0]), message("assistant", exchange[1])]
    asked = [text_of(record, key) for key in ("instruction", "input") if key in record]
    said = "\n\n".join(part for part in asked if part)
    return [*turns, message("user", said if said or "" in asked else None)], used


def _history(history: Any) -> list[list[Any]]:
    """Earlier exchanges as [asked, answered]; an empty cell or null is none."""
    if history in (None, ""):
        return []
    if isinstance(history, list) and all(
        isinstance(pair, list) and len(pair) == 2 and all(part is None or isinstance(part, str) for part in pair)
        for pair in history
    ):
        return history
    raise Unreadable('has a "history" that is not a list of [question, answer] pairs.')


def read(record: Mapping[str, Any], seen: Seen) -> Conversation:
    turns, used = prompt_turns(record)
    reply_key = next(key for key in REPLY_KEYS if key in record)
    return Conversation([*turns, message("assistant", text_of(record, reply_key))], [*used, reply_key])


def write(messages: list[dict[str, Any]]) -> dict[str, Any]:
    turns = list(messages)
    system = turns.pop(0)["content"] if turns and turns[0]["role"] == "system" else None
    exchanges = list(zip(turns[::2], turns[1::2], strict=False))
    in_order = all(a["role"] == "user" and b["role"] == "assistant" for a, b in exchanges)
    if not exchanges or len(turns) % 2 or not in_order or any(turn["more"] for turn in messages):
        raise CannotHold(
            "is not plain exchanges of user and assistant, and alpaca holds nothing else. Export with --format chat."
        )
    asked, answered = exchanges[-1]
    nothing = None if asked["content"] is None else ""  # a prompt of null is read back as one by this alone
    record: dict[str, Any] = {"instruction": asked["content"], "input": nothing, "output": answered["content"]}
    if system is not None:
        record["system"] = system
    if len(exchanges) > 1:
        record["history"] = [[a["content"], b["content"]] for a, b in exchanges[:-1]]
    return record


FORMAT = Format("alpaca", '"instruction" and "output"', fits, read, write, reads=("system", "history", *REPLY_KEYS))
