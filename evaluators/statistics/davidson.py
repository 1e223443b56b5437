"""How strong three or more arms are, from pairs with ties"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import minimize

from evaluators.statistics.estimate import ALPHA, Estimate

RIDGE = 1e-3  # keeps an arm that won every pair at a finite strength

Vote = tuple[Hashable, str, str, str | None]
"""(row, arm, other arm, the winner or None for a tie)"""


@dataclass(frozen=True)
class Strengths:
    """Log strengths, the first arm's being 0, each with its interval; tie: nu, 0 where ties never happen."""

    arms: tuple[str, ...]
    strength: tuple[Estimate, ...]
    tie: float

    def chance(self, arm: str, other: str) -> tuple[float, float]:
        """(chance that `arm` wins, chance of a tie) against `other`, 0 to 1."""
        mine, theirs = (float(np.exp(self.strength[self.arms.index(one)].value or 0.0)) for one in (arm, other))
        middle = self.tie * float(np.sqrt(mine * theirs))
        return mine / (mine + theirs + middle), middle / (mine + theirs + middle)


def davidson(wins: ArrayLike, ties: ArrayLike, *, ridge: float = RIDGE) -> tuple[NDArray[np.float64], float]:
    """Log strengths (first = 0) and the tie parameter nu.

    wins: (K, K), wins[i, j] of i over j; ties: (K, K), ties[i, j] for i < j. P(i beats j) = s_i / (s_i + s_j + nu
    sqrt(s_i s_j)) with s = exp(strength). Source: Davidson 1970, JASA 65, 317; penalised maximum likelihood.
    """
    w, t = np.asarray(wins, float), np.asarray(ties, float)
    k = len(w)
    first, second = np.triu_indices(k, 1)

    def loss(x: NDArray[np.float64]) -> float:
        b, nu = np.r_[0.0, x[:-1]], x[-1]
        tie = nu + (b[first] + b[second]) / 2
        total = np.logaddexp(np.logaddexp(b[first], b[second]), tie)
        told = w[first, second] * (b[first] - total) + w[second, first] * (b[second] - total)
        told += t[first, second] * (tie - total)
        return float(-told.sum() + ridge * ((b**2).sum() + nu**2))

    found = minimize(loss, np.zeros(k), method="BFGS").x
    return np.r_[0.0, found[:-1]], float(np.exp(found[-1]))


def strengths(
    votes: Sequence[Vote], arms: Sequence[str], *, draws: int = 200, seed: int = 0, alpha: float = ALPHA
) -> Strengths:
    """Strength of each arm with a bootstrap interval over rows (all votes of a row stay together).

    arms: in the order wanted, the first one is the yardstick with strength 0. Fewer than two rows: no intervals.
    """
    rows: dict[Hashable, list[Vote]] = {}
    for vote in votes:
        rows.setdefault(vote[0], []).append(vote)
    tables = [_counted(voted, arms) for voted in rows.values()]
    all_wins, all_ties = (np.array([one[side] for one in tables]) for side in (0, 1))
    if not tables:
        return Strengths(tuple(arms), tuple(Estimate(None, None, None, 0, "Davidson") for _ in arms), 0.0)
    found, nu = davidson(all_wins.sum(0), all_ties.sum(0))
    drawn = np.empty((0, len(arms)))
    if len(tables) > 1:
        rng = np.random.default_rng(seed)
        places = rng.integers(0, len(tables), (draws, len(tables)))
        drawn = np.array([davidson(all_wins[one].sum(0), all_ties[one].sum(0))[0] for one in places])
    spans = np.quantile(drawn, [alpha / 2, 1 - alpha / 2], axis=0) if len(drawn) else None
    return Strengths(
        tuple(arms),
        tuple(
            Estimate(
                float(value),
                None if spans is None else float(spans[0, at]),
                None if spans is None else float(spans[1, at]),
                len(rows),
                "Davidson, bootstrap over rows",
                confidence=1 - alpha,
            )
            for at, value in enumerate(found)
        ),
        nu,
    )


def _counted(votes: Sequence[Vote], arms: Sequence[str]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    wins, ties = np.zeros((len(arms), len(arms))), np.zeros((len(arms), len(arms)))
    for _, arm, other, winner in votes:
        i, j = arms.index(arm), arms.index(other)
        if winner is None:
            ties[min(i, j), max(i, j)] += 1
        else:
            wins[(i, j) if winner == arm else (j, i)] += 1
    return wins, ties
