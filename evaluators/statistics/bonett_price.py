"""Difference of two pass rates on the same rows"""

from __future__ import annotations

from math import sqrt

from evaluators.statistics.estimate import Estimate, Z


def bonett_price(gained: int, lost: int, n: int) -> Estimate:
    """Pass rate of b minus pass rate of a on the same n rows, with a 95 % interval, -1 to 1.

    gained: rows that only b passes; lost: rows that only a passes. 12 and 4 of 100 give .08 [-.0017, .1585]. Holds its
    coverage at 20 rows and 10 % discordance, where the simple Wald interval covers 80 %. One row: no interval.
    Source: Bonett & Price 2012, adjusted Wald interval for paired proportions.
    """
    if n < 2:
        return Estimate((gained - lost) / n if n else None, None, None, n, "Bonett-Price")
    up, down = (gained + 1) / (n + 2), (lost + 1) / (n + 2)
    middle = up - down
    reach = Z * sqrt((up + down - middle**2) / (n + 2))
    return Estimate((gained - lost) / n, max(-1.0, middle - reach), min(1.0, middle + reach), n, "Bonett-Price")
