"""How far people agree beyond chance"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TypeVar

Value = TypeVar("Value", str, int, float)


def krippendorff_alpha(units: Sequence[Sequence[Value]], *, ordinal: bool = False) -> float | None:
    """Krippendorff's alpha: 1 is perfect agreement, 0 is chance, below 0 worse than chance.

    units: for each thing judged the values that people gave it, in any order; a thing with fewer than two values says
    nothing. ordinal: values are grades (numbers), and a near miss counts less than a far one; else nominal. None where
    it is not defined: nothing was judged twice, or the same value was given throughout.
    Source: Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C (any number of observers, missing
    data): alpha = 1 - (n - 1) * sum(o_ck d_ck) / sum(n_c n_k d_ck) over c != k; section E for the ordinal distance.
    """
    paired = [Counter(values) for values in units if len(values) > 1]
    totals: Counter[Value] = sum(paired, Counter())
    n = totals.total()
    values = sorted(totals)
    apart = {(c, k): _apart(c, k, totals, values) if ordinal else 1.0 for c in values for k in values if c != k}
    by_chance = sum(totals[c] * totals[k] * distance for (c, k), distance in apart.items())
    if not by_chance:
        return None
    observed = sum(
        unit[c] * unit[k] * apart[c, k] / (unit.total() - 1) for unit in paired for c in unit for k in unit if c != k
    )
    return 1 - (n - 1) * observed / by_chance


def _apart(c: Value, k: Value, totals: Counter[Value], values: Sequence[Value]) -> float:
    """Squared number of values that lie between two grades, half of each end counted."""
    low, high = min(c, k), max(c, k)
    between = sum(totals[one] for one in values if low <= one <= high)
    return (between - (totals[c] + totals[k]) / 2) ** 2
