"""The words that mark a handful of training rows: they tell a writer what a gap is about without a golden text"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import log

from workbench.rows import Rows

SHORTEST_WORD = 4  # letters; shorter words say little about a topic
COMMON = 0.08  # share of training rows; a word in more of them than that belongs to no topic
MOST = 6


def policy_words(places: Sequence[int], training: Rows) -> list[str]:
    """The words that mark the nearest training rows: in two of them or more, rare elsewhere; none is from golden."""
    total = Counter(word for words in training.words for word in set(words))
    here = Counter(word for place in places for word in set(training.words[place]))
    telling = {
        word: count * log(len(training) / total[word])
        for word, count in here.items()
        if count >= min(2, len(places))
        and len(word) >= SHORTEST_WORD
        and not word.isdigit()
        and total[word] <= max(COMMON * len(training), len(places))
    }
    found = (word for word in telling if telling[word] > 0)
    return sorted(found, key=lambda word: (-telling[word], word))[:MOST]
