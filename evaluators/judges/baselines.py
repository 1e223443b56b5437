"""Judges that need no model: one that is not better than these is no evidence"""

from __future__ import annotations

import hashlib
from collections import Counter

from evaluators.judges.pairwise import Side
from evaluators.judges.probes import RatedCase
from evaluators.metrics.words import words


def longest(case: RatedCase) -> Side:
    """The answer with more words."""
    return _more(len(words(case.a)), len(words(case.b)))


def always_first(case: RatedCase) -> Side:
    """The answer that stands first, where a coin by row decides which that is."""
    return "a" if hashlib.sha256(case.row.encode("utf-8", "surrogatepass")).digest()[0] & 1 else "b"


def token_recall(case: RatedCase) -> Side:
    """The answer that holds more of the reference's words."""
    return _more(_recall(case.a, case.reference), _recall(case.b, case.reference))


def _recall(text: str, reference: str) -> float:
    wanted = Counter(words(reference))
    return sum((Counter(words(text)) & wanted).values()) / max(1, wanted.total())


def _more(a: float, b: float) -> Side:
    return "tie" if a == b else "a" if a > b else "b"
