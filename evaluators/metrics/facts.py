"""Checkable facts of a text: quantities, prices, dates, times, codes, addresses, menu paths, names

Shared by metrics, not a metric itself. English, German, Russian and Chinese spellings of numbers, units and dates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache

from evaluators.metrics.dates import dates, named_days, readings, times
from evaluators.metrics.names import names
from evaluators.metrics.quantities import NUMBER, WORD_NUMBERS, as_number, quantities, word_number
from evaluators.metrics.words import words

_ADDRESS = re.compile(
    r"https?://[^\s<>\"'，。）]+|www\.[^\s<>\"'，。）]+|"
    r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})+",
    re.ASCII,
)
_MENU_PATH = re.compile(r"(?<!\w)\w{1,60}(?: ?[>›→] ?\w+)+")
_MENU_ARROW = re.compile(r" ?[>›→] ?")
_CODE = re.compile(r"(?<![A-Za-z0-9_])[A-Z]{1,6}-?\d[A-Z0-9-]*(?![A-Za-z0-9_])")
_LIST_NUMBER = re.compile(r"^\s*\d{1,2}[.)]\s+", re.MULTILINE)
_QUANTITY = re.compile(r"(?P<number>[\d.]+) \D+")
_LOOSE = {  # what is said in other words, and the facts that it states
    r"\b(?:an|per|every|each) hour\b|\beine Stunde\b": {"1 hour"},
    r"\bhalf an hour\b|\beine halbe Stunde\b|полчаса|半小时": {"30 minutes"},
    r"\b(?:an hour and a half|one and a half hours)\b": {"90 minutes", "1.5 hours"},
    r"\ba quarter of an hour\b|\beine Viertelstunde\b": {"15 minutes"},
    r"\b(?:a|per|every|each) day\b|\bdaily\b|\bovernight\b|\btäglich\b|ежедневно|每天": {"1 day"},
    r"\b(?:a|per|every|each) week\b|\bweekly\b|\bwöchentlich\b": {"7 days"},
    r"\b(?:a|per|every|each) fortnight\b": {"14 days"},
    r"\b(?:a|per|every|each) month\b|\bmonthly\b|раз в месяц|每月|\bmonatlich\b": {"1 month"},
    r"\b(?:a|per|every|each) year\b|\byearly\b|через год|раз в год|每年|\bannual(?:ly)?\b|\bjährlich\b": {"12 months"},
    r"\bhalf a year\b|\bhalbes Jahr\b|полгода|半年": {"6 months"},
    r"\b(?:a|one) dozen\b|\bein Dutzend\b": {"12"},
    r"\b(?:noon|midday)\b|\bmittags?\b": {"12:00"},
    r"\bmidnight\b|\bMitternacht\b": {"0:00", "24:00"},
    r"\bweekdays?\b|\bwerktags\b|по будням|工作日": {"monday", "friday"},
    r"\bweekends?\b|\bWochenende\w*|выходны\w+|周末": {"saturday", "sunday"},
    r"\bhalf\b|\bHälfte\b": {"50 %"},
    r"\bonce\b|\beinmal\b": {"1"},
    r"\btwice\b|\bzweimal\b|дважды|\bboth\b|\bbeide\b": {"2"},
}  # fmt: skip
_SAID = [(re.compile(pattern, re.IGNORECASE), stated) for pattern, stated in _LOOSE.items()]
_NUMBER_WORD = re.compile(
    r"(?<!\w)(?:" + "|".join(sorted(WORD_NUMBERS, key=len, reverse=True)) + r")(?!\w)", re.IGNORECASE
)


def facts(text: str) -> frozenset[str]:
    """The facts a text states, each in one spelling, so that the same fact written twice is equal.

    1,000 is "1000", one hour and 60 minutes are "1 hour", $12 and 12 dollars are "12 dollars", May 3rd, 2024 is
    "2024-05-03", 5 p.m. is "17:00"; the numbers of a numbered list are no facts. A menu path is kept by the word on
    each side of its arrows ("Orders > Return item" is "orders > return"). A number word is a fact only before a unit,
    since "one of these" states none.
    """
    return _read(text)[0]


@lru_cache(maxsize=20_000)
def stated(text: str) -> frozenset[str]:
    """The facts of a text and all that it says in other words: what another text's facts are looked up in.

    A date also states its day and month, "weekdays" Monday and Friday, a number word its number.
    """
    found, bare = _read(text)
    said = set(found | bare) | {number for word in _NUMBER_WORD.findall(text) if (number := word_number(word))}
    for fact in found:
        if re.fullmatch(r"(?:\d{4}-)?\d\d[-/]\d\d", fact):
            said |= readings(fact)
        elif fact.endswith(":00"):
            said.add(fact.removesuffix(":00"))
        elif quantity := _QUANTITY.fullmatch(fact):
            said.add(quantity["number"])
    for pattern, more in _SAID:
        if pattern.search(text):
            said |= more
    return frozenset(said)


def missing(wanted: Iterable[str], text: str) -> list[str]:
    """The facts that a text does not state, in order.

    A menu path is stated by its parts in their order, a name by its words in one piece, whatever their case. A quantity
    is stated by its bare number too, where no other unit follows that number, and so is a full hour.
    """
    said, bare = stated(text), _read(text)[1] | set(_bare_words(text))
    spoken = f" {' '.join(words(text))} "
    return sorted(fact for fact in wanted if fact not in said and not _told(fact, spoken, bare))


def _told(fact: str, spoken: str, bare: frozenset[str] | set[str]) -> bool:
    if " > " in fact:
        at = 0
        for part in fact.split(" > "):
            at = spoken.find(f" {part} ", at) + 1
            if not at:
                return False
        return True
    if fact.endswith(":00"):
        return fact.removesuffix(":00") in bare
    if quantity := _QUANTITY.fullmatch(fact):
        return quantity["number"] in bare
    return not any(sign.isdigit() for sign in fact) and f" {' '.join(words(fact))} " in spoken


def _bare_words(text: str) -> list[str]:
    """Number words without a unit behind them."""
    taken = [span for _, span in quantities(text)]
    return [
        word_number(one[0]) or ""
        for one in _NUMBER_WORD.finditer(text)
        if not any(low <= one.start() < high for low, high in taken)
    ]


@lru_cache(maxsize=20_000)  # every metric of facts, for every arm, asks for the same references
def _read(text: str) -> tuple[frozenset[str], frozenset[str]]:
    """All facts of a text, and those of them that are bare numbers."""
    found = {address.rstrip(".,;:!?)").casefold() for address in _ADDRESS.findall(text)}
    rest = _ADDRESS.sub(" ", _LIST_NUMBER.sub("\n", text))
    for path in _MENU_PATH.findall(rest):
        parts = _MENU_ARROW.split(path)
        if all(part[0].isupper() or not part[0].isascii() for part in parts[1:]):
            found.add(" > ".join(parts).casefold())
            rest = rest.replace(path, ", ")
    found |= {code.casefold() for code in _CODE.findall(rest)}
    rest = _CODE.sub(" ", rest)
    for reader in (dates, times, quantities):
        taken = list(reader(rest))
        found |= {fact for fact, _ in taken}
        rest = _without(rest, [span for _, span in taken])
    found |= named_days(rest)
    bare = {as_number(number) for number in NUMBER.findall(rest)}
    return frozenset(found | bare | names(rest)), frozenset(bare)


def _without(text: str, spans: Iterable[tuple[int, int]]) -> str:
    for low, high in sorted(set(spans), reverse=True):
        stop = "." if text[low:high].endswith(".") else ","  # what follows "4 p.m." may be a new sentence
        text = f"{text[:low]} {stop} {text[high:]}"
    return text
