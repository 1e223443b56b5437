"""What of a text counts when it is compared: its key, its words, its numbers; the plain form of what the kernels do."""

from __future__ import annotations

import re
from collections.abc import Sequence

from workbench.checks.text_hashes import BLANKLESS, CLOSING, OPENING, folded

_WORD = re.compile(rf"[{BLANKLESS}]|[^\W{BLANKLESS}]+")
_ASCII_WORD = re.compile(r"\w+", re.ASCII)
_NUMBER = re.compile(r"\d+(?:\.\d+)?")
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3})")


def exact_keys(texts: Sequence[str]) -> list[str]:
    """Each text without what does not make it another one: case, runs of blanks, quotes and stops at its ends.

    Signs that carry meaning (%, $, +, #, -) stay. A text of nothing but such ends keeps them.
    """
    keys = []
    for text in texts:
        plain = " ".join(folded(text).split())
        keys.append(plain.lstrip(OPENING).rstrip(CLOSING) or plain)
    return keys


def words_of(key: str) -> list[str]:
    """The words of a normalised text; in scripts without blanks each character."""
    return _ASCII_WORD.findall(key) if key.isascii() else _WORD.findall(key)


def has_word(key: str) -> bool:
    """Whether a normalised text has a word; much quicker than to list them."""
    return _WORD.search(key) is not None


def numbers_of(key: str) -> frozenset[str]:
    """The numbers of a text, thousands commas removed."""
    return frozenset(_NUMBER.findall(_THOUSANDS.sub("", key)))
