"""What the validation loss says beside the training loss: turned up, no gain, still falling"""

from __future__ import annotations

import statistics
from collections.abc import Mapping
from typing import Any

from training.doctor.curve import Curve
from training.doctor.finding import Finding

TURNED = 0.02  # relative: two evaluations in a row this far above the lowest have turned up; less is within its noise
TURNED_AT_ONCE = 0.05  # relative: for a single evaluation
LEAST_RISE = 0.03  # nats: a validation loss that rose by less has not moved, however low it is
STILL_FALLING = 0.05  # relative: so much lower than at the evaluation before, another epoch is likely to help
REACH = 2  # steps around an evaluation whose training losses are averaged


def overfitting(curve: Curve, result: Mapping[str, Any] | None) -> Finding | None:
    """The validation loss turns up while the training loss goes on falling: from its lowest step on."""
    if len(curve.validation) < 2:
        return None
    best_step, best = min(curve.validation, key=lambda pair: pair[1])
    after = [loss for step, loss in curve.validation if step > best_step]
    if not after or after[-1] < best + max(TURNED * best, LEAST_RISE):
        return None
    if after[-1] < best * (1 + TURNED_AT_ONCE) and (len(after) < 2 or after[-2] < best * (1 + TURNED)):
        return None
    near = curve.near(best_step, REACH)
    end = curve.part(min(3, len(curve.losses)), last=True)
    if not near or statistics.fmean(end) >= statistics.fmean(near):
        return None
    last_step, last = curve.validation[-1]
    return Finding(
        "overfitting",
        "warning",
        best_step,
        f"From step {best_step} on the model learns the training rows by heart: their loss still falls, to "
        f"{statistics.fmean(end):.2f}, while the validation loss rises from {best:.2f} to {last:.2f}.",
        _advice(curve, best_step, best, result),
        (
            f"validation {best:.3f} at step {best_step}, {last:.3f} at step {last_step}",
            f"training {statistics.fmean(near):.3f} around step {best_step}, {statistics.fmean(end):.3f} at the end",
        ),
    )


def _advice(curve: Curve, best_step: int, best: float, result: Mapping[str, Any] | None) -> str:
    """Which weights to take; where even the best are no better than none, that."""
    if curve.untuned is not None and best >= curve.untuned:
        return (
            f"No step is better on the validation rows than the model was before training ({curve.untuned:.2f}), that "
            f"of step {best_step} included: do not take this adapter. More rows, more varied ones, or a lower learning "
            "rate."
        )
    return f"{_kept(best_step, result)} Fewer epochs or more varied rows would do."


def _kept(best_step: int, result: Mapping[str, Any] | None) -> str:
    if result is None:
        return f"The weights of step {best_step} are the ones to keep, and they are kept."
    held = result.get("best_step")
    if held == best_step:
        return f"The weights of step {best_step} are the ones to keep, and the adapter holds them."
    return f"The adapter holds the weights of step {held}; those of step {best_step} would be better."


def no_gain(curve: Curve) -> Finding | None:
    """The validation rows are no likelier than before training."""
    if curve.untuned is None or not curve.validation or min(loss for _, loss in curve.validation) < curve.untuned:
        return None
    step, best = min(curve.validation, key=lambda pair: pair[1])
    return Finding(
        "no gain",
        "warning",
        step,
        f"Training has not made the validation rows more likely: {curve.untuned:.2f} before, {best:.2f} at best.",
        "Look at some rows as the model sees them, and whether training and validation rows are of one kind.",
        (f"validation {curve.untuned:.3f} before the first step, {best:.3f} at step {step}",),
    )


def unfinished(curve: Curve) -> Finding | None:
    """The validation loss was still falling at the end, below where it stood before training.

    Above it the run is only recovering from what it did to the model, and another epoch of that is no advice.
    """
    if len(curve.validation) < 2:
        return None
    (_, before), (step, last) = curve.validation[-2:]
    if last != min(loss for _, loss in curve.validation) or last > before * (1 - STILL_FALLING):
        return None
    if curve.untuned is not None and last >= curve.untuned:
        return None
    return Finding(
        "unfinished",
        "hint",
        step,
        f"The validation loss was still falling, from {before:.2f} to {last:.2f} at the last look (step {step}).",
        "Another epoch may help.",
    )
