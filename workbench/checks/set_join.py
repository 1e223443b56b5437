"""Exact set-similarity joins: which pairs of hash sets overlap enough, without comparing every pair.

Prefix filtering (Chaudhuri, Ganti & Kaushik 2006): of two sets that are alike the rarest tokens of each hold a common
one, so only rows that share a rare token are compared, and no pair at or above the threshold is lost. Before that every
token is counted by its hash; one that stands in a single row cannot make a pair, and a row with too few others is out.
In a set without copies hardly a row is left after that.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from typing import Any

import numpy as np

from workbench.checks.text_hashes import THREADS, Hashes, Ints, Sets, in_threads

Floats = np.ndarray

ROUNDS = 2  # of counting: the second no longer counts rows that the first put out
ENTRIES_A_TOKEN = 2  # of the table of counts: a token that shares its entry with another one is kept for nothing
MOST_ENTRIES = 1 << 27  # some 270 MB
BOTH_SIDES = 3
POSTINGS = 1 << 23  # entries of an index: some 400 MB with its table, and every row finds them in few steps
EVERY = 2**31 - 1
SLACK = 1e-9  # so that 7/10 counts as .7 whatever the rounding


Room = Callable[[int], Hashes]


def in_memory(hashes: int) -> Hashes:
    """An array for so many hashes."""
    return np.empty(hashes, np.uint64)


def compiled(name: str = "join_kernels") -> Any:
    """The kernels; importing them brings Numba in, which takes half a second that a command without joins can spare."""
    return import_module(f"workbench.checks.{name}")


@dataclass(frozen=True)
class Kept:
    """The rows that may have a partner, by size, and those of their tokens that other rows have too, the rarest first.

    rows: (M,) which rows; size: (M,) how many tokens they have in all; tau, side: (M,) as given for them.
    """

    rows: Ints
    tokens: Sets
    size: Ints
    tau: Floats
    side: Ints

    def first(self, needed: Floats) -> Ints:
        """(M,) how many tokens one must look at to meet any row that shares at least `needed` of them."""
        length = self.tokens.sizes
        return np.clip(length - np.ceil(needed - SLACK).astype(np.int64) + 1, 0, length)


def jaccard_pairs(
    sets: Sets,
    least: float | Floats,
    rows: Ints | None = None,
    side: Ints | None = None,
    *,
    guard: tuple[Sets, float] | None = None,
    most: int = EVERY,
    room: Room = in_memory,
) -> tuple[Ints, Ints, Floats]:
    """Every pair whose Jaccard index is `least` or more: (K,) rows a and b of the sets, (K,) indices 0 to 1.

    least: one for all, or (N,); two rows that have a token in common must have the same. rows: which to join, all when
    None. side: (N,) bits 1 and 2; a pair needs bit 1 of one and bit 2 of the other; without it every pair counts. Each
    pair stands once. guard: sorted sets of the same rows, and how alike they must be as well (two empty ones are).
    most: pairs of a row beyond which only those count that link what no pair links yet.
    """
    kernels = compiled()
    kept = kept_tokens(sets, least, rows, side, room=room)
    tokens, pointer = kept.tokens.values, kept.tokens.pointer
    indexed = kept.first(2 * kept.tau / (1 + kept.tau) * kept.size - 1)  # to meet a row as large or larger twice
    beside, as_alike = guard or (Sets(np.zeros(0, np.uint64), np.zeros(len(sets.pointer), np.int64)), 0.0)
    guards = (kept.rows, beside.values, beside.pointer, as_alike)
    forests = [np.arange(len(kept.rows), dtype=np.int32) for _ in range(THREADS)]
    found = [(np.zeros(0, np.int32), np.zeros(0, np.int32), np.zeros(0, np.int32))]
    for low, high in _blocks(indexed):
        lists = kernels.index(tokens, pointer, indexed, low, high)
        end = int(np.searchsorted(kept.size, kept.size[high - 1] / kept.tau.min() + SLACK, side="right"))
        work = (kept.size, kept.tau, kept.side, *lists, low, end, guards)
        probe = partial(kernels.probe, tokens, pointer, *work)
        found += in_threads(lambda p, probe=probe: probe(p, THREADS, most, forests[p]), range(THREADS))  # type: ignore[misc]
    a, b, shared = (np.concatenate(part) for part in zip(*found, strict=True))
    return kept.rows[a], kept.rows[b], shared / (kept.size[a] + kept.size[b] - shared)


def _blocks(indexed: Ints) -> Iterator[tuple[int, int]]:
    """Ranges of rows of which an index of at most `POSTINGS` entries (or of one row) is made."""
    total, low = np.cumsum(indexed), 0
    while low < len(indexed):
        before = total[low - 1] if low else 0
        high = max(low + 1, int(np.searchsorted(total, before + POSTINGS, side="right")))
        yield low, high
        low = high


@dataclass(frozen=True)
class Both:
    """Two kinds of sets in which rows are compared, sorted: words and numbers, of the same N rows.

    least_words: (N,) how alike a pair must be in its words; least_numbers: and in its numbers, which must not be the
    same; least_sum: what the two Jaccard indices must come to together. rows, side, room: as in `jaccard_pairs`.
    """

    words: Sets
    numbers: Sets
    least_words: Floats
    least_numbers: float
    least_sum: float
    rows: Ints
    side: Ints | None = None
    room: Room = in_memory

    def pairs_by_two(self) -> tuple[Ints, Ints]:
        """Every such pair: (K,) rows a and b, each pair once.

        It shares a rare word and a rare number, so the keys are one of each, and few rows share a key.
        """
        kernels = compiled("meet_kernels")
        some = kept_tokens(self.words, self.least_words, self.rows, self.side, room=self.room)
        others = kept_tokens(self.numbers, self.least_numbers, self.rows, self.side, room=self.room)
        both, mine, theirs = np.intersect1d(some.rows, others.rows, assume_unique=True, return_indices=True)
        few = some.first(some.tau * some.size)[mine], others.first(others.tau * others.size)[theirs]
        pointer = np.concatenate([np.zeros(1, np.int64), np.cumsum(few[0] * few[1])])
        keys = self.room(int(pointer[-1]))
        starts = some.tokens.pointer[mine], others.tokens.pointer[theirs]
        kernels.cross(some.tokens.values, starts[0], few[0], others.tokens.values, starts[1], few[1], pointer, keys)
        return self._met(Sets(keys, pointer), both)

    def pairs_by_many(self, others: Sets, shared: int) -> tuple[Ints, Ints]:
        """Every such pair that has at least `shared` (two or more) of `others` in common.

        Of n such all but the `shared` - 2 commonest hold two that are common, so two of them make a key.
        """
        kernels = compiled("meet_kernels")
        least = np.minimum(shared / np.maximum(others.sizes, 1), 1.0)
        kept = kept_tokens(others, least, self.rows, self.side, by_size=False, room=self.room)
        few = np.maximum(kept.tokens.sizes - shared + 2, 0)
        pointer = np.concatenate([np.zeros(1, np.int64), np.cumsum(few * (few - 1) // 2)])
        keys = self.room(int(pointer[-1]))
        kernels.twos(kept.tokens.values, kept.tokens.pointer, few, pointer, keys)
        return self._met(Sets(keys, pointer), kept.rows)

    def _met(self, keys: Sets, rows: Ints) -> tuple[Ints, Ints]:
        """Those that share a key. keys: a set for each of the rows."""
        kernels = compiled("meet_kernels")
        side = None if self.side is None else self.side[rows]
        met = kept_tokens(keys, 0.0, None, side, by_size=False, room=self.room)
        back = rows[met.rows]
        lists = compiled().index(met.tokens.values, met.tokens.pointer, met.tokens.sizes, 0, len(back))[:3]
        sets = (self.words.values, self.words.pointer, self.numbers.values, self.numbers.pointer)
        sums, tau = (self.least_numbers, self.least_sum), np.ascontiguousarray(self.least_words[back])
        sketch = np.zeros((len(back), 8), np.uint64)
        in_threads(lambda p: kernels.sketches(*sets, back, p, THREADS, sketch), range(THREADS))
        work = (met.tokens.values, met.tokens.pointer, *sets, sketch, sums, back, tau, met.side, *lists)
        found = in_threads(lambda p: kernels.meet(*work, p, THREADS), range(THREADS))
        a, b = (np.concatenate(part) for part in zip(*found, strict=True))
        return back[a], back[b]


def kept_tokens(
    sets: Sets,
    least: float | Floats,
    rows: Ints | None = None,
    side: Ints | None = None,
    *,
    by_size: bool = True,
    room: Room = in_memory,
) -> Kept:
    """What is left to be joined at a Jaccard index of `least`; rows by size, or in their own order."""
    kernels = compiled()
    n, parts, sizes = len(sets.pointer) - 1, range(THREADS), sets.sizes
    tau = np.ascontiguousarray(np.broadcast_to(np.asarray(least, np.float64), n))
    sides = np.full(n, BOTH_SIDES, np.uint16) if side is None else side.astype(np.uint16)
    alive, kept = sizes > 0, np.zeros(n, np.int64)
    if rows is not None:
        alive &= np.isin(np.arange(n), rows)
    needed = np.ceil(tau * sizes - SLACK).astype(np.int64)
    table = np.zeros(entries(int(sizes[alive].sum())), np.uint16)
    work = (sets.values, sets.pointer, alive, needed, table, kept)
    for _ in range(ROUNDS):
        table[:] = 0
        in_threads(lambda p: kernels.tally(sets.values, sets.pointer, alive, sides, table, p, THREADS), parts)
        in_threads(lambda p: kernels.count_kept(*work, p, THREADS), parts)
    left = np.flatnonzero(alive)
    if by_size:
        left = left[np.argsort(sizes[left], kind="stable")]
    pointer = np.concatenate([np.zeros(1, np.int64), np.cumsum(kept[left])])
    tokens = room(int(pointer[-1]))
    in_threads(lambda p: kernels.keep(sets.values, sets.pointer, left, table, pointer, tokens, p, THREADS), parts)
    return Kept(left, Sets(tokens, pointer), sizes[left], tau[left], sides[left])


def entries(tokens: int) -> int:
    """How many entries a table of counts has for so many tokens: a power of two."""
    return int(min(MOST_ENTRIES, max(1024, 1 << int(np.ceil(np.log2(max(1, ENTRIES_A_TOKEN * tokens)))))))


def shared_of(sets: Sets, a: Ints, b: Ints) -> tuple[Ints, Ints]:
    """(K,) how many hashes the sorted sets a[k] and b[k] share, and how many of these have their lowest bit set."""
    kernels = compiled()
    shared, marked = np.zeros(len(a), np.int64), np.zeros(len(a), np.int64)
    a, b = a.astype(np.int64), b.astype(np.int64)
    in_threads(
        lambda p: kernels.shared_counts(sets.values, sets.pointer, a, b, p, THREADS, shared, marked), range(THREADS)
    )
    return shared, marked
