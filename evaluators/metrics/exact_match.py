"""Same words as the reference

1 when output and reference are the same word by word, whatever their case, blanks and punctuation; else 0. For answers
that have one right form: a category, a code, a yes or no.

Known limits
    For open answers almost always 0, and then it says nothing. Texts of punctuation only are compared as they stand.
Source
    The usual exact match of SQuAD (Rajpurkar 2016, arXiv 1606.05250), without its dropping of English articles.
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.metrics.words import words
from evaluators.sample import Example, Sample, Score, scorer


def same(output: str, reference: str) -> bool:
    """Whether two texts have the same words in the same order."""
    a, b = words(output), words(reference)
    return a == b if a or b else output.strip() == reference.strip()


@scorer(
    higher_is_better=True,
    pass_fail=True,
    unit="0 or 1",
    examples=[
        Example("Billing.", "billing", 1.0),
        Example("Billing and more", "billing", 0.0),
        Example("ДА!", "да", 1.0),
    ],
)
def exact_match(samples: Sequence[Sample]) -> list[Score]:
    """1 for the same words, 0 for others."""
    return [Score(float(same(s.output or "", s.reference))) for s in samples]
