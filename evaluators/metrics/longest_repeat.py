"""Longest span said twice

Words of the longest span that stands twice in the output without overlapping itself; lower is better. A model that
falls into a loop says whole sentences again, where the share of repeated runs can still be small.

Known limits
    A list whose entries share a long opening counts. In Chinese and Japanese each character is a word.
Source
    The longest repeated substring as duplicate search uses it (Lee 2022, arXiv 2107.06499), within one answer.
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.metrics.words import words
from evaluators.sample import Example, Sample, Score, scorer

MOST = 2_000  # words of an answer that are looked at


def longest_twice(text: str) -> tuple[int, str]:
    """Length in words and text of the longest span that stands twice, by halving: a span of n has one of n - 1."""
    said = words(text)[:MOST]
    low, high, where = 0, len(said) // 2, 0
    while low < high:
        size = (low + high + 1) // 2
        at = _twice(said, size)
        if at is None:
            high = size - 1
        else:
            low, where = size, at
    return low, " ".join(said[where : where + low])


def _twice(said: Sequence[str], size: int) -> int | None:
    first: dict[tuple[str, ...], int] = {}
    for at in range(len(said) - size + 1):
        if at - first.setdefault(tuple(said[at : at + size]), at) >= size:
            return at
    return None


@scorer(
    higher_is_better=False,
    unit="words",
    examples=[
        Example("Please wait a bit. Please wait a bit. Thanks.", "Wait.", 4.0),
        Example("no no no no", "No.", 2.0),
        Example("Open the lid, pour the water.", "Open it.", 1.0),
        Example("Yes.", "Yes.", 0.0),
    ],
)
def longest_repeat(samples: Sequence[Sample]) -> list[Score]:
    """Words of the longest span that is said twice."""
    return [Score(float(size), f"twice: {span[:120]}" if size > 3 else "") for size, span in
            (longest_twice(s.output or "") for s in samples)]  # fmt: skip
