"""Chance that luck alone gives a difference this large: signs of whole groups flipped"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from evaluators.statistics.estimate import SAME
from evaluators.statistics.groups import Group, by_group

MOST_EXACT = 14  # 2**14 sign patterns are counted one by one; beyond that they are drawn
DRAWS = 10_000


def sign_flip(
    difference: NDArray[np.float64], groups: Sequence[Group] | None = None, *, draws: int = DRAWS, seed: int = 0
) -> float:
    """Two-sided p of "b and a are exchangeable within every row" (or group), exact for up to 14 differing units.

    difference: (N,) b - a. Under the null each unit's sum is as likely to have either sign. Units without a difference
    do not count. Nothing differs: 1. Drawn patterns count the observed one too, so p is never 0.
    Source: Fisher's randomisation test for pairs; Phipson & Smyth 2010 for the drawn form.
    """
    units = by_group(difference, groups)
    units = units[np.abs(units) > SAME]
    seen = abs(float(units.sum())) - SAME
    if not len(units):
        return 1.0
    if len(units) <= MOST_EXACT:
        patterns = (np.arange(2 ** len(units))[:, None] >> np.arange(len(units))) & 1
        return float((np.abs((2.0 * patterns - 1) @ units) >= seen).mean())
    rng = np.random.default_rng(seed)
    beyond = 0
    for size in [2_000] * (draws // 2_000):
        signs = 2.0 * rng.integers(0, 2, (size, len(units)), dtype=np.int8) - 1
        beyond += int((np.abs(signs @ units) >= seen).sum())
    return (beyond + 1) / (draws // 2_000 * 2_000 + 1)
