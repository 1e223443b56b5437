"""How like two sets of questions are: shares of topics, lengths, languages and tags, the largest skew first."""

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
ALPHA = 0.05  # chance of calling any aspect skewed where there is no difference
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

    distance: total variation, the share of golden rows that would have to be others, 0 to 1. expected, most: what it
    is on average, and at most (but for 5 % over all aspects together), for two samples of these sizes without any
    difference. skewed: the distance is beyond that. shares: worst first.
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


def compared(golden: Rows, other: Rows, *, seed: int = 0, apart: tuple[int, int] | None = None) -> Compared:
    """How the questions of a golden set differ from other ones: the training side's, or a sample of real traffic.

    Topics are found in both together, so that they mean the same on either side; tags are compared where both sides
    have some. A skew is told only where it is larger than chance gives with so many rows. Texts are read and none is
    given. Source of the distance: total variation; of its chance level: the bootstrap from both sides pooled.
    """
    asked, theirs = asked_last(golden), asked_last(other)
    if min(len(golden), len(other)) < FEWEST:
        few = f"{len(golden)} golden rows and {len(other)} others: at least {FEWEST} of each are needed to compare."
        return Compared(len(golden), len(other), (), (few,))
    topics = find_topics([*asked, *theirs], seed=seed)
    names = [*topics.names, NO_TOPIC]
    labels = [names[label] for label in topics.label.tolist()]
    sides = {
        "topic": (labels[: len(asked)], labels[len(asked) :]),
        "length": ([*map(length_of, asked)], [*map(length_of, theirs)]),
        "language": (_languages(asked), _languages(theirs)),
    }
    notes = []
    if any(golden.tags) and any(other.tags):
        sides["tag"] = (_tags(golden), _tags(other))
    else:
        notes.append("Tags were not compared: one of the two sides has none.")
    weight = tuple(n / len(rows) for n, rows in zip(apart or (len(golden), len(other)), (golden, other), strict=True))
    aspects = [_aspect(name, *both, weight, ALPHA / len(sides), seed) for name, both in sides.items()]
    order = sorted(aspects, key=lambda one: (not one.skewed, one.most - one.distance))
    return Compared(len(golden), len(other), tuple(order), tuple(notes))


def asked_last(rows: Rows) -> list[str]:
    """(N,) the last turn of the user in each row, which is what a sample of traffic holds too."""
    return [
        next((turn["content"] or "" for turn in reversed(turns) if turn["role"] == "user"), "")
        for turns in rows.messages
    ]


def length_of(text: str) -> str:
    """The class of length of a question."""
    words = len(word_list(text))
    return next((name for most, name in LENGTHS if words <= most), LONGEST)


def _languages(texts: Sequence[str]) -> list[str]:
    step = max(1, len(texts) // MOST_LANGUAGES)
    return [language_of(text) or NO_LANGUAGE for text in texts[::step]]


def _tags(rows: Rows) -> list[str]:
    """(N,) the topic tag of each row, else its first tag."""
    found = [next((tag for tag in tags if tag.startswith(TOPIC)), tags[0] if tags else NO_TAG) for tags in rows.tags]
    return [tag.removeprefix(TOPIC) for tag in found]


def _aspect(
    name: str, mine: Sequence[str], theirs: Sequence[str], weight: tuple[float, ...], alpha: float, seed: int
) -> Aspect:
    """weight: independent rows a row, on each side."""
    ours, others = Counter(mine), Counter(theirs)
    names = sorted(ours.keys() | others.keys())
    a, b = (np.array([counts[one] for one in names], float) for counts in (ours, others))
    distance = _apart(a / a.sum(), b / b.sum())
    chance = np.random.default_rng(seed)
    pooled = (a + b) / (a + b).sum()
    sizes = [max(1, round(one.sum() * part)) for one, part in zip((a, b), weight, strict=True)]
    left, right = (chance.multinomial(size, pooled, size=DRAWS) / size for size in sizes)
    drawn = 0.5 * np.abs(left - right).sum(axis=1)
    most = float(np.quantile(drawn, 1 - alpha))
    mine_of, theirs_of = (a / a.sum()).tolist(), (b / b.sum()).tolist()
    shares = [Share(*one) for one in zip(names, mine_of, theirs_of, strict=True)]
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
