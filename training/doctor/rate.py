"""Whether the learning rate is too high, and whether the gradient is always clipped"""

from __future__ import annotations

import math
import statistics

from training.doctor.curve import Curve, clear, levels, scatter
from training.doctor.falling import CLEAR, FEWEST_STEPS, SURE
from training.doctor.finding import Finding

EARLY_RISE = 0.10  # relative: so far above the first steps, the weights were thrown off
SPENT = 0.03  # of the first gradients' length: what is left when the weights have run into a corner
UNLEARNED = 0.4  # of the first loss: with more than this left, a spent gradient is no sign of having learned all
NOTHING = 0.9  # of the first loss: with more than this left, next to nothing was learned; sound runs were at .78
PLATEAU = 0.05  # relative: a loss that moved less over the last half stands still
SHOT = 3  # steps in a row that a shot lasts at least
SHOT_UP = 0.2  # relative: above the loss before the first step
STEEPER = 2.5  # times the first gradient; where rows are sorted it stays within 1.7 times (own runs)
STEEPEST = 5.0  # times the first gradient: no run on rows of unlike kinds came near it
LEAST_SCATTER = 0.03  # relative: five steps may look calmer than any run is
LONG_ENOUGH = 20  # steps: in fewer, too low a rate and too few steps are the same thing
MOVED = 0.08  # relative: a validation loss that fell further has been on its way
EVEN = 0.7  # of the early fall for the same way
TIMES_CLIPPED = 10.0  # a gradient that is always so much longer than the clip; twice or thrice is usual and harmless
ALWAYS = 0.9  # of the steps


def too_high(curve: Curve) -> Finding | None:
    """Weights thrown off early, or run into a corner: a loss that is stuck high with next to no gradient left."""
    if len(curve.losses) < FEWEST_STEPS:
        return None
    return _thrown_off(curve) or _thrown_with_gradient(curve) or _worsened(curve) or _stuck(curve)


