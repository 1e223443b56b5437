"""What most replies of a dataset do alike, and how far a reply that does otherwise stands alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

FEWEST = 20  # replies of which one can say that most do something
USUAL_SHARE = 0.9  # of the replies; below it there is no clear majority and nothing is flagged
COMMON_WORDS = 60  # the commonest of a dataset: half of any text in its language is made of them
FEWEST_TEXTS = 0.02  # of the texts, in which a common word stands
COMMON_SHARE = 0.12  # of a text's words; texts in another language have under 0.05
FEWEST_WORDS = 6  # from which that can be told
LETTERS = re.compile(r"[^\W\d_]+")
IDEOGRAPH = re.compile("[\u0e00-\u0eff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]")


@dataclass(frozen=True)
class Majority:
    """The style that most replies have, the share of the replies that have it, and how many have any."""

    usual: str
    share: float
    count: int


def majority(styles: Sequence[str | None]) -> Majority | None:
    """The commonest style of those given; None where fewer than `FEWEST` replies have one."""
    counted = Counter(style for style in styles if style is not None)
    total = sum(counted.values())
    if total < FEWEST:
        return None
    usual, times = counted.most_common(1)[0]
    return Majority(usual, times / total, total)


def against(styles: Sequence[str | None]) -> tuple[list[float | None], Majority | None]:
    """(N,) the share of the replies that do what this one does not: 0 for the usual style, None without a style."""
    found = majority(styles)
    if found is None:
        return [None] * len(styles), None
    return [None if style is None else 0.0 if style == found.usual else found.share for style in styles], found


def per_cent(share: float) -> str:
    """A share in words, never rounded up to all: "94 %", "99.6 %"."""
    return f"{share:.0%}".replace("%", " %") if share < 0.985 else f"{int(share * 1000) / 10:.1f} %"


class Tongue:
    """Tells whether a text is in the language that most texts of a dataset are in, by the dataset's commonest words."""

    def __init__(self, texts: Sequence[str], most: int = 400) -> None:
        step = max(1, len(texts) // most)
        sample = texts[::step]
        counted = Counter(unit for text in sample for unit in set(_units(text[:2_000])))
        enough = max(2, FEWEST_TEXTS * len(sample))
        self.common = {unit for unit, times in counted.most_common(COMMON_WORDS) if times >= enough}

    def speaks(self, text: str) -> bool:
        """True where enough of the text's words are common ones here, and where it is too short to tell."""
        units = _units(text[:2_000])
        if len(units) < FEWEST_WORDS:
            return True
        return sum(unit in self.common for unit in units) >= COMMON_SHARE * len(units)


def _units(text: str) -> list[str]:
    """Words in lower case; in scripts without blanks, letters."""
    letters = IDEOGRAPH.findall(text)
    return letters if len(letters) > len(text) // 4 else LETTERS.findall(text.lower())
