"""Pairs of a training and a golden row that may be a leak, and what people ruled, approved and signed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class LeakRuling:
    """What a person said of a pair: leak or not, and why. Bound to the two texts, so it holds in every version.

    bulk: how many pairs were ruled with the same words at once; how: the way by which the pair was found then.
    """

    id: int
    dataset: str
    training_text: str
    golden_text: str
    training_id: str
    leak: bool
    reason: str
    how: str
    measure: float
    bulk: int
    who: str
    when: str


@dataclass(frozen=True)
class Pair:
    """A training row held against a golden row. key: 12 hex digits of both texts, the same in every version.

    tier: certain, suspect or look-alike; ways: (name, measure, in words, tier), the surest first; texts as digests.
    sealed: the golden row may be seen by nobody, so `golden_id` is "".
    """

    key: str
    training_id: str
    golden_id: str
    training_text: str
    golden_text: str
    tier: str
    ways: tuple[tuple[str, float, str, str], ...]
    sealed: bool
    ruling: LeakRuling | None = None

    @property
    def measure(self) -> float:
        return self.ways[0][1]

    @property
    def way(self) -> str:
        return self.ways[0][0]

    @property
    def how(self) -> str:
        return self.ways[0][2]

    @property
    def stops(self) -> bool:
        """Whether training must wait: until the row is dropped, or a person says that a suspect is no leak."""
        if self.tier == "certain":
            return True
        return self.ruling.leak if self.ruling is not None else self.tier == "suspect"


@dataclass(frozen=True)
class LeakSearch:
    """What the guard found on a version against a golden set. model: what read the meaning, "" where nothing did."""

    id: int
    version: str
    version_id: int
    golden: str
    golden_id: int
    model: str
    counts: Mapping[str, int]
    seconds: float
    who: str
    when: str


@dataclass(frozen=True)
class Override:
    """Somebody's signature under training in spite of open pairs. pairs: their keys; counts: by tier."""

    id: int
    version_id: int
    golden_id: int
    reason: str
    pairs: tuple[str, ...]
    counts: Mapping[str, int]
    who: str
    when: str
    taken_back: str | None


@dataclass(frozen=True)
class ApprovedPhrase:
    """Words that every reply may repeat, such as a policy sentence: no runs of theirs count as a leak."""

    id: int
    dataset: str
    phrase: str
    reason: str
    who: str
    when: str


Told = Mapping[str, Any]
"""What a report says of the guard on a run; see `store.suspects.told`."""
