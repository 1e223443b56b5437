"""Many prompts or replies begin with the same words

A model that always saw "Thank you for reaching out" begins everything so, and one whose every prompt began with "Write
a" is lost when a person simply asks.

Known limits
    Wanted where it is house style or a fixed form. Needs 30 rows. Words are what stands between blanks; in scripts
    written without blanks nothing is measured.
Measured
    10,662 clean rows: none is flagged. Of 7,673 rows of toolformer all are: their prompts all begin alike.
Source
    Self-instruct, arXiv 2212.10560, looks at its prompts in the same way; the limit is this project's own.
"""

from __future__ import annotations

import polars as pl

from workbench.checks.check import Findings, Span, above, check
from workbench.rows import Rows

FEWEST_ROWS = 30
LOOKED_AT = 120  # characters; three words of any length that people write
# The first words up to the end of the last of them, in lower case.
OPENING = r"^\W*\w[\w'’-]*(?:\W+\w[\w'’-]*){%d}"

HELLO = Rows.of(*[(f"{n}: where is my parcel?", f"Thank you for writing! Parcel {n} is here.") for n in range(1, 41)])
OWN_WORDS = Rows.of(
    *[
        (f"{ask} {thing}?", f"{say} {thing}.")
        for ask, say in (
            ("How do I clean the", "With soap and water, then dry the"),
            ("When did we sell the", "Last May we sold the"),
            ("Who made this old", "Nobody knows who made the"),
            ("Is it safe to lift the", "Two people can lift the"),
        )
        for thing in ("boat", "violin", "kettle", "orchard", "saddle", "window", "tractor", "carpet")
    ]
)


@check(severity="info", scope="set", flags=HELLO, passes=OWN_WORDS, mend="rebalance")
def opening_words(rows: Rows, *, most: float = 0.33, words: int = 4) -> Findings:
    """Measure: the share of rows whose prompt or reply begins with the same words as this one's, the larger, 0 to 1.

    None for all rows where there are fewer than 30, and for a row whose prompt and reply have fewer words than that.
    """
    if len(rows) < FEWEST_ROWS:
        return above([None] * len(rows), most)
    pattern = f"({OPENING % max(0, words - 1)})"
    frame = pl.DataFrame({"prompt": _first_asked(rows), "reply": rows.reply}).select(
        pl.all().str.head(LOOKED_AT).str.extract(pattern)
    )
    begun = [frame["prompt"].to_list(), frame["reply"].to_list()]
    frame = frame.select(pl.all().str.to_lowercase().str.replace_all(r"\W+", " ").str.strip_chars())
    counted = frame.with_columns(
        (pl.when(pl.col(side).is_not_null()).then(pl.len().over(side)) / len(rows)).alias(f"{side}_share")
        for side in ("prompt", "reply")
    )
    measure: list[float | None] = []
    notes, spans = [], list[list[Span]]()
    for place, (prompt, reply, asked, answered) in enumerate(counted.iter_rows()):
        asked, answered = (asked if prompt else None), (answered if reply else None)
        share = max((known for known in (asked, answered) if known is not None), default=None)
        measure.append(share)
        in_reply = answered is not None and answered == share
        if share is None or share <= most:
            notes.append("")
            spans.append([])
            continue
        notes.append(
            f'{share:.0%} of the {"replies" if in_reply else "prompts"} begin with "{reply if in_reply else prompt}"'
        )
        spans.append([(_turn(rows, place, in_reply), 0, len(begun[in_reply][place]))])
    return above(measure, most, notes, spans)


def _first_asked(rows: Rows) -> pl.Series:
    """(N,) the content of each row's first user turn, null where it has none."""
    first = rows.turns.filter(pl.col("role") == "user").group_by("row").agg(pl.col("content").first())
    at = pl.DataFrame({"row": range(len(rows))}, schema={"row": pl.Int64})
    return at.join(first, on="row", how="left", maintain_order="left")["content"]


def _turn(rows: Rows, place: int, in_reply: bool) -> int:
    turns = rows.messages[place]
    return len(turns) - 1 if in_reply else next(i for i, turn in enumerate(turns) if turn["role"] == "user")
