"""How far people agree beyond chance"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence


def krippendorff_alpha(units: Sequence[Sequence[str]]) -> float | None:
    """Krippendorff's alpha for nominal values: 1 is perfect agreement, 0 is chance, below 0 worse than chance.

    units: for each thing judged the values that people gave it, in any order; a thing with fewer than two values says
    nothing. None where it is not defined: nothing was judged twice, or the same value was given throughout.
    Source: Krippendorff 2011, "Computing Krippendorff's Alpha-Reliability", section C (any number of observers, missing
    data): alpha = 1 - (n - 1) * sum(o_ck) / sum(n_c * n_k) over c != k.
    """
    paired = [Counter(values) for values in units if len(values) > 1]
    totals: Counter[str] = sum(paired, Counter())
    n = totals.total()
    by_chance = n * n - sum(count * count for count in totals.values())
    if not by_chance:
        return None
    observed = sum(
        (unit.total() ** 2 - sum(count * count for count in unit.values())) / (unit.total() - 1) for unit in paired
    )
    return 1 - (n - 1) * observed / by_chance
