"""Runs of words as 64-bit numbers: which passages stand in several texts, counted without keeping any of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

MULTIPLIER = 0x9E3779B97F4A7C15  # odd, so that it has an inverse modulo 2^64; the golden ratio's digits


def hashed_words(texts: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
    """The words of all texts one after the other, in lower case, as 64-bit numbers; and how many each text has."""
    bags = pl.Series(texts, dtype=pl.String).str.to_lowercase().str.extract_all(r"\w+")
    size = bags.list.len().to_numpy().astype(np.int64)
    return bags.explode(empty_as_null=False).hash().to_numpy(), size


def word_grams(hashed: np.ndarray, size: np.ndarray, run: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """All runs of `run` words that lie in one text: their hashes, the places of their first words, and their texts.

    A polynomial in the words' hashes, modulo 2^64; two runs collide with a chance of some 2^-64.
    """
    text = np.repeat(np.arange(len(size)), size)
    last = len(hashed) - run + 1
    if last <= 0:
        return np.zeros(0, np.uint64), np.zeros(0, np.int64), np.zeros(0, np.int64)
    power = np.full(len(hashed) + 1, MULTIPLIER, np.uint64)
    back = np.full(len(hashed) + 1, pow(MULTIPLIER, -1, 2**64), np.uint64)
    power[0] = back[0] = 1
    power, back = np.cumprod(power, dtype=np.uint64), np.cumprod(back, dtype=np.uint64)
    total = np.r_[np.zeros(1, np.uint64), np.cumsum(hashed * power[:-1], dtype=np.uint64)]
    grams = (total[run : run + last] - total[:last]) * back[:last]
    inside = np.flatnonzero(text[:last] == text[run - 1 : run - 1 + last])
    return grams[inside], inside, text[inside]