def _thrown_off(curve: Curve) -> Finding | None:
    """Several steps in a row clearly above the first ones, though the rows are shuffled."""
    count = len(curve.losses)
    size = max(3, count // 12)
    first = levels(curve.part(3), 3)[0]
    began = first.mean
    place, worst = max(enumerate(levels(curve.losses[1:], size), start=1), key=lambda pair: pair[1].mean)
    top = worst.mean
    if top < began * (1 + EARLY_RISE) or clear(first, worst, curve.noise) < SURE:
        return None
    norms = [one for one in curve.norms[: place + size] if one is not None]
    if len(norms) >= 3 and max(norms) < STEEPER * norms[0]:
        return None  # the gradients took no part in it: harder rows, or what `rising` cannot tell from them
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


def _thrown_with_gradient(curve: Curve) -> Finding | None:
    """The loss shoots up with its gradient, also in a run so short that the shot makes up most of its scatter.

    What single steps scatter is taken from the second half of the run, when the shot is over; the first loss is that of
    the model as it came, whatever the rate.
    """
    norms = [one for one in curve.norms if one is not None]
    if len(norms) < len(curve.losses):
        return None
    began = min(curve.losses[0], statistics.fmean(curve.part(3)))
    noise = max(scatter(curve.losses[len(curve.losses) // 2 :]), LEAST_SCATTER * began)
    size = max(SHOT, len(curve.losses) // 12)  # in a long run a few hard rows in a row are no shot
    early = levels(curve.losses, size)[: max(2, len(curve.losses) // 2 - size + 1)]  # later ones: see `rising`
    place = max(range(1, len(early)), key=lambda at: early[at].mean)
    top = early[place].mean
    steepest = max(norms[max(0, place - 1) : place + size])
    error = noise * math.sqrt(1 + 1 / size)
    sure = CLEAR if steepest >= STEEPEST * norms[0] else SURE  # the steeper, the less the loss has to prove by itself
    if top < began * (1 + SHOT_UP) or (top - began) < sure * error or steepest < STEEPER * norms[0]:
        return None
    return Finding(
        "rate too high",
        "warning",
        curve.steps[place],
        f"The loss shoots up from {began:.2f} to {top:.2f} around step {curve.steps[place]}, and the gradient from "
        f"{norms[0]:.2f} to {steepest:.2f}: the steps are so large that they throw away what the model knew.",
        f"Take a third to a tenth of the learning rate ({curve.rate / 10:.0e} to {curve.rate / 3:.0e}).",
        (f"learning rate up to {curve.rate:.1e}", f"scatter of single steps {noise:.2f} in the second half"),
    )


def _worsened(curve: Curve) -> Finding | None:
    """The validation rows are clearly less likely at every look than before training, and it is not overfitting."""
    if curve.untuned is None or not curve.validation:
        return None
    step, best = min(curve.validation, key=lambda pair: pair[1])
    end = statistics.fmean(curve.part(max(3, len(curve.losses) // 10), last=True))
    if best < curve.untuned * (1 + EARLY_RISE) or end < curve.untuned:
        return None
    return Finding(
        "rate too high",
        "warning",
        step,
        f"Training makes the validation rows less likely: {curve.untuned:.2f} before, {best:.2f} at best, and the "
        f"training rows are learned no better ({end:.2f} at the end): the steps throw away what the model knew.",
        f"Take a third to a tenth of the learning rate ({curve.rate / 10:.0e} to {curve.rate / 3:.0e}).",
        (f"learning rate up to {curve.rate:.1e}", *_norms(curve)),
    )


def lagging(curve: Curve) -> Finding | None:
    """The validation loss falls as evenly at the end as at the beginning, and has hardly moved: a longer way was open.

    Each look is at the same rows, so it hardly scatters. At a sound rate the first steps bring most, and the fall for
    the same way (the learning rate, added up over the steps) becomes less; one that does not has barely begun.
    """
    if curve.untuned is None or not curve.finished or len(curve.steps) < LONG_ENOUGH:
        return None
    way, added = {0: 0.0}, 0.0
    for step, rate in zip(curve.steps, curve.rates, strict=True):
        added += rate
        way[step] = added
    points = [(way[step], loss) for step, loss in [(0, curve.untuned), *curve.validation] if step in way]
    if len(points) < 3 or added <= 0:
        return None
    middle = min(points[1:-1], key=lambda point: abs(point[0] - added / 2))
    (_, began), (end, ends) = points[0], points[-1]
    moved = (began - ends) / began
    rose = max(loss for _, loss in points) > began  # thrown off and recovering, which is no lack of rate
    if not 0 < moved < MOVED or not 0 < middle[0] < end or rose:
        return None
    early, late = (began - middle[1]) / middle[0], (middle[1] - ends) / (end - middle[0])
    if early <= 0 or late < EVEN * early:
        return None
    return Finding(
        "rate too low",
        "warning",
        curve.steps[-1],
        f"The validation loss falls by only {100 * moved:.1f} % ({began:.2f} to {ends:.2f}), and as fast at the end as "
        "at the beginning: the run has covered a small part of the way.",
        f"Take three to ten times the learning rate ({3 * curve.rate:.0e} to {10 * curve.rate:.0e}), or, if the rate "
        "is the usual one for this model, several times the steps.",
        (f"learning rate up to {curve.rate:.1e}", f"{curve.steps[-1]} steps"),
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
    level = statistics.fmean(late)
    if left > SPENT * begun or not stands or level < UNLEARNED * began:
        return None
    seen = f"The loss stands still at {level:.2f} while the gradient has shrunk from {begun:.2f} to {left:.3f}: "
    anew = f"a third to a tenth of the learning rate ({curve.rate / 10:.0e} to {curve.rate / 3:.0e})."
    told = (f"learning rate up to {curve.rate:.1e}", f"loss {began:.2f} in the first steps")
    step = curve.steps[len(curve.steps) // 2]
    if curve.finished and level > NOTHING * curve.losses[0]:
        seen += "the first steps were so large that the weights are stuck."
        return Finding("rate too high", "warning", step, seen, f"Begin anew with {anew}", told)
    seen += "either these rows hold no more for this model, or the first steps were so large that it is stuck."
    return Finding("rate too high", "hint", step, seen, f"If more was to be learned, try {anew}", told)


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
