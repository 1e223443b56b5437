"""Intervals by drawing rows again, for any figure that has no formula"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from evaluators.errors import BadRequest
from evaluators.statistics.estimate import ALPHA, SAME
from evaluators.statistics.groups import Group, by_group

KINDS = ("percentile", "BCa")
DRAWS = 10_000
BATCH = 2_000_000  # numbers drawn at once, 16 MB


def bootstrap_mean(
    values: NDArray[np.float64],
    groups: Sequence[Group] | None = None,
    *,
    kind: str = "BCa",
    draws: int = DRAWS,
    seed: int = 0,
    alpha: float = ALPHA,
) -> tuple[float, float] | None:
    """Interval (low, high) of a mean of row values, such as paired differences, by resampling rows or whole groups.

    values: (N,); groups: a group id a row, or None. kind: "percentile" or "BCa" (bias-corrected and accelerated, the
    jackknife over rows or groups). None where the units are fewer than two or all have the same mean: no spread says
    nothing of rows not seen, and BCa would give nan. Raises BadRequest for another kind, MissingGroup.
    Source: Efron & Tibshirani 1993, ch. 13 and 14; groups whole, as Davison & Hinkley 1997, section 3.8.
    """
    if kind not in KINDS:
        raise BadRequest(f'there is no bootstrap "{kind}"; the kinds are {" and ".join(KINDS)}.')
    sums = by_group(values, groups)
    sizes = by_group(np.ones_like(values), groups)
    units = len(sums)
    if units < 2 or np.ptp(sums / sizes) <= SAME:
        return None
    rng = np.random.default_rng(seed)
    means = np.empty(draws)
    step = max(1, BATCH // units)
    for start in range(0, draws, step):
        drawn = rng.integers(0, units, (min(step, draws - start), units))
        means[start : start + len(drawn)] = sums[drawn].sum(1) / sizes[drawn].sum(1)
    tails = np.array([alpha / 2, 1 - alpha / 2])
    if kind == "BCa":
        left_out = (sums.sum() - sums) / (sizes.sum() - sizes)
        tails = _corrected(tails, means, float(sums.sum() / sizes.sum()), left_out)
    low, high = np.quantile(means, tails)
    return float(low), float(high)


def _corrected(
    tails: NDArray[np.float64], means: NDArray[np.float64], found: float, left_out: NDArray[np.float64]
) -> NDArray[np.float64]:
    """The BCa tails: moved by the bias of the draws (ties count half) and the skewness of the jackknife."""
    below = float((means < found - SAME).mean() + 0.5 * (np.abs(means - found) <= SAME).mean())
    bias = float(stats.norm.ppf(min(max(below, 1e-6), 1 - 1e-6)))
    away = left_out.mean() - left_out
    squares = float((away**2).sum())
    skew = float((away**3).sum()) / (6 * squares**1.5) if squares > 0 else 0.0
    z = bias + stats.norm.ppf(tails)
    return np.asarray(stats.norm.cdf(bias + z / (1 - skew * z)))


def bootstrap_over(
    statistic: Callable[[NDArray[np.intp]], float | None],
    units: int,
    *,
    draws: int = 1_000,
    seed: int = 0,
    alpha: float = ALPHA,
) -> tuple[float, float] | None:
    """Percentile interval of any figure of `units` things: the figure is asked again for drawn places (units,).

    Draws for which the figure is not defined (None) are left out; None when that is more than one in ten, or fewer than
    two units. Source: Efron & Tibshirani 1993, ch. 13.
    """
    if units < 2:
        return None
    rng = np.random.default_rng(seed)
    found = [statistic(rng.integers(0, units, units)) for _ in range(draws)]
    known = [value for value in found if value is not None]
    if len(known) < 0.9 * draws:
        return None
    low, high = np.quantile(known, [alpha / 2, 1 - alpha / 2])
    return float(low), float(high)
