"""What each look at a sealed set may cost"""

from __future__ import annotations

from evaluators.errors import BadRequest
from evaluators.statistics.estimate import ALPHA


def alpha_of_look(budget: int, *, alpha: float = ALPHA) -> float:
    """The level of one of `budget` looks at the same sealed rows, so that all of them together stay at alpha.

    5 looks at .05 give .01 each: 99 % intervals. Each look spends the same share, whichever evaluation it is for.
    Raises BadRequest for a budget below one. Source: Bonferroni, as in Dunn 1961.
    """
    if budget < 1:
        raise BadRequest(f"a budget of {budget} looks allows none; give at least 1.")
    return alpha / budget
