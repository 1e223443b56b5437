"""As long as the reference

Words of the shorter text divided by words of the longer one: 1 for equal length, near 0 for a fragment or an endless
answer; the note says which, and how many words. Length drives what people and judges prefer, so look at it beside
every other number.

Known limits
    Says nothing of content. Symmetric: half as long and twice as long both score .5.
Source
    The usual length ratio of translation evaluation, folded so that more is better.
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.metrics.words import words
from evaluators.sample import Example, Sample, Score, scorer


def likeness(output: str, reference: str) -> Score:
    """How alike in length two texts are, with "12 words, n times as long" as note."""
    a, b = len(words(output)), len(words(reference))
    if not b:
        return Score(None, "the reference has no words")
    return Score(min(a, b) / max(a, b), f"{a} word{'s' * (a != 1)}, {a / b:.2g} times as long")


@scorer(
    higher_is_better=True,
    unit="share",
    examples=[
        Example("one two three four", "one two", 0.5),
        Example("one", "one two", 0.5),
        Example("", "one two", 0.0),
        Example("one", "", None),
    ],
)
def length_ratio(samples: Sequence[Sample]) -> list[Score]:
    """Shorter by longer, in words, 0 to 1."""
    return [likeness(s.output or "", s.reference) for s in samples]
