"""The line through timed steps, seconds = a + b x work, and how far steps lie from it

The spread around the line is what the card's range stands on: a machine whose steps jump cannot promise much.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

APART = 0.02  # how far points must be from one direction: sizes that differ by a third or so
# Student's t for 1, 2, 3 ... degrees of freedom: nine in ten of what is drawn lies within so many standard errors.
NINE_IN_TEN = (6.31, 2.92, 2.35, 2.13, 2.02, 1.94, 1.89, 1.86, 1.83, 1.81, 1.80, 1.78, 1.77, 1.76, 1.75)
FITTED = 2  # numbers of a line


@dataclass(frozen=True)
class Line:
    """seconds = fixed x batches + by_work x work."""

    fixed: float
    by_work: float

    def at(self, batches: float, work: float) -> float:
        return self.fixed * batches + self.by_work * work


Point = tuple[float, float, float]  # batches, work, seconds


def line_through(points: Sequence[Point], *, overhead: float = 0.0) -> Line:
    """The line nearest to the points by least squares, neither part below 0.

    Where the points do not tell the two apart (one size of batch, noise), a batch costs as much as `overhead` of work
    besides its own.
    """
    bb, bw, ww, bs, ws = (
        sum(one * other for one, other in pairs)
        for pairs in (
            [(batches, batches) for batches, _, _ in points],
            [(batches, work) for batches, work, _ in points],
            [(work, work) for _, work, _ in points],
            [(batches, seconds) for batches, _, seconds in points],
            [(work, seconds) for _, work, seconds in points],
        )
    )
    determinant = bb * ww - bw * bw
    if determinant > APART * bb * ww:
        fixed = (bs * ww - ws * bw) / determinant
        by_work = (bb * ws - bw * bs) / determinant
        if fixed >= 0 and by_work > 0:
            return Line(fixed, by_work)
    whole = sum(work + overhead * batches for batches, work, _ in points)
    by_work = sum(seconds for _, _, seconds in points) / whole if whole else 0.0
    return Line(overhead * by_work, by_work)


def spread_around(line: Line, points: Sequence[Point]) -> tuple[float, float]:
    """How far one step lies from the line: standard deviation as a part of the mean step, and Student's t for it.

    Points that are no more than the numbers of the line tell nothing of a spread: 0, and the t of one more point.
    """
    free = len(points) - FITTED
    quantile = NINE_IN_TEN[min(max(free, 1), len(NINE_IN_TEN)) - 1]
    mean = sum(seconds for _, _, seconds in points) / len(points) if points else 0.0
    if free < 1 or mean <= 0:
        return 0.0, quantile
    squares = sum((seconds - line.at(batches, work)) ** 2 for batches, work, seconds in points)
    return math.sqrt(squares / free) / mean, quantile
