"""Near copies: which texts say the same in nearly the same words, exactly and without comparing every pair.

Two texts of 30 words and more are near copies when the sets of their three-word runs have a Jaccard index of .7 or
more. When one has fewer than 100 words, the mean of three parts decides as well: Jaccard index of the words,
rapidfuzz's token_set_ratio, Jaccard index of the numbers. It must reach .8, since runs of three words miss a text that
was retouched in a few places (bibdedupe: F1 .60 and .62 without, .98 and .94 with); below 30 words .85. Bibliographic
records alone would bear .72 there, with F1 .001 to .007 higher, but of 1,100 short instructions it called "What is the
formula of ammonia? NH3" a copy of "... of nitric acid? HNO3". Two more conditions keep the mean honest:

- at least .4 of the words must be common. Without it a text counts as a copy of any longer one that contains it.
  Measured on bibdedupe: it moves F1 by .002 at most.
- where neither text holds a number the third part says nothing (it would be a gift of 1), and the mean must reach .9.
  Measured on 13,083 bank questions: at .9, 90 % of the pairs ask for the same thing; at .72, seven of ten did.

In both cases at least half of the numbers must be common: texts that are equal but for their numbers are variants of a
template, each with a fact of its own.

Known limits
    A "not" more or less in a short text is still a near copy, and so is one with two words swapped. Rephrased
    copies are not seen at all: no rule on words can. Scripts written without blanks (Han, kana, Thai, Lao, Khmer,
    Burmese) count each character as a word.
Source
    All limits: measured for this project on bibdedupe (records with human-verified copies) and banking77.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy.sparse as sp
from rapidfuzz import fuzz, process
from scipy.sparse.csgraph import connected_components

from workbench.checks.set_join import (
    Floats,
    Ints,
    jaccard_pairs,
    prefix,
    shared_counts,
    shared_of,
    token_matrix,
    word_runs,
)

LONG = 30  # words from which three-word runs decide
MIDDLE = 100  # words below which the mean of three parts decides, too
RUN = 3  # words in a run
LEAST_RUNS = 0.7
LEAST_MEAN = 0.85
LEAST_MEAN_MIDDLE = 0.8
LEAST_MEAN_WITHOUT_NUMBERS = 0.9
LEAST_WORDS = 0.4
LEAST_NUMBERS = 0.5
# What the words must reach for the mean of 1 (words) + 1 (token set) + 1 (numbers) parts to reach its limit at all:
LEAST_WORDS_WITHOUT_NUMBERS = 3 * LEAST_MEAN_WITHOUT_NUMBERS - 2
SLACK = 1e-9
CUTOFFS = 50  # steps in which the scorer is told what is needed, so that it may give up early

_BLANKLESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
_WORD = re.compile(rf"[{_BLANKLESS}]|[^\W{_BLANKLESS}]+")
_ASCII_WORD = re.compile(r"\w+", re.ASCII)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")
_OPENING = "\"'“”„‘’«»([{ "
_CLOSING = "\"'“”„‘’«»)]} .,;:!?…。！？，"


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
        plain = " ".join((text if text.isascii() else unicodedata.normalize("NFC", text)).casefold().split())
        keys.append(plain.lstrip(_OPENING).rstrip(_CLOSING) or plain)
    return keys


def words_of(key: str) -> list[str]:
    """The words of a normalised text; in scripts without blanks each character."""
    return _ASCII_WORD.findall(key) if key.isascii() else _WORD.findall(key)


def numbers_of(key: str) -> frozenset[str]:
    """The numbers of a text, thousands commas removed."""
    return frozenset(_NUMBER.findall(_THOUSANDS.sub("", key)))


def near_copy_score(left: str, right: str) -> float | None:
    """How alike two texts are when they are near copies, 0 to 1; None when they are not (or one has no words)."""
    a, b = exact_keys([left, right])
    first, second = words_of(a), words_of(b)
    if not first or not second:
        return None
    if a == b:
        return 1.0
    numbers = _jaccard(numbers_of(a), numbers_of(b), both_empty=1.0)
    if numbers < LEAST_NUMBERS - SLACK:
        return None
    shorter, scores = min(len(first), len(second)), []
    if shorter >= LONG and (runs := _jaccard(_runs(first), _runs(second), both_empty=0.0)) >= LEAST_RUNS - SLACK:
        scores.append(runs)
    words = _jaccard(set(first), set(second), both_empty=0.0)
    if shorter < MIDDLE and words >= LEAST_WORDS - SLACK:
        mean = (words + fuzz.token_set_ratio(" ".join(first), " ".join(second)) / 100 + numbers) / 3
        if mean >= _least_mean(bool(numbers_of(a)), shorter) - SLACK:
            scores.append(mean)
    return max(scores, default=None)


def near_pairs(texts: Sequence[str]) -> Pairs:
    """All near copies among the texts, with a < b, sorted; texts without a word never match.

    Equal texts (`exact_keys`) are paired with their first one only: k copies make k - 1 pairs of score 1, and the first
    one stands for them in the other pairs, so a set full of copies stays cheap. `components` loses nothing by it.
    """
    keys, first, stands_for = _distinct(texts)
    found = _Join(keys).pairs()
    copies = np.flatnonzero(first[stands_for] != np.arange(len(texts)))
    worded = np.fromiter((bool(words_of(keys[stands_for[i]])) for i in copies), bool, len(copies))
    copies = copies[worded]
    a = np.concatenate([first[found.a], first[stands_for[copies]]])
    b = np.concatenate([first[found.b], copies])
    score = np.concatenate([found.score, np.ones(len(copies))])
    order = np.lexsort((b, a))
    return Pairs(a[order], b[order], score[order])


def near_pairs_between(left: Sequence[str], right: Sequence[str]) -> Pairs:
    """All near copies between two lists: a counts in left, b in right; sorted.

    Of equal texts on the right only the first is named; every text on the left is.
    """
    keys, _, stands_for = _distinct([*left, *right])
    on_left, on_right = stands_for[: len(left)], stands_for[len(left) :]
    right_keys, right_first = np.unique(on_right, return_index=True)
    left_keys = np.unique(on_left)
    found = _Join(keys).pairs(left_keys, right_keys)
    same = np.intersect1d(left_keys, right_keys)
    same = same[np.fromiter((bool(words_of(keys[k])) for k in same), bool, len(same))]
    score = np.concatenate([found.score, np.ones(len(same))])
    places = np.concatenate([found.a, same]), np.concatenate([found.b, same])
    by_key = sp.csr_matrix((score, places), shape=(len(keys), len(keys)))
    spread = by_key[on_left].tocoo() if len(left) else by_key[:0].tocoo()
    position = np.zeros(max(len(keys), 1), np.int64)
    position[right_keys] = right_first
    a, b = spread.row.astype(np.int64), position[spread.col]
    order = np.lexsort((b, a))
    return Pairs(a[order], b[order], spread.data[order])


def components(n: int, a: Sequence[int] | Ints, b: Sequence[int] | Ints) -> Ints:
    """(n,) labels: what is linked by pairs, directly or through others, shares one. Labels count up by first member."""
    links = sp.coo_matrix((np.ones(len(a), np.int8), (np.asarray(a, np.int64), np.asarray(b, np.int64))), shape=(n, n))
    labels = connected_components(links, directed=False)[1]
    _, first, inverse = np.unique(labels, return_index=True, return_inverse=True)
    return np.argsort(np.argsort(first))[inverse]


class _Join:
    """The join over distinct normalised texts: their words as numbers, and the two rules over them."""

    def __init__(self, keys: Sequence[str]) -> None:
        self.keys = keys
        vocabulary: dict[str, int] = {}
        self.documents: list[Ints] = [
            np.fromiter((vocabulary.setdefault(w, len(vocabulary)) for w in words_of(key)), np.int64) for key in keys
        ]
        self.vocabulary = len(vocabulary)
        self.length = np.fromiter((len(d) for d in self.documents), np.int64, len(keys))
        self._numbers: dict[int, frozenset[str]] = {}

    def numbers(self, i: int) -> frozenset[str]:
        if i not in self._numbers:
            self._numbers[i] = numbers_of(self.keys[i])
        return self._numbers[i]

    def pairs(self, left: Ints | None = None, right: Ints | None = None) -> Pairs:
        """Near copies among all the texts (a < b), or of those numbered `left` with those numbered `right`."""
        everything = np.arange(len(self.keys))
        within = left is None or right is None
        rows = everything if left is None else left
        columns = everything if right is None else right
        parts = [self._long(rows, columns, within), self._short(rows, columns, within)]
        a, b, score = (np.concatenate(part) for part in zip(*parts, strict=True))
        order = np.lexsort((-score, b, a))  # a pair that both rules found counts once, with its better score
        a, b, score = a[order], b[order], score[order]
        fresh = np.r_[True, (a[1:] != a[:-1]) | (b[1:] != b[:-1])][: len(a)]
        return Pairs(a[fresh], b[fresh], score[fresh])

    def _long(self, rows: Ints, columns: Ints, within: bool) -> tuple[Ints, Ints, Floats]:
        long = np.flatnonzero(self.length >= LONG)
        long = long if within else np.intersect1d(long, np.union1d(rows, columns))
        runs, width = word_runs([self.documents[i] for i in long], self.vocabulary, RUN)
        matrix = token_matrix(runs, width)
        if within:
            a, b, score = jaccard_pairs(matrix, matrix, LEAST_RUNS)
            a, b = long[a], long[b]
            keep = a < b
        else:
            mine, theirs = np.isin(long, rows), np.isin(long, columns)
            a, b, score = jaccard_pairs(matrix[mine], matrix[theirs], LEAST_RUNS)
            a, b = long[mine][a], long[theirs][b]
            keep = a != b
        a, b, score = a[keep], b[keep], score[keep]
        agree = self._number_index(a, b) >= LEAST_NUMBERS - SLACK
        return a[agree], b[agree], score[agree]

    def _short(self, rows: Ints, columns: Ints, within: bool) -> tuple[Ints, Ints, Floats]:
        bags = [np.unique(d) for d in self.documents]
        words = token_matrix(bags, max(self.vocabulary, 1))
        size = np.diff(words.indptr)
        # A partner of a text of 99 words at most has at most 99 / .4 distinct words.
        fits = (size > 0) & (size <= (MIDDLE - 1) / LEAST_WORDS)
        short = fits & (self.length < MIDDLE)
        keys = self._prefix_keys(bags, words, np.flatnonzero(fits))
        sides = [(rows[short[rows]], columns[fits[columns]])]
        if not within:
            sides.append((rows[fits[rows] & ~short[rows]], columns[short[columns]]))
        found = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))]
        for mine, theirs in sides:
            for i, j, _ in shared_counts(keys[mine], keys[theirs]):
                a, b = mine[i], theirs[j]
                keep = (a < b) | (~short[b] & (a != b)) if within else a != b
                found.append(self._score(words, size, a[keep], b[keep]))
        a, b, score = (np.concatenate(part) for part in zip(*found, strict=True))
        return (np.minimum(a, b), np.maximum(a, b), score) if within else (a, b, score)

    def _prefix_keys(self, bags: list[Ints], words: sp.csr_matrix, texts: Ints) -> sp.csr_matrix:
        """(N, keys): a pair that can pass the short rule shares a key, which is a rare word with a rare number.

        Both the words and the numbers must overlap, so both sides' rarest tokens do; a text without numbers can only
        match another such, and takes "no number" as its number.
        """
        rank = np.argsort(np.argsort(words.getnnz(axis=0), kind="stable"))
        ids: dict[str, int] = {}
        sets = {i: np.array(sorted(ids.setdefault(n, len(ids)) for n in self.numbers(i)), np.int64) for i in texts}
        used = np.bincount(np.concatenate([np.zeros(0, np.int64), *sets.values()]), minlength=len(ids))
        number_rank = np.argsort(np.argsort(used, kind="stable"))
        empty, made = np.zeros(0, np.int64), {}
        for i in texts:
            if len(sets[i]):
                rare, numbers = prefix(bags[i], rank, LEAST_WORDS), prefix(sets[i], number_rank, LEAST_NUMBERS) + 1
                made[i] = (rare[:, None] * (len(ids) + 1) + numbers[None, :]).ravel()
            else:
                made[i] = prefix(bags[i], rank, LEAST_WORDS_WITHOUT_NUMBERS) * (len(ids) + 1)
        flat, numbered = np.unique(np.concatenate([empty, *made.values()]), return_inverse=True)
        ends = np.cumsum([0, *(len(m) for m in made.values())])
        per_text = [empty] * len(bags)
        for place, i in enumerate(made):
            per_text[i] = np.sort(numbered[ends[place] : ends[place + 1]])
        return token_matrix(per_text, max(len(flat), 1))

    def _score(self, words: sp.csr_matrix, size: Ints, a: Ints, b: Ints) -> tuple[Ints, Ints, Floats]:
        shared = shared_of(words, a, b)
        index = shared / (size[a] + size[b] - shared)
        keep = index >= LEAST_WORDS - SLACK
        a, b, index = a[keep], b[keep], index[keep]
        numbers = self._number_index(a, b)
        bare = np.isin(a, [i for i in np.unique(a).tolist() if not self.numbers(i)])
        middle = np.minimum(self.length[a], self.length[b]) >= LONG
        least = np.where(bare, LEAST_MEAN_WITHOUT_NUMBERS, np.where(middle, LEAST_MEAN_MIDDLE, LEAST_MEAN))
        needed = 3 * least - index - numbers  # of the token set ratio, which is 1 at most
        possible = (numbers >= LEAST_NUMBERS - SLACK) & (needed <= 1 + SLACK)
        a, b, index, numbers, needed = (part[possible] for part in (a, b, index, numbers, needed))
        tokens = self._token_set_ratio(a, b, needed)
        near = tokens >= needed - SLACK
        return a[near], b[near], ((index + tokens + numbers) / 3)[near]

    def _token_set_ratio(self, a: Ints, b: Ints, needed: Floats) -> Floats:
        """(K,) token set ratios from 0 to 1; those that fall short of what is needed may come as 0, to save time."""
        spaced = {i: " ".join(words_of(self.keys[i])) for i in np.union1d(a, b).tolist()}
        ratios = np.zeros(len(a))
        step = np.floor(needed * CUTOFFS).astype(np.int64)
        for k in np.unique(step).tolist():
            at = np.flatnonzero(step == k)
            one, other = [spaced[i] for i in a[at].tolist()], [spaced[i] for i in b[at].tolist()]
            cutoff = max(0.0, 100 * k / CUTOFFS - SLACK)
            scorer = fuzz.token_set_ratio
            ratios[at] = process.cpdist(one, other, scorer=scorer, score_cutoff=cutoff, dtype=np.float64) / 100
        return ratios

    def _number_index(self, a: Ints, b: Ints) -> Floats:
        used = np.union1d(a, b)
        known: dict[frozenset[str], int] = {}
        code = np.fromiter((known.setdefault(self.numbers(i), len(known)) for i in used.tolist()), np.int64, len(used))
        code_a, code_b = code[np.searchsorted(used, a)], code[np.searchsorted(used, b)]
        differ = np.flatnonzero(code_a != code_b)
        sets, index = list(known), np.ones(len(a))
        pairs = zip(code_a[differ].tolist(), code_b[differ].tolist(), strict=True)
        index[differ] = [_jaccard(sets[one], sets[other], both_empty=1.0) for one, other in pairs]
        return index


def _distinct(texts: Sequence[str]) -> tuple[list[str], Ints, Ints]:
    """The distinct keys, where each stands first, and for every text the number of its key."""
    number: dict[str, int] = {}
    first: list[int] = []
    stands_for = np.zeros(len(texts), np.int64)
    for position, key in enumerate(exact_keys(texts)):
        if key not in number:
            number[key] = len(first)
            first.append(position)
        stands_for[position] = number[key]
    return list(number), np.array(first, np.int64), stands_for


def _least_mean(numbered: bool, words: int) -> float:
    if not numbered:
        return LEAST_MEAN_WITHOUT_NUMBERS
    return LEAST_MEAN if words < LONG else LEAST_MEAN_MIDDLE


def _runs(words: Sequence[str]) -> set[tuple[str, ...]]:
    return {tuple(words[i : i + RUN]) for i in range(len(words) - RUN + 1)}


def _jaccard(a: frozenset | set, b: frozenset | set, *, both_empty: float) -> float:
    return len(a & b) / len(a | b) if a or b else both_empty
