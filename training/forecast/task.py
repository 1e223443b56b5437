"""What kind of task the rows teach: a simple task, a style, or new knowledge; or that nobody can tell

Counted on the replies, nothing is asked of a model. The same three words name the presets.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

Kind = Literal["simple task", "style", "knowledge", "cannot tell"]

FEW_WORDS = 6  # a reply of at most so many words is a label or a name, not a text
REPEATED = 0.25  # distinct replies a row; fewer means that replies are chosen from a list
MOSTLY = 0.6  # of the rows
NEWS = 0.35  # share of replies with a figure that their own conversation does not hold: where should it come from?
SHARED_ENDS = 0.4  # share of replies that begin or end alike: a habit of speech
FEWEST = 20  # rows
END_WORDS = 3
FIGURE = re.compile(r"\d[\d.,:]*\d|\d")


@dataclass(frozen=True)
class Task:
    """The kind and what was counted for it, in sentences."""

    kind: Kind
    reasons: tuple[str, ...]


def task_of(conversations: Sequence[Sequence[dict[str, Any]]]) -> Task:
    """The kind of task that these conversations (lists of role and content) teach by their last reply."""
    pairs = [(_before(one), str(one[-1].get("content") or "")) for one in conversations if one]
    pairs = [(before, reply) for before, reply in pairs if reply.strip()]
    if len(pairs) < FEWEST:
        return Task("cannot tell", (f"{len(pairs)} rows are too few to tell what they teach.",))
    count = len(pairs)
    distinct = len({reply.strip().lower() for _, reply in pairs}) / count
    short = sum(len(reply.split()) <= FEW_WORDS for _, reply in pairs) / count
    formal = sum(_is_json(reply) for _, reply in pairs) / count
    new = sum(_new_figures(before, reply) for before, reply in pairs) / count
    alike = max(_alike([reply for _, reply in pairs], at) for at in ("begin", "end"))
    if formal >= MOSTLY:
        return Task("simple task", (f"{formal:.0%} of the replies are JSON: a form is filled in.",))
    if distinct <= REPEATED or short >= MOSTLY:
        counted = f"{distinct:.0%} of the replies are distinct, and {short:.0%} have {FEW_WORDS} words or fewer"
        return Task("simple task", (f"{counted}: an answer is chosen, not written.",))
    reasons = (
        f"{new:.0%} of the replies state a figure that does not stand in the question.",
        f"{alike:.0%} of the replies begin or end in the same words as others.",
    )
    if new >= NEWS:
        return Task("knowledge", reasons)
    return Task("style" if alike >= SHARED_ENDS else "cannot tell", reasons)


def _before(messages: Sequence[dict[str, Any]]) -> str:
    return " ".join(str(one.get("content") or "") for one in messages[:-1])


def _is_json(reply: str) -> bool:
    if not reply.lstrip().startswith(("{", "[")):
        return False
    try:
        json.loads(reply)
    except ValueError:
        return False
    return True


def _new_figures(before: str, reply: str) -> bool:
    return bool(set(FIGURE.findall(reply)) - set(FIGURE.findall(before)))


def _alike(replies: Sequence[str], at: str) -> float:
    """Share of the replies whose first or last words are those of at least a twentieth of all."""
    ends: dict[tuple[str, ...], int] = {}
    for reply in replies:
        words = reply.lower().split()
        end = tuple(words[:END_WORDS] if at == "begin" else words[-END_WORDS:])
        ends[end] = ends.get(end, 0) + 1
    return sum(times for times in ends.values() if times > 1 and times >= 0.05 * len(replies)) / len(replies)
