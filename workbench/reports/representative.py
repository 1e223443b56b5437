"""How like one set of questions is to another: shares of topics, lengths, languages and tags, the largest skew first."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluators.language import language_of
from workbench.checks.balance.topics import find_topics
from workbench.rows import Rows, word_list
from workbench.splits import TOPIC

DRAWS = 2_000  # of the bootstrap: the 95th percentile of a distance to about a hundredth
LEVEL = 0.95
FEWEST = 10  # rows on either side; below it every difference is noise
MOST_LANGUAGES = 2_000  # prompts read for their language on one side
LENGTHS = ((10, "up to 10 words"), (25, "11 to 25 words"), (60, "26 to 60 words"), (150, "61 to 150 words"))
LONGEST = "over 150 words"
NO_TAG, NO_TOPIC, NO_LANGUAGE = "without a tag", "no clear topic", "not told"


@dataclass(frozen=True)
class Share:
    """One topic, length, language or tag: its share of the golden rows and of the others, 0 to 1."""

    name: str
    golden: float
    other: float

    @property
    def apart(self) -> float:
        """How much more of the golden rows; below 0: golden has too few."""
        return self.golden - self.other


@dataclass(frozen=True)
class Aspect:
    """One way of looking: topic, length, language or tag.

    distance: total variation, the share of golden rows that would have to be others, 0 to 1. expected, most: what it is
    on average, and at most in 19 of 20 draws, for two samples of these sizes without any difference. skewed: the
    distance is beyond that. shares: worst first.
    """

    name: str
    distance: float
    expected: float
    most: float
    skewed: bool
    shares: tuple[Share, ...]


@dataclass(frozen=True)
class Compared:
    """golden, other: rows on each side; aspects: the most skewed first; notes: plain sentences."""

    golden: int
    other: int
    aspects: tuple[Aspect, ...]
    notes: tuple[str, ...]

    @property
    def skewed(self) -> tuple[Aspect, ...]:
        return tuple(one for one in self.aspects if one.skewed)

    def as_json(self) -> dict[str, Any]:
        """The same as plain values; no text of a row is in it."""
        return {
            "golden": self.golden, "other": self.other, "notes": list(self.notes),
            "aspects": [
                {
                    "name": one.name, "distance": one.distance, "expected": one.expected, "most": one.most,
                    "skewed": one.skewed,
                    "shares": [{"name": s.name, "golden": s.golden, "other": s.other} for s in one.shares],
                }
                for one in self.aspects
            ],
        }  # fmt: skip


def compared(golden: Rows, other: Rows, *, seed: int = 0) -> Compared:
    """How the questions of a golden set differ from other ones: the training side's, or a sample of real traffic.

    Topics are found in both together, so that they mean the same on either side; tags are compared where both sides
    have some. A skew is told only where it is larger than chance gives with so many rows. Texts are read and none is
    given. Source of the distance: total variation; of its chance level: the bootstrap from both sides pooled.
    """
    asked, theirs = golden.prompt, other.prompt
    if min(len(golden), len(other)) < FEWEST:
        few = f"{len(golden)} golden rows and {len(other)} others: at least {FEWEST} of each are needed to compare."
        return Compared(len(golden), len(other), (), (few,))
    topics = find_topics([*asked, *theirs], seed=seed)
    names = [*topics.names, NO_TOPIC]
    labels = [names[label] for label in topics.label.tolist()]
    aspects = [_aspect("topic", labels[: len(asked)], labels[len(asked) :], seed)]
    aspects.append(_aspect("length", [*map(length_of, asked)], [*map(length_of, theirs)], seed))
    aspects.append(_aspect("language", _languages(asked), _languages(theirs), seed))
    mine, yours = _tags(golden), _tags(other)
    notes = []
    if mine and yours:
        aspects.append(_aspect("tag", mine, yours, seed))
    else:
        notes.append("Tags were not compared: one of the two sides has none.")
    order = sorted(aspects, key=lambda one: (not one.skewed, one.most - one.distance))
    return Compared(len(golden), len(other), tuple(order), tuple(notes))


def length_of(text: str) -> str:
    """The class of length of a question."""
    words = len(word_list(text))
    return next((name for most, name in LENGTHS if words <= most), LONGEST)


def _languages(texts: Sequence[str]) -> list[str]:
    step = max(1, len(texts) // MOST_LANGUAGES)
    return [language_of(text) or NO_LANGUAGE for text in texts[::step]]


def _tags(rows: Rows) -> list[str]:
    """(N,) the topic tag of each row, else its first tag; [] where no row has one."""
    if not any(rows.tags):
        return []
    found = [next((tag for tag in tags if tag.startswith(TOPIC)), tags[0] if tags else NO_TAG) for tags in rows.tags]
    return [tag.removeprefix(TOPIC) for tag in found]


def _aspect(name: str, mine: Sequence[str], theirs: Sequence[str], seed: int) -> Aspect:
    ours, others = Counter(mine), Counter(theirs)
    names = sorted(ours.keys() | others.keys())
    a, b = (np.array([counts[one] for one in names], float) for counts in (ours, others))
    distance = _apart(a / a.sum(), b / b.sum())
    chance = np.random.default_rng(seed)
    pooled = (a + b) / (a + b).sum()
    left, right = (chance.multinomial(int(one.sum()), pooled, size=DRAWS) / one.sum() for one in (a, b))
    drawn = 0.5 * np.abs(left - right).sum(axis=1)
    most = float(np.quantile(drawn, LEVEL))
    shares = [Share(one, x / a.sum(), y / b.sum()) for one, x, y in zip(names, a.tolist(), b.tolist(), strict=True)]
    shares.sort(key=lambda one: (-abs(one.apart), one.name))
    return Aspect(name, distance, float(drawn.mean()), most, distance > most, tuple(shares))


def _apart(a: np.ndarray, b: np.ndarray) -> float:
    return float(0.5 * np.abs(a - b).sum())


def lines(found: Compared, most: int = 5) -> list[Mapping[str, Any]]:
    """The worst shares of each aspect as lines for a table: aspect, name, golden, other, apart, skewed."""
    return [
        {"aspect": one.name, "name": s.name, "golden": s.golden, "other": s.other, "apart": s.apart,
         "skewed": one.skewed}
        for one in found.aspects for s in one.shares[:most]
    ]  # fmt: skip
