"""Finds the sentence that many replies of a dataset begin or end with, by counting, and stock phrases by a list."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import polars as pl

from workbench.checks.text.prose import looks_like_code
from workbench.checks.text.replies import short
from workbench.checks.text.stock_phrases import key_of
from workbench.rows import Rows

FEWEST = 5  # replies that share a sentence
FEWEST_WORDS = 2  # one word such as "Yes" is mostly an answer
FEWEST_LETTERS = 4
LONGEST = 25  # words; longer ones are repeated text, not a phrase around it
HOUSE_VOICE = 0.8  # of the replies: what nearly all say is how this house speaks
STOCK = 1.0  # the measure of a phrase on the list, however often it stands here


@dataclass(frozen=True)
class Phrase:
    """The outer sentence of a reply: where it stands, the share of replies that have it too, whether it is known."""

    turn: int
    start: int
    end: int
    said: str
    share: float
    count: int
    stock: bool

    @property
    def measure(self) -> float:
        return STOCK if self.stock else self.share


def phrases(
    replies: pl.DataFrame, places: Sequence[tuple[int, int]], stock: Callable[[str], bool]
) -> list[Phrase | None]:
    """(N,) the opening or closing sentence of each reply; None where the reply is nothing else, is code or is missing.

    replies: as `last_replies` gives them; places: (N,) where the first (or last) sentence of each stands. A sentence
    counts once for each different reply that has other words beside it: labels, short answers and copies are no
    boilerplate.
    """
    found = [_outer(*line) for line in zip(replies["turn"], replies["content"], places, strict=True)]
    texts = {text: entry.key if entry else "" for text, entry in zip(replies["content"], found, strict=True) if text}
    counts = Counter(key for key in texts.values() if key)
    return [_phrase(entry, counts, len(texts), stock) for entry in found]


@dataclass(frozen=True)
class _Outer:
    turn: int
    start: int
    end: int
    said: str
    key: str


def _outer(turn: int | None, text: str | None, place: tuple[int, int]) -> _Outer | None:
    start, end = place
    if turn is None or not text or not (text[:start].strip() or text[end:].strip()):
        return None
    said = text[start:end].strip()
    key = key_of(said) if said else ""
    return _Outer(turn, start, start + len(text[start:end].rstrip()), said, key) if key else None


def _phrase(outer: _Outer | None, counts: Counter[str], total: int, stock: Callable[[str], bool]) -> Phrase | None:
    if outer is None:
        return None
    count, words = counts[outer.key], outer.key.split()
    spoken = len(words) >= FEWEST_WORDS or outer.said.endswith(("!", "！")) or len(outer.key) > 2 * FEWEST_LETTERS
    phrase_like = spoken and len(words) <= LONGEST and len(outer.key) >= FEWEST_LETTERS
    counted = count >= FEWEST and phrase_like and count / total <= HOUSE_VOICE and not looks_like_code(outer.said)
    share = count / total if counted else 0.0
    return Phrase(outer.turn, outer.start, outer.end, outer.said, share, count, stock(outer.said))


def note_of(phrase: Phrase | None, most: float, verb: str) -> str:
    """Why the row is flagged, in plain words."""
    if phrase is None or phrase.measure <= most:
        return ""
    if phrase.share > most:
        return f'{phrase.count:,} replies {verb} with "{short(phrase.said)}"'
    return f'{verb}s with a stock phrase: "{short(phrase.said)}"'


def measures(found: Sequence[Phrase | None], rows: Rows) -> pl.Series:
    """(N,) the measure of each row; None where there is no reply."""
    said = [bool(reply.strip()) for reply in rows.reply]
    return pl.Series(
        [(p.measure if p else 0.0) if s else None for p, s in zip(found, said, strict=True)], dtype=pl.Float64
    )
