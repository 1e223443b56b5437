"""Successive halving: many recipes on few rows, the better ones on twice as many, the last three on all

Source: Karnin, Koren & Somekh 2013, "Almost optimal exploration in multi-armed bandits"; Jamieson & Talwalkar 2016,
arXiv 1502.07943.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, floor, log2

from evaluators.prompting.recipe import Recipe

LAST = 3  # recipes that are all asked every row: the winner's rivals, so that their distance can be told
FEWEST_ROWS = 6  # of a heat: with fewer, one lucky row decides
ROUNDING = 1e-9  # 3.0000000001 recipes are three

Values = Mapping[str, float | None]


@dataclass(frozen=True)
class Heat:
    """One heat as planned: how many recipes are asked how many rows, and how many answers that adds."""

    recipes: int
    rows: int
    answers: int


@dataclass(frozen=True)
class Tried:
    """A recipe as far as it came: the heats it was in, its mean over the rows of the last one, and how many counted."""

    recipe: Recipe
    heats: int
    rows: int
    judged: int
    mean: float | None


@dataclass(frozen=True)
class Found:
    """What a search found: every recipe tried, the best first, and the values of the best by row id."""

    tried: tuple[Tried, ...]
    values: Mapping[Recipe, Values]

    @property
    def best(self) -> Tried:
        return self.tried[0]


def heats(recipes: int, rows: int) -> tuple[Heat, ...]:
    """The heats that a search over so many recipes takes on so many rows; the last one uses all rows.

    Rows double from heat to heat; where there are too few rows for halving alone, more recipes leave at a time.
    """
    if not recipes or not rows:
        return ()
    last = min(recipes, LAST)
    wanted = ceil(log2(recipes / last)) + 1
    count = max(1, min(wanted, floor(log2(max(1.0, rows / FEWEST_ROWS))) + 1))
    sizes = [ceil(rows / 2 ** (count - 1 - place)) for place in range(count)]
    kept = (last / recipes) ** (1 / max(1, count - 1))
    left = [ceil(recipes * kept**place - ROUNDING) for place in range(count)]
    return tuple(
        Heat(many, size, many * (size - old)) for many, size, old in zip(left, sizes, [0, *sizes[:-1]], strict=True)
    )


def answers_needed(recipes: int, rows: int) -> int:
    """How many answers a search asks for in all."""
    return sum(heat.answers for heat in heats(recipes, rows))


def search(
    recipes: Sequence[Recipe],
    row_ids: Sequence[str],
    ask: Callable[[Sequence[Recipe], Sequence[str]], Mapping[Recipe, Values]],
    *,
    cost: Mapping[Recipe, float],
    higher_is_better: bool = True,
) -> Found:
    """The recipes in the order of their worth on these rows, those that came furthest first.

    ask(recipes, row ids) gives a value by row id for each recipe, None where a row could not be judged. cost: prompt
    tokens of a question; of two recipes that do equally well the cheaper one goes on. A recipe without a single
    judged row is last of its heat.
    """
    sign = 1 if higher_is_better else -1

    def worth(one: Tried) -> tuple[bool, float, float, int]:
        mean = 0.0 if one.mean is None else round(one.mean, 9)
        return one.mean is None, -sign * mean, cost[one.recipe], place[one.recipe]

    place = {recipe: at for at, recipe in enumerate(recipes)}
    running, out, values = list(recipes), list[Tried](), dict[Recipe, Values]()
    plan = heats(len(recipes), len(row_ids))
    for number, heat in enumerate(plan, 1):
        found = ask(running, row_ids[: heat.rows])
        values.update(found)
        ranked = sorted((summed(recipe, number, found[recipe]) for recipe in running), key=worth)
        going_on = plan[number].recipes if number < len(plan) else len(ranked)
        out = [*ranked[going_on:], *out] if number < len(plan) else [*ranked, *out]
        running = [one.recipe for one in ranked[:going_on]]
    return Found(tuple(out), values)


def summed(recipe: Recipe, number: int, values: Values) -> Tried:
    """A recipe's mean over the rows that could be judged."""
    judged = [value for value in values.values() if value is not None]
    return Tried(recipe, number, len(values), len(judged), sum(judged) / len(judged) if judged else None)
