"""Repeats itself

Share of the output's four-word runs that occurred before in it, 0 to 1; lower is better. Small or overtrained models
fall into loops, and a loop reads as a broken product.

Known limits
    An output of fewer than four words cannot repeat and scores 0. Lists with a fixed opening score a little above 0.
Source
    rep-n of Welleck 2020, "Neural text generation with unlikelihood training", arXiv 1908.04319, with n = 4.
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.metrics.words import words
from evaluators.sample import Example, Sample, Score, scorer

RUN = 4  # words, as in Welleck 2020


def repeated_share(text: str) -> float:
    """Share of four-word runs that are not the first of their kind."""
    tokens = words(text)
    runs = [tuple(tokens[i : i + RUN]) for i in range(len(tokens) - RUN + 1)]
    return 1 - len(set(runs)) / len(runs) if runs else 0.0


@scorer(
    higher_is_better=False,
    unit="share",
    examples=[
        Example("do it now " * 4, "Do it now.", 2 / 3),
        Example("Open the lid, pour the water, close the lid.", "Open it.", 0.0),
        Example("Yes.", "Yes.", 0.0),
    ],
)
def repetition(samples: Sequence[Sample]) -> list[Score]:
    """Share of repeated four-word runs, 0 to 1."""
    return [Score(repeated_share(s.output or "")) for s in samples]
