# mypy: disable-error-code="no-untyped-def"
"""Compiled: rapidfuzz's token_set_ratio for many pairs of texts whose words are cut and sorted once each.

The ratio compares what two texts have in words of their own, as strings; so the words must be sorted as strings, too.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.checks.text_hashes import ALONE, WORD
from workbench.checks.text_kernels import START, bits_set, character, finished, stepped

U = np.uint64
HEAD = 8  # bytes of a word that are compared at once


@njit(nogil=True, cache=True)
def cut(buffer, at, end, classes, offset, size, characters, key, head):
    """Writes the distinct words of one text, sorted as strings; gives how many.

    offset, size: where a word stands and its bytes; characters: their number; key: its hash; head: its first bytes.
    """
    count, begun = 0, -1
    h, letters = START, 0
    while at <= end:
        code, width, kind = 0, 1, 0
        if at < end:
            code, width = character(buffer, at, end)
            kind = classes[code]
        if kind & WORD:
            if begun < 0:
                begun, h, letters = at, START, 0
            h = stepped(h, code)
            letters += 1
        else:
            if begun >= 0:
                count = insert(
                    buffer, begun, at - begun, letters, finished(h), offset, size, characters, key, head, count
                )
                begun = -1
            if kind & ALONE:
                h = finished(stepped(START, code))
                count = insert(buffer, at, width, 1, h, offset, size, characters, key, head, count)
        at += width
    return count


@njit(nogil=True, cache=True)
def insert(buffer, at, length, letters, h, offset, size, characters, key, head, count):
    """Puts a word where it belongs among the first `count`, unless it is there; gives how many there are then."""
    start = U(0)
    for k in range(HEAD):
        start = (start << U(8)) | U(buffer[at + k] if k < length else 0)
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        if key[middle] == h:
            return count
        if head[middle] < start or (
            head[middle] == start and comes_first(buffer, offset[middle], size[middle], buffer, at, length)
        ):
            low = middle + 1
        else:
            high = middle
    for k in range(count, low, -1):
        offset[k], size[k], characters[k] = offset[k - 1], size[k - 1], characters[k - 1]
        key[k], head[k] = key[k - 1], head[k - 1]
    offset[low], size[low], characters[low], key[low], head[low] = at, length, letters, h, start
    return count + 1


@njit(nogil=True, cache=True)
def comes_first(one, at, length, other, place, size):
    """Whether the first of two words that begin alike comes before the second."""
    for k in range(HEAD, min(length, size)):
        if one[at + k] != other[place + k]:
            return one[at + k] < other[place + k]
    return length < size


@njit(nogil=True, cache=True)
def cut_all(buffer, starts, sizes, classes):
    """The sorted distinct words of the first bytes (`sizes`) of every text: pointer and the columns of `cut`."""
    n = len(starts) - 1
    pointer = np.zeros(n + 1, np.int64)
    room = 1024
    offset, size, characters = np.empty(room, np.int64), np.empty(room, np.int32), np.empty(room, np.int32)
    key, head = np.empty(room, np.uint64), np.empty(room, np.uint64)
    for i in range(n):
        at, end = pointer[i], starts[i] + sizes[i]
        if at + sizes[i] + 1 > room:
            more = 2 * (at + sizes[i] + 1)
            offset, size, characters = grown(offset, at, more), grown(size, at, more), grown(characters, at, more)
            key, head = grown(key, at, more), grown(head, at, more)
            room = more
        found = cut(buffer, starts[i], end, classes, offset[at:], size[at:], characters[at:], key[at:], head[at:])
        pointer[i + 1] = at + found
    return pointer, offset, size, characters, key, head


@njit(nogil=True, cache=True)
def grown(array, count, room):
    wider = np.empty(room, array.dtype)
    wider[:count] = array[:count]
    return wider


@njit(nogil=True, cache=True)
def append(buffer, at, length, out, count):
    """Adds a word's characters to a string of words with a blank between; gives its length then."""
    if count:
        out[count] = 32
        count += 1
    end = at + length
    while at < end:
        code, width = character(buffer, at, end)
        out[count] = code
        count += 1
        at += width
    return count


@njit(nogil=True, cache=True)
def common_subsequence(one, n, other, m, number, masks, state):
    """Length of the longest common subsequence of two strings, 64 places at a time (Hyyrö 2004).

    number: 0 for every character, and left so; masks, state: room.
    """
    blocks = (n + 63) // 64
    known = 0
    for k in range(n):
        if number[one[k]] == 0:
            known += 1
            number[one[k]] = known
            masks[known, :blocks] = 0
        masks[number[one[k]], k // 64] |= U(1) << U(k % 64)
    state[:blocks] = ~U(0)
    for k in range(m):
        which = number[other[k]]
        if which == 0:
            continue
        carry = U(0)
        for block in range(blocks):
            old = state[block]
            both = old & masks[which, block]
            total = old + both
            over = total < old
            total += carry
            carry = U(1) if over or total < carry else U(0)
            state[block] = total | (old - both)
    for k in range(n):
        number[one[k]] = 0
    left = 0
    for block in range(blocks):
        empty = ~state[block]
        if block == blocks - 1 and n % 64:
            empty &= (U(1) << U(n % 64)) - U(1)
        left += bits_set(empty)
    return left


@njit(nogil=True, cache=True)
def token_set_ratios(buffer, pointer, offset, size, characters, key, head, a, b, needed, longest, part, parts, ratios):
    """For each pair of texts the token set ratio, 0 to 1; 0 may stand for one below `needed`. longest: bytes of one."""
    number = np.zeros(0x110000, np.int32)
    one, other = np.empty(2 * longest + 2, np.int64), np.empty(2 * longest + 2, np.int64)
    masks = np.zeros((longest + 2, longest // 32 + 2), np.uint64)
    state = np.empty(longest // 32 + 2, np.uint64)
    for pair in range(len(a) * part // parts, len(a) * (part + 1) // parts):
        i, i_end, j, j_end = pointer[a[pair]], pointer[a[pair] + 1], pointer[b[pair]], pointer[b[pair] + 1]
        shared, common, n, m = 0, 0, 0, 0
        while i < i_end or j < j_end:
            if i < i_end and j < j_end and key[i] == key[j]:
                common += characters[i] + (shared > 0)
                shared += 1
                i += 1
                j += 1
            elif j == j_end or (
                i < i_end
                and (
                    head[i] < head[j]
                    or (head[i] == head[j] and comes_first(buffer, offset[i], size[i], buffer, offset[j], size[j]))
                )
            ):
                n = append(buffer, offset[i], size[i], one, n)
                i += 1
            else:
                m = append(buffer, offset[j], size[j], other, m)
                j += 1
        if shared and (n == 0 or m == 0):
            ratios[pair] = 1.0
            continue
        if n + m == 0:
            continue  # neither has a word
        gap = 1 if shared else 0
        total = 2 * (common + gap) + n + m
        best = 0.0
        if shared:  # each text against the words that both have
            best = max(1.0 - (gap + n) / (2 * common + gap + n), 1.0 - (gap + m) / (2 * common + gap + m))
        if 1.0 - abs(n - m) / total > max(best, needed[pair] - 1e-6):
            distance = n + m - 2 * common_subsequence(one, n, other, m, number, masks, state)
            best = max(best, 1.0 - distance / total)
        ratios[pair] = best
