"""Drop empty turns

Takes turns without any text out of a conversation whose other turns are worth keeping: an empty question together
with nothing else, an unanswered last question together with its empty answer. Neighbours of one role are then made
one.

Known limits
    A row in which no question with an answer would be left stays as it is: drop it as a whole. Look at the preview,
    since an answer may have belonged to the question that was empty.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from workbench.checks.structure.empty_turn import says_nothing
from workbench.checks.structure.role_order import role_faults
from workbench.fixes.fix import fix
from workbench.fixes.merge_turns import merged
from workbench.rows import Rows, message


@fix(
    mends=("empty_turn",),
    safe=False,
    before=Rows.of(
        [message("system", ""), message("user", "When do you open?"), message("assistant", "At nine.")],
        [
            message("user", "When do you open?"),
            message("assistant", "At nine."),
            message("user", "And on Sunday?"),
            message("assistant", " "),
        ],
    ),
    after=Rows.of(("When do you open?", "At nine."), ("When do you open?", "At nine.")),
)
def drop_empty_turns(rows: Rows, where: pl.Series) -> Rows:
    """The rows without their empty turns where `where` marks them and an exchange is left."""
    changed = {}
    for row_id, turns, chosen in zip(rows.row_id, rows.messages, where, strict=True):
        if chosen and (fresh := _without_empty(turns)):
            changed[row_id] = fresh
    return rows.edit(changed) if changed else rows


def _without_empty(turns: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The turns that say something, in an order that a template takes; [] where that cannot be had."""
    left = [turn for turn in turns if not says_nothing(turn)]
    if len(left) == len(turns):
        return []
    while left and turns[-1]["role"] == "assistant" and left[-1]["role"] == "user":
        left.pop()  # the question whose answer was empty
    fresh = merged(left)
    whole = any(turn["role"] == "user" for turn in fresh) and any(turn["role"] == "assistant" for turn in fresh)
    return fresh if whole and not any(role_faults(fresh)) else []
