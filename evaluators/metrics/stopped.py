"""Ended by itself

1 when the model ended its answer with its end-of-turn token, 0 when it was cut off at the longest length allowed. A
model that never stops has usually not learned the end of a turn.

Known limits
    A very long but sound answer counts as not ended when the limit is short; the limit is the same for all arms.
Source
    Measured by the generation itself (`stopped`).
"""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.sample import Example, Sample, Score, scorer


@scorer(
    higher_is_better=True,
    pass_fail=True,
    unit="0 or 1",
    reads="stopped",
    examples=[
        Example("Done.", "Done.", 1.0, measured={"stopped": 1.0}),
        Example("and so on and so", "Done.", 0.0, measured={"stopped": 0.0}),
        Example("Done.", "Done.", None),
    ],
)
def stopped(samples: Sequence[Sample]) -> list[Score]:
    """1 for an answer that ended by itself, 0 for one that was cut."""
    return [Score(float(s.measured["stopped"] > 0)) for s in samples]
