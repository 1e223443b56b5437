"""A conversation far longer than the others

Where nearly all rows are single questions, one conversation of forty turns weighs as much as forty rows, and follow-up
questions are learned from a handful of people. How many rows go on after the first reply is told for the whole dataset.

Known limits
    A dataset may be of single questions on purpose. Counted are replies, whatever their length. Needs 30 rows.
Measured
    1,130 real talks of chitchat-dataset: 30 are flagged, of 80 to 256 replies where half have 8 at most. 9,500 rows of
    single questions: none.
Source
    The limit is this project's own.
"""

from __future__ import annotations

import polars as pl

from workbench.checks.check import Findings, above, check
from workbench.rows import Rows, message

FEWEST_ROWS = 30
FEW = 0.05  # of the rows: so few follow-ups hardly teach any


def _talk(exchanges: int) -> list[dict[str, object]]:
    return [message(role, f"Turn {n}.") for n in range(exchanges) for role in ("user", "assistant")]


@check(severity="info", scope="set", flags=Rows.of(_talk(24)), passes=Rows.of(*[_talk(1 + n % 2) for n in range(40)]))
def turn_balance(rows: Rows, *, most: float = 10.0) -> Findings:
    """Measure: how many times as many replies the conversation has as half of the rows have at most (the median)."""
    at = pl.DataFrame({"row": range(len(rows))}, schema={"row": pl.Int64})
    counted = rows.turns.filter(pl.col("role") == "assistant").group_by("row").len()
    replies = at.join(counted, on="row", how="left", maintain_order="left")["len"].cast(pl.Float64)
    usual = replies.median()
    if replies.len() - replies.null_count() < FEWEST_ROWS or not isinstance(usual, float):
        return above([None] * len(rows), most)
    measure = (replies / usual).alias("measure")
    notes = [
        f"{count:,.0f} replies in this conversation; most have {usual:,.0f}" if times and times > most else ""
        for count, times in zip(replies, measure, strict=True)
    ]
    going_on = int((replies > 1).sum())
    about = []
    if 0 < going_on < FEW * replies.len():
        about = [
            f"{going_on:,} of {replies.len():,} rows go on after the first reply: too few to teach how to take up a "
            "follow-up question, if people will ask one."
        ]
    return above(measure, most, notes, (), about)
