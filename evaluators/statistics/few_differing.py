"""An interval that does not pretend to know what happens on rows that were not seen"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from evaluators.statistics.estimate import SAME, Estimate, fewest_units
from evaluators.statistics.groups import Group, by_group
from evaluators.statistics.wilson import highest_unseen_rate

FEW = ", few differ"  # ends the method's name where the interval was widened or taken back


def with_unseen_rows(
    found: Estimate, difference: NDArray[np.float64], *, span: float | None, groups: Sequence[Group] | None = None
) -> Estimate:
    """The estimate of a mean difference, made honest where the rows hardly differ or all differ by the same.

    difference: (N,) b - a of each row. span: largest minus smallest score there can be, None where there is no such
    bound. A spread of zero, or one that rests on fewer than six rows among ties, says nothing of the rows not seen:

    - every unit differs by the same d, bounded: at most a share q of all units may differ by something else, and each
      of those by span at worst, so d - q (span + d) to d + q (span - d), with q = 1 - .05**(1/units). For d = 0 that is
      0 -+ q span: 8 rows give 31 points, 59 rows 5.
    - fewer than six units differ (eight at a level of .01), bounded: widened to -q span and +q span, with q the exact
      upper 97.5 % bound on the share of units that lose, and that win.
    - every unit differs by the same d, not 0, unbounded: d itself, from six units on, as the exact interval of the
      median difference; nothing can be said of the mean. It tells which way, as the sign test does (p = 2 * .5**units).
    - all else without a bound: no interval, since one unseen row could outweigh all others.

    The level is the estimate's own; .05 stands for it above.
    Source: rule of three, Hanley & Lippman-Hand 1983, JAMA 249, 1743; Clopper & Pearson 1934 for the shares; the
    interval of the median by order statistics as in Conover 1999, section 3.2. Units count alike, whatever their size.
    """
    units = by_group(difference, groups)
    won, lost = int((units > SAME).sum()), int((units < -SAME).sum())
    if len(units) < 2 or found.value is None:
        return found
    method, alpha = found.method, 1 - found.confidence
    fewest = fewest_units(alpha)
    if np.ptp(difference) <= SAME:
        low, high = _all_the_same(found.value, len(units), span, alpha)
    elif won + lost < min(fewest, len(units)):
        if span is None:
            low = high = None
        else:
            floor, ceiling = (-_most(lost, len(units), alpha) * span, _most(won, len(units), alpha) * span)
            low = floor if found.low is None else min(found.low, floor)
            high = ceiling if found.high is None else max(found.high, ceiling)
        method += FEW
    else:
        return found
    return replace(found, low=low, high=high, method=method)


def _all_the_same(d: float, units: int, span: float | None, alpha: float) -> tuple[float | None, float | None]:
    if span is not None:
        other = highest_unseen_rate(units, alpha=alpha)
        return d - other * (span + d), d + other * (span - d)
    return (d, d) if abs(d) > SAME and units >= fewest_units(alpha) else (None, None)


def _most(seen: int, units: int, alpha: float) -> float:
    """The largest share of all units that goes with `seen` among these, at 97.5 % for a level of .05."""
    return float(stats.beta.ppf(1 - alpha / 2, seen + 1, units - seen))
