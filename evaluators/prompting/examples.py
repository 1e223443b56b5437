"""Which training rows stand before a question as examples, and which never may"""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

Pair = tuple[str, str]
NONE: Mapping[str, Set[str]] = {}


@dataclass(frozen=True)
class Pool:
    """Training rows that can be shown: ids, questions, replies and groups, (N,) each.

    groups: copies share one, and of a group at most one row is shown. barred: asked row id -> ids of the training rows
    that it must never be shown, such as copies of it, suspects, and rows of the same conversation.
    """

    ids: tuple[str, ...]
    questions: tuple[str, ...]
    replies: tuple[str, ...]
    groups: tuple[int, ...]
    barred: Mapping[str, Set[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def pairs(self, places: Sequence[int]) -> tuple[Pair, ...]:
        """(question, reply) of the rows at these places."""
        return tuple((self.questions[place], self.replies[place]) for place in places)

    def first(self, order: Sequence[int], asked: str, k: int) -> list[int]:
        """The first k places of an order that may be shown to a row, one a group."""
        barred, seen, found = self.barred.get(asked, frozenset()), set(), list[int]()
        for place in order:
            if len(found) == k:
                break
            if self.ids[place] in barred or self.groups[place] in seen:
                continue
            seen.add(self.groups[place])
            found.append(place)
        return found


def random_examples(pool: Pool, asked: Sequence[str], k: int, seed: int) -> dict[str, list[int]]:
    """k places of the pool for each asked row id, drawn once by the seed: the same for all, but for what is barred."""
    order = random.Random(seed).sample(range(len(pool)), len(pool))
    return {row_id: pool.first(order, row_id, k) for row_id in asked}


def similar_examples(pool: Pool, asked: Sequence[str], likeness: NDArray[np.floating], k: int) -> dict[str, list[int]]:
    """The k places of the pool that are likest to each asked row, the likest last, nearest to the question.

    likeness: (asked, pool), higher is more alike; equal ones by their place in the pool.
    Source: nearest neighbours as examples, Liu et al. 2022, "What Makes Good In-Context Examples for GPT-3?".
    """
    found = {}
    for row, row_id in enumerate(asked):
        order = np.argsort(-likeness[row], kind="stable").tolist()
        found[row_id] = pool.first(order, row_id, k)[::-1]
    return found
