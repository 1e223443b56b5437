"""p values of many comparisons, raised so that luck does not pass for a finding"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike
from scipy import stats


def holm(p: ArrayLike) -> list[float]:
    """Adjusted p values that keep the chance of even one false finding below the level; for guardrails.

    .01, .04, .03 become .03, .06, .06. In: (M,), out: (M,) in the same order. Source: Holm 1979.
    """
    raw = np.asarray(p, float)
    order, adjusted = raw.argsort(), np.empty(len(raw))
    steps = raw[order] * (len(raw) - np.arange(len(raw)))
    adjusted[order] = np.minimum(1, np.maximum.accumulate(steps))
    return [float(value) for value in adjusted]


def benjamini_hochberg(p: ArrayLike) -> list[float]:
    """Adjusted p values that keep the share of false findings below the level; for exploring slices.

    .01, .04, .03 become .03, .04, .04. In: (M,), out: (M,) in the same order. Source: Benjamini & Hochberg 1995.
    """
    raw = np.asarray(p, float)
    return [float(value) for value in stats.false_discovery_control(raw, method="bh")] if len(raw) else []
