"""How much better b is than a when both were trained several times: one interval for rows and training"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import optimize, stats

from evaluators.errors import Unpaired
from evaluators.statistics.estimate import ALPHA, Estimate
from evaluators.statistics.groups import Group
from evaluators.statistics.paired_difference import spread

SMALLEST_P = 1e-12  # below it nothing is told apart any more


def difference_over_seeds(
    a: ArrayLike, b: ArrayLike, *, groups: Sequence[Group] | None = None, alpha: float = ALPHA
) -> tuple[Estimate, float | None]:
    """How much higher b scores than a over the same rows and the same seeds, with its two-sided p.

    a, b: (S, N) scores by seed and row. Two parts of chance are put together: that of the rows' mean differences (rows
    of one group taken as dependent) and that of the seeds' mean differences, each with the t of its own degrees of
    freedom, as the root of their summed squares. That holds its level whatever the two variances are; degrees of
    freedom after Satterthwaite do not with two seeds, where equals were told apart 10 times in 100. What both share is
    counted twice, so the interval is wide rather than narrow. With one seed the chance of training is not in it, and
    the method says so. Without spread there is no interval. Raises Unpaired.
    Source: crossed random effects, Owen 2007, "The pigeonhole bootstrap", section 3; the interval: Banerjee 1960,
    "Expressions for the lower bound to confidence co-efficients", Sankhya 21.
    """
    first, second = np.asarray(a, float), np.asarray(b, float)
    if first.shape != second.shape or first.ndim != 2 or not first.size or not np.isfinite([first, second]).all():
        raise Unpaired("a comparison over seeds needs every row scored under every seed in both arms.")
    apart = second - first
    seeds, rows = apart.shape
    found = spread(apart.mean(axis=0), groups)
    clusters = found.units if groups is not None else None
    method = "t over rows and seeds" if seeds > 1 else "t over rows, one seed"
    by_rows = (found.error or 0.0) ** 2
    by_seeds = float(apart.mean(axis=1).var(ddof=1)) / seeds if seeds > 1 else 0.0
    total = by_rows + by_seeds
    if found.error is None or total <= 0:
        return Estimate(found.mean, None, None, rows, method + ", no spread", clusters, 1 - alpha), None
    parts = [(by_rows, float(found.freedom)), (by_seeds, float(seeds - 1))] if seeds > 1 else [(total, found.freedom)]
    reach = _reach(alpha, parts)
    p = _p(abs(found.mean), parts)
    return Estimate(found.mean, found.mean - reach, found.mean + reach, rows, method, clusters, 1 - alpha), p


def _reach(alpha: float, parts: Sequence[tuple[float, float]]) -> float:
    """Half the width of the interval. parts: (variance of the mean, degrees of freedom)."""
    return float(sum(variance * stats.t.ppf(1 - alpha / 2, freedom) ** 2 for variance, freedom in parts) ** 0.5)


def _p(apart: float, parts: Sequence[tuple[float, float]]) -> float:
    """The level at which the interval just reaches 0."""
    if apart <= 0:
        return 1.0
    low, high = math.log(SMALLEST_P), 0.0
    if _reach(SMALLEST_P, parts) <= apart:
        return SMALLEST_P
    return float(math.exp(optimize.brentq(lambda level: _reach(math.exp(level), parts) - apart, low, high)))
