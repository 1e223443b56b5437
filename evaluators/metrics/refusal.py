"""Refuses although the reference answers

1 when the output turns the request down or speaks as "an AI language model" and the reference does not; lower is
better. Where the reference itself refuses, refusing is right and the row is not judged here.

Known limits
    English phrases only, and only at the beginning of the output, where refusals stand; a refusal in other words
    passes, and so does an answer that brushes off ("please contact support").
Source
    Phrases written for this project after reading replies of small instruction models.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from evaluators.sample import Example, Sample, Score, scorer

OPENING = 200  # characters; a refusal stands in the first sentence or two
REFUSAL = re.compile(
    r"\b(?:i|we)(?:'m| am|'re| are)? (?:sorry,? but|afraid) (?:i|we|that)|"
    r"\b(?:i|we) (?:can ?not|can't|am unable to|are unable to|won't|will not|am not able to|'m not able to) "
    r"(?:help|assist|answer|provide|do that|comply|fulfil|discuss|share|access)|"
    r"\bi'm (?:unable|not able) to (?:help|assist|answer|provide|comply|discuss|share|access)|"
    r"\bas an? (?:ai|artificial intelligence|language model|ai language model)\b|"
    r"\bi (?:do not|don't) have (?:access to|the ability to)\b",
    re.IGNORECASE,
)


def refuses(text: str) -> bool:
    """Whether a text begins by turning the request down."""
    return bool(REFUSAL.search(text[:OPENING].replace("\u2019", "'")))


@scorer(
    higher_is_better=False,
    pass_fail=True,
    unit="0 or 1",
    examples=[
        Example("I'm sorry, but I can't help with that.", "Open the lid.", 1.0),
        Example("Open the lid. We cannot be held liable.", "Open the lid.", 0.0),
        Example("I cannot help with that.", "I cannot share another customer's address.", None),
    ],
)
def refusal(samples: Sequence[Sample]) -> list[Score]:
    """1 for a refusal where the reference gives an answer."""
    return [
        Score(None, "the reference refuses too") if refuses(s.reference) else Score(float(refuses(s.output or "")))
        for s in samples
    ]
