"""Exact set-similarity joins: which pairs of token sets overlap enough, without comparing every pair.

A sparse matrix with one row a text and one column a token turns "how many tokens do they share" into a product; blocks
keep its memory bounded. Prefix filtering (Chaudhuri, Ganti & Kaushik 2006) drops the commonest tokens of each set that
cannot decide a pair, so no pair at or above the threshold is ever lost.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import scipy.sparse as sp

Ints = np.ndarray
Floats = np.ndarray

PRODUCTS_A_BLOCK = 10_000_000  # multiplications in one block: some 200 MB at most
PAIRS_A_BLOCK = 100_000  # pairs whose intersections are counted at once
SLACK = 1e-9  # so that 7/10 counts as .7 whatever the rounding


def token_matrix(sets: Sequence[Ints], width: int) -> sp.csr_matrix:
    """(N, width) ones where a set holds a token. sets: N sorted arrays of distinct token numbers below width."""
    sizes = np.fromiter((len(s) for s in sets), np.int64, len(sets))
    columns = np.concatenate(sets) if len(sets) else np.zeros(0, np.int64)
    pointers = np.concatenate([[0], np.cumsum(sizes)])
    return sp.csr_matrix((np.ones(len(columns), np.float32), columns, pointers), shape=(len(sets), width))


def word_runs(documents: Sequence[Ints], words: int, run: int, seed: int = 0) -> tuple[list[Ints], int]:
    """Each document's distinct runs of `run` words as sorted token numbers, and how many tokens there are.

    documents: word numbers below `words`, each at least `run` long. A run is hashed to 64 bits by summing one random
    number per place and word (tabulation hashing), so two runs collide with a chance of 2^-64.
    """
    if not documents:
        return [], 0
    table = np.random.default_rng(seed).integers(0, 2**64, (run, max(words, 1)), np.uint64, endpoint=False)
    hashes = []
    for document in documents:
        last = len(document) - run + 1
        total = table[0][document[:last]]
        for place in range(1, run):
            total = total + table[place][document[place : place + last]]
        hashes.append(np.unique(total))
    _, numbers = np.unique(np.concatenate(hashes), return_inverse=True)
    ends = np.cumsum([len(h) for h in hashes])
    return np.split(numbers, ends[:-1]), int(numbers.max()) + 1


def shared_counts(left: sp.csr_matrix, right: sp.csr_matrix) -> Iterator[tuple[Ints, Ints, Floats]]:
    """Every pair (row of left, row of right) that shares a token, with how many; in blocks of bounded size."""
    turned = right.T.tocsr()
    frequency = np.diff(turned.indptr).astype(np.float64)
    work = np.asarray(left @ frequency).ravel()
    start, total = 0, np.cumsum(work)
    while start < left.shape[0]:
        spent = total[start - 1] if start else 0.0
        stop = max(start + 1, int(np.searchsorted(total, spent + PRODUCTS_A_BLOCK, side="right")))
        product = (left[start:stop] @ turned).tocoo()
        yield product.row + start, product.col, product.data
        start = stop


def jaccard_pairs(left: sp.csr_matrix, right: sp.csr_matrix, least: float) -> tuple[Ints, Ints, Floats]:
    """Every pair whose Jaccard index is `least` or more: (K,) rows of left, (K,) rows of right, (K,) indices 0..1."""
    left_size, right_size = (np.diff(side.indptr).astype(np.float64) for side in (left, right))
    found = [(np.zeros(0, np.int64), np.zeros(0, np.int64), np.zeros(0))]
    for i, j, shared in shared_counts(*without_lone_tokens(left, right)):
        index = shared / (left_size[i] + right_size[j] - shared)
        near = index >= least - SLACK
        found.append((i[near], j[near], index[near]))
    a, b, index = (np.concatenate(part) for part in zip(*found, strict=True))
    return a, b, index


def without_lone_tokens(left: sp.csr_matrix, right: sp.csr_matrix) -> tuple[sp.csr_matrix, sp.csr_matrix]:
    """Both sides without tokens that stand on one side only or, where the sides are one, in one row only."""
    if left is right:
        kept = left[:, np.flatnonzero(left.getnnz(axis=0) > 1)]
        return kept, kept
    shared = np.flatnonzero((left.getnnz(axis=0) > 0) & (right.getnnz(axis=0) > 0))
    return left[:, shared], right[:, shared]


def shared_of(matrix: sp.csr_matrix, a: Ints, b: Ints) -> Floats:
    """How many tokens the sets a[k] and b[k] of the matrix share: (K,)."""
    counts = [np.zeros(0)]
    for start in range(0, len(a), PAIRS_A_BLOCK):
        rows, columns = a[start : start + PAIRS_A_BLOCK], b[start : start + PAIRS_A_BLOCK]
        counts.append(np.asarray(matrix[rows].multiply(matrix[columns]).sum(axis=1), np.float64).ravel())
    return np.concatenate(counts)


def prefix(tokens: Ints, rank: Ints, least: float) -> Ints:
    """The rarest tokens of a set, so many that any set with Jaccard index >= least shares one of them.

    tokens: distinct token numbers; rank: (V,) place of each token, rarest first. Of n tokens at least ceil(least * n)
    are shared, so the n - ceil(least * n) + 1 rarest hold one of the shared ones.
    """
    length = len(tokens) - int(np.ceil(least * len(tokens) - SLACK)) + 1
    return tokens[np.argsort(rank[tokens], kind="stable")[:length]]
