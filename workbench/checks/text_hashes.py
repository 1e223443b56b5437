"""Texts as sets of hashed words, word runs and numbers: what the joins compare, made at some 200 MB a second.

The kernels read UTF-8 and look each character up in a table of classes, so every script is cut as `WORDS` cuts it.
Hashes have 64 bits: among 100 million different runs the chance that any two are taken for one is 3 in 10,000.
"""

from __future__ import annotations

import os
import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np

Ints = np.ndarray
Hashes = np.ndarray

THREADS = min(2, os.cpu_count() or 1)  # more gain nothing: from there on memory is the limit
CHUNK = 4_000_000  # bytes of text that one call of a kernel reads

BLANKLESS = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
OPENING = "\"'“”„‘’«»([{ "
CLOSING = "\"'“”„‘’«»)]} .,;:!?…。！？，"

WORD, ALONE, DIGIT, BLANK, OPENS, CLOSES = 1, 2, 4, 8, 16, 32


@dataclass(frozen=True)
class Sets:
    """N sets of hashes, one after the other: that of row i is values[pointer[i] : pointer[i + 1]]."""

    values: Hashes
    pointer: Ints  # (N + 1,)

    @property
    def sizes(self) -> Ints:
        return np.diff(self.pointer)


@dataclass(frozen=True)
class Hashed:
    """N texts: key (equal for texts that `exact_keys` calls equal), words (how many), and four sets each.

    runs: of `run` words, for texts of `long` words and more. bag: distinct words, for texts below `middle` words; same:
    each of them together with all the numbers of its text. numbers: the lowest bit is set where the number has two
    digits or more. Bags and numbers are sorted.
    """

    key: Hashes
    words: Ints
    runs: Sets
    bag: Sets
    same: Sets
    numbers: Sets

    def __len__(self) -> int:
        return len(self.key)


@cache
def character_classes() -> np.ndarray:
    """(0x110000,) for every character the classes that it belongs to, as bits."""
    everything = "".join(map(chr, range(0x110000)))
    table = np.zeros(0x110000, np.uint8)
    for pattern, bit in ((r"\w", WORD), (r"\d", DIGIT), (r"\s", BLANK), (f"[{BLANKLESS}]", ALONE)):
        for match in re.finditer(f"(?:{pattern})+", everything):
            table[match.start() : match.end()] |= bit
    table[(table & ALONE) > 0] &= 0xFF - WORD
    for characters, bit in ((OPENING, OPENS), (CLOSING, CLOSES)):
        for character in characters:
            table[ord(character)] |= bit
    return table


def folded(text: str) -> str:
    """The text without differences of case and of composed signs."""
    return (text if text.isascii() else unicodedata.normalize("NFC", text)).casefold()


def hashed(texts: Sequence[str], *, run: int, long: int, middle: int) -> Hashed:
    """Every text as sets of hashes; see `Hashed`. A text of fewer than `run` words is one run."""
    parts = in_threads(lambda chunk: hashed_chunk(chunk, run, long, middle), chunks(texts))
    return joined(
        [np.concatenate(column) for column in zip(*(parts or [hashed_chunk([], run, long, middle)]), strict=True)]
    )


def joined(columns: Sequence[np.ndarray]) -> Hashed:
    """The columns of `hashed_chunk`, of all chunks, as one."""
    key, words, runs, run_sizes, bag, same, bag_sizes, numbers, number_sizes = columns
    bags, of_runs, of_numbers = (_pointer(sizes) for sizes in (bag_sizes, run_sizes, number_sizes))
    return Hashed(key, words, Sets(runs, of_runs), Sets(bag, bags), Sets(same, bags), Sets(numbers, of_numbers))


def hashed_chunk(texts: Sequence[str], run: int, long: int, middle: int) -> tuple[np.ndarray, ...]:
    """Some texts as the columns of `joined`: sets as their values one after the other, and their sizes."""
    from workbench.checks import text_kernels

    kernels: Any = text_kernels
    buffer, starts = encoded(texts)
    key, words, runs, run_sizes, bag, bag_sizes, numbers, number_sizes = kernels.hash_texts(
        buffer, starts, character_classes(), run, long, middle
    )
    same = kernels.with_numbers(bag, bag_sizes, numbers, number_sizes)
    return key, words, runs, run_sizes, bag, same, bag_sizes, numbers, number_sizes


def encoded(texts: Sequence[str]) -> tuple[np.ndarray, Ints]:
    """The folded texts as UTF-8, one after the other, and where each starts, (N + 1,)."""
    parts = [folded(text).encode("utf-8", "surrogatepass") for text in texts]
    return np.frombuffer(b"".join(parts) + b" ", np.uint8), _pointer(np.fromiter(map(len, parts), np.int64, len(parts)))


def _pointer(sizes: Ints) -> Ints:
    pointer = np.zeros(len(sizes) + 1, np.int64)
    np.cumsum(sizes, out=pointer[1:])
    return pointer


def chunks(texts: Sequence[str]) -> Iterator[Sequence[str]]:
    """The texts in slices of some `CHUNK` characters."""
    start, size = 0, 0
    for place, text in enumerate(texts):
        size += len(text)
        if size >= CHUNK:
            yield texts[start : place + 1]
            start, size = place + 1, 0
    if start < len(texts):
        yield texts[start:]


def in_threads(work: Callable[[Any], Any], items: Iterable[Any]) -> list[Any]:
    """work(item) for each item, in order, on two threads; the kernels let go of the interpreter's lock.

    The work itself may not come here again: it would wait for the threads that it holds.
    """
    return list(_threads(os.getpid()).map(work, items))


@cache
def _threads(process: int) -> ThreadPoolExecutor:
    """The two threads of a process: kept, for to start them takes longer than what they do for few texts."""
    return ThreadPoolExecutor(THREADS, thread_name_prefix="kernels")
