"""A reply that your own tuned model finds odd

What a model still finds surprising after training on it is often a wrong reply, a wrong language or two rows swapped;
the rest is what is hardest and rarest in the dataset. Both are worth a look, and only a person can tell them apart.

Known limits
    Short replies have uneven losses, so those of fewer than 20 characters have no measure. Needs 20 rows with a loss.
    A fault that comes often enough is learned and no longer surprises.
Source
    Losses as nats per token of the reply; modified z-score, Iglewicz & Hoaglin 1993. Ranking by loss finds wrong labels
    with precision .90 at 5 in 100 wrong (self-confidence, measured on banking77).
"""

from __future__ import annotations

import numpy as np

from workbench.checks.check import Findings, above, check
from workbench.checks.context import Context
from workbench.errors import NotRun
from workbench.rows import Rows

FEWEST_ROWS = 20
FEWEST_CHARACTERS = 20
MAD_TO_SIGMA = 1.4826  # median absolute deviation of a normal distribution, in standard deviations
LEAST_SPREAD = 0.1  # nats a token: rows learned by heart would make any other absurd

LEARNED = Rows.of(*[f"Shelf {n} holds the spare parts of that model." for n in range(1, 31)])
ODD = LEARNED.renamed([f"odd-{n}" for n in range(1, 31)]).keep([True] + [False] * 29)


@check(
    severity="info",
    scope="set",
    example=Context(losses={**dict.fromkeys(LEARNED.row_id, 1.0), "odd-1": 6.0}, losses_of="run 1"),
    flags=ODD,  # beside the rows that pass
    passes=LEARNED,
)
def outlying_loss(rows: Rows, context: Context, *, most: float = 3.5) -> Findings:
    """Measure: how far the loss of the row's reply lies above the median, in robust standard deviations; 0 below it.

    Raises NotRun where no losses were measured.
    """
    if not context.losses:
        raise NotRun("No losses are measured for these rows. Train a run, then measure them: goldloop losses RUN")
    long = [len(reply.strip()) >= FEWEST_CHARACTERS for reply in rows.reply]
    losses = np.array([context.losses.get(one, np.nan) for one in rows.row_id], float)
    there = np.isfinite(losses) & np.array(long, bool)
    if there.sum() < FEWEST_ROWS:
        return above([None] * len(rows), most)
    middle = float(np.median(losses[there]))
    spread = max(MAD_TO_SIGMA * float(np.median(np.abs(losses[there] - middle))), LEAST_SPREAD)
    measure = [max(0.0, (loss - middle) / spread) if known else None for loss, known in zip(losses, there, strict=True)]
    high = float(np.percentile(losses[there], 90))
    model = context.losses_of or "the tuned model"
    notes = [
        f"{model} finds this reply odd: {loss:.1f} nats a token, where 9 in 10 have at most {high:.1f}"
        if far is not None and far > most
        else ""
        for loss, far in zip(losses, measure, strict=True)
    ]
    return above(measure, most, notes)
