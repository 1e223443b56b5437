"""Exact set-similarity joins: which pairs of hash sets overlap enough, without comparing every pair.

Prefix filtering (Chaudhuri, Ganti & Kaushik 2006): of two sets that are alike the rarest tokens of each hold a common
one, so only rows that share a rare token are compared, and no pair at or above the threshold is lost. Before that every
token is counted by its hash; one that stands in a single row cannot make a pair, and a row with too few others is out.
In a set without copies hardly a row is left after that.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench.checks.text_hashes import THREADS, Ints, Sets, in_threads

Floats = np.ndarray

ROUNDS = 2  # of counting: the second no longer counts rows that the first put out
ENTRIES_A_TOKEN = 2  # of the table of counts: a token that shares its entry with another one is kept for nothing
MOST_ENTRIES = 1 << 27  # some 270 MB
BOTH_SIDES = 3
SLACK = 1e-9  # so that 7/10 counts as .7 whatever the rounding


def compiled() -> Any:
    """The kernels; importing them brings Numba in, which takes half a second that a command without joins can spare."""
    from workbench.checks import join_kernels

    return join_kernels


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


def jaccard_pairs(sets: Sets, least: float | Floats, side: Ints | None = None) -> tuple[Ints, Ints, Floats]:
    """Every pair whose Jaccard index is `least` or more: (K,) rows a and b of the sets, (K,) indices 0 to 1.

    least: one for all, or (N,); two rows that have a token in common must have the same. side: (N,) bits 1 and 2; a
    pair needs bit 1 of one and bit 2 of the other; without it every pair counts. Each pair stands once.
    """
    kernels = compiled()

    kept = kept_tokens(sets, least, side)
    tokens, pointer = kept.tokens.values, kept.tokens.pointer
    overlap = 2 * kept.tau / (1 + kept.tau) * kept.size  # with a row as large or larger
    lists = kernels.index(tokens, pointer, kept.first(overlap))
    found = in_threads(
        lambda p: kernels.probe(tokens, pointer, kept.size, kept.tau, kept.side, *lists, p, THREADS), range(THREADS)
    )
    a, b, shared = (np.concatenate(part) for part in zip(*found, strict=True))
    return kept.rows[a], kept.rows[b], shared / (kept.size[a] + kept.size[b] - shared)


def pairs_by_two(
    words: Sets, least_words: Floats, numbers: Sets, least_numbers: float, side: Ints | None = None
) -> tuple[Ints, Ints]:
    """Every pair that may be `least_words` alike in its words and `least_numbers` in its numbers, and some others.

    words, numbers: sets of the same N rows. A pair that is alike in both shares a rare word and a rare number, so the
    keys are one of each, and few rows share a key. (K,) rows a and b, each pair once.
    """
    kernels = compiled()

    some, others = kept_tokens(words, least_words, side), kept_tokens(numbers, least_numbers, side)
    rows, mine, theirs = np.intersect1d(some.rows, others.rows, assume_unique=True, return_indices=True)
    few = some.first(some.tau * some.size)[mine], others.first(others.tau * others.size)[theirs]
    pointer = np.concatenate([[0], np.cumsum(few[0] * few[1])])
    keys = np.empty(pointer[-1], np.uint64)
    starts = some.tokens.pointer[mine], others.tokens.pointer[theirs]
    kernels.cross(some.tokens.values, starts[0], few[0], others.tokens.values, starts[1], few[1], pointer, keys)
    sizes = some.size[mine]
    met = kept_tokens(Sets(keys, pointer), 0.0, some.side[mine], sizes)
    tokens, pointer, size = met.tokens.values, met.tokens.pointer, sizes[met.rows]
    lists = kernels.index(tokens, pointer, met.tokens.sizes)[:3]
    tau = some.tau[mine][met.rows]
    found = in_threads(lambda p: kernels.meet(tokens, pointer, size, tau, met.side, *lists, p, THREADS), range(THREADS))
    a, b = (np.concatenate(part) for part in zip(*found, strict=True))
    back = rows[met.rows]
    return back[a], back[b]


def kept_tokens(sets: Sets, least: float | Floats, side: Ints | None = None, order: Ints | None = None) -> Kept:
    """What is left to be joined at a Jaccard index of `least`; rows by size, or by (N,) `order`."""
    kernels = compiled()

    n, parts, sizes = len(sets.pointer) - 1, range(THREADS), sets.sizes
    tau = np.ascontiguousarray(np.broadcast_to(np.asarray(least, np.float64), n))
    sides = np.full(n, BOTH_SIDES, np.uint16) if side is None else side.astype(np.uint16)
    alive, kept = sizes > 0, np.zeros(n, np.int64)
    table = np.zeros(entries(len(sets.values)), np.uint16)
    for _ in range(ROUNDS):
        table[:] = 0
        in_threads(lambda p: kernels.tally(sets.values, sets.pointer, alive, sides, table, p, THREADS), parts)
        in_threads(lambda p: kernels.count_kept(sets.values, sets.pointer, alive, tau, table, kept, p, THREADS), parts)
    rows = np.flatnonzero(alive)
    rows = rows[np.argsort((sizes if order is None else order)[rows], kind="stable")]
    pointer = np.concatenate([[0], np.cumsum(kept[rows])])
    tokens = np.empty(pointer[-1], np.uint64)
    in_threads(lambda p: kernels.keep(sets.values, sets.pointer, rows, table, pointer, tokens, p, THREADS), parts)
    return Kept(rows, Sets(tokens, pointer), sizes[rows], tau[rows], sides[rows])


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
