"""Says what it must say

Share of the phrases that the row's tags (`must:30 days`) and the dataset's sheet demand and that the output holds,
0 to 1, whatever their case, blanks and punctuation. The surest automatic metric there is for a fact that counts: a
person wrote down what a right answer must say. `must:30 days|a month` is met by either.

Known limits
    Only the phrase is looked for, so "not 30 days" meets "30 days". A phrase is found whole: "day" is not in "days".
Source
    Must-have lists as checklists of human graders have them; not judged where nothing is demanded.
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.metrics.phrases import holds
from evaluators.sample import Example, Sample, Score, scorer


def met(sample: Sample) -> Score:
    """Share of the demanded phrases that are said, with the missing ones as note."""
    wanted = sample.rules.get("must", ())
    if not wanted:
        return Score(None, "the row demands no phrase")
    missing = [one for one in wanted if not any(holds(sample.output or "", way) for way in one.split("|"))]
    return Score(1 - len(missing) / len(wanted), "missing: " + ", ".join(missing) if missing else "")


@scorer(
    higher_is_better=True,
    unit="share",
    examples=[
        Example("Within 30 Days, by post.", "30 days", 1.0, rules={"must": ("30 days",)}),
        Example("Within a month.", "30 days", 0.5, rules={"must": ("30 days|a month", "by post")}),
        Example("Within a month.", "30 days", None),
    ],
)
def required_phrases(samples: Sequence[Sample]) -> list[Score]:
    """Share of the demanded phrases found, 0 to 1."""
    return [met(s) for s in samples]
