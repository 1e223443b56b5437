# mypy: disable-error-code="no-untyped-def"
"""Compiled: rows that meet in a key made of two tokens and are alike in two kinds of sets. For `set_join` alone."""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.checks.join_kernels import SLACK, U, index_of, larger, least_overlap, shared_from
from workbench.checks.text_kernels import bits_set

FIELDS = 5  # of 64 bits in a sketch


@njit(nogil=True, cache=True)
def cross(words, word_pointer, few_words, numbers, number_pointer, few_numbers, pointer, keys):
    """For each row the hashes of its first `few_words` words with each of its first `few_numbers` numbers."""
    for i in range(len(few_words)):
        at = pointer[i]
        for j in range(word_pointer[i], word_pointer[i] + few_words[i]):
            for k in range(number_pointer[i], number_pointer[i] + few_numbers[i]):
                h = (words[j] ^ (words[j] >> U(29))) * U(0x9E3779B97F4A7C15) + numbers[k]
                h = (h ^ (h >> U(30))) * U(0xBF58476D1CE4E5B9)
                keys[at] = h ^ (h >> U(27))
                at += 1


@njit(nogil=True, cache=True)
def twos(tokens, token_pointer, few, pointer, keys):
    """For each row the hashes of each two of its first `few` tokens."""
    for i in range(len(few)):
        at, first = pointer[i], token_pointer[i]
        for j in range(first, first + few[i]):
            for k in range(first, j):
                h = (tokens[k] ^ (tokens[k] >> U(29))) * U(0x9E3779B97F4A7C15) + tokens[j]
                h = (h ^ (h >> U(30))) * U(0xBF58476D1CE4E5B9)
                keys[at] = h ^ (h >> U(27))
                at += 1


@njit(nogil=True, cache=True)
def sketches(words, word_pointer, numbers, number_pointer, rows, part, parts, sketch):
    """For each row what tells most others apart, in one line of the cache: both sizes and both sets as bits set.

    sketch: (M, 8) numbers of words and of numbers, one field of bits for the numbers, `FIELDS` for the words.
    """
    for place in range(part, len(rows), parts):
        row = rows[place]
        sketch[place, 0] = word_pointer[row + 1] - word_pointer[row]
        sketch[place, 1] = number_pointer[row + 1] - number_pointer[row]
        for k in range(number_pointer[row], number_pointer[row + 1]):
            sketch[place, 2] |= U(1) << (numbers[k] >> U(58))
        for k in range(word_pointer[row], word_pointer[row + 1]):
            field = words[k] % U(FIELDS)
            sketch[place, U(3) + field] |= U(1) << (words[k] >> U(58))


@njit(inline="always")
def may_meet(one, other, least, sums):
    """Whether two rows may be alike enough, by their sketches: every bit that only one has is a token of its own."""
    size, count = np.int64(one[0] + other[0]), np.int64(one[1] + other[1])
    apart = bits_set(one[2] ^ other[2])
    second = (count - apart) / (count + apart)
    if second < sums[0] - SLACK:
        return False
    apart = 0
    for field in range(3, 3 + FIELDS):
        apart += bits_set(one[field] ^ other[field])
    return (size - apart) / (size + apart) >= max(least, sums[1] - second) - SLACK


@njit(nogil=True, cache=True)
def meet(
    kept, pointer, words, word_pointer, numbers, number_pointer, sketch, sums, rows, tau, side, keys, start, posted,
    part, parts,
):  # fmt: skip
    """All pairs of rows that share a key and are alike in two kinds of sets, but not the same in the second.

    rows: which sets they have. tau: how alike the first kind must be; sums: how alike the second must be, and what the
    two indices must come to together.
    """
    n = len(rows)
    room = 1024
    a, b = np.empty(room, np.int32), np.empty(room, np.int32)
    count = 0
    mask = U(len(keys) - 1)
    met = np.full(n, -1, np.int32)
    for i in range(part, n, parts):
        first, end = word_pointer[rows[i]], word_pointer[rows[i] + 1]
        for j in range(pointer[i], pointer[i + 1]):
            slot = (kept[j] * U(0x9E3779B97F4A7C15) >> U(20)) & mask
            while keys[slot] != kept[j]:
                slot = (slot + U(1)) & mask
            for k in range(start[slot], start[slot + U(1)]):
                y = posted[k]
                if y >= i:
                    break
                if met[y] == i:
                    continue
                met[y] = i
                least = max(tau[i], tau[y])
                if not may_meet(sketch[i], sketch[y], least, sums):
                    continue
                if not (((side[i] & 1) and (side[y] & 2)) or ((side[i] & 2) and (side[y] & 1))):
                    continue
                second = index_of(numbers, number_pointer, rows[i], rows[y])
                if second < sums[0] - SLACK or second > 1.0 - SLACK:
                    continue
                other, other_end = word_pointer[rows[y]], word_pointer[rows[y] + 1]
                needed = least_overlap(max(least, sums[1] - second), end - first, other_end - other)
                if shared_from(words, first, end, words, other, other_end, 0, needed) < 0:
                    continue
                if count == room:
                    a, b = larger(a, count), larger(b, count)
                    room *= 2
                a[count], b[count] = i, y
                count += 1
    return a[:count].copy(), b[:count].copy()
