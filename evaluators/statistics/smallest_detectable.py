"""The smallest effect that this number of rows can show"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from math import ceil, floor

import numpy as np
from scipy import stats

from evaluators.statistics.estimate import ALPHA

POWER = 0.8  # the usual convention: an effect of this size is found in four of five evaluations
DISCORDANCES = (
    0.1,
    0.2,
    0.3,
    0.4,
    0.5,
)  # shares of rows on which two arms differ; tuned against base is mostly .2 to .5
GRID = 0.005  # half a percentage point, fine enough for planning
RARE = 1e-9  # binomial tails below this are left out of the power sum


def smallest_mean(error: float, freedom: int, *, alpha: float = ALPHA) -> float:
    """The smallest mean difference found with 80 % power, in score units.

    error: standard error of the mean difference; freedom: its degrees of freedom. With n rows of sd 1: .66 at n = 20,
    .40 at 50, .28 at 100, .20 at 200. Source: (t(.975) + t(.8)) * standard error, the usual normal-theory formula.
    """
    return float(stats.t.ppf(1 - alpha / 2, freedom) + stats.t.ppf(POWER, freedom)) * error


@lru_cache(maxsize=4096)
def mcnemar_power(n: int, discordant: float, difference: float, alpha: float = ALPHA) -> float:
    """Chance that McNemar's exact test finds a true difference of pass rates (5 % level by default).

    discordant: share of rows on which the two arms differ, 0 to 1; difference: of pass rates, at most `discordant`.
    Source: sum over the number of differing rows and the wins among them of their binomial chances.
    """
    share = (discordant + difference) / 2 / discordant
    low, high = (int(stats.binom.ppf(tail, n, discordant)) for tail in (RARE, 1 - RARE))
    differing = np.arange(max(1, low), high + 1)
    # a result is found where its wins, or its losses, are so few that twice their chance is within alpha
    near = np.asarray(stats.binom.ppf(alpha / 2, differing, 0.5))
    fewest = np.where(2 * stats.binom.cdf(near, differing, 0.5) > alpha, near - 1, near)
    found = stats.binom.cdf(fewest, differing, share) + stats.binom.sf(differing - fewest - 1, differing, share)
    return float((stats.binom.pmf(differing, n, discordant) * found).sum())


def smallest_rate(n: int, discordant: float, *, alpha: float = ALPHA) -> float | None:
    """The smallest difference of pass rates found with 80 % power, 0 to 1, to half a point; None when none can be.

    discordant: share of rows on which the arms differ. n = 100 and .2 give .13; n = 20 and .3 give None.
    """
    if n < 1 or discordant <= 0:
        return None
    low, high = 0, floor(discordant / GRID + 1e-9)  # a difference beyond the discordance cannot be
    if mcnemar_power(n, discordant, high * GRID, alpha) < POWER:
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if mcnemar_power(n, discordant, middle * GRID, alpha) >= POWER else (middle, high)
    return round(high * GRID, 4)


@dataclass(frozen=True)
class Plan:
    """What n rows can show, known before any run.

    rates: share of rows on which the arms differ -> smallest difference of pass rates (None: impossible).
    in_sds: smallest mean difference of a continuous score, in standard deviations of the row differences.
    """

    n: int
    rates: dict[float, float | None]
    in_sds: float | None


def before_the_run(n: int, *, alpha: float = ALPHA) -> Plan:
    """The smallest effects that a golden set of n rows can show, to be read before training."""
    return Plan(
        n,
        {share: smallest_rate(n, share, alpha=alpha) for share in DISCORDANCES},
        smallest_mean(1 / n**0.5, n - 1, alpha=alpha) if n > 1 else None,
    )


def rows_needed(n: int, smallest: float, wanted: float) -> int | None:
    """Roughly how many rows would show a difference of `wanted`, when n rows show `smallest`; None for no difference.

    Source: errors shrink with the square root of the number of rows.
    """
    return ceil(n * (smallest / wanted) ** 2) if wanted else None
