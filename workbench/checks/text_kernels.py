# mypy: disable-error-code="no-untyped-def"
"""Compiled: UTF-8 texts to distinct hashes of words, runs of words and numbers, in one pass over the bytes.

Only `text_hashes` calls these. Numba compiles them once a machine (some seconds) and keeps the result beside this file.
"""

from __future__ import annotations

import numpy as np
from numba import njit

from workbench.checks.text_hashes import ALONE, BLANK, CLOSES, DIGIT, OPENS, WORD

U = np.uint64
START = U(0x243F6A8885A308D3)
STEP = U(0x9E3779B97F4A7C15)
FIRST, SECOND = U(0xBF58476D1CE4E5B9), U(0x94D049BB133111EB)  # finishing constants of splitmix64
SALT = U(0xD6E8FEB86659FD93)


@njit(inline="always")
def finished(h):
    """A hash whose bits all depend on all bits of h (splitmix64)."""
    h = (h ^ (h >> U(30))) * FIRST
    h = (h ^ (h >> U(27))) * SECOND
    return h ^ (h >> U(31))


@njit(inline="always")
def bits_set(x):
    """How many bits of x are set."""
    x = x - ((x >> U(1)) & U(0x5555555555555555))
    x = (x & U(0x3333333333333333)) + ((x >> U(2)) & U(0x3333333333333333))
    x = (x + (x >> U(4))) & U(0x0F0F0F0F0F0F0F0F)
    return np.int64((x * U(0x0101010101010101)) >> U(56))


@njit(inline="always")
def stepped(h, code):
    h = (h ^ U(code)) * STEP
    return h ^ (h >> U(32))


@njit(inline="always")
def character(buffer, at, end):
    """The character at a byte and how many bytes it takes."""
    lead = np.int64(buffer[at])
    if lead < 0x80:
        return lead, 1
    if lead < 0xE0 and at + 1 < end:
        return ((lead & 0x1F) << 6) | (np.int64(buffer[at + 1]) & 0x3F), 2
    if lead < 0xF0 and at + 2 < end:
        code = ((lead & 0x0F) << 12) | ((np.int64(buffer[at + 1]) & 0x3F) << 6)
        return code | (np.int64(buffer[at + 2]) & 0x3F), 3
    if at + 3 < end:
        code = ((lead & 0x07) << 18) | ((np.int64(buffer[at + 1]) & 0x3F) << 12)
        return code | ((np.int64(buffer[at + 2]) & 0x3F) << 6) | (np.int64(buffer[at + 3]) & 0x3F), 4
    return 0, 1


@njit(nogil=True, cache=True)
def words_into(buffer, at, end, classes, out):
    """Writes the hash of every word of one text; gives how many, the hash of the whole and whether there are digits."""
    count, digits, inside = 0, False, False
    h = START
    whole, stripped, plain = START, START, START  # of the text without its edges, up to its last mark; and with them
    begun, gap, gap_plain, any_plain = False, False, False, False
    while at < end:
        code, width = character(buffer, at, end)
        at += width
        kind = classes[code]
        if kind & WORD:
            if not inside:
                h, inside = START, True
            h = stepped(h, code)
            digits |= (kind & DIGIT) > 0
        else:
            if inside:
                out[count] = finished(h)
                count, inside = count + 1, False
            if kind & ALONE:
                out[count] = finished(stepped(START, code))
                count += 1
                digits |= (kind & DIGIT) > 0
        if kind & BLANK:
            gap, gap_plain = begun, any_plain
            continue
        if gap_plain:
            plain = stepped(plain, 32)
        plain, any_plain, gap_plain = stepped(plain, code), True, False
        if not begun and kind & OPENS:
            continue
        begun = True
        if gap:
            whole, gap = stepped(whole, 32), False
        whole = stepped(whole, code)
        if not kind & CLOSES:
            stripped = whole
    if inside:
        out[count] = finished(h)
        count += 1
    return count, finished(plain if stripped == START else stripped), digits


