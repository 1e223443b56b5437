"""A judge's scores corrected by the rows that people rated too"""

from __future__ import annotations

from math import sqrt

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats

from evaluators.errors import Unpaired
from evaluators.statistics.estimate import ALPHA, Estimate

METHOD = "PPI++"


def ppi(human: ArrayLike, judge: ArrayLike, judge_only: ArrayLike, *, alpha: float = ALPHA) -> Estimate:
    """Mean of what people would say on all rows, using a judge for the rows that nobody rated.

    human, judge: (n,) scores of the rows rated by both, in the same order (for a net win rate: 1, 0, -1); judge_only:
    (N,) the judge's scores of the other rows. The judge helps as far as it agrees with people (lambda, 0 to 1) and is
    set aside where it does not, so a bad judge costs width and not truth. Rows are taken as independent. Fewer than two
    rated rows: value without interval. Raises Unpaired for unequal lengths.
    Source: Angelopoulos, Duchi & Zrnic 2023, "PPI++", arXiv 2311.01453, example of the mean; t quantile of n - 1, since
    n is small here.
    """
    h, j, o = (np.asarray(x, float) for x in (human, judge, judge_only))
    if h.shape != j.shape or h.ndim != 1:
        raise Unpaired(f"{h.size} human scores against {j.size} of the judge: give both for the same rows.")
    n, more, confidence = len(h), len(o), 1 - alpha
    if not n:
        return Estimate(None, None, None, 0, METHOD, confidence=confidence)
    if n < 2:
        return Estimate(float(h.mean()), None, None, n, METHOD, confidence=confidence)
    weight = trust(h, j, o)
    value = float(h.mean()) + (weight * float(o.mean() - j.mean()) if more else 0.0)
    variance = float((h - weight * j).var(ddof=1)) / n
    variance += weight**2 * float(o.var(ddof=1)) / more if more > 1 else 0.0
    reach = float(stats.t.ppf(1 - alpha / 2, n - 1)) * sqrt(variance)
    if not reach:  # everybody said the same on every row: no spread is no knowledge of the others
        return Estimate(value, None, None, n, METHOD, confidence=confidence)
    return Estimate(value, value - reach, value + reach, n, METHOD, confidence=confidence)


def trust(human: ArrayLike, judge: ArrayLike, judge_only: ArrayLike) -> float:
    """How much of the judge is used, 0 (not at all) to 1: the lambda that makes the interval shortest."""
    h, j, o = (np.asarray(x, float) for x in (human, judge, judge_only))
    if len(h) < 2 or len(o) < 2:
        return 0.0
    spread = float(np.r_[j, o].var(ddof=1))
    if spread <= 0:
        return 0.0
    return float(np.clip(np.cov(h, j)[0, 1] / (spread * (1 + len(h) / len(o))), 0, 1))
