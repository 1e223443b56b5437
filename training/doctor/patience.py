"""What is only to be watched while a run goes on: a warning comes when the trouble has lasted

A warning that is taken back costs trust, and a run that goes on can still mend most of what its curve shows. So what
may pass is a hint at first. What will not pass is told at once: a loss that is no number, weights that are being lost.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence

from training.doctor.curve import Curve
from training.doctor.finding import Finding, Kind

# A run may make up for these until its end, or, as for the order of the rows, waiting costs no more than stopping.
MAY_COME: tuple[Kind, ...] = ("no gain", "does not fall", "order")
# steps for which these have to be seen: a loss that was thrown off is mostly back within five; a warm-up and the first
# rows of a slow run take some thirty
LASTS: dict[Kind, int] = {"rate too high": 5, "rises": 5, "rate too low": 30}
SAME: dict[Kind, set[Kind]] = {  # the same trouble under other names, as it comes to be seen better
    "rate too high": {"rate too high", "rises", "diverging"},
    "rises": {"rate too high", "rises", "diverging"},
}


def patient(curve: Curve, found: Sequence[Finding], at: Callable[[int], Sequence[Finding]]) -> list[Finding]:
    """The findings on a run that goes on. at: what was found when the run had come to a step."""
    return [_watched(one) if _may_pass(curve, one, at) else one for one in found]


def _may_pass(curve: Curve, one: Finding, at: Callable[[int], Sequence[Finding]]) -> bool:
    if one.severity != "warning":
        return False
    if one.kind == "overfitting":  # the weights of the best step are kept anyway
        return sum(step > one.step for step, _ in curve.validation) < 2
    if one.kind not in LASTS:
        return one.kind in MAY_COME
    before = at(curve.steps[-1] - LASTS[one.kind])
    return not any(other.kind in SAME.get(one.kind, {one.kind}) and other.severity != "hint" for other in before)


def _watched(one: Finding) -> Finding:
    return dataclasses.replace(one, severity="hint", advice=f"Watch it: it may pass. If it lasts: {one.advice}")
