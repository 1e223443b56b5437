"""Win rate as it would be if both answers were equally long"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from evaluators.errors import Unpaired
from evaluators.statistics.estimate import ALPHA, Estimate

RIDGE = 1e-2  # on both coefficients: a clean sweep, or wins that only length explains, stay finite
STEPS = 50
FEWEST = 10  # rows; below it two coefficients cannot be told apart


@dataclass(frozen=True)
class LengthFair:
    """raw: win share with ties as half; fair: the same at equal lengths; slope > 0: longer answers are preferred."""

    raw: float
    fair: Estimate
    slope: Estimate


def length_fair(outcomes: ArrayLike, longer_by: ArrayLike, *, draws: int = 1_000, seed: int = 0,
                alpha: float = ALPHA) -> LengthFair | None:  # fmt: skip
    """b's win share when the difference in length is taken out, 0 to 1, beside the raw one.

    outcomes: (N,) 1 where b won, 0 where a won, .5 for a tie; longer_by: (N,) tokens or words by which b is longer.
    Logistic regression of the outcome on tanh(longer_by / sd), read at 0; interval by bootstrap over rows. None for
    fewer than 10 rows. Raises Unpaired. Source: the length term of Dubois et al. 2024, length-controlled AlpacaEval,
    arXiv 2404.04475, without its terms for the model and the difficulty of a question.
    """
    y, x = np.asarray(outcomes, float), np.asarray(longer_by, float)
    if y.shape != x.shape or y.ndim != 1:
        raise Unpaired(f"{y.size} outcomes and {x.size} lengths: give both for the same rows.")
    if len(y) < FEWEST:
        return None
    sd = float(x.std())
    bent = np.tanh(x / sd) if sd > 0 else np.zeros_like(x)
    level, slope = _logistic(y, bent)
    rng = np.random.default_rng(seed)
    drawn = np.array([_logistic(y[at], bent[at]) for at in rng.integers(0, len(y), (draws, len(y)))])
    spans = np.quantile(drawn, [alpha / 2, 1 - alpha / 2], axis=0)
    share = [float(1 / (1 + np.exp(-one))) for one in (level, *spans[:, 0])]
    name = "logistic, bootstrap over rows"
    return LengthFair(
        float(y.mean()),
        Estimate(share[0], share[1], share[2], len(y), name, confidence=1 - alpha),
        Estimate(slope, float(spans[0, 1]), float(spans[1, 1]), len(y), name, confidence=1 - alpha),
    )


def _logistic(y: NDArray[np.float64], x: NDArray[np.float64]) -> tuple[float, float]:
    """(intercept, slope) by Newton steps on the penalised likelihood; soft outcomes are allowed."""
    design = np.c_[np.ones_like(x), x]
    beta = np.zeros(2)
    for _ in range(STEPS):
        p = 1 / (1 + np.exp(-np.clip(design @ beta, -30, 30)))
        slope = design.T @ (y - p) - RIDGE * beta
        curve = (design * (p * (1 - p))[:, None]).T @ design + RIDGE * np.eye(2)
        step = np.linalg.solve(curve, slope)
        beta = beta + np.clip(step, -2, 2)
        if np.abs(step).max() < 1e-9:
            break
    return float(beta[0]), float(beta[1])
