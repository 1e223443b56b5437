"""trl: {"prompt": [turns], "completion": [turns]}, TRL's conversational prompt-completion; written here, read as pairs.

The completion is the last turn, a reply; all before it is the prompt. A row that is a call of a tool with its result
and answer keeps them in the prompt, so that the last answer is learned.
"""

from __future__ import annotations

from typing import Any

from workbench.formats.format import CannotHold, Format
from workbench.formats.pairs import FORMAT as PAIRS
from workbench.formats.turns import write_turn


def split(messages: list[dict[str, Any]], format_name: str) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """(the turns before the last reply, the reply) as TRL writes turns. Raises CannotHold without a reply."""
    if not messages or messages[-1]["role"] != "assistant":
        raise CannotHold(f"does not end in a reply, which {format_name} needs. Export with --format chat.")
    turns = [write_turn(turn) for turn in messages]
    return turns[:-1], turns[-1]


def write(messages: list[dict[str, Any]]) -> dict[str, Any]:
    prompt, reply = split(messages, "trl")
    if not prompt:
        raise CannotHold("has a reply and no prompt before it. Export with --format chat.")
    return {"prompt": prompt, "completion": [reply]}


FORMAT = Format("trl", PAIRS.needs, PAIRS.fits, PAIRS.read, write, reads=PAIRS.reads)
