"""Whether the loss falls: no number, flat, a single jump"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

from training.doctor.curve import Curve, clear_of_noise
from training.doctor.finding import Finding

FEWEST_STEPS = 8  # fewer make no trend
FEWEST_LIVE = (
    20  # while a run goes on: a warm-up and a few unlike batches look flat, and a patient reader loses nothing
)
CLEAR = 2.5  # standard errors: below, a movement of the loss may be chance
SURE = 4.0  # standard errors, where the worst of many places is looked for
KNOWN = 0.3  # nats: at this loss each token is foreseen with 74 %, so there is little left to fall
JUMP = 3.0  # times the median of the five steps before
# The lowest rates at which anybody tunes: LoRA wants about 10 times the rate of full tuning (Schulman et al. 2025,
# "LoRA Without Regret"); recipes for it run from 1e-4 up, for full tuning from 5e-6.
LOWEST_RATE = {"full": 2e-6}
LOWEST_LORA_RATE = 3e-5
LITTLE = 0.02  # relative: a validation loss, of the same rows each time, that fell by less has hardly moved
FALLEN = 0.10  # relative: a training loss that fell by more is not called flat, even where single steps scatter widely
LITTLE_AT_LOW_RATE = 0.15  # relative: the same for a rate below the lowest, where some movement is no reason to go on


def not_a_number(lines: Sequence[Mapping[str, Any]]) -> Finding | None:
    """From which step on the loss is no number."""
    for line in lines:
        loss = line.get("loss")
        if line["step"] > 0 and (loss is None or not math.isfinite(loss)):
            highest = max((float(one.get("lr") or 0) for one in lines), default=0.0)
            return Finding(
                "not a number",
                "error",
                line["step"],
                f"The loss is no longer a number from step {line['step']} on: the run has diverged, and weights from "
                "there on are worthless.",
                "Begin anew with a tenth of the learning rate.",
                (f"learning rate up to {highest:.1e}",),
            )
    return None


def does_not_fall(curve: Curve, method: str) -> Finding | None:
    """A flat loss: the rate is below what anybody tunes with, the rows hold nothing new, or it cannot be told."""
    count = len(curve.losses)
    if count < (FEWEST_STEPS if curve.finished else FEWEST_LIVE):
        return None
    quarter = max(2, count // 4)
    first, last = curve.part(quarter), curve.part(quarter, last=True)
    began, ends = statistics.fmean(first), statistics.fmean(last)
    clear = clear_of_noise(last, first, curve.noise) >= CLEAR
    told = [f"training loss {began:.3f} in the first {quarter} steps, {ends:.3f} in the last {quarter}"]
    moved = None
    if curve.untuned and curve.validation:
        best = min(loss for _, loss in curve.validation)
        moved = (curve.untuned - best) / curve.untuned
        told.append(f"validation loss {curve.untuned:.3f} before, {best:.3f} at best")
    lowest = LOWEST_RATE.get(method, LOWEST_LORA_RATE)
    little = LITTLE_AT_LOW_RATE if curve.rate < lowest else LITTLE
    fell = began - ends > (little if clear else max(FALLEN, little)) * began
    if fell or (moved is not None and moved >= little) or (moved is None and clear and curve.rate >= lowest):
        return None
    told.append(f"learning rate up to {curve.rate:.1e}")
    seen = f"The training loss hardly falls: {began:.2f} in the first steps, {ends:.2f} in the last ones."
    if 0 < curve.rate < lowest:
        return Finding(
            "rate too low",
            "warning",
            curve.steps[-1],
            f"{seen} The learning rate, {curve.rate:.0e}, is below what such runs learn with ({lowest:.0e} and more).",
            "Leave the learning rate empty, so that it is chosen by the size of the model, or set ten times as much.",
            tuple(told),
        )
    if clear:
        return None
    if began < KNOWN:
        return Finding(
            "does not fall",
            "hint",
            curve.steps[-1],
            f"{seen} It was low from the start, so the model knows what these rows say.",
            "Expect little from this run; rows that the model gets wrong would teach it more.",
            tuple(told),
        )
    sorted_too, see = ("", "") if curve.validation else (
        ", or the rows are read from easy to hard", ", with a validation share of .1")  # fmt: skip
    return Finding(
        "does not fall",
        "warning",
        curve.steps[-1],
        seen,
        "Either the learning rate is too low for this model (small ones need 1e-3 and more), or the replies follow no "
        f"pattern that it could learn{sorted_too}; the curve alone cannot tell which. Try ten times the rate for some "
        f"20 steps{see}.",
        tuple(told),
    )


def jump(curve: Curve) -> Finding | None:
    """One step far above those before it."""
    for place in range(5, len(curve.losses)):
        usual = statistics.median(curve.losses[place - 5 : place])
        here = curve.losses[place]
        after = curve.losses[place + 1 : place + 4]
        if not (usual > 0 and here > JUMP * usual and here - usual > max(1.0, 2 * SURE * curve.noise)):
            continue
        if after and min(after) > (usual + here) / 2:
            continue  # it stays up: no jump, and told as what it is
        return Finding(
            "jump",
            "hint",
            curve.steps[place],
            f"The loss jumps from {usual:.2f} to {here:.2f} at step {curve.steps[place]} and comes back.",
            "A batch of unusual rows, or a learning rate near its limit. Once is nothing to act on.",
            (f"scatter of single steps {curve.noise:.2f}",),
        )
    return None
