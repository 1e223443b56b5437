"""Do two arms pass different rows by more than chance"""

from __future__ import annotations

from dataclasses import dataclass

from scipy import stats


@dataclass(frozen=True)
class McNemar:
    """Two-sided p values of McNemar's test: exact (cautious) and mid-p (closer to the nominal level)."""

    exact: float
    mid_p: float


def mcnemar(gained: int, lost: int) -> McNemar:
    """p of "both arms are as likely to win a row on which they differ"; rows on which they agree do not count.

    gained: rows that only b passes; lost: rows that only a passes. 12 and 4 give .0768 and .0490.
    Source: McNemar 1947; mid-p after Fagerland, Lydersen & Laake 2013.
    """
    differing, fewer = gained + lost, min(gained, lost)
    if differing == 0:
        return McNemar(1.0, 1.0)
    below = float(stats.binom.cdf(fewer, differing, 0.5))
    at = float(stats.binom.pmf(fewer, differing, 0.5))
    return McNemar(float(stats.binomtest(fewer, differing).pvalue), min(1.0, 2 * (below - 0.5 * at)))
