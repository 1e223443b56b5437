"""All findings on a run, the gravest first"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from training.doctor.curve import Curve, curve_of
from training.doctor.falling import does_not_fall, jump, not_a_number
from training.doctor.finding import Finding
from training.doctor.order import order
from training.doctor.patience import patient
from training.doctor.rate import always_clipped, lagging, too_high
from training.doctor.reading import by_heart, rows_alike, too_few_steps
from training.doctor.rising import rising
from training.doctor.validation import no_gain, overfitting, unfinished

if TYPE_CHECKING:
    from training.doctor.recital import Recited
    from training.plan import TrainingPlan
    from training.result import Training

CLIP = 1.0  # max_gradient where no plan says otherwise
GRAVE = {"error": 0, "warning": 1, "hint": 2}
# What a finding explains, so that the same trouble is told once
EXPLAINS = {
    "order": {"rate too high", "jump", "diverging", "rises", "no gain", "does not fall"},
    "diverging": {"rate too high", "rises", "jump", "no gain", "does not fall", "rate too low", "too few steps"},
    "rises": {"does not fall", "jump"},
    "rows alike": {"unfinished"},
    "rate too high": {"jump", "no gain", "does not fall", "rises", "rate too low", "too few steps"},
    "rate too low": {"no gain", "does not fall", "unfinished"},
    "does not fall": {"no gain"},
    "overfitting": {"by heart", "unfinished"},
    "recites": {"by heart"},
    "too few steps": {"unfinished", "does not fall"},
}


def diagnose(
    lines: Sequence[Mapping[str, Any]],
    plan: TrainingPlan | Mapping[str, Any] | None = None,
    result: Training | Mapping[str, Any] | None = None,
    recited: Recited | None = None,
) -> list[Finding]:
    """Findings on a run's metric lines (see `read_metrics`), the gravest first; empty when all is well or too short.

    plan, result: the run's, as objects or as dicts, where they are at hand. recited: what `recited` measured.
    """
    spoiled = not_a_number(lines)
    if spoiled is not None:
        return [spoiled]  # what a spoiled curve does besides says nothing
    knobs = _plain(plan) or {}
    done = _plain(result)
    curve = curve_of(lines, done)
    found = _unexplained(_seen(curve, knobs, done, recited))
    if not curve.finished:

        def at(step: int) -> list[Finding]:
            return _seen(curve_of([line for line in lines if line["step"] <= step]), knobs, done, recited)

        found = _unexplained(patient(curve, found, at))
    return sorted(found, key=lambda one: GRAVE[one.severity])


def _unexplained(found: Sequence[Finding]) -> list[Finding]:
    """Without what another finding explains; a hint is not sure enough to explain a warning."""
    sure = {kind for one in found if one.severity != "hint" for kind in EXPLAINS.get(one.kind, ())}
    unsure = {kind for one in found for kind in EXPLAINS.get(one.kind, ())}
    return [one for one in found if one.kind not in (unsure if one.severity == "hint" else sure)]


def _seen(
    curve: Curve, knobs: Mapping[str, Any], done: Mapping[str, Any] | None, recited: Recited | None
) -> list[Finding]:
    """The first finding of each kind."""
    looks = (
        order(curve),
        rising(curve),
        too_high(curve),
        does_not_fall(curve, str(knobs.get("method") or "lora")),
        lagging(curve),
        overfitting(curve, done),
        recited.finding() if recited is not None else None,
        by_heart(curve),
        no_gain(curve),
        too_few_steps(curve),
        rows_alike(curve),
        always_clipped(curve, float(knobs.get("max_gradient") or CLIP)),
        jump(curve),
        unfinished(curve),
    )
    return list({one.kind: one for one in reversed(looks) if one is not None}.values())[::-1]


def _plain(given: Any) -> dict[str, Any] | None:
    if given is None or isinstance(given, dict):
        return given
    if dataclasses.is_dataclass(given) and not isinstance(given, type):
        return dataclasses.asdict(given)
    return dict(given) if isinstance(given, Mapping) else dict(given.model_dump())
