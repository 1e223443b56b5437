"""Likeness of meaning to the reference

Cosine of the sentence vectors of output and reference, -1 to 1; 1 for the same text. A distance to the reference and
not a measure of correctness: it tells whether an answer is about the right thing.

Known limits
    Can never be the deciding metric: on this project's test set (docs/metrics.md) it ranks a near copy with a wrong
    fact above an honest paraphrase nearly always, and hardly sees "can" against "cannot". The embedded model knows
    English best. Needs that model: where it is not there, nothing is judged. Only the first 256 tokens are read.
Source
    Reimers & Gurevych 2019, arXiv 1908.10084, with all-MiniLM-L6-v2; measured beside the run (`similarity`).
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.sample import Example, Sample, Score, scorer


@scorer(
    higher_is_better=True,
    unit="cosine",
    reads="similarity",
    examples=[
        Example("Send it back.", "Return it.", 0.71, measured={"similarity": 0.71}),
        Example("Send it back.", "Return it.", None),
    ],
)
def embedding_similarity(samples: Sequence[Sample]) -> list[Score]:
    """Cosine of output and reference, -1 to 1."""
    return [Score(float(s.measured["similarity"])) for s in samples]
