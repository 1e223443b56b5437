"""Words shared with the reference

Harmonic mean of how many of the output's words stand in the reference and how many of the reference's words stand in
the output, 0 to 1. A distance to the reference, not a measure of correctness.

Known limits
    Blind to order and to negation. A copy with one wrong number scores far above an honest paraphrase: on the 16 items
    of this project's challenge set .88 against .40. Never use it as the headline for open answers.
Source
    Token F1 of SQuAD (Rajpurkar 2016, arXiv 1606.05250) on Unicode words.
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.metrics.words import f1, shared, words
from evaluators.sample import Example, Sample, Score, scorer


def overlap(output: str, reference: str) -> float:
    """F1 of the two texts' words."""
    a, b = words(output), words(reference)
    return f1(shared(a, b), len(a), len(b))


@scorer(
    higher_is_better=True,
    unit="share",
    examples=[
        Example("Turn it off and on", "Turn it off", 0.75),
        Example("Привет, мир", "привет мир", 1.0),
        Example("", "Turn it off", 0.0),
    ],
)
def token_f1(samples: Sequence[Sample]) -> list[Score]:
    """Share of words in common, 0 to 1."""
    return [Score(overlap(s.output or "", s.reference)) for s in samples]
