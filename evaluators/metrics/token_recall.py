"""Words of the reference that the output has

Share of the reference's words that stand in the output too, 0 to 1. Of the simple word measures the one that follows
people best on long answers, since it does not punish an answer for saying more.

Known limits
    A distance to the reference: blind to facts, order and negation, and an answer that says everything wins. Never the
    headline for open answers.
Source
    Adlakha 2024, arXiv 2307.16877 ("recall"), on Unicode words.
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.metrics.words import shared, words
from evaluators.sample import Example, Sample, Score, scorer


def recalled(output: str, reference: str) -> Score:
    """Share of the reference's words, counted with repetition, that the output has."""
    wanted = words(reference)
    if not wanted:
        return Score(None, "the reference has no words")
    return Score(shared(words(output), wanted) / len(wanted))


@scorer(
    higher_is_better=True,
    unit="share",
    examples=[
        Example("Please turn it off and wait", "Turn it off", 1.0),
        Example("Turn it on", "Turn it off", 2 / 3),
        Example("关灯", "关灯吧", 2 / 3),
        Example("Yes", "...", None),
    ],
)
def token_recall(samples: Sequence[Sample]) -> list[Score]:
    """Share of the reference's words found in the output, 0 to 1."""
    return [recalled(s.output or "", s.reference) for s in samples]
