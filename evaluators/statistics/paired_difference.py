"""How much better b scores than a on the same rows"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from evaluators.errors import BadRequest, Unpaired
from evaluators.statistics.bootstrap import bootstrap_mean
from evaluators.statistics.estimate import ALPHA, Estimate
from evaluators.statistics.groups import Group as Group
from evaluators.statistics.groups import by_group as by_group

METHODS = {"t": "t", "bootstrap": "BCa", "BCa": "BCa", "percentile": "percentile"}


@dataclass(frozen=True)
class Spread:
    """Mean, standard error and degrees of freedom of paired differences; error None with fewer than two units."""

    mean: float
    error: float | None
    units: int
    clustered: bool

    @property
    def freedom(self) -> int:
        return self.units - 1

    @property
    def p(self) -> float | None:
        """Two-sided p of "no difference on average"; None where it cannot be told: no interval, or no spread."""
        if not self.error:
            return None
        return float(2 * stats.t.sf(abs(self.mean / self.error), self.freedom))


def differences(a: ArrayLike, b: ArrayLike) -> NDArray[np.float64]:
    """b - a, (N,); raises Unpaired when the lengths differ or a value is missing."""
    left, right = np.asarray(a, float), np.asarray(b, float)
    if left.shape != right.shape or left.ndim != 1:
        raise Unpaired(
            f"{left.size} scores against {right.size}: a paired comparison needs the same rows in both arms. "
            "Compare by row id, and leave out rows that only one arm answered."
        )
    if not np.isfinite(left).all() or not np.isfinite(right).all():
        raise Unpaired("a score is missing or not finite. Leave rows out that are not judged in both arms.")
    return right - left


def spread(difference: NDArray[np.float64], groups: Sequence[Group] | None = None) -> Spread:
    """Mean of the differences with the standard error that takes rows of one group as dependent.

    Without groups every row is a group of its own, and the error is sd/sqrt(n).
    Source: cluster-robust error of a mean with the C/(C-1) correction, df = C-1 (equal to an OLS on a constant with
    clustered covariance); Miller 2024, arXiv 2411.00640, section 2.2.
    """
    sums = by_group(difference - difference.mean(), groups)
    units = len(sums)
    error = float(np.sqrt((sums**2).sum() * units / (units - 1)) / len(difference)) if units > 1 else None
    if error is not None and error <= 1e-12 * max(1.0, float(np.abs(difference).max())):
        error = 0.0  # constant differences: rounding must not pass for spread
    return Spread(float(difference.mean()), error, units, groups is not None)


def paired_difference(
    a: ArrayLike,
    b: ArrayLike,
    *,
    groups: Sequence[Group] | None = None,
    method: str = "t",
    draws: int = 10_000,
    seed: int = 0,
    alpha: float = ALPHA,
) -> Estimate:
    """How much better b scores than a on the same rows, with an interval (95 % by default).

    a, b: (N,) scores in the same order. `value` is mean(b - a) in score units. method "t" is the default: measured on
    small sets, it covers at least as well as the bootstraps, "percentile" and "BCa" ("bootstrap" means BCa). With
    groups the interval takes rows of one group as dependent, and the bootstraps draw whole groups. No rows: value None.
    One row, or one group: value without interval. All differences equal: no interval either, since no spread is no
    knowledge of the rows not seen (see `with_unseen_rows`, which knows what can be said). Raises Unpaired and
    MissingGroup.
    Source: Student's t on differences; for why pairs and clusters, Miller 2024, arXiv 2411.00640; Efron & Tibshirani
    1993, ch. 13 and 14, for the bootstraps.
    """
    if method not in METHODS:
        raise BadRequest(f'there is no interval method "{method}"; the methods are {", ".join(METHODS)}.')
    d, confidence = differences(a, b), 1 - alpha
    if not len(d):
        return Estimate(None, None, None, 0, METHODS[method], confidence=confidence)
    found = spread(d, groups)
    clusters = found.units if groups is not None else None
    name = METHODS[method] + (", clustered" if groups is not None else "")
    if found.error is None:
        return Estimate(found.mean, None, None, len(d), name, clusters, confidence)
    if found.error == 0.0:
        return Estimate(found.mean, None, None, len(d), name + ", no spread", clusters, confidence)
    low: float | None
    high: float | None
    if method == "t":
        reach = float(stats.t.ppf(1 - alpha / 2, found.freedom)) * found.error
        low, high = found.mean - reach, found.mean + reach
    else:
        drawn = bootstrap_mean(d, groups, kind=METHODS[method], draws=draws, seed=seed, alpha=alpha)
        low, high = drawn if drawn is not None else (None, None)
    return Estimate(found.mean, low, high, len(d), name, clusters, confidence)
