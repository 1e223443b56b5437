"""Variety of wording

Distinct word pairs of the output divided by all its word pairs, 0 to 1; higher is better. Low where a model says the
same few words again and again.

Known limits
    Falls with length also in good prose, so compare answers of like length. Not judged under ten words, where nearly
    every pair is new.
Source
    distinct-2 of Li 2016, arXiv 1510.03055, for each answer by itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from evaluators.metrics.words import words
from evaluators.sample import Example, Sample, Score, scorer

FEWEST = 10  # words


def variety(text: str) -> Score:
    """Share of the word pairs that are distinct."""
    said = words(text)
    if len(said) < FEWEST:
        return Score(None, f"fewer than {FEWEST} words")
    pairs = list(pairwise(said))
    return Score(len(set(pairs)) / len(pairs))


@scorer(
    higher_is_better=True,
    unit="share",
    examples=[
        Example("yes no " * 5, "Yes.", 2 / 9),
        Example("one two three four five six seven eight nine ten", "Yes.", 1.0),
        Example("Yes, of course.", "Yes.", None),
    ],
)
def distinct_2(samples: Sequence[Sample]) -> list[Score]:
    """Share of distinct word pairs, 0 to 1."""
    return [variety(s.output or "") for s in samples]
