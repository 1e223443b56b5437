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
    respiratory (.996, .941); .981 and .935 without the rule for common numbers. Of 126 settings of that rule the best
    on stroke gives .966 on respiratory, the best on respiratory .992 on stroke; the latter is kept, since it adds no
    pair among 13,083 bank questions and 1,100 short instructions. That numbers matter was seen on both sets.
Source
    All limits: measured for this project on bibdedupe (records with human-verified copies) and banking77.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from rapidfuzz import fuzz
from scipy.sparse.csgraph import connected_components

from workbench.checks.set_join import (
    BOTH_SIDES,
    EVERY,
    SLACK,
    Both,
    Floats,
    Room,
    in_memory,
    jaccard_pairs,
    shared_of,
)
from workbench.checks.text_hashes import (
    Hashed,
    Hashes,
    Ints,
    Sets,
    hashed,
)
from workbench.checks.token_sets import token_set_ratios
from workbench.checks.words import exact_keys, numbers_of, words_of

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
PAIRS_AT_ONCE = 1_000_000  # that are scored in one go: some 300 MB


TextsAt = Callable[[Sequence[int]], Sequence[str]]


@dataclass(frozen=True)
class Pairs:
    """Near copies: (K,) positions a and b of the texts, and (K,) scores from 0 to 1."""

    a: Ints
    b: Ints
    score: Floats

    def __len__(self) -> int:
        return len(self.a)


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
    return pairs_of(every, lambda rows: [texts[i] for i in rows])


def pairs_of(every: Hashed, texts_at: TextsAt, *, most: int = EVERY, room: Room = in_memory) -> Pairs:
    """`near_pairs` of texts that are hashed already. texts_at: gives the texts at some rows; for the other two see
    `set_join.jaccard_pairs`."""
    first, stands_for = distinct(every.key)
    found = _Join(every, first, texts_at, most=most, room=room).pairs()
    copies = np.flatnonzero((first[stands_for] != np.arange(len(every))) & (every.words > 0))
    a, b = np.concatenate([found.a, first[stands_for[copies]]]), np.concatenate([found.b, copies])
    score = np.concatenate([found.score, np.ones(len(copies))])
    order = np.lexsort((b, a))
    return Pairs(a[order], b[order], score[order])


def near_pairs_between(left: Sequence[str], right: Sequence[str]) -> Pairs:
    """All near copies between two lists: a counts in left, b in right; sorted.

    Of equal texts on the right only the first is named; every text on the left is.
    """
    texts = [*left, *right]
    every = hashed(texts, run=RUN, long=LONG, middle=MOST)
    return pairs_between_of(every, len(left), lambda rows: [texts[i] for i in rows])


