"""Agreement of two raters that does not collapse where one value prevails"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Hashable, Sequence

from evaluators.errors import Unpaired


def gwet_ac1(
    first: Sequence[Hashable], second: Sequence[Hashable], *, values: Collection[Hashable] | None = None
) -> float | None:
    """Gwet's AC1: 1 is perfect agreement, 0 is chance; None for nothing rated.

    first, second: (N,) what two raters said of the same things; values: all that could be said (by default, what was).
    18 of 20 alike, both saying "yes" on all but one, give .89, where Cohen's kappa is -.05. Only one value possible: 1.
    Raises Unpaired. Source: Gwet 2008, Br. J. Math. Stat. Psych. 61, 29: chance = sum(pi (1 - pi)) / (q - 1).
    """
    if len(first) != len(second):
        raise Unpaired(f"{len(first)} ratings against {len(second)}: AC1 needs both raters on the same things.")
    n = len(first)
    if not n:
        return None
    counts = Counter(first) + Counter(second)
    q = len(set(counts) | set(values or ()))
    if q < 2:
        return 1.0
    agreed = sum(a == b for a, b in zip(first, second, strict=True)) / n
    chance = sum(count / (2 * n) * (1 - count / (2 * n)) for count in counts.values()) / (q - 1)
    return (agreed - chance) / (1 - chance)
