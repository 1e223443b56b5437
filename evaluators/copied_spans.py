"""What an answer has word for word from the training replies

spans = CopiedSpans(zip(rows.row_id, rows.reply))
spans.of("You can return any unused item within 30 days of delivery")   # share, words, row id and the span itself
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from itertools import repeat

from evaluators.metrics.words import words

RUN = 8  # words; shorter runs are everyday phrases. Lee 2022 (arXiv 2107.06499) and Carlini 2023 count longer ones


@dataclass(frozen=True)
class Copied:
    """share: of the text's 8-word runs, 0 to 1, None for a text of fewer words. words: length of the longest span that
    stands word for word in one training reply, 0 below 8. row_id: that reply's row. span: its words, folded."""

    share: float | None
    words: int = 0
    row_id: str | None = None
    span: str = ""


class CopiedSpans:
    """An index of the 8-word runs of training replies.

    Where a run stands in several replies one of them is kept; the longest span is found by reading on from it in both
    directions, so a span is never longer than the reply that is named. In Chinese and Japanese each character counts
    as a word. Runs are kept as 64-bit hashes: a wrong hit is less likely than one in a billion.
    """

    def __init__(self, taught: Iterable[tuple[str, str]]) -> None:
        self._words: list[str] = []
        self._starts: list[int] = []
        self._rows: list[str] = []
        self._places: dict[int, int] = {}
        for row_id, reply in taught:
            spoken = list(map(sys.intern, words(reply)))
            start = len(self._words)
            self._starts.append(start)
            self._rows.append(row_id)
            self._words += spoken
            self._places.update(zip(runs(spoken), range(start, start + len(spoken)), strict=False))

    def __len__(self) -> int:
        """How many replies are indexed."""
        return len(self._rows)

    def of(self, text: str) -> Copied:
        """What the text has from the indexed replies."""
        spoken = words(text)
        if len(spoken) < RUN:
            return Copied(None)
        places = list(map(self._places.get, runs(spoken), repeat(-1)))
        hits = len(places) - places.count(-1)
        if not hits:
            return Copied(0.0)
        best = (0, 0, 0)
        read: set[int] = set()  # distance between a place in the text and one in the index: one span has one distance
        for at, place in enumerate(places):
            if place < 0 or place - at in read:
                continue
            read.add(place - at)
            first, length = self._extended(spoken, at, place)
            best = max(best, (length, -first, place - at + first))
        length, first, place = best[0], -best[1], best[2]
        row = self._rows[bisect_right(self._starts, place) - 1]
        return Copied(hits / len(places), length, row, " ".join(spoken[first : first + length]))

    def _extended(self, spoken: list[str], at: int, place: int) -> tuple[int, int]:
        """Start and length in the text of the span around a hit, kept within the one reply that the hit stands in."""
        row = bisect_right(self._starts, place) - 1
        low = self._starts[row]
        high = self._starts[row + 1] if row + 1 < len(self._starts) else len(self._words)
        first, there = at, place
        while first and there > low and spoken[first - 1] == self._words[there - 1]:
            first, there = first - 1, there - 1
        last, there = at + RUN, place + RUN
        while last < len(spoken) and there < high and spoken[last] == self._words[there]:
            last, there = last + 1, there + 1
        return first, last - first


def runs(spoken: list[str]) -> Iterable[int]:
    """The hash of each run of eight words, in order."""
    return map(hash, zip(*(spoken[shift:] for shift in range(RUN)), strict=False))
