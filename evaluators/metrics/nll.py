"""Surprise at the reference

Mean negative log-likelihood of the reference's tokens (the end of turn included) after the prompt, in nats per token;
lower is better. The most sensitive signal there is: it moves long before generated answers change.

Known limits
    Rewards style as much as content, and a model can expect the reference and still write something wrong. Only arms
    of one model family are comparable, since a token means the same in them. Always read beside the answers.
Source
    Measured by the run (`nll`): teacher forcing on the reference under the chat template. Its exponential is
    perplexity.
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.sample import Example, Sample, Score, scorer


@scorer(
    higher_is_better=False,
    unit="nats per token",
    reads="nll",
    examples=[
        Example(None, "Done.", 1.25, measured={"nll": 1.25}),
        Example("Done.", "Done.", None),
    ],
)
def nll(samples: Sequence[Sample]) -> list[Score]:
    """Nats per reference token."""
    return [Score(float(s.measured["nll"])) for s in samples]
