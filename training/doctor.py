"""What a loss curve says, in plain words: diverged, not learning, learning by heart, not finished"""

from __future__ import annotations

import math
import statistics
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from training.result import validation_curve

FEWEST_STEPS = 8  # fewer make no trend
CLEAR = 2.0  # standard errors: below, a fall of the loss may be chance
RISE = 0.02  # relative: a validation loss this far above its lowest has turned up; less is within its noise
STILL_FALLING = 0.05  # relative: so much lower than at the evaluation before, another epoch is likely to help
JUMP = 3.0  # times the median of the five steps before


@dataclass(frozen=True)
class Finding:
    """One thing the curve shows; `step` is where it begins."""

    kind: Literal["not a number", "does not fall", "by heart", "no gain", "unfinished", "jump"]
    severity: Literal["error", "warning", "hint"]
    step: int
    text: str


def diagnose(lines: Sequence[dict[str, Any]]) -> list[Finding]:
    """Findings on a run's metric lines (see `read_metrics`), the gravest first; empty when all is well or too short."""
    looks = (_not_a_number, _does_not_fall, _by_heart, _no_gain, _jump, _unfinished)
    found = [finding for look in looks if (finding := look(lines)) is not None]
    if any(finding.kind == "not a number" for finding in found):
        return found[:1]  # what a spoiled curve does besides says nothing
    return found


def _not_a_number(lines: Sequence[dict[str, Any]]) -> Finding | None:
    for line in lines:
        loss = line.get("loss")
        if line["step"] > 0 and (loss is None or not math.isfinite(loss)):
            return Finding(
                "not a number",
                "error",
                line["step"],
                f"The loss is no longer a number from step {line['step']} on: the run has diverged, its last weights "
                "are worthless. Begin anew with a tenth of the learning rate.",
            )
    return None


def _does_not_fall(lines: Sequence[dict[str, Any]]) -> Finding | None:
    losses = _losses(lines)
    if len(losses) < FEWEST_STEPS:
        return None
    quarter = max(2, len(losses) // 4)
    first, last = losses[:quarter], losses[-quarter:]
    fall = statistics.mean(first) - statistics.mean(last)
    noise = math.sqrt(statistics.variance(first) / quarter + statistics.variance(last) / quarter)
    if fall > CLEAR * noise and fall > 0:
        return None
    return Finding(
        "does not fall",
        "warning",
        lines[-1]["step"],
        f"The training loss does not fall: {statistics.mean(first):.2f} in the first steps, "
        f"{statistics.mean(last):.2f} in the last ones. The learning rate may be too low for this model (small ones "
        "need 1e-3 and more), the steps too few, or the replies follow no pattern.",
    )


def _by_heart(lines: Sequence[dict[str, Any]]) -> Finding | None:
    curve = [(step, loss) for step, loss in validation_curve(lines) if step > 0]
    if len(curve) < 2:
        return None
    best_step, best = min(curve, key=lambda pair: pair[1])
    last_step, last = curve[-1]
    losses = {line["step"]: line["loss"] for line in lines if line.get("loss") is not None}
    near = [loss for step, loss in losses.items() if abs(step - best_step) <= 2]
    end = [loss for step, loss in losses.items() if step > last_step - 3]
    if last_step == best_step or last < best * (1 + RISE) or not near or statistics.mean(end) >= statistics.mean(near):
        return None
    return Finding(
        "by heart",
        "warning",
        best_step,
        f"From step {best_step} on the model learns the training rows by heart: their loss still falls, to "
        f"{statistics.mean(end):.2f}, while the validation loss rises from {best:.2f} to {last:.2f}. "
        f"The weights of step {best_step} are the ones to keep; fewer epochs or more varied rows would do.",
    )


def _no_gain(lines: Sequence[dict[str, Any]]) -> Finding | None:
    curve = dict(validation_curve(lines))
    tuned = {step: loss for step, loss in curve.items() if step > 0}
    if 0 not in curve or not tuned or min(tuned.values()) < curve[0]:
        return None
    step = min(tuned, key=lambda step: tuned[step])
    return Finding(
        "no gain",
        "warning",
        step,
        f"Training has not made the validation rows more likely: {curve[0]:.2f} before, {tuned[step]:.2f} at best. "
        "Look at the preview of some rows, and whether training and validation rows are of one kind.",
    )


def _jump(lines: Sequence[dict[str, Any]]) -> Finding | None:
    steps = [line for line in lines if line["step"] > 0 and line.get("loss") is not None]
    for place in range(5, len(steps)):
        usual = statistics.median(line["loss"] for line in steps[place - 5 : place])
        here = steps[place]
        if usual > 0 and here["loss"] > JUMP * usual and here["loss"] - usual > 1:
            return Finding(
                "jump",
                "hint",
                here["step"],
                f"The loss jumps from {usual:.2f} to {here['loss']:.2f} at step {here['step']}: a batch of unusual "
                "rows, or a learning rate near its limit.",
            )
    return None


def _unfinished(lines: Sequence[dict[str, Any]]) -> Finding | None:
    curve = [(step, loss) for step, loss in validation_curve(lines) if step > 0]
    if len(curve) < 2:
        return None
    (_, before), (step, last) = curve[-2:]
    if last != min(loss for _, loss in curve) or last > before * (1 - STILL_FALLING):
        return None
    return Finding(
        "unfinished",
        "hint",
        step,
        f"The validation loss was still falling at the end, from {before:.2f} to {last:.2f}: another epoch may help.",
    )


def _losses(lines: Sequence[dict[str, Any]]) -> list[float]:
    return [line["loss"] for line in lines if line["step"] > 0 and line.get("loss") is not None]
