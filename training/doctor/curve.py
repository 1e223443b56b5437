"""The curves of a run, and how much of their movement is the scatter of single steps"""

from __future__ import annotations

import math
import statistics
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import Any, NamedTuple

from training.result import Training, validation_curve

MAD = 1.4826  # times the median absolute deviation: the standard deviation of a normal distribution
# The variance of y[t-1] - 2 y[t] + y[t+1] is 6 times that of y; a straight trend falls out of it.
SECOND = math.sqrt(6)


class Level(NamedTuple):
    """What some values in a row come to. variance: of a sample; 0 for a single value."""

    mean: float
    variance: float
    size: int


@dataclass(frozen=True)
class Curve:
    """A run's metric lines as columns, steps from 1 on; a step without a number is left out of `losses`."""

    steps: list[int]
    losses: list[float]
    norms: list[float | None]
    rates: list[float]
    epochs: list[float]
    untuned: float | None  # validation loss before the first step
    validation: list[tuple[int, float]]  # after it
    finished: bool

    @property
    def rate(self) -> float:
        """The highest learning rate so far."""
        return max(self.rates, default=0.0)

    @cached_property
    def noise(self) -> float:
        """Standard deviation of a single step's loss around the trend, by the median of second differences."""
        return scatter(self.losses)

    @property
    def per_epoch(self) -> int:
        """Steps in an epoch; 0 while it cannot be told."""
        last = self.epochs[-1] if self.epochs else 0.0
        return round(self.steps[-1] / last) if last > 0 else 0

    def part(self, count: int, *, last: bool = False) -> list[float]:
        """The first or the last `count` losses."""
        return self.losses[-count:] if last else self.losses[:count]

    def near(self, step: int, reach: int) -> list[float]:
        """The losses of the steps within `reach` of a step."""
        return [loss for at, loss in zip(self.steps, self.losses, strict=True) if abs(at - step) <= reach]


def curve_of(lines: Sequence[Mapping[str, Any]], result: Training | Mapping[str, Any] | None = None) -> Curve:
    """The curves of metric lines (see `read_metrics`)."""
    taken = [line for line in lines if line["step"] > 0 and _finite(line.get("loss"))]
    measured = [(step, loss) for step, loss in validation_curve([dict(line) for line in lines]) if _finite(loss)]
    ended = bool(lines) and lines[-1].get("time_left") == 0
    return Curve(
        steps=[int(line["step"]) for line in taken],
        losses=[float(line["loss"]) for line in taken],
        norms=[line.get("grad_norm") for line in taken],
        rates=[float(line.get("lr") or 0.0) for line in taken],
        epochs=[float(line.get("epoch") or 0.0) for line in taken],
        untuned=next((loss for step, loss in measured if step == 0), None),
        validation=[(step, loss) for step, loss in measured if step > 0],
        finished=result is not None or ended,
    )


def scatter(values: Sequence[float]) -> float:
    """Standard deviation of single values around a smooth trend; 0 for fewer than 5."""
    if len(values) < 5:
        return 0.0
    bends = [values[at - 1] - 2 * values[at] + values[at + 1] for at in range(1, len(values) - 1)]
    return MAD * statistics.median(abs(bend) for bend in bends) / SECOND


def levels(values: Sequence[float], size: int) -> list[Level]:
    """The level of every `size` values in a row, in one pass: a run of 10,000 steps is looked at every few seconds."""
    if not 0 < size <= len(values):
        return []
    middle = statistics.fmean(values)  # squares of what is left lose no digits
    sums = list(accumulate((one - middle for one in values), initial=0.0))
    squares = list(accumulate(((one - middle) ** 2 for one in values), initial=0.0))
    found = []
    for at in range(len(values) - size + 1):
        total = sums[at + size] - sums[at]
        spread = squares[at + size] - squares[at] - total**2 / size
        found.append(Level(middle + total / size, max(0.0, spread) / (size - 1) if size > 1 else 0.0, size))
    return found


def clear_of_noise(before: Sequence[float], after: Sequence[float], noise: float) -> float:
    """By how many standard errors the mean of `after` lies above that of `before`."""
    return clear(levels(before, len(before))[0], levels(after, len(after))[0], noise)


def clear(before: Level, after: Level, noise: float) -> float:
    """By how many standard errors one level lies above another.

    The error is the larger of what single steps scatter and what these values do; with a trend inside of a window the
    second is the larger one, and the answer the more cautious.
    """
    variances = [max(noise**2, one.variance) / one.size for one in (before, after)]
    return (after.mean - before.mean) / max(math.sqrt(sum(variances)), 1e-9)


def _finite(value: Any) -> bool:
    return isinstance(value, int | float) and math.isfinite(value)
