"""What training replies say again and again, and which answers carry it where nobody asked: domain bleed

A phrase is an opening (the first words of a reply), a sign-off (its last words) or a run of words anywhere in it that a
good part of all training replies share.

Known limits
    Words as they are written, without case and punctuation; a house style in other words is not seen. A phrase that is
    common in any talk ("you can") is one too: so the base model's answers are counted beside, and two words count only
    as a marked opening or sign-off.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

WORD = re.compile(r"\w+(?:['\u2019]\w+)?")
Place = Literal["opening", "sign-off", "anywhere"]
FEWEST = 5  # replies that must share a phrase, whatever the share
SHARE = 0.05  # of the replies that must share a phrase of four words or more
SHORT_SHARE = 0.2  # of the replies that must share a shorter one: two words are soon said by accident
SHORTEST, LONG, LONGEST = 2, 4, 8  # words of a phrase
MOST = 12  # phrases kept, the most frequent first


@dataclass(frozen=True)
class Phrase:
    """A phrase of training replies: its words, where it stands, and the share of replies that have it there."""

    words: tuple[str, ...]
    place: Place
    share: float

    @property
    def text(self) -> str:
        return " ".join(self.words)

    def stands_in(self, answer: str) -> bool:
        """Whether an answer has it at that place."""
        return self.stands_in_words(words(answer))

    def stands_in_words(self, said: Sequence[str]) -> bool:
        n = len(self.words)
        if self.place == "opening":
            return tuple(said[:n]) == self.words
        if self.place == "sign-off":
            return tuple(said[-n:]) == self.words
        return any(tuple(said[at : at + n]) == self.words for at in range(len(said) - n + 1))


def words(text: str) -> list[str]:
    """Lower-case words without punctuation."""
    return WORD.findall(text.lower())


def stock_phrases(replies: Sequence[str]) -> tuple[Phrase, ...]:
    """The phrases that training replies share, most frequent first; a part of a longer one as frequent is left out."""
    said = [words(reply) for reply in replies]
    counts: Counter[tuple[Place, tuple[str, ...]]] = Counter()
    for reply in said:
        seen: set[tuple[Place, tuple[str, ...]]] = set()
        for n in range(SHORTEST, min(LONGEST, len(reply)) + 1):
            seen.add(("opening", tuple(reply[:n])))
            seen.add(("sign-off", tuple(reply[-n:])))
            if n >= LONG:
                seen.update(("anywhere", tuple(reply[at : at + n])) for at in range(len(reply) - n + 1))
        counts.update(seen)
    enough = {
        key: count
        for key, count in counts.items()
        if count >= FEWEST and count >= (SHARE if len(key[1]) >= LONG else SHORT_SHARE) * len(said)
    }
    kept: list[tuple[Place, tuple[str, ...]]] = []
    for place, phrase in sorted(enough, key=lambda key: (-len(key[1]), key[0] == "anywhere", -enough[key], key)):
        mine = enough[place, phrase]
        if not any(
            _within(phrase, place, other, where) and mine <= 1.5 * enough[where, other] for where, other in kept
        ):
            kept.append((place, phrase))
    kept.sort(key=lambda key: (-enough[key], key))
    return tuple(Phrase(phrase, place, enough[place, phrase] / len(said)) for place, phrase in kept[:MOST])


def carried(answer: str, phrases: Sequence[Phrase]) -> list[Phrase]:
    """The phrases that an answer carries, in their order."""
    said = words(answer)
    return [phrase for phrase in phrases if phrase.stands_in_words(said)]


def _within(part: tuple[str, ...], place: Place, whole: tuple[str, ...], where: Place) -> bool:
    """Whether a phrase is a part of another one that is kept at the same place, or anywhere in one."""
    if place != "anywhere" and place != where:
        return False
    return any(whole[at : at + len(part)] == part for at in range(len(whole) - len(part) + 1))
