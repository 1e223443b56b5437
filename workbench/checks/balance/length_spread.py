"""Reply of an unusual length

A reply far shorter or longer than the others of its dataset: a slip of the hand, a page pasted whole, or a kind of task
that has too few examples. Compared with the dataset itself, so a set of one-word labels and a set of essays both pass.

Known limits
    Needs 20 replies. Two kinds of task of very different length in one dataset widen what counts as usual.
Source
    Modified z-score from median and median absolute deviation, Iglewicz & Hoaglin 1993 (limit 3.5), on log length.
"""

from __future__ import annotations

import numpy as np

from workbench.checks.check import Findings, above, check
from workbench.rows import Rows

FEWEST_ROWS = 20
MAD_TO_SIGMA = 1.4826  # median absolute deviation of a normal distribution, in standard deviations
# Replies of one length exactly would make every other length absurd: a quarter more or less is always usual.
LEAST_SPREAD = 0.25

USUAL = Rows.of(*[f"Shelf {number} holds the spare parts for model {number * 7}." for number in range(1, 25)])


@check(severity="info", scope="set", flags=Rows.of("Shelf 3 holds screws. " * 200, "No"), passes=USUAL)
def length_spread(rows: Rows, *, most: float = 3.5) -> Findings:
    """Measure: how far the log of a reply's length in characters lies from the median's, in robust standard deviations.

    None for rows without a reply, and for all rows where fewer than 20 have one. The flagged
    examples are flagged beside the others, not by themselves.
    """
    lengths = np.array([len(reply.strip()) for reply in rows.reply], dtype=float)
    there = lengths > 0
    if there.sum() < FEWEST_ROWS:
        return above([None] * len(rows), most)
    logs = np.log(lengths[there])
    middle = np.median(logs)
    spread = max(MAD_TO_SIGMA * float(np.median(np.abs(logs - middle))), LEAST_SPREAD)
    measure: list[float | None] = [None] * len(rows)
    for place, log in zip(np.flatnonzero(there), logs, strict=True):
        measure[place] = abs(float(log - middle)) / spread
    low, high = (int(q) for q in np.percentile(lengths[there], (10, 90)))
    notes = [
        f"{int(length):,} characters, much {'longer' if length > np.exp(middle) else 'shorter'} than the rest: "
        f"most replies here have {low:,} to {high:,}"
        if far is not None and far > most
        else ""
        for length, far in zip(lengths, measure, strict=True)
    ]
    return above(measure, most, notes)