def pairs_between_of(
    every: Hashed, left: int, texts_at: TextsAt, *, most: int = EVERY, room: Room = in_memory
) -> Pairs:
    """`near_pairs_between` of texts that are hashed already: the first `left` of them, and the others."""
    first, stands_for = distinct(every.key)
    on_left, on_right = first[stands_for[:left]], first[stands_for[left:]]
    right_keys, right_first = np.unique(on_right, return_index=True)
    side = np.zeros(len(every), np.uint16)
    side[on_left] |= 1
    side[right_keys] |= 2
    found = _Join(every, first, texts_at, side, most=most, room=room).pairs()
    forth = (side[found.a] & 1 > 0) & (side[found.b] & 2 > 0)
    back = (side[found.b] & 1 > 0) & (side[found.a] & 2 > 0)
    same = np.flatnonzero((side == BOTH_SIDES) & (every.words > 0))
    score = np.concatenate([found.score[forth], found.score[back], np.ones(len(same))])
    mine = np.concatenate([found.a[forth], found.b[back], same])
    theirs = np.concatenate([found.b[forth], found.a[back], same])
    by_key = sp.csr_matrix((score, (mine, theirs)), shape=(len(every), len(every)))
    spread = by_key[on_left].tocoo() if left else by_key[:0].tocoo()
    position = np.zeros(len(every), np.int64)
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
    """The join over some of the texts, no two of them equal: their hashed sets, and the two rules over them.

    side: (N,) bit 1 for texts that stand on the left, bit 2 for those on the right; None joins all with all.
    """

    def __init__(
        self,
        texts: Hashed,
        rows: Ints,
        texts_at: TextsAt,
        side: Ints | None = None,
        *,
        most: int = EVERY,
        room: Room = in_memory,
    ) -> None:
        self.texts = texts
        self.rows = rows
        self.texts_at = texts_at
        self.side = side
        self.most = most
        self.room = room

    def pairs(self) -> Pairs:
        """Near copies among the texts, a < b, each pair once; with sides, of a left one and a right one."""
        parts = [self._by_runs(), *self._by_mean()]
        a, b, score = (np.concatenate(part) for part in zip(*parts, strict=True))
        a, b = np.minimum(a, b), np.maximum(a, b)
        order = np.lexsort((-score, b, a))  # a pair that both rules found counts once, with its better score
        a, b, score = a[order], b[order], score[order]
        fresh = np.r_[True, (a[1:] != a[:-1]) | (b[1:] != b[:-1])][: len(a)]
        return Pairs(a[fresh], b[fresh], score[fresh])

    def _by_runs(self) -> tuple[Ints, Ints, Floats]:
        guard = self.texts.numbers, LEAST_NUMBERS
        texts = self.texts.runs
        return jaccard_pairs(texts, LEAST_RUNS, self.rows, self.side, guard=guard, most=self.most, room=self.room)

    def _by_mean(self) -> Iterator[tuple[Ints, Ints, Floats]]:
        words = self.texts.words[self.rows]
        short = self.rows[(words > 0) & (words < MOST)]
        numbered = short[self.texts.numbers.sizes[short] > 0]
        bare, numbered = short[self._count[short] == 0], short[self._count[short] > 0]
        for a, b in (
            self._same_numbers(bare, LEAST_WORDS_WITHOUT_NUMBERS),
            self._same_numbers(numbered, LEAST_WORDS),
            self._other_numbers(numbered),
            self._telling_numbers(numbered),
        ):
            for start in range(0, len(a), PAIRS_AT_ONCE):
                yield self._score(a[start : start + PAIRS_AT_ONCE], b[start : start + PAIRS_AT_ONCE])

    @property
    def _count(self) -> Ints:
        return self.texts.numbers.sizes

    def _same_numbers(self, rows: Ints, least: float) -> tuple[Ints, Ints]:
        """Pairs whose numbers are the same ones and whose words suffice; the numbers are part of each token."""
        a, b, _ = jaccard_pairs(self.texts.same, least, rows, self.side, room=self.room)
        return a, b

    def _other_numbers(self, rows: Ints) -> tuple[Ints, Ints]:
        """Pairs with numbers that are not all the same; the more these differ the more the words must agree."""
        at_best = self._count / (self._count + 1)
        together = 3 * LEAST_MEAN_MIDDLE - 1  # with a token set ratio of 1
        least = np.maximum(together - at_best, LEAST_WORDS)
        return self._both(rows, least, together).pairs_by_two()

    def _telling_numbers(self, rows: Ints) -> tuple[Ints, Ints]:
        """Pairs with so many common long numbers that less will do, and with numbers that are not all the same."""
        rows = rows[_odd_counts(self.texts.numbers)[rows] >= NUMBERED]
        least = np.full(len(self.texts), LEAST_WORDS)
        return self._both(rows, least, 3 * LEAST_MEAN_NUMBERED - 1).pairs_by_many(_odd(self.texts.numbers), NUMBERED)

    def _both(self, rows: Ints, least: Floats, together: float) -> Both:
        bag, numbers = self.texts.bag, self.texts.numbers
        return Both(bag, numbers, least, LEAST_NUMBERS, together, rows, self.side, self.room)

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
        """(K,) token set ratios from 0 to 1; those that fall short of what is needed may come as less."""
        used, places = np.unique(np.concatenate([a, b]), return_inverse=True)
        return token_set_ratios(self.texts_at(used.tolist()), places[: len(a)], places[len(a) :], needed)


def _odd(sets: Sets) -> Sets:
    """The sets with only the hashes that have their lowest bit set."""
    return Sets(sets.values[sets.values & np.uint64(1) > 0], np.concatenate([[0], np.cumsum(_odd_counts(sets))]))


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
