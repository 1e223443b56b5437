"""The training rows near a failed question or near its wrong answer, and what the answer copied from them"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from evaluators.copied_spans import Copied, CopiedSpans
from evaluators.metrics.facts import facts, stated
from evaluators.models.embedder import Embedder
from workbench.rows import Rows

NEIGHBOURS = 5  # training rows looked at for each failed golden row
NEAR_IN_MEANING = 0.5  # cosine of MiniLM vectors; below it the nearest training row is about something else
NEAR_IN_WORDS = 0.25  # cosine of TF-IDF vectors, which are lower for the same likeness; set by eye, not measured
SEED_WORDS = 4  # a run shorter than this is looked for nowhere: four words in a row stand in many replies


@dataclass(frozen=True)
class Neighbour:
    """A training row near a text. likeness: cosine, 0 to 1."""

    place: int
    likeness: float


@dataclass(frozen=True)
class Side:
    """The training rows and from which likeness on one of them counts as near a question."""

    rows: Rows
    embed: Embedder

    @property
    def near(self) -> float:
        return NEAR_IN_MEANING if self.embed.meaning else NEAR_IN_WORDS

    @cached_property
    def vectors(self) -> Any:
        """(N, d) of the questions, each of length 1."""
        return self.embed(self.rows.prompt)

    @cached_property
    def reply_vectors(self) -> Any:
        """(N, d) of the replies, each of length 1."""
        return self.embed(self.rows.reply)

    @cached_property
    def holders(self) -> dict[str, list[int]]:
        """Fact -> the rows whose reply states it though their prompt does not."""
        found: dict[str, list[int]] = defaultdict(list)
        for place, (prompt, reply) in enumerate(zip(self.rows.prompt, self.rows.reply, strict=True)):
            for fact in facts(reply) - stated(prompt):
                found[fact].append(place)
        return found

    @cached_property
    def spans(self) -> CopiedSpans:
        """The runs of four words of the replies."""
        return CopiedSpans(zip(self.rows.row_id, self.rows.reply, strict=True), run=SEED_WORDS)

    def longest_copied(self, answer: str) -> Copied | None:
        """The longest run of the answer that some training reply holds word for word; None below four words."""
        found = self.spans.of(answer)
        return found if found.words else None


def nearest(vector: Any, vectors: Any) -> list[Neighbour]:
    """The five training rows nearest to a text, nearest first. vector: (d,), vectors: (N, d), of length 1."""
    if not len(vectors):
        return []
    likeness = vectors @ vector
    order = np.argsort(-likeness, kind="stable")[:NEIGHBOURS]
    return [Neighbour(int(place), float(min(max(likeness[place], 0.0), 1.0))) for place in order]


def best_of(per_row: Sequence[Sequence[Neighbour]]) -> dict[int, float]:
    """Training row -> its greatest likeness to any of the texts, likest first."""
    best: dict[int, float] = {}
    for neighbour in (one for found in per_row for one in found):
        best[neighbour.place] = max(neighbour.likeness, best.get(neighbour.place, 0.0))
    return dict(sorted(best.items(), key=lambda item: -item[1]))
