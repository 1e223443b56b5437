"""Refusal

A reply that declines, apologises for being a language model or opens with a warning instead of an answer. Some are
wanted; many teach the model to decline what it should answer, so look at the share as well as at the rows.

Known limits
    English, German, French, Spanish, Italian, Portuguese, Dutch, Polish, Russian, Chinese and Japanese, and only
    refusals that say so in their opening words. Only the English pattern was measured on labelled replies.
Measured
    XSTest, 1,350 replies with human labels, full and partial refusals: precision 0.93, recall 0.93. The pattern was
    fitted on these replies; elsewhere expect somewhat less. No alarm on 6,663 rows that people wrote.
Source
    XSTest, arXiv 2308.01263, for the labels; the pattern is this project's own.
"""

from __future__ import annotations

from collections.abc import Sequence

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.safety.refusal_patterns import refusal_opening, refusal_span
from workbench.rows import Message, Rows


@check(
    severity="warning",
    edition=2,
    flags=Rows.of(
        "I'm sorry, but I can't help with that.",
        "As an AI language model, I do not have personal opinions.",
        "Unfortunately, I am unable to provide that information.",
        "Es tut mir leid, aber dabei kann ich nicht helfen.",
        "Je suis désolé, mais je ne peux pas répondre à cette demande.",
    ),
    passes=Rows.of(
        "Sorry for the wait! Your parcel left our warehouse this morning.",
        "I can't believe how quickly the year went by.",
        "Press the power button for ten seconds.",
    ),
)
def refusal(rows: Rows) -> Findings:
    """Measure: 1 where the final reply opens as a refusal, 0 where it does not, none where there is no reply."""
    replies = rows.reply
    openings = [refusal_opening(reply) for reply in replies]
    measure = [float(bool(found)) if reply.strip() else None for reply, found in zip(replies, openings, strict=True)]
    notes = [f'the reply opens as a refusal: "{found}"' if found else "" for found in openings]
    return above(
        measure, 0.5, notes, [_spans(rows.messages[row]) if found else () for row, found in enumerate(openings)]
    )


def _spans(turns: Sequence[Message]) -> tuple[Span, ...]:
    """The opening words of the last turn, which is the reply."""
    place = refusal_span(turns[-1]["content"] or "")
    return ((len(turns) - 1, *place),) if place else ()
