"""How alike two sets of scores rank the same things"""

from __future__ import annotations

from math import isnan

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats


def kendall_tau(first: ArrayLike, second: ArrayLike) -> float | None:
    """Kendall's tau-b, -1 to 1, ties allowed; None where a side is constant, since it then ranks nothing.

    Source: Kendall 1945, by scipy's kendalltau.
    """
    found = float(stats.kendalltau(np.asarray(first, float), np.asarray(second, float), variant="b").statistic)
    return None if isnan(found) else found
