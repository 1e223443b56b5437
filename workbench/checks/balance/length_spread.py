"""Reply of an unusual length

A reply far shorter or longer than the others of its dataset: a slip of the hand, a page pasted whole, or a kind of task
that has too few examples. Compared with the dataset itself, so a set of one-word labels and a set of essays both pass.

Known limits
    Needs 20 replies. Two kinds of task of very different length in one dataset widen what counts as usual.
Measured
    10,662 clean rows: 6 in 1,000 are flagged, nearly all of them one-word answers in one set of short instructions.
Source
    Modified z-score from median and median absolute deviation, Iglewicz & Hoaglin 1993 (limit 3.5), on log length, the
    deviation also taken for each side of the median by itself.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from workbench.checks.check import Findings, above, check
from workbench.rows import Rows

FEWEST_ROWS = 20
MAD_TO_SIGMA = 1.4826  # median absolute deviation of a normal distribution, in standard deviations
# Replies of one length exactly would make every other length absurd: a quarter more or less is always usual.
LEAST_SPREAD = 0.25

USUAL = Rows.of(*[f"Shelf {number} holds the spare parts for model {number * 7}." for number in range(1, 25)])


@check(severity="info", edition=2, scope="set", flags=Rows.of("Shelf 3 holds screws. " * 200, "No"), passes=USUAL)
def length_spread(rows: Rows, *, most: float = 3.5) -> Findings:
    """Measure: how far the log of a reply's length in characters lies from the median's, in robust standard deviations.

    None for rows without a reply, and for all rows where fewer than 20 have one. The flagged
    examples are flagged beside the others, not by themselves.
    """
    lengths = pl.Series(rows.reply, dtype=pl.String).str.strip_chars().str.len_chars().to_numpy().astype(float)
    there = lengths > 0
    if there.sum() < FEWEST_ROWS:
        return above([None] * len(rows), most)
    logs = np.log(np.maximum(lengths, 1))
    middle = float(np.median(logs[there]))
    away = np.abs(logs - middle)
    longer, shorter = there & (logs >= middle), there & (logs <= middle)
    spread = np.where(logs >= middle, _spread(away, there, longer), _spread(away, there, shorter))
    measure = away / spread
    low, high = (int(q) for q in np.percentile(lengths[there], (10, 90)))
    notes = [""] * len(rows)
    for place in np.flatnonzero(there & (measure > most)).tolist():
        side = "longer" if logs[place] > middle else "shorter"
        said = f"{int(lengths[place]):,} characters, much {side} than the rest"
        notes[place] = f"{said}: most replies here have {low:,} to {high:,}"
    return above(pl.Series(measure).set(pl.Series(~there), None), most, notes)


def _spread(away: np.ndarray, there: np.ndarray, side: np.ndarray) -> float:
    """The robust standard deviation of the replies on one side of the median, or of all where that is more.

    Most sets have a long tail on one side: with one spread for both, 11 in 100 rows of t0's many tasks were flagged,
    and so 2 in 100.
    """
    return max(MAD_TO_SIGMA * float(np.median(away[side])), MAD_TO_SIGMA * float(np.median(away[there])), LEAST_SPREAD)
