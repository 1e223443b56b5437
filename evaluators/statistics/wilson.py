"""One rate with its interval"""

from __future__ import annotations

from scipy import stats

from evaluators.statistics.estimate import ALPHA, Estimate


def wilson(passed: int, n: int, *, alpha: float = ALPHA) -> Estimate:
    """Share of rows that pass, with an interval (95 % by default) that stays within 0 and 1.

    Source: Wilson 1927, score interval, by scipy's binomtest. No rows: value None.
    """
    if n == 0:
        return Estimate(None, None, None, 0, "Wilson", confidence=1 - alpha)
    found = stats.binomtest(passed, n).proportion_ci(confidence_level=1 - alpha, method="wilson")
    return Estimate(passed / n, float(found.low), float(found.high), n, "Wilson", confidence=1 - alpha)


def highest_unseen_rate(n: int, *, alpha: float = ALPHA) -> float:
    """How common a failure may still be that was not seen once in n rows: upper one-sided 95 % bound, 0 to 1.

    n = 100 gives .0295: no failure among 100 rows leaves up to 3 %. Source: 1 - .05**(1/n), the exact "rule of three".
    """
    return 1 - alpha ** (1 / n) if n else 1.0
