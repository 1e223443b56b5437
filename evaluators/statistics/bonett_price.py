"""Difference of two pass rates on the same rows"""

from __future__ import annotations

from math import sqrt

from scipy import stats

from evaluators.statistics.estimate import ALPHA, Estimate


def bonett_price(gained: int, lost: int, n: int, *, alpha: float = ALPHA) -> Estimate:
    """Pass rate of b minus pass rate of a on the same n rows, with an interval (95 % by default), -1 to 1.

    gained: rows that only b passes; lost: rows that only a passes. 12 and 4 of 100 give .08 [-.0017, .1585]. Holds its
    coverage at 20 rows and 10 % discordance, where the simple Wald interval covers 80 %. One row: no interval.
    Source: Bonett & Price 2012, adjusted Wald interval for paired proportions.
    """
    confidence = 1 - alpha
    if n < 2:
        return Estimate((gained - lost) / n if n else None, None, None, n, "Bonett-Price", confidence=confidence)
    low, high = adjusted_wald(gained, lost, n, float(stats.norm.ppf(1 - alpha / 2)))
    return Estimate((gained - lost) / n, low, high, n, "Bonett-Price", confidence=confidence)


def adjusted_wald(gained: float, lost: float, n: float, quantile: float) -> tuple[float, float]:
    """The Bonett-Price limits; counts may be fractions (rows worth of evidence), quantile is of the error's law."""
    up, down = (gained + 1) / (n + 2), (lost + 1) / (n + 2)
    middle = up - down
    reach = quantile * sqrt((up + down - middle**2) / (n + 2))
    return max(-1.0, middle - reach), min(1.0, middle + reach)
