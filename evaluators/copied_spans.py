"""What an answer has word for word from the training replies

spans = CopiedSpans(zip(rows.row_id, rows.reply))
found = spans.of("You can return any unused item within 30 days of delivery")  # share, words, rows and the span
quoted(answer, found)                                                          # the span as the answer writes it

Serves the metrics (copied_share, copied_words), the probe of memorised rows and the diagnosis of gaps.

Known limits
    Copies with a word changed pass. In Chinese, Japanese and Thai each character counts as a word.
Source
    Verbatim n-gram overlap with the training data, as in Carlini et al. 2023, arXiv 2202.07646, with shorter runs.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluators.metrics.words import word_places, words

RUN = 8  # words; shorter runs are everyday phrases. Lee 2022 (arXiv 2107.06499) and Carlini 2023 count longer ones
HASH_SEED = 8  # of the 64-bit factors; two unlike runs get one hash less often than once in a billion billion pairs
BETWEEN, UNKNOWN = 0, 1  # numbers that no taught word has: the gap between two replies, a word that no reply has


@dataclass(frozen=True)
class Copied:
    """What a text has from training.

    share: of the text's runs of words, 0 to 1, None for a text of fewer words. words: length of its longest span that
    stands word for word in a training reply, 0 below a run. row_ids: all rows whose reply holds that span, in the order
    they were given. span: its words, folded; first: how many words of the text stand before it. of: words of the text.
    """

    share: float | None
    words: int = 0
    row_ids: tuple[str, ...] = ()
    span: str = ""
    first: int = 0
    of: int = 0


class CopiedSpans:
    """An index of the runs of words of training replies.

    taught: (row id, reply). run: words of the shortest span that counts. shared_by: a run that so many replies hold is
    house style, and no span is read over it; None counts every run.
    """

    def __init__(self, taught: Iterable[tuple[str, str]], *, run: int = RUN, shared_by: int | None = None) -> None:
        self._run = run
        self._factors = np.random.default_rng(HASH_SEED).integers(1, 2**64, run, np.uint64, endpoint=False) | 1
        self._rows: list[str] = []
        self._numbers: dict[str, int] = {}
        numbers, starts = [BETWEEN], []
        for row_id, reply in taught:
            self._rows.append(row_id)
            starts.append(len(numbers))
            numbers += [self._numbers.setdefault(word, len(self._numbers) + 2) for word in words(reply)]
            numbers.append(BETWEEN)
        self._said = np.array(numbers + [BETWEEN] * run, np.int64)  # so that reading on never leaves the array
        self._starts = np.array(starts, np.int64)
        keys = self._keys(self._said)
        ends = np.flatnonzero(self._said == BETWEEN)
        room = ends[np.searchsorted(ends, np.arange(len(keys)))] - np.arange(len(keys))  # words to the reply's end
        places = np.flatnonzero(room >= run)
        places = places[np.argsort(keys[places], kind="stable")]  # places of one run stay in order
        if shared_by is not None:
            places = places[_rarer(keys[places], self._row_at(places), shared_by)]
        self._places, self._sorted = places, keys[places]
        self._counts = np.zeros(len(self._said), bool)  # whether the run that begins here counts
        self._counts[places] = True

    def __len__(self) -> int:
        """How many replies are indexed."""
        return len(self._rows)

    def of(self, text: str) -> Copied:
        """What the text has from the indexed replies."""
        spoken = words(text)
        if len(spoken) < self._run:
            return Copied(None, of=len(spoken))
        said = np.array([self._numbers.get(word, UNKNOWN) for word in spoken], np.int64)
        keys = self._keys(said)
        low, high = (np.searchsorted(self._sorted, keys, side) for side in ("left", "right"))  # type: ignore[call-overload]
        hits = int((high > low).sum())
        if not hits:
            return Copied(0.0, of=len(spoken))
        length, first, places = self._longest(said, low, high)
        rows = tuple(self._rows[row] for row in np.unique(self._row_at(places)))
        span = " ".join(spoken[first : first + length])
        return Copied(hits / len(keys), length, rows, span, first, len(spoken))

    def _longest(self, said: Any, low: Any, high: Any) -> tuple[int, int, Any]:
        """Length of the longest span, where in the text it begins, and where in the index; the first of equal ones.

        said: (n,) the text's words as numbers; low, high: for each run of the text its bounds among the sorted runs.
        """
        many = high - low
        at = np.repeat(np.arange(len(low)), many)
        places = self._places[np.arange(len(at)) + np.repeat(low - np.cumsum(many) + many, many)]
        begun = (at > 0) & self._counts[places - 1] & (self._said[places - 1] == said[at - 1])  # one word further left
        at, places, length = at[~begun], places[~begun], self._run
        text = np.append(said, [UNKNOWN])
        while True:  # all spans grow by a word, until none is left that can
            on = self._counts[places + length - self._run + 1] & (self._said[places + length] == text[at + length])
            if not on.any():
                break
            at, places, length = at[on], places[on], length + 1
        return length, int(at.min()), places[at == at.min()]

    def _keys(self, numbers: Any) -> Any:
        """The hash of each run, in order; sums and products wrap round."""
        count = len(numbers) - self._run + 1
        keys = np.zeros(count, np.uint64)
        for shift, factor in enumerate(self._factors):
            keys += numbers[shift : shift + count].astype(np.uint64) * factor
        return keys

    def _row_at(self, places: Any) -> Any:
        """The replies in which places of the index stand."""
        return np.searchsorted(self._starts, places, "right") - 1


def quoted(text: str, found: Copied) -> str:
    """The longest copied span as the text writes it; its folded words where folding splits a sign into words (½)."""
    places = word_places(text)
    if not found.words or len(places) != found.of:
        return found.span
    return text[places[found.first][0] : places[found.first + found.words - 1][1]]


def _rarer(keys: Any, rows: Any, shared_by: int) -> Any:
    """Which of the sorted runs stand in fewer replies than that."""
    if not len(keys):
        return np.zeros(0, bool)
    new_key = np.concatenate([[True], keys[1:] != keys[:-1]])
    new_row = new_key | np.concatenate([[True], rows[1:] != rows[:-1]])
    group = np.cumsum(new_key) - 1
    return (np.bincount(group, weights=new_row) < shared_by)[group]
