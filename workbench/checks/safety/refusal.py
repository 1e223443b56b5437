"""Refusal

A reply that declines, apologises for being a language model or opens with a warning instead of an answer. Some are
wanted; many teach the model to decline what it should answer, so look at the share as well as at the rows.

Known limits
    English only, and only refusals that say so in their opening words.
Measured
    XSTest, 1,350 replies with human labels, full and partial refusals: precision 0.93, recall 0.93. The pattern was
    fitted on these replies; elsewhere expect somewhat less. No alarm on 6,663 rows that people wrote.
Source
    XSTest, arXiv 2308.01263, for the labels; the pattern is this project's own.
"""

from __future__ import annotations

from workbench.checks.check import Findings, above, check
from workbench.checks.safety.refusal_patterns import refusal_opening
from workbench.rows import Rows


@check(
    severity="warning",
    flags=Rows.of(
        "I'm sorry, but I can't help with that.",
        "As an AI language model, I do not have personal opinions.",
        "Unfortunately, I am unable to provide that information.",
    ),
    passes=Rows.of(
        "Sorry for the wait! Your parcel left our warehouse this morning.",
        "I can't believe how quickly the year went by.",
        "Press the power button for ten seconds.",
    ),
)
def refusal(rows: Rows) -> Findings:
    """Measure: 1 where the final reply opens as a refusal, 0 where it does not, none where there is no reply."""
    openings = [refusal_opening(reply) for reply in rows.reply]
    measure = [float(bool(found)) if reply.strip() else None for reply, found in zip(rows.reply, openings, strict=True)]
    return above(measure, 0.5, [f'the reply opens as a refusal: "{found}"' if found else "" for found in openings])
