"""How much better b is than a when both were trained several times: one interval for rows and training"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from evaluators.errors import Unpaired
from evaluators.statistics.estimate import ALPHA, Estimate
from evaluators.statistics.groups import Group
from evaluators.statistics.paired_difference import spread


def difference_over_seeds(
    a: ArrayLike, b: ArrayLike, *, groups: Sequence[Group] | None = None, alpha: float = ALPHA
) -> tuple[Estimate, float | None]:
    """How much higher b scores than a over the same rows and the same seeds, with its two-sided p.

    a, b: (S, N) scores by seed and row. The variance is the sum of that of the rows' mean differences (rows of one
    group taken as dependent) and that of the seeds' mean differences; the degrees of freedom are Satterthwaite's. What
    both share is counted twice, so the interval is a little wide. With one seed the chance of training is not in it,
    and the method says so. Without spread there is no interval. Raises Unpaired.
    Source: crossed random effects, Owen 2007, "The pigeonhole bootstrap", section 3; Satterthwaite 1946.
    """
    first, second = np.asarray(a, float), np.asarray(b, float)
    if first.shape != second.shape or first.ndim != 2 or not first.size or not np.isfinite([first, second]).all():
        raise Unpaired("a comparison over seeds needs every row scored under every seed in both arms.")
    apart = second - first
    seeds, rows = apart.shape
    found = spread(apart.mean(axis=0), groups)
    clusters = found.units if groups is not None else None
    method = "t over rows and seeds" if seeds > 1 else "t over rows, one seed"
    by_rows = (found.error or 0.0) ** 2
    by_seeds = float(apart.mean(axis=1).var(ddof=1)) / seeds if seeds > 1 else 0.0
    total = by_rows + by_seeds
    if found.error is None or total <= 0:
        return Estimate(found.mean, None, None, rows, method + ", no spread", clusters, 1 - alpha), None
    shares = by_rows**2 / found.freedom + (by_seeds**2 / (seeds - 1) if seeds > 1 else 0.0)
    freedom, error = total**2 / shares, total**0.5
    reach = float(stats.t.ppf(1 - alpha / 2, freedom)) * error
    p = float(2 * stats.t.sf(abs(found.mean) / error, freedom))
    return Estimate(found.mean, found.mean - reach, found.mean + reach, rows, method, clusters, 1 - alpha), p
