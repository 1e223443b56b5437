"""Evidence that may be looked at after every vote"""

from __future__ import annotations

from math import exp, log

from scipy.special import betaln

from evaluators.statistics.estimate import ALPHA


def e_value(wins: int, losses: int, *, a: float = 1.0) -> float:
    """How many times better "one side wins more often" explains the decided votes than "both win alike".

    Stop at 1/alpha (20 for .05) whenever it is reached: over all looks the chance of a false win stays at most alpha.
    Ties do not count. a: shape of the Beta(a, a) mixture over win shares; 5 expects shares nearer to one half. 16:4
    give 10.3, 17:3 give 43.8. Under the null its mean is 1, at any time.
    Source: mixture likelihood ratio and Ville's inequality; Ramdas, Grünwald, Vovk & Shafer 2023, section 3.
    """
    logged = (wins + losses) * log(2) + float(betaln(a + wins, a + losses) - betaln(a, a))
    return exp(min(logged, 700.0))


def may_stop(wins: int, losses: int, *, a: float = 1.0, alpha: float = ALPHA) -> bool:
    """Whether the votes so far are enough, by the e-value rule."""
    return e_value(wins, losses, a=a) >= 1 / alpha
