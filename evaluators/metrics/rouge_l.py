"""Longest common line of words with the reference

F-measure of the longest sequence of words that stands in both texts in the same order, gaps allowed, 0 to 1. A distance
to the reference, not a measure of correctness.

Known limits
    Blind to facts and negation, like all word overlap. Whole texts are one line (the summary variant ROUGE-Lsum is not
    used). Words are Unicode words: the often used rouge-score package keeps ASCII only and gives identical Cyrillic or
    Chinese texts 0.
Source
    Lin 2004, "ROUGE: a package for automatic evaluation of summaries", with beta = 1; sequence length by rapidfuzz.
"""

from __future__ import annotations

from collections.abc import Sequence

from rapidfuzz.distance import LCSseq

from evaluators.metrics.words import f1, words
from evaluators.sample import Example, Sample, Score, scorer


def common_line(output: str, reference: str) -> float:
    """ROUGE-L F1 of two texts."""
    a, b = words(output), words(reference)
    return f1(LCSseq.similarity(a, b), len(a), len(b))


@scorer(
    higher_is_better=True,
    unit="share",
    examples=[
        Example("the cat sat down", "the cat lay down", 0.75),
        Example("关闭电源", "关闭电源", 1.0),
        Example("nothing alike", "the cat", 0.0),
    ],
)
def rouge_l(samples: Sequence[Sample]) -> list[Score]:
    """Longest common subsequence of words as F-measure, 0 to 1."""
    return [Score(common_line(s.output or "", s.reference)) for s in samples]
