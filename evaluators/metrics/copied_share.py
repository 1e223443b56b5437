"""Copied from training replies

Share of the output's eight-word runs that stand word for word in a training reply, less the same share of the
reference, never below 0; lower is better. What the house always says (greetings, policy sentences) stands in the
reference too and does not count. High where a model recites its training rows instead of answering.

Known limits
    Copies with a word changed pass. In Chinese and Japanese each character is a word, so short set phrases count. Not
    judged for answers under eight words, and where the training rows are not at hand.
Source
    Verbatim n-gram overlap with the training data, as in Carlini 2023, arXiv 2202.07646, with shorter runs; measured
    beside the run (`copied_share`).
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.sample import Example, Sample, Score, scorer


@scorer(
    higher_is_better=False,
    unit="share",
    reads="copied_share",
    examples=[
        Example("any answer", "Done.", 0.25, measured={"copied_share": 0.25}),
        Example("any answer", "Done.", None),
    ],
)
def copied_share(samples: Sequence[Sample]) -> list[Score]:
    """Share of eight-word runs copied beyond what the reference shares, 0 to 1."""
    return [Score(float(s.measured["copied_share"])) for s in samples]
