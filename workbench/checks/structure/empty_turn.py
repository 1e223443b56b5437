"""Turn without any text

An empty reply teaches the model to say nothing; an empty question teaches it to answer at random.

Known limits
    A call of a tool counts as content, and a tool may return nothing. A turn that holds nothing but a full stop
    passes.
Source
    Empty outputs were among the first faults that the people who cleaned the Alpaca data removed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence

from workbench.checks.check import Findings, above, check
from workbench.rows import Message, Rows, message

CALLS = ("tool_calls", "function_call")
INVISIBLE = "\u200b\u200c\u200d\u2060\ufeff\u00ad"  # no width: a turn of these alone looks empty


@check(
    severity="error",
    flags=Rows.of(("Hello", " \n"), ("", "Welcome."), [message("user", "Hello"), message("assistant", None)], "\u200b"),
    passes=Rows.of(
        ("Hello", "Welcome."),
        [
            message("user", "When does the shop open?"),
            message("assistant", None, {"tool_calls": [{"function": {"name": "hours"}}]}),
            message("tool", ""),
            message("assistant", "It does not say."),
        ],
    ),
    mend="drop_empty_turns",
)
def empty_turn(rows: Rows, *, most: int = 0) -> Findings:
    """Measure: how many turns say nothing and call no tool, 0 and up."""
    empty = [[n for n, turn in enumerate(turns, 1) if says_nothing(turn)] for turns in rows.messages]
    notes = [_note(numbers, turns) if numbers else "" for numbers, turns in zip(empty, rows.messages, strict=True)]
    return above([len(numbers) for numbers in empty], most, notes)


def says_nothing(turn: Message) -> bool:
    """Whether a turn has neither visible text nor a tool call; a tool's own turn may be empty."""
    if turn["role"] == "tool" or (turn["content"] or "").strip().strip(INVISIBLE).strip():
        return False
    more = json.loads(turn["more"]) if turn["more"] else {}
    return not any(more.get(call) for call in CALLS)


def _note(numbers: list[int], turns: Sequence[Message]) -> str:
    places = [f"turn {n} ({turns[n - 1]['role'] or 'no role'})" for n in numbers[:3]]
    more = f" and {len(numbers) - 3} more" if len(numbers) > 3 else ""
    return f"{', '.join(places)}{more} {'is' if len(numbers) == 1 else 'are'} empty"
