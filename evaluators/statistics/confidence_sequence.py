"""An interval of the win share that stays right however often one looks"""

from __future__ import annotations

from math import log

from scipy.optimize import brentq
from scipy.special import betaln

from evaluators.statistics.estimate import ALPHA, Estimate

EDGE = 1e-12


def confidence_sequence(wins: int, losses: int, *, a: float = 1.0, alpha: float = ALPHA) -> Estimate:
    """Share of decided votes that b wins, 0 to 1, with an interval that may be read after every vote.

    All shares p whose mixture e-value against p stays below 1/alpha. 16:4 give .80 [.474, .970], wider than Wilson's,
    which holds for one look only. No votes: value None, everything is possible.
    Source: Robbins 1970; Waudby-Smith & Ramdas 2024, section on beta-binomial mixtures.
    """
    decided, confidence = wins + losses, 1 - alpha
    if not decided:
        return Estimate(None, 0.0, 1.0, 0, "confidence sequence", confidence=confidence)
    mixture, level = float(betaln(a + wins, a + losses) - betaln(a, a)), log(1 / alpha)

    def beyond(p: float) -> float:
        return mixture - wins * log(p) - losses * log(1 - p) - level

    best = min(max(wins / decided, EDGE), 1 - EDGE)
    low = 0.0 if beyond(EDGE) < 0 else float(brentq(beyond, EDGE, best))
    high = 1.0 if beyond(1 - EDGE) < 0 else float(brentq(beyond, best, 1 - EDGE))
    return Estimate(wins / decided, low, high, decided, "confidence sequence", confidence=confidence)
