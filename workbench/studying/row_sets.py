"""Which rows each arm of a study trains on: parts within parts, copies together, topics in proportion"""

from __future__ import annotations

import random
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from training.run.split import groups_of, validation_places
from workbench.rows import Rows
from workbench.splits import strata_of

SHARES = (0.25, 0.5, 1.0)


@dataclass(frozen=True)
class Pool:
    """The rows that a study deals out: ids, the group of copies and the topic of each, in one order."""

    ids: tuple[str, ...]
    groups: tuple[str, ...]
    topics: tuple[str, ...]

    @classmethod
    def of(cls, rows: Rows, table: pl.DataFrame) -> Pool:
        """From the rows that can be trained on and their table (`training_side.Prepared.table`), in the same order."""
        return cls(tuple(rows.row_id), tuple(groups_of(table)), tuple(strata_of(rows)[0]))

    def only(self, ids: Collection[str]) -> Pool:
        """The pool of these rows."""
        wanted = set(ids)
        kept = [at for at, one in enumerate(self.ids) if one in wanted]
        return Pool(*(tuple(column[at] for at in kept) for column in (self.ids, self.groups, self.topics)))

    def members(self) -> dict[str, list[int]]:
        """Group -> places."""
        found: dict[str, list[int]] = defaultdict(list)
        for place, group in enumerate(self.groups):
            found[group].append(place)
        return dict(found)


def set_aside(pool: Pool, *, share: float, seed: int) -> tuple[str, ...]:
    """The rows for validation, drawn once for all runs of a study as one run would draw them."""
    return tuple(pool.ids[at] for at in validation_places(pool.groups, share=share, seed=seed))


def left_of(pool: Pool, aside: Collection[str]) -> tuple[str, ...]:
    """The rows that may be trained on: none of a group of which a row is kept aside."""
    out = set(aside)
    gone = {group for one, group in zip(pool.ids, pool.groups, strict=True) if one in out}
    return tuple(one for one, group in zip(pool.ids, pool.groups, strict=True) if group not in gone)


def nested(pool: Pool, shares: Sequence[float], *, seed: int) -> Mapping[float, tuple[str, ...]]:
    """Share -> row ids, each part within the next larger one; whole groups, topics about in proportion.

    Groups are taken in one seeded order that goes through the topics in turn, weighted by their size; a part ends where
    the next group would lead farther from its share than it stands. A share of 1 is everything.
    """
    order = _spread(pool, seed)
    members = pool.members()
    parts: dict[float, tuple[str, ...]] = {}
    for share in shares:
        wanted, taken = share * len(pool.ids), list[int]()
        for group in order:
            size = len(members[group])
            if len(taken) >= wanted or (taken and abs(len(taken) + size - wanted) > wanted - len(taken)):
                break
            taken += members[group]
        parts[share] = pool.ids if share >= 1 else tuple(pool.ids[at] for at in sorted(taken))
    return parts


def as_many(pool: Pool, count: int, *, seed: int) -> tuple[str, ...]:
    """About `count` rows drawn at random, whole groups, topics in proportion."""
    share = min(1.0, count / max(1, len(pool.ids)))
    return nested(pool, [share], seed=seed)[share]


def _spread(pool: Pool, seed: int) -> list[str]:
    """Every group once, in an order in which each beginning holds the topics about in proportion.

    Within a topic the order is random; over the topics each group stands at its middle's share of its topic, with a
    random start, so that small topics are not always first.
    """
    chance = random.Random(f"study {seed}")
    members = pool.members()
    home = {group: _commonest([pool.topics[at] for at in places]) for group, places in members.items()}
    of_topic: dict[str, list[str]] = defaultdict(list)
    for group in sorted(members):
        of_topic[home[group]].append(group)
    placed: list[tuple[float, float, str]] = []
    for topic in sorted(of_topic):
        groups = of_topic[topic]
        chance.shuffle(groups)
        total, done = sum(len(members[group]) for group in groups), 0.0
        start = chance.random()
        for group in groups:
            placed.append(((done + start) / total, chance.random(), group))
            done += len(members[group])
    return [group for _, _, group in sorted(placed)]


def _commonest(names: Sequence[str]) -> str:
    counts = Counter(names)
    return min(counts, key=lambda name: (-counts[name], name))
