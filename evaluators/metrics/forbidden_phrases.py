"""Says what it must not say

1 when the output holds a phrase that the row's tags (`must-not:guarantee`) or the dataset's sheet forbid, else 0; lower
is better. For promises that may not be made, old product names, a competitor's.

Known limits
    Only the phrase is looked for, so "we give no guarantee" counts too. A phrase is found whole, whatever its case:
    "guaranteed" is another word than "guarantee", so list both.
Source
    Must-not lists as checklists of human graders have them; not judged where nothing is forbidden.
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.metrics.phrases import holds
from evaluators.sample import Example, Sample, Score, scorer


def broken(sample: Sample) -> Score:
    """1 for any forbidden phrase, with those that were said as note."""
    barred = sample.rules.get("must_not", ())
    if not barred:
        return Score(None, "the row forbids no phrase")
    said = [one for one in barred if any(holds(sample.output or "", way) for way in one.split("|"))]
    return Score(float(bool(said)), "said: " + ", ".join(said) if said else "")


@scorer(
    higher_is_better=False,
    pass_fail=True,
    unit="0 or 1",
    examples=[
        Example("We guarantee it.", "We try.", 1.0, rules={"must_not": ("guarantee", "promise")}),
        Example("We try.", "We try.", 0.0, rules={"must_not": ("guarantee",)}),
        Example("We guarantee it.", "We try.", None),
    ],
)
def forbidden_phrases(samples: Sequence[Sample]) -> list[Score]:
    """1 where a forbidden phrase is said."""
    return [broken(s) for s in samples]
