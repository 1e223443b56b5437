"""What the curve says of the rows: all alike, too few steps, learned by heart"""

from __future__ import annotations

import math
import statistics

from training.doctor.curve import Curve, clear_of_noise
from training.doctor.falling import CLEAR, FALLEN, FEWEST_STEPS
from training.doctor.finding import Finding

FEW_STEPS = (
    10  # a warm-up, and hardly a step after it; runs that learn a style take some 50 (shared measurements, 135M)
)
ALIKE = 0.15  # nats: rows that were never read before are foreseen token by token with 86 %
BY_HEART = 0.1  # nats: read rows are foreseen with 90 % a token
TIMES_READ = 3  # epochs before a low loss means rows learned by heart
# Rows that were read very often are given back whole at a higher loss: in real runs half of the replies were at .21 to
# .25 nats. What is left of the loss there sits in the first tokens, where replies part.
OFTEN_READ, BY_HEART_OFTEN = 10, 0.25
GAP = 3.0  # times: validation loss over training loss, above which it is not the task that is easy


def too_few_steps(curve: Curve) -> Finding | None:
    """A finished run with hardly a step."""
    count = len(curve.losses)
    if not curve.finished or count == 0 or curve.steps[-1] > FEW_STEPS:
        return None
    told = [f"{curve.steps[-1]} steps", f"training loss {curve.losses[0]:.2f} to {curve.losses[-1]:.2f}"]
    if _fell(curve):
        return Finding(
            "too few steps",
            "hint",
            curve.steps[-1],
            f"The run took only {curve.steps[-1]} steps, in which the loss fell from {curve.losses[0]:.2f} to "
            f"{curve.losses[-1]:.2f}: it has begun to learn.",
            "More epochs, a smaller batch (more steps from the same rows) or more rows are likely to bring more.",
            tuple(told),
        )
    return Finding(
        "too few steps",
        "warning",
        curve.steps[-1],
        f"The run took {curve.steps[-1]} steps: too few to learn more than a first hint, and too few to judge by.",
        "Take more epochs, a smaller batch (more steps from the same rows), or more rows; 50 steps is a fair start.",
        tuple(told),
    )


def _fell(curve: Curve) -> bool:
    """Whether so few steps show a clear fall; 8 of 12 sound ten-step runs that fell by a tenth did, 0 of 15 others."""
    if len(curve.losses) < FEWEST_STEPS:
        return False
    first, last = curve.part(3), curve.part(3, last=True)
    fell = statistics.fmean(first) - statistics.fmean(last)
    return fell > FALLEN * statistics.fmean(first) and clear_of_noise(last, first, curve.noise) >= CLEAR


def rows_alike(curve: Curve) -> Finding | None:
    """Rows that the model foresees before it has read them, still in the first epoch."""
    first = [loss for loss, epoch in zip(curve.losses, curve.epochs, strict=True) if 0 < epoch <= 1.0]
    if len(first) < FEWEST_STEPS or not curve.per_epoch:
        return None
    late = first[-max(3, len(first) // 4) :]
    began = statistics.fmean(first[:2])
    if statistics.fmean(late) > ALIKE or began < 3 * ALIKE:
        return None
    return Finding(
        "rows alike",
        "hint",
        curve.steps[len(first) - 1],
        f"Within the first epoch the loss falls from {began:.2f} to {statistics.fmean(late):.2f}, on rows not read "
        "before: their replies are nearly alike, or the task is very simple.",
        "Look at the checks on duplicates; if the replies are meant to be alike, fewer rows and one epoch do.",
        (f"loss {statistics.fmean(late):.3f} at the end of the first epoch",),
    )


def by_heart(curve: Curve) -> Finding | None:
    """Training rows read so often that hardly any token surprises, where nothing shows that new ones do as little."""
    if len(curve.losses) < FEWEST_STEPS or not curve.epochs or curve.epochs[-1] < TIMES_READ:
        return None
    last = statistics.fmean(curve.part(max(3, len(curve.losses) // 10), last=True))
    if last > (BY_HEART_OFTEN if curve.epochs[-1] >= OFTEN_READ else BY_HEART):
        return None
    told = [f"training loss {last:.3f} after {curve.epochs[-1]:.1f} epochs"]
    if curve.validation:
        least = min(loss for _, loss in curve.validation)
        if least < GAP * last:
            return None
        told.append(f"validation loss {least:.3f} at best")
    seen = (
        f"The training rows are known by heart: their loss is {last:.3f}, each token foreseen with "
        f"{100 * math.exp(-last):.0f} %"
    )
    seen += f", that of validation rows {least:.2f} at best." if curve.validation else ", and no rows were kept aside."
    return Finding(
        "by heart",
        "warning",
        curve.steps[-1],
        seen,
        "Have replies recited (goldloop doctor RUN --recite) to see whether the model repeats them word for word; take "
        "fewer epochs or more rows.",
        tuple(told),
    )
