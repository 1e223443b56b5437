"""A judge's win rate, corrected by the rows that people rated too"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from evaluators.judges.pairwise import Side
from evaluators.statistics.estimate import Estimate
from evaluators.statistics.ppi import ppi, trust

SIGNS: dict[str, float] = {"a": -1.0, "tie": 0.0, "b": 1.0}


@dataclass(frozen=True)
class Corrected:
    """Net win rate of b over a as people would see it on all rows, -1 to 1.

    net: by PPI++; people: by the rated rows alone, for comparison. both: rows rated by people and judge; judge_only:
    rows that only the judge saw; weight: how much of the judge is used, 0 (not at all) to 1.
    """

    net: Estimate
    people: Estimate
    both: int
    judge_only: int
    weight: float


def corrected_win_rate(people: Mapping[str, Side], judge: Mapping[str, Side]) -> Corrected:
    """Net win rate of b over a, ties and both-bad in the denominator.

    people, judge: the preferred side by row id. Rows that people rated and the judge could not read count for neither:
    they would make the rated rows unlike the others.
    Source: Angelopoulos, Duchi & Zrnic 2023, arXiv 2311.01453; see `evaluators.statistics.ppi`.
    """
    both = [row for row in judge if row in people]
    rest = [SIGNS[judge[row]] for row in judge if row not in people]
    human, own = [SIGNS[people[row]] for row in both], [SIGNS[judge[row]] for row in both]
    return Corrected(ppi(human, own, rest), ppi(human, own, []), len(both), len(rest), trust(human, own, rest))