@njit(nogil=True, cache=True)
def numbers_into(buffer, at, end, classes, out):
    """Writes the hash of every number of one text, thousands commas left out; gives how many."""
    count, digits, point = 0, 0, False
    h = START
    before = False  # the character before is a digit
    while at < end:
        code, width = character(buffer, at, end)
        kind = classes[code]
        if kind & DIGIT:
            h, digits, before = stepped(h, code), digits + 1, True
            at += width
            continue
        follows = before and digits_follow(buffer, at + width, end, classes)
        if follows >= 3 and code == 44:
            at += width
            before = False
            continue
        if digits:
            if code == 46 and before and follows >= 1 and not point:
                h, point = stepped(h, code), True
            else:
                out[count] = (finished(h) & ~U(1)) | U(digits > 1)
                count, digits, point, h = count + 1, 0, False, START
        before = False
        at += width
    if digits:
        out[count] = (finished(h) & ~U(1)) | U(digits > 1)
        count += 1
    return count


@njit(nogil=True, cache=True)
def digits_follow(buffer, at, end, classes):
    """How many digits stand here, three at most."""
    found = 0
    while at < end and found < 3:
        code, width = character(buffer, at, end)
        if not classes[code] & DIGIT:
            break
        found += 1
        at += width
    return found


@njit(nogil=True, cache=True)
def distinct_into(values, count, slots, stamps, stamp, out, at):
    """Writes the distinct of values[:count] to out from `at` on; gives where it ended.

    slots, stamps: a table of which a power of two above twice `count` is used; a slot is taken when stamped.
    """
    size = 16
    while size < 2 * count:
        size *= 2
    mask = U(size - 1)
    for i in range(count):
        value = values[i]
        place = value & mask
        while stamps[place] == stamp and slots[place] != value:
            place = (place + U(1)) & mask
        if stamps[place] != stamp:
            stamps[place], slots[place] = stamp, value
            out[at] = value
            at += 1
    return at


@njit(nogil=True, cache=True)
def hash_texts(buffer, starts, classes, run, long, middle):
    """The columns of `Hashed` for one chunk: sets as values and sizes."""
    n = len(starts) - 1
    longest = 0
    for i in range(n):
        longest = max(longest, starts[i + 1] - starts[i])
    words = np.empty(longest + 1, np.uint64)
    spare = np.empty(longest + 1, np.uint64)
    size = 16
    while size < 2 * longest:
        size *= 2
    slots, stamps = np.empty(size, np.uint64), np.zeros(size, np.int64)
    key, length = np.empty(n, np.uint64), np.empty(n, np.int64)
    room = starts[n] + n + 1
    runs, bag, numbers = np.empty(room, np.uint64), np.empty(room, np.uint64), np.empty(room, np.uint64)
    run_size, bag_size, number_size = np.zeros(n, np.int64), np.zeros(n, np.int64), np.zeros(n, np.int64)
    in_runs, in_bag, in_numbers, stamp = 0, 0, 0, 0
    for i in range(n):
        count, whole, digits = words_into(buffer, starts[i], starts[i + 1], classes, words)
        key[i], length[i] = whole, count
        if count >= max(long, 1):
            last = max(count - run + 1, 1)
            for j in range(last):
                h = words[j]
                for k in range(1, min(run, count)):
                    h = (h ^ (h >> U(29))) * STEP + words[j + k]
                spare[j] = finished(h)
            stamp += 1
            end = distinct_into(spare, last, slots, stamps, stamp, runs, in_runs)
            run_size[i], in_runs = end - in_runs, end
        if 0 < count < middle:
            stamp += 1
            end = distinct_into(words, count, slots, stamps, stamp, bag, in_bag)
            bag[in_bag:end].sort()
            bag_size[i], in_bag = end - in_bag, end
        if digits:
            found = numbers_into(buffer, starts[i], starts[i + 1], classes, spare)
            stamp += 1
            end = distinct_into(spare, found, slots, stamps, stamp, numbers, in_numbers)
            numbers[in_numbers:end].sort()
            number_size[i], in_numbers = end - in_numbers, end
    return (
        key,
        length,
        runs[:in_runs].copy(),
        run_size,
        bag[:in_bag].copy(),
        bag_size,
        numbers[:in_numbers].copy(),
        number_size,
    )


@njit(nogil=True, cache=True)
def with_numbers(bag, bag_size, numbers, number_size):
    """Each word of a bag hashed together with all the numbers of its text, whatever their order."""
    same = np.empty(len(bag), np.uint64)
    at, first = 0, 0
    for i in range(len(bag_size)):
        group = U(0)
        for k in range(first, first + number_size[i]):
            group += numbers[k] * STEP
        first += number_size[i]
        for k in range(at, at + bag_size[i]):
            same[k] = finished(bag[k] ^ finished(group))
        at += bag_size[i]
    return same
