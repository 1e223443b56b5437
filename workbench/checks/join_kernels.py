# mypy: disable-error-code="no-untyped-def"
"""Compiled: the steps of an exact set-similarity join over 64-bit hashes. Only `set_join` calls these.

Words used: a token is a hash in a set; a row is a set. A row's size counts all its tokens, its kept tokens are those
that stand in another row too, the rarest first. Every kernel takes `part` of `parts` so that threads share the work.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit

U = np.uint64
COUNT, SIDES = 0x3FFF, 0xC000  # of an entry of the table: how often (as far as it goes), and on which sides
RARITIES = 56  # bits of a kept token below its rarity
SLACK = 1e-9  # so that 7/10 counts as .7 whatever the rounding


@njit(inline="always")
def least_shared(tau, size):
    """How many tokens a row of that size must share with any row that it is `tau` alike."""
    return math.ceil(tau * size - SLACK)


@njit(inline="always")
def least_overlap(tau, one, other):
    """How many tokens two rows of these sizes share when they are `tau` alike."""
    return math.ceil(tau / (1.0 + tau) * (one + other) - SLACK)


@njit(nogil=True, cache=True)
def tally(values, pointer, alive, side, table, part, parts):
    """Counts the tokens of the rows alive, by hash; a thread counts its part of the table."""
    mask = U(len(table) - 1)
    low, high = U(len(table) * part // parts), U(len(table) * (part + 1) // parts)
    for i in range(len(alive)):
        if not alive[i]:
            continue
        mine = side[i] << 14
        for k in range(pointer[i], pointer[i + 1]):
            slot = values[k] & mask
            if low <= slot < high:
                entry = table[slot]
                table[slot] = (entry if entry & COUNT == COUNT else entry + 1) | mine


@njit(inline="always")
def in_common(entry):
    return (entry & COUNT) > 1 and entry & SIDES == SIDES


@njit(nogil=True, cache=True)
def count_kept(values, pointer, alive, needed, table, kept, part, parts):
    """For each row how many tokens stand in another row too; a row that needs more is no longer alive."""
    mask = U(len(table) - 1)
    for i in range(len(alive) * part // parts, len(alive) * (part + 1) // parts):
        kept[i] = 0
        if not alive[i]:
            continue
        spare = pointer[i + 1] - pointer[i] - needed[i]
        found = 0
        for k in range(pointer[i], pointer[i + 1]):
            if in_common(table[values[k] & mask]):
                found += 1
            else:
                spare -= 1
                if spare < 0:
                    break
        alive[i] = spare >= 0 and found > 0
        kept[i] = found if alive[i] else 0


@njit(inline="always")
def rarity(entry):
    """How often, in 256 steps: by one up to 64, then 16 to a doubling."""
    often = entry & COUNT
    return often if often < 64 else 64 + int(16.0 * math.log2(often / 64.0))


@njit(nogil=True, cache=True)
def keep(values, pointer, rows, table, kept_pointer, kept, part, parts):
    """The kept tokens of each row, sorted: the rarity in the upper 8 bits, 56 bits of the hash below."""
    mask = U(len(table) - 1)
    for place in range(part, len(rows), parts):
        i, at = rows[place], kept_pointer[place]
        for k in range(pointer[i], pointer[i + 1]):
            entry = table[values[k] & mask]
            if in_common(entry):
                kept[at] = (U(rarity(entry)) << U(RARITIES)) | (values[k] >> U(64 - RARITIES))
                at += 1
        kept[kept_pointer[place] : at].sort()


@njit(nogil=True, cache=True)
def index(kept, pointer, indexed, low, high):
    """Posting lists over the first `indexed` tokens of each row from low up to high.

    Gives the tokens by slot (an open hash table), the start of each list, and the rows and places in them, by row.
    """
    total = indexed[low:high].sum()
    room = 16
    while room < 2 * total:
        room *= 2
    mask = U(room - 1)
    keys, start = np.zeros(room, np.uint64), np.zeros(room + 1, np.int64)
    slot_of = np.empty(total, np.int64)
    at = 0
    for i in range(low, high):
        for k in range(pointer[i], pointer[i] + indexed[i]):
            token = kept[k]
            slot = (token * U(0x9E3779B97F4A7C15) >> U(20)) & mask
            while keys[slot] != token and keys[slot] != 0:
                slot = (slot + U(1)) & mask
            keys[slot] = token
            start[slot + U(1)] += 1
            slot_of[at] = slot
            at += 1
    for slot in range(room):
        start[slot + 1] += start[slot]
    filled = np.zeros(room, np.int32)
    rows, places = np.empty(total, np.int32), np.empty(total, np.int32)
    at = 0
    for i in range(low, high):
        for k in range(indexed[i]):
            slot = slot_of[at]
            to = start[slot] + filled[slot]
            rows[to], places[to] = i, k
            filled[slot] += 1
            at += 1
    return keys, start, rows, places


@njit(nogil=True, cache=True)
def larger(array, count):
    wider = np.empty(2 * len(array), array.dtype)
    wider[:count] = array[:count]
    return wider


@njit(inline="always")
def shared_from(one, a, a_end, other, b, b_end, found, needed):
    """How many tokens two sorted rows share from places a and b on, plus `found`; -1 when `needed` is out of reach."""
    while a < a_end and b < b_end:
        if found + min(a_end - a, b_end - b) < needed:
            return -1
        if one[a] == other[b]:
            found += 1
            a += 1
            b += 1
        elif one[a] < other[b]:
            a += 1
        else:
            b += 1
    return found if found >= needed else -1


@njit(inline="always")
def agree(values, pointer, one, other, least):
    """Whether two sorted sets are `least` alike; two empty ones are."""
    first, end, second, last = pointer[one], pointer[one + 1], pointer[other], pointer[other + 1]
    if least <= 0.0 or (first == end and second == last):
        return True
    needed = least_overlap(least, end - first, last - second)
    return shared_from(values, first, end, values, second, last, 0, max(1, needed)) >= 0


@njit(nogil=True, cache=True)
def index_of(values, pointer, one, other):
    """The Jaccard index of two sorted sets."""
    first, end, second, last = pointer[one], pointer[one + 1], pointer[other], pointer[other + 1]
    shared = shared_from(values, first, end, values, second, last, 0, 0)
    return shared / max(1, end - first + last - second - shared)


@njit(inline="always")
def root(forest, i):
    """The row that stands for all that are linked with this one; halves the way for the next who asks."""
    while forest[i] != i:
        forest[i] = forest[forest[i]]
        i = forest[i]
    return i


@njit(nogil=True, cache=True)
def probe(
    kept, pointer, size, tau, side, keys, start, posted, places, first_row, end_row, guard, part, parts, most, forest
):
    """All pairs of rows that are alike (a from first_row up to end_row, b indexed and before it), and what they share.

    Rows are sorted by size. side: bits 1 and 2; a pair needs 1 of one row and 2 of the other. PPJoin's filters by size
    and by place (Xiao et al. 2008) leave few candidates to merge; looking one token further than need be, rows that
    are alike meet twice (Wang et al. 2012), and most others once. guard: rows, values and pointer of other sets, and
    how alike a pair must be in them as well. forest: which rows this thread has linked so far; a row with `most` pairs
    gets further ones only where these link what is not linked.
    """
    guarded, guards, guard_pointer, guard_least = guard
    n = len(size)
    room = 1024
    a, b, shared = np.empty(room, np.int32), np.empty(room, np.int32), np.empty(room, np.int32)
    count = 0
    mask = U(len(keys) - 1)
    met, last_a, last_b = np.zeros(n, np.int32), np.empty(n, np.int32), np.empty(n, np.int32)
    candidates = np.empty(n, np.int32)
    for i in range(first_row + part, end_row, parts):
        first, length = pointer[i], pointer[i + 1] - pointer[i]
        least = least_shared(tau[i], size[i])
        seen = 0
        for j in range(min(length, length - least + 2)):
            token = kept[first + j]
            slot = (token * U(0x9E3779B97F4A7C15) >> U(20)) & mask
            while keys[slot] != token and keys[slot] != 0:
                slot = (slot + U(1)) & mask
            if keys[slot] == 0:
                continue
            low, high = start[slot], start[slot + U(1)]
            while low < high:  # lists are sorted by size: skip what is too small
                middle = (low + high) // 2
                if size[posted[middle]] < least:
                    low = middle + 1
                else:
                    high = middle
            for k in range(low, start[slot + U(1)]):
                y = posted[k]
                if y >= i:
                    break
                if met[y] == 0:
                    crossed = ((side[i] & 1) and (side[y] & 2)) or ((side[i] & 2) and (side[y] & 1))
                    if not crossed:
                        continue
                    candidates[seen] = y
                    seen += 1
                elif met[y] < 0:
                    continue
                place = places[k]
                rest = min(length - j, pointer[y + 1] - pointer[y] - place)
                if met[y] + rest >= least_overlap(tau[i], size[i], size[y]):
                    met[y] += 1
                    last_a[y], last_b[y] = j, place
                else:
                    met[y] = -1
        edges = 0
        for k in range(seen):
            y = candidates[k]
            needed = least_overlap(tau[i], size[i], size[y])
            if met[y] >= min(2, needed) and (edges < most or root(forest, i) != root(forest, y)):
                found = shared_from(
                    kept,
                    first + last_a[y] + 1,
                    first + length,
                    kept,
                    pointer[y] + last_b[y] + 1,
                    pointer[y + 1],
                    met[y],
                    needed,
                )
                if found >= 0 and agree(guards, guard_pointer, guarded[i], guarded[y], guard_least):
                    if count == room:
                        a, b, shared = larger(a, count), larger(b, count), larger(shared, count)
                        room *= 2
                    a[count], b[count], shared[count] = i, y, found
                    count += 1
                    edges += 1
                    forest[root(forest, i)] = root(forest, y)
            met[y] = 0
    return a[:count].copy(), b[:count].copy(), shared[:count].copy()


@njit(nogil=True, cache=True)
def shared_counts(values, pointer, a, b, part, parts, shared, marked):
    """For each pair how many hashes its two sorted sets share, and how many of these have the lowest bit set."""
    for k in range(len(a) * part // parts, len(a) * (part + 1) // parts):
        i, i_end, j, j_end = pointer[a[k]], pointer[a[k] + 1], pointer[b[k]], pointer[b[k] + 1]
        found, odd = 0, 0
        while i < i_end and j < j_end:
            if values[i] == values[j]:
                found += 1
                odd += int(values[i] & U(1))
                i += 1
                j += 1
            elif values[i] < values[j]:
                i += 1
            else:
                j += 1
        shared[k], marked[k] = found, odd
