"""The words of a dataset: which never end a sentence, and which are the beginning of another."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable
from itertools import pairwise

TOKEN = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*|[.!?…。！？｡؟।॥\n]")
ENDS = frozenset(".!?…。！？｡؟।॥\n")
MOST_LETTERS = 3_000_000  # of the texts read; words beyond that change little
SMOOTHING = 10  # words; so many as often as the average are added to each count
RARELY = 1 / 10  # of the average: a word that ends a sentence so seldom ends none
FEWEST_SEEN = 3  # times of the longer word of which a cut one is the beginning


class Vocabulary:
    """Counts the words of texts, and how often each stands last before a stop or the end of a line."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.seen, last = Counter[str](), Counter[str]()
        left = MOST_LETTERS
        for text in texts:
            tokens = TOKEN.findall(text[:20_000].lower())
            self.seen.update(tokens)
            last.update(word for word, after in pairwise(tokens) if after in ENDS)
            left -= len(text)
            if left < 0:
                break
        for mark in ENDS:
            self.seen.pop(mark, None)
            last.pop(mark, None)
        self.last = last
        self.usual = sum(last.values()) / max(1, sum(self.seen.values()))
        self.ordered = sorted(word for word, times in self.seen.items() if times >= FEWEST_SEEN)

    def dangles(self, word: str) -> bool:
        """True for a word that stands here often enough to tell, and (almost) never at the end of a sentence."""
        word = word.lower()
        share = (self.last[word] + SMOOTHING * self.usual) / (self.seen[word] + SMOOTHING)
        return share < RARELY * self.usual

    def is_cut(self, word: str) -> bool:
        """True for a word that stands nowhere else, and with which a longer word of the dataset begins."""
        word = word.lower()
        if self.seen[word] > 1:
            return False
        place = bisect_left(self.ordered, word)
        return any(longer != word and longer.startswith(word) for longer in self.ordered[place : place + 2])
