"""Names that a text gives: of things, places, buttons; shared by metrics, not a metric itself

A word with a capital inside a sentence, and what follows it with capitals; a short text in quotation marks. In German,
where every noun has a capital, only words with a capital inside them ("PayPal", "CSV").
"""

from __future__ import annotations

import re

from evaluators.metrics.words import words

_CAPITAL, _REST = "[A-ZÀ-ÖØ-ÞĀ-ŽА-ЯЁ]", r"(?:[^\W\u0e00-\u0eff\u3040-\u30ff\u3400-\u9fff]|['’&-])*"
_RUN = re.compile(rf"(?<![^\W\u3040-\u9fff]){_CAPITAL}{_REST}(?: {_CAPITAL}{_REST})*")
_QUOTED = re.compile(r"[\"“„«»]([^\"“”„«»\n]{2,40})[\"”“«»]")
_STARTS = ".!?:;\n•…"  # after one of these, a capital says only that a sentence begins
_SKIP = " \t\"“”„«»'‘’(*_-–—[#>"
_HEADING = 0.7  # share of capitalised words in a line from which its capitals say nothing
_GERMAN = re.compile(
    r"\b(?:der|die|das|und|ist|nicht|sie|ein|eine|mit|für|auf|den|dem|wird|können|im|zu|wir|ihre?|von)\b", re.IGNORECASE
)
FEWEST_GERMAN = 3  # such small words, and more than one in ten
MOST_QUOTED = 4  # words; a longer quotation is a sentence
# Words that take a capital by habit or for stress and name nothing.
COMMON = frozenset(
    re.split(
        " ",
        "i i'm i'll i've i'd yes no not ok okay please sorry dear you your we our hello hi thanks thank and or but the "
        "a an all must never always only if so mr mrs ms dr sir madam am pm faq asap sie ihr ihre ihnen du вы вас ваш",
    )
)
_DATED = re.compile(
    r"(?:mon|tues|wednes|thurs|fri|satur|sun)days?|january|february|march|april|may|june|july|august|september|october|"
    r"november|december"
)


def names(text: str) -> set[str]:
    """The names in a text, their words folded; days and months are left to `dates`."""
    german = _is_german(text)
    found = set()
    for line in text.splitlines():
        if _is_heading(line):
            continue
        for run in _RUN.finditer(line):
            said = run[0].split(" ")
            if _begins(line[: run.start()]):
                said = said[1:] if not _inside(said[0]) else said
            found |= _kept(said, german)
    for quoted in _QUOTED.findall(text):
        spoken = words(quoted)
        if 1 <= len(spoken) <= MOST_QUOTED and not any(one.isdigit() for one in spoken):
            found.add(" ".join(spoken))
    return found


def _kept(said: list[str], german: bool) -> set[str]:
    """A run's name without the words that name nothing; a run is cut at those."""
    found: set[str] = set()
    part: list[str] = []
    for word in [*said, ""]:
        bare = word.rstrip("'’-").replace("\u2019", "'")
        low = bare.casefold().removesuffix("'s")
        if not low or len(low) < 2 or low in COMMON or _DATED.fullmatch(low) or (german and not _inside(bare)):
            if part:
                found.add(" ".join(part))
            part = []
        else:
            part += words(low)
    return {name for name in found if name}


def _begins(before: str) -> bool:
    before = before.rstrip(_SKIP)
    return not before or before[-1] in _STARTS or bool(re.fullmatch(r"\s*\d{1,2}[.)]", before))


def _inside(word: str) -> bool:
    """Whether a capital stands inside the word: PayPal, CSV."""
    return any(letter.isupper() for letter in word[1:])


def _is_german(text: str) -> bool:
    small = len(_GERMAN.findall(text))
    return small >= FEWEST_GERMAN and small > 0.1 * len(text.split())


def _is_heading(line: str) -> bool:
    said = [word for word in line.split() if word[:1].isalpha()]
    return len(said) > 2 and sum(word[0].isupper() for word in said) >= _HEADING * len(said)
