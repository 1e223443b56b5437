"""What this many rows can show, before any run: pass/fail, preference and continuous scores in one table"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

from evaluators.statistics.estimate import ALPHA
from evaluators.statistics.smallest_detectable import GRID, POWER, Plan, before_the_run, mcnemar_power

TIE_RATES = (0.0, 0.2, 0.4, 0.6)  # shares of ties that rounds of blind rating show
USUAL_PASS_RATE = 0.8  # at which the width of a single rate is told


@dataclass(frozen=True)
class Detectable:
    """What n rows can show with 80 % power at the level asked for, by default 5 %.

    changes: share of rows on which the arms differ -> smallest change of a pass rate, 0 to 1 (None: none can be shown).
    preferences: tie rate -> smallest share of the decided votes, 0 to 1 (None: even all of them would not do).
    in_sds: smallest mean difference of a score, in standard deviations of the row differences. half_width: of the 95 %
    interval of one pass rate at 80 %. unseen: how often a mistake may still happen that no row showed.
    """

    n: int
    changes: dict[float, float | None]
    preferences: dict[float, float | None]
    in_sds: float | None
    half_width: float
    unseen: float


@lru_cache(maxsize=256)
def detectable(n: int, *, alpha: float = ALPHA) -> Detectable:
    """The smallest changes that n rows can show, to be read before a set is frozen and before a run.

    n = 100: 9.0, 13.0, 16.0, 18.5 and 20.5 points where 10 to 50 % of the rows differ; 65, 66.5, 69 and 73 % of the
    decided votes at 0 to 60 % ties; .28 sd. n: at least 1; alpha: the level of each test, smaller for one of several
    looks at sealed rows.
    """
    from scipy import stats

    plan: Plan = before_the_run(n, alpha=alpha)
    low, high = stats.binomtest(round(USUAL_PASS_RATE * n), n).proportion_ci(method="wilson")
    preferences = {ties: smallest_preference(n, ties, alpha=alpha) for ties in TIE_RATES}
    return Detectable(n, plan.rates, preferences, plan.in_sds, float(high - low) / 2, 1 - 0.05 ** (1 / n))


def smallest_preference(n: int, ties: float, *, alpha: float = ALPHA) -> float | None:
    """The smallest share of the decided votes that is told from one half with 80 % power, 0.5 to 1, to half a point.

    ties: share of the n rows on which nobody prefers either. Source: McNemar's exact test on the decided votes.
    """
    decided = 1 - ties
    if n < 1 or decided <= 0:
        return None
    low, high = 0, round(0.5 / GRID)  # in steps above one half

    def enough(steps: int) -> bool:
        return mcnemar_power(n, decided, 2 * steps * GRID * decided, alpha) >= POWER

    if not enough(high):
        return None
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if enough(middle) else (middle, high)
    return round(0.5 + high * GRID, 4)
