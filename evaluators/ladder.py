"""The Ladder: when a new evaluation on the same hidden rows may be called a new best"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

FEWEST = 2  # rows; one has no spread


@dataclass(frozen=True)
class LadderStep:
    """What may be told of an evaluation after the best one so far.

    improved: it counts as the new best; published: the mean that may be told, this one's where it improved, else the
    best's. mean, best: the means of both over the `n` rows that both have (best is None for the first evaluation);
    ahead: mean - best; step: how far ahead it had to be. All in score units, higher is better.
    """

    improved: bool
    published: float
    mean: float
    best: float | None
    ahead: float | None
    step: float | None
    n: int
    sentence: str


def improves(current: Mapping[str, float], best: Mapping[str, float] | None) -> LadderStep:
    """Whether an evaluation is a new best on rows that were looked at before, or no change is proven.

    current, best: row id -> score, higher is better (for the loop: tuned minus base), of this evaluation and of the
    best so far; None where there was none, which makes this one the best. It is a new best when it is ahead by more
    than one standard error of the paired differences, s/sqrt(n). Telling nothing else between two bests keeps what
    many tries can learn of hidden rows small: the error grows with the logarithm of the number of tries, not with
    its root. Raises ValueError for fewer than two shared rows.
    Source: Blum & Hardt 2015, arXiv 1502.04585, fig. 2 (parameter-free). Their rounding to 1/n is left out: it changes
    no pass rate, and scores of other units have no such grid.
    """
    mean = float(np.mean(list(current.values()))) if current else 0.0
    if best is None:
        if not current:
            raise ValueError("An evaluation without a score is no step of a ladder.")
        return LadderStep(True, mean, mean, None, None, None, len(current), "The first look: its figure stands.")
    shared = sorted(current.keys() & best.keys())
    if len(shared) < FEWEST:
        raise ValueError(f"The two evaluations share {len(shared)} scored rows; the Ladder needs at least {FEWEST}.")
    ours, theirs = (np.array([one[row] for row in shared], float) for one in (current, best))
    apart = ours - theirs
    ahead, step = float(apart.mean()), float(apart.std(ddof=1) / np.sqrt(len(shared)))
    figures = f"ahead by {ahead:+.3g} on {len(shared)} rows, and more than {step:.3g} would be needed"
    if ahead > step:
        said = f"A new best: ahead by {ahead:+.3g} on {len(shared)} rows, more than the step of {step:.3g}."
        return LadderStep(True, mean, float(ours.mean()), float(theirs.mean()), ahead, step, len(shared), said)
    old = float(np.mean(list(best.values())))
    said = f"No change proven ({figures}); the old figure stands."
    return LadderStep(False, old, float(ours.mean()), float(theirs.mean()), ahead, step, len(shared), said)
