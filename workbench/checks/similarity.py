"""Near copies: which texts say the same in nearly the same words, exactly and without comparing every pair.

Two texts of 30 words and more are near copies when the sets of their three-word runs have a Jaccard index of .7 or
more. Where both have fewer than 150 words and one fewer than 100, the mean of three parts decides as well: Jaccard
index of the words, rapidfuzz's token_set_ratio, Jaccard index of the numbers. It must reach .8, since runs of three
words miss a text that was retouched in a few places (bibdedupe: F1 .60 and .62 without, .98 and .94 with); below 30
words .85. Bibliographic records alone would bear .72 there, but of 1,100 short instructions it called "What is the
formula of ammonia? NH3" a copy of "... of nitric acid? HNO3". Three more conditions keep the mean honest:

- at least .4 of the words must be common. Without it a text counts as a copy of any longer one that contains it.
  Measured on bibdedupe: it moves F1 by .002 at most.
- where neither text holds a number the third part says nothing (it would be a gift of 1), and the mean must reach .9.
  Measured on 13,083 bank questions: at .9, 90 % of the pairs ask for the same thing; at .72, seven of ten did.
- three common numbers of two digits and more (a date, an order, an amount) are as good as a name: then .7 is enough.
  See Measured.

In all cases at least half of the numbers must be common: texts that are equal but for their numbers are variants of a
template, each with a fact of its own.

Known limits
    A "not" more or less in a short text is still a near copy, and so is one with two words swapped. Rephrased
    copies are not seen at all: no rule on words can. Scripts written without blanks (Han, kana, Thai, Lao, Khmer,
    Burmese) count each character as a word.
Measured
    Human-verified copies (bibdedupe), linked into groups: F1 .992 on stroke (precision 1.000, recall .983) and .968 on
    respiratory (.996, .941). The rule for common numbers was fitted on one of the two and tested on the other: fitted on
    stroke F1 .968 on respiratory, fitted on respiratory F1 .992 on stroke (without it .935 and .981). It adds no pair
    among 13,083 bank questions and 1,100 short instructions.
Source
    All limits: measured for this project on bibdedupe (records with human-verified copies) and banking77.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from rapidfuzz import fuzz, process
from scipy.sparse.csgraph import connected_components

from workbench.checks.set_join import SLACK, Floats, jaccard_pairs, pairs_by_two, shared_of
from workbench.checks.text_hashes import (
    BLANKLESS,
    CLOSING,
    OPENING,
    THREADS,
    Hashed,
    Hashes,
    Ints,
    Sets,
    folded,
    hashed,
)

LONG = 30  # words from which three-word runs decide
MIDDLE = 100  # words below which one of the texts must be for the mean of three parts to decide, too
MOST = 150  # words below which both must be; with MIDDLE alone bibdedupe gains nothing
RUN = 3  # words in a run
LEAST_RUNS = 0.7
LEAST_MEAN = 0.85
LEAST_MEAN_MIDDLE = 0.8
LEAST_MEAN_NUMBERED = 0.7  # with NUMBERED common numbers of two digits and more
NUMBERED = 3
LEAST_MEAN_WITHOUT_NUMBERS = 0.9
LEAST_WORDS = 0.4
LEAST_NUMBERS = 0.5
# What the words must reach for the mean of 1 (words) + 1 (token set) + 1 (numbers) parts to reach its limit at all:
LEAST_WORDS_WITHOUT_NUMBERS = 3 * LEAST_MEAN_WITHOUT_NUMBERS - 2
CUTOFFS = 50  # steps in which the scorer is told what is needed, so that it may give up early

_WORD = re.compile(rf"[{BLANKLESS}]|[^\W{BLANKLESS}]+")
_ASCII_WORD = re.compile(r"\w+", re.ASCII)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")


@dataclass(frozen=True)
class Pairs:
    """Near copies: (K,) positions a and b of the texts, and (K,) scores from 0 to 1."""

    a: Ints
    b: Ints
    score: Floats

    def __len__(self) -> int:
        return len(self.a)


def exact_keys(texts: Sequence[str]) -> list[str]:
    """Each text without what does not make it another one: case, runs of blanks, quotes and stops at its ends.

    Signs that carry meaning (%, $, +, #, -) stay. A text of nothing but such ends keeps them.
    """
    keys = []
    for text in texts:
        plain = " ".join(folded(text).split())
        keys.append(plain.lstrip(OPENING).rstrip(CLOSING) or plain)
    return keys


def words_of(key: str) -> list[str]:
    """The words of a normalised text; in scripts without blanks each character."""
    return _ASCII_WORD.findall(key) if key.isascii() else _WORD.findall(key)


def numbers_of(key: str) -> frozenset[str]:
    """The numbers of a text, thousands commas removed."""
    return frozenset(_NUMBER.findall(_THOUSANDS.sub("", key)))


def near_copy_score(left: str, right: str) -> float | None:
    """How alike two texts are when they are near copies, 0 to 1; None when they are not (or one has no words).

    The rule in plain words: what `near_pairs` must find, pair by pair.
    """
    a, b = exact_keys([left, right])
    first, second = words_of(a), words_of(b)
    if not first or not second:
        return None
    if a == b:
        return 1.0
    numbers = _jaccard(numbers_of(a), numbers_of(b), both_empty=1.0)
    if numbers < LEAST_NUMBERS - SLACK:
        return None
    (shorter, longer), scores = sorted((len(first), len(second))), []
    if shorter >= LONG and (runs := _jaccard(_runs(first), _runs(second), both_empty=0.0)) >= LEAST_RUNS - SLACK:
        scores.append(runs)
    telling = sum(sum(map(str.isdecimal, number)) > 1 for number in numbers_of(a) & numbers_of(b))
    words = _jaccard(set(first), set(second), both_empty=0.0)
    if longer < MOST and (shorter < MIDDLE or telling >= NUMBERED) and words >= LEAST_WORDS - SLACK:
        mean = (words + fuzz.token_set_ratio(" ".join(first), " ".join(second)) / 100 + numbers) / 3
        if mean >= _least_mean(bool(numbers_of(a)), telling, shorter) - SLACK:
            scores.append(mean)
    return max(scores, default=None)


def near_pairs(texts: Sequence[str]) -> Pairs:
    """All near copies among the texts, with a < b, sorted; texts without a word never match.

    Equal texts (`exact_keys`) are paired with their first one only: k copies make k - 1 pairs of score 1, and the first
    one stands for them in the other pairs, so a set full of copies stays cheap. `components` loses nothing by it.
    """
    every = hashed(texts, run=RUN, long=LONG, middle=MOST)
    first, stands_for = distinct(every.key)
    found = _Join(every.of(first), [texts[i] for i in first.tolist()]).pairs()
    copies = np.flatnonzero((first[stands_for] != np.arange(len(texts))) & (every.words > 0))
    a, b = first[found.a], first[found.b]
    a, b = np.minimum(a, b), np.maximum(a, b)
    a, b = np.concatenate([a, first[stands_for[copies]]]), np.concatenate([b, copies])
    score = np.concatenate([found.score, np.ones(len(copies))])
    order = np.lexsort((b, a))
    return Pairs(a[order], b[order], score[order])


def near_pairs_between(left: Sequence[str], right: Sequence[str]) -> Pairs:
    """All near copies between two lists: a counts in left, b in right; sorted.

    Of equal texts on the right only the first is named; every text on the left is.
    """
    every = hashed([*left, *right], run=RUN, long=LONG, middle=MOST)
    first, stands_for = distinct(every.key)
    on_left, on_right = stands_for[: len(left)], stands_for[len(left) :]
    right_keys, right_first = np.unique(on_right, return_index=True)
    side = np.zeros(len(first), np.uint16)
    side[on_left] |= 1
    side[right_keys] |= 2
    texts = [left[i] if i < len(left) else right[i - len(left)] for i in first.tolist()]
    found = _Join(every.of(first), texts, side).pairs()
    forth = (side[found.a] & 1 > 0) & (side[found.b] & 2 > 0)
    back = (side[found.b] & 1 > 0) & (side[found.a] & 2 > 0)
    same = np.flatnonzero((side == 3) & (every.words[first] > 0))
    score = np.concatenate([found.score[forth], found.score[back], np.ones(len(same))])
    mine = np.concatenate([found.a[forth], found.b[back], same])
    theirs = np.concatenate([found.b[forth], found.a[back], same])
    by_key = sp.csr_matrix((score, (mine, theirs)), shape=(len(first), len(first)))
    spread = by_key[on_left].tocoo() if len(left) else by_key[:0].tocoo()
    position = np.zeros(max(len(first), 1), np.int64)
    position[right_keys] = right_first
    a, b = spread.row.astype(np.int64), position[spread.col]
    order = np.lexsort((b, a))
    return Pairs(a[order], b[order], spread.data[order])


def distinct(keys: Hashes) -> tuple[Ints, Ints]:
    """Where each distinct key stands first, ascending, and for every key the number of its first one."""
    _, first, inverse = np.unique(keys, return_index=True, return_inverse=True)
    order = np.argsort(first)
    number = np.empty(len(first), np.int64)
    number[order] = np.arange(len(first))
    return first[order], number[inverse]


def components(n: int, a: Sequence[int] | Ints, b: Sequence[int] | Ints) -> Ints:
    """(n,) labels: what is linked by pairs, directly or through others, shares one. Labels count up by first member."""
    links = sp.coo_matrix((np.ones(len(a), np.int8), (np.asarray(a, np.int64), np.asarray(b, np.int64))), shape=(n, n))
    labels = connected_components(links, directed=False)[1]
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse]


class _Join:
    """The join over distinct texts: their hashed sets, and the two rules over them.

    side: (N,) bit 1 for texts that stand on the left, bit 2 for those on the right; None joins all with all.
    """

    def __init__(self, texts: Hashed, source: Sequence[str], side: Ints | None = None) -> None:
        self.texts = texts
        self.source = source
        self.side = side
        self.long_numbers = _odd_counts(texts.numbers)

    def pairs(self) -> Pairs:
        """Near copies among the texts, each pair once; with sides, of a left one and a right one, in either order."""
        parts = [self._by_runs(), self._by_mean()]
        a, b, score = (np.concatenate(part) for part in zip(*parts, strict=True))
        a, b = np.minimum(a, b), np.maximum(a, b)
        order = np.lexsort((-score, b, a))  # a pair that both rules found counts once, with its better score
        a, b, score = a[order], b[order], score[order]
        fresh = np.r_[True, (a[1:] != a[:-1]) | (b[1:] != b[:-1])][: len(a)]
        return Pairs(a[fresh], b[fresh], score[fresh])

    def _sides(self, rows: Ints) -> Ints | None:
        return None if self.side is None else self.side[rows]

    def _by_runs(self) -> tuple[Ints, Ints, Floats]:
        a, b, score = jaccard_pairs(self.texts.runs, LEAST_RUNS, self.side)
        agree = self._numbers(a, b)[0] >= LEAST_NUMBERS - SLACK
        return a[agree], b[agree], score[agree]

    def _by_mean(self) -> tuple[Ints, Ints, Floats]:
        count = self.texts.numbers.sizes
        short = np.flatnonzero((self.texts.words > 0) & (self.texts.words < MOST))
        a, b = self._same_numbers(short)
        c, d = self._other_numbers(short[count[short] > 0])
        return self._score(np.concatenate([a, c]), np.concatenate([b, d]))

    def _same_numbers(self, rows: Ints) -> tuple[Ints, Ints]:
        """Pairs whose numbers are the same ones and whose words suffice; the numbers are part of each token."""
        bags, numbers = self.texts.bag.of(rows), self.texts.numbers.of(rows)
        total = np.concatenate([np.zeros(1, np.uint64), np.cumsum(numbers.values, dtype=np.uint64)])
        group = total[numbers.pointer[1:]] - total[numbers.pointer[:-1]]
        values = (bags.values ^ np.repeat(group, bags.sizes)) * np.uint64(0x9E3779B97F4A7C15)
        tokens = Sets(values ^ (values >> np.uint64(32)), bags.pointer)
        least = np.where(numbers.sizes == 0, LEAST_WORDS_WITHOUT_NUMBERS, LEAST_WORDS)
        a, b, _ = jaccard_pairs(tokens, least, self._sides(rows))
        return rows[a], rows[b]

    def _other_numbers(self, rows: Ints) -> tuple[Ints, Ints]:
        """Pairs with numbers that are not all the same; the more these differ the more the words must agree."""
        bags, numbers = self.texts.bag.of(rows), self.texts.numbers.of(rows)
        at_best = numbers.sizes / (numbers.sizes + 1)
        needed = np.maximum(3 * LEAST_MEAN_MIDDLE - 1 - at_best, LEAST_WORDS)
        least = np.where(self.long_numbers[rows] >= NUMBERED, LEAST_WORDS, needed)
        a, b = pairs_by_two(bags, least, numbers, LEAST_NUMBERS, self._sides(rows))
        a, b = rows[a], rows[b]
        differ = self._numbers(a, b)[0] < 1 - SLACK
        return a[differ], b[differ]

    def _numbers(self, a: Ints, b: Ints) -> tuple[Floats, Ints]:
        """(K,) Jaccard index of the numbers, 1 where neither has any, and how many long ones are common."""
        size = self.texts.numbers.sizes
        shared, telling = shared_of(self.texts.numbers, a, b)
        union = size[a] + size[b] - shared
        return np.where(union == 0, 1.0, shared / np.maximum(union, 1)), telling

    def _score(self, a: Ints, b: Ints) -> tuple[Ints, Ints, Floats]:
        size, length = self.texts.bag.sizes, self.texts.words
        shared, _ = shared_of(self.texts.bag, a, b)
        index = shared / (size[a] + size[b] - shared)
        numbers, telling = self._numbers(a, b)
        shorter = np.minimum(length[a], length[b])
        bare = self.texts.numbers.sizes[a] == 0
        least = np.where(shorter >= LONG, LEAST_MEAN_MIDDLE, LEAST_MEAN)
        least = np.where(telling >= NUMBERED, LEAST_MEAN_NUMBERED, least)
        least = np.where(bare, LEAST_MEAN_WITHOUT_NUMBERS, least)
        needed = 3 * least - index - numbers  # of the token set ratio, which is 1 at most
        possible = (index >= LEAST_WORDS - SLACK) & (numbers >= LEAST_NUMBERS - SLACK) & (needed <= 1 + SLACK)
        possible &= (shorter < MIDDLE) | (telling >= NUMBERED)
        a, b, index, numbers, needed = (part[possible] for part in (a, b, index, numbers, needed))
        tokens = self._token_set_ratio(a, b, needed)
        near = tokens >= needed - SLACK
        return a[near], b[near], ((index + tokens + numbers) / 3)[near]

    def _token_set_ratio(self, a: Ints, b: Ints, needed: Floats) -> Floats:
        """(K,) token set ratios from 0 to 1; those that fall short of what is needed may come as 0, to save time."""
        spaced = {i: " ".join(words_of(folded(self.source[i]))) for i in np.union1d(a, b).tolist()}
        ratios = np.zeros(len(a))
        step = np.floor(needed * CUTOFFS).astype(np.int64)
        for k in np.unique(step).tolist():
            at = np.flatnonzero(step == k)
            one, other = [spaced[i] for i in a[at].tolist()], [spaced[i] for i in b[at].tolist()]
            ratios[at] = process.cpdist(
                one,
                other,
                scorer=fuzz.token_set_ratio,
                score_cutoff=max(0.0, 100 * k / CUTOFFS - SLACK),
                dtype=np.float64,
                workers=THREADS,
            )
        return ratios / 100


def _odd_counts(sets: Sets) -> Ints:
    """(N,) how many hashes of each set have their lowest bit set."""
    total = np.concatenate([[0], np.cumsum(sets.values & np.uint64(1), dtype=np.int64)])
    return total[sets.pointer[1:]] - total[sets.pointer[:-1]]


def _least_mean(numbered: bool, telling: int, words: int) -> float:
    if not numbered:
        return LEAST_MEAN_WITHOUT_NUMBERS
    if telling >= NUMBERED:
        return LEAST_MEAN_NUMBERED
    return LEAST_MEAN if words < LONG else LEAST_MEAN_MIDDLE


def _runs(words: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


def _jaccard(a: frozenset | set, b: frozenset | set, *, both_empty: float) -> float:
    return len(a & b) / len(a | b) if a or b else both_empty
