"""Who wins more comparisons, people's or a scorer's"""

from __future__ import annotations

from dataclasses import dataclass

from scipy import stats

from evaluators.statistics.bonett_price import bonett_price
from evaluators.statistics.estimate import ALPHA, Estimate
from evaluators.statistics.wilson import wilson


@dataclass(frozen=True)
class WinRate:
    """b's wins against a.

    net: (wins - losses) / all rows, ties and both-bad in the denominator, -1 to 1; the primary figure.
    share: wins / (wins + losses), 0 to 1; value None when nothing was decided. p: two-sided, on decided rows.
    both_bad is kept apart from ties: it says that the data need mending, not that the arms are equal.
    """

    wins: int
    ties: int
    losses: int
    both_bad: int
    net: Estimate
    share: Estimate
    p: float


def win_rate(wins: int, losses: int, ties: int = 0, both_bad: int = 0, *, alpha: float = ALPHA) -> WinRate:
    """Net win rate and win share of b over a with intervals (95 % by default).

    12 wins, 4 losses and 84 ties give a net rate of .08 [-.0017, .1585] and a share of .75 [.505, .898].
    Source: Bonett & Price 2012 for the net rate, Wilson 1927 for the share, exact binomial p.
    """
    decided = wins + losses
    p = float(stats.binomtest(wins, decided).pvalue) if decided else 1.0
    return WinRate(
        wins,
        ties,
        losses,
        both_bad,
        bonett_price(wins, losses, decided + ties + both_bad, alpha=alpha),
        wilson(wins, decided, alpha=alpha),
        p,
    )
