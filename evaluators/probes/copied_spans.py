"""How much of an answer stands word for word in training replies, and where

A run of eight words that stands in a training reply is copied; one that many replies share is house style and not
counted. Made from the replies alone, so anything that holds replies and answers can use it.

Known limits
    Words without case and punctuation, split at blanks and signs: Chinese, Japanese and Thai need another cutter.
Source
    Verbatim spans as in Carlini et al. 2023, arXiv 2202.07646 (extraction given a prefix); the share of n-grams seen in
    training as in the copying measures of Holistic Evaluation of Language Models, Liang et al. 2022, section 4.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evaluators.probes.stock_phrases import WORD

SIZE = 8  # words of a run: shorter ones are shared by people who never met
SHARED_BY = 3  # replies from which on a run is house style; two may be one text and its copy


@dataclass(frozen=True)
class Copied:
    """What of an answer is copied.

    share: of its runs of eight words that stand in training. span: the longest copied text, as the answer has it;
    words: of that span; source: a training row that holds it, "" where nothing was copied.
    """

    share: float
    span: str
    words: int
    source: str


NOTHING = Copied(0.0, "", 0, "")


class CopiedSpans:
    """An index of training replies: ask it for the copied part of an answer."""

    def __init__(self, replies: Mapping[str, str]) -> None:
        """replies: training row id -> reply text."""
        self._places: dict[int, list[tuple[str, int]]] = defaultdict(list)
        rows_of: dict[int, set[str]] = defaultdict(set)
        for row_id, reply in replies.items():
            said = [match[0].lower() for match in WORD.finditer(reply)]
            for at in range(len(said) - SIZE + 1):
                key = hash(tuple(said[at : at + SIZE]))
                self._places[key].append((row_id, at))
                rows_of[key].add(row_id)
        self._shared = {key for key, rows in rows_of.items() if len(rows) >= SHARED_BY}

    def copied(self, answer: str) -> Copied:
        """What of an answer is copied; answers of fewer than eight words copy nothing."""
        found = list(WORD.finditer(answer))
        said = [match[0].lower() for match in found]
        runs = len(said) - SIZE + 1
        if runs < 1:
            return NOTHING
        hits, best, source, end = 0, 0, "", 0
        lengths: dict[tuple[str, int], int] = {}
        for at in range(runs):
            key = hash(tuple(said[at : at + SIZE]))
            places: Sequence[tuple[str, int]] = () if key in self._shared else self._places.get(key, ())
            hits += bool(places)
            lengths = {(row, place): lengths.get((row, place - 1), SIZE - 1) + 1 for row, place in places}
            for (row, _), length in lengths.items():
                if length > best:
                    best, source, end = length, row, at + SIZE
        if not best:
            return NOTHING
        return Copied(hits / runs, answer[found[end - best].start() : found[end - 1].end()], best, source)
