"""Which replies are learned, and which are read as context only, as the messages themselves say

`weight` 0 is OpenAI's word for it (and older ShareGPT files'), `train`, `training` or `train_on_turn` false Axolotl's
(its `message_field_training` names the key), `loss` false that of ChatGLM 3 and ms-swift.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

MARKS = ("weight", "train", "training", "train_on_turn", "loss")
_NAMES = frozenset(MARKS)
KNOWN = (0, 1)  # and so False and True; null says nothing


def context_mark(message: Mapping[str, Any]) -> str | None:
    """The mark by which a reply is read and not learned, as its file has it ('weight 0'); None when it is learned.

    Only replies have such marks: everything else is read only in any case.
    """
    if message.get("role") != "assistant" or _NAMES.isdisjoint(message):
        return None
    found = (name for name in MARKS if _number(message.get(name)) == 0)
    return next((f"{name} {said(message[name])}" for name in found), None)


def ignored_mark(message: Mapping[str, Any]) -> str | None:
    """A mark that says something else than to learn a reply or to read it only, and so has no effect here.

    A weight between 0 and 1, parts of a reply (`train_detail`), or a question that is to be learned.
    """
    reply = message.get("role") == "assistant"
    for name in MARKS:
        value = message.get(name)
        if value is not None and (_number(value) not in KNOWN if reply else _number(value) == 1):
            return f"{name} {said(value)}" + ("" if reply else f" on a message of the role {message.get('role')}")
    return "train_detail" if message.get("train_detail") is not None else None


def without_marks(message: Mapping[str, Any]) -> dict[str, Any]:
    """The message as one that says nothing of whether it is learned."""
    return {key: value for key, value in message.items() if key not in MARKS}


def context_marks(messages: Sequence[Mapping[str, Any]]) -> list[str]:
    """The marks of the replies that are read only, in their order."""
    return [mark for message in messages if (mark := context_mark(message)) is not None]


def said(value: Any) -> str:
    """A mark's value as JSON has it."""
    return str(value).lower() if isinstance(value, bool) else str(value)[:20]


def _number(value: Any) -> float | None:
    """0 and 1 also where a file says false and true; None for all that is no number."""
    return float(value) if isinstance(value, bool | int | float) else None
