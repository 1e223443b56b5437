"""What of a row is compared: the whole, its prompt, its reply, and each reply of a longer conversation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from workbench.checks.similarity import Ints, Pairs, near_pairs_between, words_of
from workbench.rows import Rows

# Replies of fewer words ("Yes.", "You're welcome!") are stock: that two rows share one says nothing about a leak.
FEWEST_REPLY_WORDS = 5
FEWEST_QUESTION_WORDS = 5  # the same for a user turn inside a conversation ("Thanks!", "Yes, please")

FIELDS = ("whole conversation", "prompt", "reply")
EXCHANGE, EARLIER = "question and reply", "reply, in an earlier turn"


@dataclass(frozen=True)
class Exchange:
    """One reply of a conversation and the user turn nearest before it ("" without one).

    row: the place of its row. final: the conversation ends with it. alone: the conversation is nothing else.
    """

    row: int
    question: str
    reply: str
    final: bool
    alone: bool


def compared_fields(rows: Rows) -> dict[str, list[str]]:
    """The texts in which rows are compared, (N,) each; stock replies as "", which matches nothing."""
    replies = [reply if len(words_of(reply)) >= FEWEST_REPLY_WORDS else "" for reply in rows.reply]
    return dict(zip(FIELDS, (rows.text, rows.prompt, replies), strict=True))


def exchanges(rows: Rows) -> list[Exchange]:
    """Every reply that the rows teach, not only the last of a conversation: training learns each assistant turn."""
    found = []
    for row, turns in enumerate(rows.messages):
        question = ""
        roles = [turn["role"] for turn in turns if turn["role"] != "system"]
        for place, turn in enumerate(turns):
            if turn["role"] == "user":
                question = turn["content"] or ""
            elif turn["role"] == "assistant" and (turn["content"] or "").strip():
                final = place == len(turns) - 1
                found.append(Exchange(row, question, turn["content"], final, final and roles == ["user", "assistant"]))
    return found


def turn_pairs(left: Sequence[Exchange], right: Sequence[Exchange]) -> dict[str, Pairs]:
    """Rows (a, b) that share an exchange, and rows whose earlier reply on the left is the final one on the right.

    Two earlier replies that are alike do not suffice: "May I have your order number, please?" stands in many
    conversations, and no golden row is scored on it.
    """
    earlier, final = [one for one in left if not one.final], [one for one in right if one.final]
    found = {
        EXCHANGE: (near_pairs_between(_together(left), _together(right)), left, right),
        EARLIER: (near_pairs_between(_without_stock(earlier), _without_stock(final)), earlier, final),
    }
    return {
        field: Pairs(_rows_of(mine)[pairs.a], _rows_of(theirs)[pairs.b], pairs.score)
        for field, (pairs, mine, theirs) in found.items()
    }


def _together(found: Sequence[Exchange]) -> list[str]:
    """User turn and reply as one text; "" where a short user turn ("Thanks!", "Hello") makes it stock."""
    stock = FEWEST_QUESTION_WORDS
    return [f"{one.question}\n{one.reply}" if len(words_of(one.question)) >= stock else "" for one in found]


def _without_stock(found: Sequence[Exchange]) -> list[str]:
    return [one.reply if len(words_of(one.reply)) >= FEWEST_REPLY_WORDS else "" for one in found]


def _rows_of(found: Sequence[Exchange]) -> Ints:
    return np.array([one.row for one in found], np.int64)
