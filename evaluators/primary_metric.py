"""Which metric decides, chosen before any output is seen"""

from __future__ import annotations

from collections.abc import Sequence

from evaluators.metrics.facts import facts
from evaluators.sample import Sample

ENOUGH = 0.5  # share of references that must hold a checkable fact for facts to be the yardstick


def primary_metric(samples: Sequence[Sample]) -> tuple[str, str]:
    """Name of the deciding scorer and the reason, read off the references alone.

    fact_recall when at least half of the references hold a checkable fact, else nll. Outputs are not looked at, so the
    choice cannot favour an arm; store it before the run.
    """
    checkable = sum(bool(facts(s.reference)) for s in samples)
    counted = f"{checkable} of {len(samples)} references hold a number, code, address, menu path or day"
    if samples and checkable >= ENOUGH * len(samples):
        return "fact_recall", f"{counted}: right facts can be counted."
    return "nll", f"only {counted}: too few to count facts, so the reference's likelihood decides."
