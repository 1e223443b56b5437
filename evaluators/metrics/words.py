"""Words, counts and overlaps of texts in any script; shared by the metrics, not a metric itself."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

# Chinese, Japanese, Thai, Lao, Burmese and Khmer write no blanks between words: there each character, with the signs
# above and below it, counts as a word.
_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff"
# Vowel signs and accents that stand beside their letter are parts of words, which \w does not know.
_MARKS = "\u0300-\u036f\u0591-\u05bd\u064b-\u065f\u0670\u0900-\u0963\u0966-\u0dff"
_UNSPACED_MARKS = "\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u102b-\u103e\u17b4-\u17d3"
_WORD = re.compile(rf"[{_UNSPACED}][{_UNSPACED_MARKS}]*|(?:[^\W{_UNSPACED}]|[{_MARKS}])+")
_ASCII_WORD = re.compile(r"\w+", re.ASCII)


def words(text: str) -> list[str]:
    """The words of a text, case and compatibility forms folded, in order; punctuation dropped."""
    if text.isascii():  # three times as fast, and nothing is lost
        return _ASCII_WORD.findall(text.lower())
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def word_places(text: str) -> list[tuple[int, int]]:
    """Start and end of each word in a text as it is written; folding may split a sign into several words (½, ㎏)."""
    return [found.span() for found in (_ASCII_WORD if text.isascii() else _WORD).finditer(text)]


def shared(a: Sequence[str], b: Sequence[str]) -> int:
    """How many words two word lists have in common, counted with repetition."""
    return sum((Counter(a) & Counter(b)).values())


def f1(common: int, left: int, right: int) -> float:
    """Harmonic mean of common/left and common/right; 1 when both are empty, 0 when one is."""
    return 2 * common / (left + right) if left + right else 1.0
