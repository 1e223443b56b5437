"""Words, counts and overlaps of texts in any script; shared by the metrics, not a metric itself."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

# Chinese and Japanese write no blanks between words: there each character counts as a word.
_UNSPACED = "\u3040-\u30ff\u3400-\u9fff"
_WORD = re.compile(rf"[{_UNSPACED}]|[^\W{_UNSPACED}]+")


def words(text: str) -> list[str]:
    """The words of a text, case and compatibility forms folded, in order; punctuation dropped."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


def shared(a: Sequence[str], b: Sequence[str]) -> int:
    """How many words two word lists have in common, counted with repetition."""
    return sum((Counter(a) & Counter(b)).values())


def f1(common: int, left: int, right: int) -> float:
    """Harmonic mean of common/left and common/right; 1 when both are empty, 0 when one is."""
    return 2 * common / (left + right) if left + right else 1.0
