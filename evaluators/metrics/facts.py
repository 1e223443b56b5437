"""Checkable facts of a text: numbers, codes, addresses, menu paths, days; shared by metrics, not a metric itself."""

from __future__ import annotations

import re

_ADDRESS = re.compile(r"https?://[^\s<>\"']+|www\.[^\s<>\"']+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+")
_MENU_PATH = re.compile(r"\w+(?: ?[>›→] ?\w+)+")
_MENU_ARROW = re.compile(r" ?[>›→] ?")
_CODE = re.compile(r"\b[A-Z]{1,6}-?\d[A-Z0-9-]*\b")
_LIST_NUMBER = re.compile(r"^\s*\d{1,2}[.)]\s+", re.MULTILINE)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,:]\d+)*")
_NUMBER_WORDS = {
    word: str(number)
    for number, word in enumerate(
        [
            "zero",
            "one",
            "two",
            "three",
            "four",
            "five",
            "six",
            "seven",
            "eight",
            "nine",
            "ten",
            "eleven",
            "twelve",
            "thirteen",
            "fourteen",
            "fifteen",
            "sixteen",
            "seventeen",
            "eighteen",
            "nineteen",
            "twenty",
        ]
    )
}
_NUMBER_WORDS |= {"thirty": "30", "forty": "40", "fifty": "50", "sixty": "60", "ninety": "90", "hundred": "100"}
_WORD = re.compile(r"[a-z]+")
# Days and months by name; March and May are left out, since both are other words too.
_DATE_WORD = re.compile(
    r"\b(?P<day>(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day)s?\b"
    r"|\b(?P<month>January|February|April|June|July|August|September|October|November|December)\b"
)


def facts(text: str) -> set[str]:
    """The facts a text states, normalised so that the same fact written twice is equal.

    1,000 is 1000 and 30.00 is 30; the numbers of a numbered list are no facts. A menu path is kept by the word on each
    side of its arrows ("Orders > Return item" is "orders > return"). Number words are not taken as facts, since "one of
    these" states none: see `stated`.
    """
    found = {address.rstrip(".,;:!?)").casefold() for address in _ADDRESS.findall(text)}
    rest = _ADDRESS.sub(" ", _LIST_NUMBER.sub(" ", text))
    for path in _MENU_PATH.findall(rest):
        parts = _MENU_ARROW.split(path)
        if all(part[0].isupper() for part in parts[1:]):
            found.add(" > ".join(parts).casefold())
    found |= {code.casefold() for code in _CODE.findall(rest)}
    found |= {(one["day"] or one["month"]).casefold() for one in _DATE_WORD.finditer(rest)}
    for number in _NUMBER.findall(_THOUSANDS.sub("", _CODE.sub(" ", rest))):
        found.add(re.sub(r"\.0+$", "", number))
    return found


def stated(text: str) -> set[str]:
    """The facts of a text plus its English number words as digits: what another text's facts are looked up in."""
    return facts(text) | {_NUMBER_WORDS[word] for word in _WORD.findall(text.casefold()) if word in _NUMBER_WORDS}
