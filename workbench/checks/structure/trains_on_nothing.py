"""Row that would train on nothing

Training learns from the assistant's turns only, and cuts a row at the longest length. A row whose assistant says
nothing, or whose first reply begins behind that length, costs its place and teaches nothing.

Known limits
    The length is counted as in `too_long`: in the tokens of the model that the dataset's sheet names (or of the
    embedded one), with the chat template estimated. A call of a tool is something to learn from. Rows that training
    refuses for another reason, such as template tokens in the text, are left to the checks of those.
Source
    What `training.tokens.encode` leaves out for want of a token with a label.
"""

from __future__ import annotations

import polars as pl

from workbench.checks.check import Findings, above, check
from workbench.checks.context import Context
from workbench.checks.structure.empty_turn import says_nothing
from workbench.checks.text.token_counts import most_bytes, most_tokens, row_tokens, tokenizer_of
from workbench.rows import Message, Rows, message


@check(
    severity="error",
    flags=Rows.of(
        [message("user", "When do you open?")], ("When do you open?", " \n"), [message("system", "Be kind.")]
    ),
    passes=Rows.of(("When do you open?", "At nine."), [message("user", "Hello"), message("assistant", "Welcome.")]),
    mend="drop_rows",
)
def trains_on_nothing(rows: Rows, context: Context, *, limit: int = 0, model: str = "") -> Findings:
    """Measure: 1 where no token of the row would be trained on, else 0.

    limit: the longest row in tokens, 0 for the sheet's. model: its folder, "" for the sheet's or the embedded model.
    Raises NotRun when rows may be too long and no tokenizer is there to count them.
    """
    longest = limit or context.sheet.max_length
    notes = [""] * len(rows)
    silent = set(range(len(rows))) - _speaking(rows)
    for row in silent:
        said = any(turn["role"] == "assistant" for turn in rows.messages[row])
        notes[row] = "every turn of the assistant is empty" if said else "the assistant says nothing in it"
    before = {row: _before_reply(rows.messages[row]) for row in (most_tokens(rows) > longest).arg_true().to_list()}
    long = [row for row, turns in before.items() if row not in silent and most_bytes(turns) >= longest]
    if long:
        tokenizer = tokenizer_of(model or context.sheet.model)
        for row, counted in zip(long, row_tokens(rows, tokenizer, long), strict=True):
            tokens = sum(counted[: len(before[row])])
            if tokens >= longest:
                notes[row] = f"the first reply begins behind {tokens:,} tokens, and training stops at {longest:,}"
    return above([float(bool(note)) for note in notes], 0.5, notes)


def _speaking(rows: Rows) -> set[int]:
    """Rows in which an assistant's turn says something or calls a tool."""
    replies = rows.turns.filter(pl.col("role") == "assistant")
    plain = pl.col("content").str.contains(r"[\p{L}\p{N}\p{P}\p{S}]")
    spoken = set(replies.filter(plain)["row"].to_list())
    rest = replies.filter(~plain & ~pl.col("row").is_in(list(spoken)))
    for row, turn in rest.select("row", "turn").iter_rows():
        if not says_nothing(rows.messages[row][turn]):
            spoken.add(row)
    return spoken


def _before_reply(turns: list[Message]) -> list[Message]:
    """The turns before the first reply that says something."""
    for place, turn in enumerate(turns):
        if turn["role"] == "assistant" and not says_nothing(turn):
            return turns[:place]
    return turns
