"""Whether the learning rate is too high, and whether the gradient is always clipped"""

from __future__ import annotations

import statistics

from training.doctor.curve import Curve, clear_of_noise
from training.doctor.falling import FEWEST_STEPS, SURE
from training.doctor.finding import Finding

EARLY_RISE = 0.10  # relative: so far above the first steps, the weights were thrown off
SPENT = 0.03  # of the first gradients' length: what is left when the weights have run into a corner
UNLEARNED = 0.4  # of the first loss: with more than this left, a spent gradient is no sign of having learned all
PLATEAU = 0.05  # relative: a loss that moved less over the last half stands still
TIMES_CLIPPED = 10.0  # a gradient that is always so much longer than the clip; twice or thrice is usual and harmless
ALWAYS = 0.9  # of the steps


def too_high(curve: Curve) -> Finding | None:
    """Weights thrown off early, or run into a corner: a loss that is stuck high with next to no gradient left."""
    if len(curve.losses) < FEWEST_STEPS:
        return None
    return _thrown_off(curve) or _stuck(curve)


def _thrown_off(curve: Curve) -> Finding | None:
    """Several steps in a row clearly above the first ones, though the rows are shuffled."""
    count = len(curve.losses)
    size = max(3, count // 12)
    first = curve.part(3)
    began = statistics.fmean(first)
    windows = [curve.losses[at : at + size] for at in range(1, count - size + 1)]
    place, worst = max(enumerate(windows, start=1), key=lambda pair: statistics.fmean(pair[1]))
    top = statistics.fmean(worst)
    if top < began * (1 + EARLY_RISE) or clear_of_noise(first, worst, curve.noise) < SURE:
        return None
    step = curve.steps[place]
    return Finding(
        "rate too high",
        "warning",
        step,
        f"The loss rises above its start, to {top:.2f} around step {step} from {began:.2f}: the steps are so large "
        "that they throw away what the model knew.",
        f"Take a third to a tenth of the learning rate ({curve.rate / 10:.0e} to {curve.rate / 3:.0e}).",
        (f"learning rate up to {curve.rate:.1e}", f"scatter of single steps {curve.noise:.2f}", *_norms(curve)),
    )


def _stuck(curve: Curve) -> Finding | None:
    """The loss stands still far from zero while the gradient has shrunk to next to nothing."""
    norms = [one for one in curve.norms if one is not None]
    if len(norms) < FEWEST_STEPS:
        return None
    quarter = max(2, len(norms) // 4)
    begun, left = statistics.median(norms[: max(3, quarter // 2)]), statistics.median(norms[-quarter:])
    began, half = statistics.fmean(curve.part(3)), curve.losses[len(curve.losses) // 2 :]
    early, late = half[: len(half) // 2], half[len(half) // 2 :]
    stands = abs(statistics.fmean(late) - statistics.fmean(early)) < PLATEAU * statistics.fmean(early)
    if left > SPENT * begun or not stands or statistics.fmean(late) < UNLEARNED * began:
        return None
    return Finding(
        "rate too high",
        "warning",
        curve.steps[len(curve.steps) // 2],
        f"The loss stands still at {statistics.fmean(late):.2f} while the gradient has shrunk from {begun:.2f} to "
        f"{left:.3f}: the first steps were so large that the weights are stuck.",
        f"Begin anew with a third to a tenth of the learning rate ({curve.rate / 10:.0e} to {curve.rate / 3:.0e}).",
        (f"learning rate up to {curve.rate:.1e}", f"loss {began:.2f} in the first steps"),
    )


def always_clipped(curve: Curve, limit: float) -> Finding | None:
    """The gradient is shortened at nearly every step, and by much: then the clip decides how far a step goes."""
    norms = [one for one in curve.norms if one is not None]
    if len(norms) < FEWEST_STEPS:
        return None
    clipped = [one for one in norms if one > limit]
    usual = statistics.median(norms)
    if len(clipped) < ALWAYS * len(norms) or usual < TIMES_CLIPPED * limit:
        return None
    return Finding(
        "always clipped",
        "hint",
        curve.steps[0],
        f"The gradient is shortened at {len(clipped)} of {len(norms)} steps, to {limit:g} from {usual:.2f} as a rule.",
        "Adam makes up for most of it; if the loss falls, nothing need be done. Else raise max_gradient to 1.",
        (f"median gradient {usual:.2f}, clip {limit:g}",),
    )


def _norms(curve: Curve) -> tuple[str, ...]:
    norms = [one for one in curve.norms if one is not None]
    return (f"gradient {norms[0]:.2f} at first, {max(norms):.2f} at most",) if norms else ()
