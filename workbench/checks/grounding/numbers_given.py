"""The numbers of a text, and whether one follows from others: said in words, rounded, summed, a share, another unit."""

from __future__ import annotations

import re
from dataclasses import dataclass

from workbench.checks.grounding.arithmetic import stated_values

NUMBER = re.compile(
    r"(?<![\w#])(?P<money>[$€£¥₹]\s?)?(?P<number>\d(?:[\d.,'’]*\d)?)(?P<after>\s?%|(?:st|nd|rd|th|er|e|º|ª)\b|k\b"
    r"|[a-zA-Z]{0,3}\b)?"
)
MARKER = re.compile(
    r"^[ \t>*-]*[(\[]?\d{1,3}[.):\]](?=\s|$|\*)|\b(?:steps?|part|section|chapter|option|answer|question|point"
    r"|item|no\.?|number|nr\.?|line|row|figure|table|page|reason|example|day|week|phase|tip|version|level|type"
    r"|class|grade|top)\s#?\d+(?:[-–.]\d+)*\b|#\d+",
    re.I | re.M,
)
UNIT = re.compile(
    r"\s?(?:%|€|\$|£|percent|per ?cent|prozent|euros?|dollars?|pounds?|usd|eur|cents?|days?|hours?|minutes?|mins?"
    r"|seconds?|weeks?|months?|years?|km|kilomet\w+|miles?|met(?:er|re)s?|cm|mm|kg|g\b|grams?|lit(?:er|re)s?|ml"
    r"|a\.?m\b|p\.?m\b|o'clock|uhr|tage?n?"
    r"|stunden?|minuten|wochen?|monate?n?|jahre?n?|people|guests?|rooms?|employees|customers|patients|students"
    r"|stars?|points?|gb|mb|tb|watts?|volts?|degrees|°|jours?|heures?|semaines?|mois|ans\b|d[ií]as?|horas?"
    r"|semanas?|meses|años)",
    re.I,
)
MONEY = re.compile(r"[$€£]|euro|dollar|pound|usd|eur|cent(?!i)")
TIMES = re.compile(
    r"day|hour|min|sec|week|month|year|tag|stund|woche|monat|jahr|jour|heure|semain|mois|ans|d[ií]a|hora|seman|mes|año"
)
ADDRESSES = re.compile(r"https?://\S+|www\.\S+|\S+@\S+|\+?\d[\d ()/-]{7,}\d")
# Words for numbers in English, German, French and Spanish; a year has twelve months, a fortnight fourteen days.
NUMBER_WORDS = """
0 zero null midnight | 1 one once single ein eins eine un une uno una first daily | 2 two twice both pair couple double
2 zwei deux dos due second | 3 three thrice triple trio drei trois tres tre third | 4 four vier quatre cuatro fourth
5 five fünf cinq cinco fifth | 6 six sechs seis sixth | 7 seven sieben sept siete seventh week weekly
8 eight acht huit ocho | 9 nine neun neuf nueve | 10 ten zehn dix diez tenth decade decades | 11 eleven elf onze
12 twelve dozen zwölf douze doce noon year | 13 thirteen dreizehn treize trece | 14 fourteen vierzehn quatorze catorce
14 fortnight | 15 fifteen fünfzehn quinze quince | 16 sixteen sechzehn seize | 17 seventeen siebzehn
18 eighteen achtzehn | 19 nineteen neunzehn | 20 twenty zwanzig vingt veinte score | 25 quarter | 30 thirty dreißig
40 forty vierzig | 50 fifty fünfzig half halves | 60 sixty | 70 seventy | 80 eighty | 90 ninety
100 hundred hundert century centuries | 1000 thousand tausend | 1000000 million | 1000000000 billion
"""
WORDS = {
    word: int(entry.split()[0]) for entry in re.split(r"[|\n]", NUMBER_WORDS.strip()) for word in entry.split()[1:]
}
WORD = re.compile(r"[a-zà-ÿß]+")
MONTHS = ("jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec")
TIME = (60, 24, 7, 12, 3_600, 30, 365)  # seconds in a minute, hours in a day and so on
SMALL = 12  # a whole number up to it that has no unit may be a count
MOST = 12  # numbers of a text whose pairs are tried; among more, chance would explain any number
ROUNDING = 0.006


@dataclass(frozen=True)
class Stated:
    """A number as a text states it: its characters and the values that it may have."""

    start: int
    end: int
    text: str
    values: tuple[float, ...]
    unit: str  # "money", "%", "time", another unit in lower case, or "" for none


def stated_numbers(text: str) -> list[Stated]:
    """The numbers of a text, without list marks, step numbers, addresses and phone numbers."""
    blank = lambda found: " " * len(found.group())  # noqa: E731
    plain = ADDRESSES.sub(blank, MARKER.sub(blank, text))
    found = []
    for one in NUMBER.finditer(plain):
        after = one["after"] or ""
        if after and not re.fullmatch(
            r"\s?%|st|nd|rd|th|er|e|º|ª|k|km|kg|g|m|cm|mm|am|pm|gb|mb|tb|ml|l|h|min|eur|usd|s", after, re.I
        ):
            continue  # a name such as 3D or 4x4
        number = one["number"].replace("'", "").replace("’", "")
        values = {value for value, _ in stated_values(number)}
        if after.lower() == "k":
            values |= {value * 1_000 for value in values}
        unit = "money" if one["money"] else _unit(plain, one.end("number"))
        found.append(
            Stated(one.start(), one.start("number") + len(one["number"]), one["number"], tuple(sorted(values)), unit)
        )
    return found


def _unit(text: str, end: int) -> str:
    found = UNIT.match(text, end)
    name = found.group().strip().lower() if found else ""
    if MONEY.match(name):
        return "money"
    if name in ("%", "percent", "per cent", "prozent"):
        return "%"
    return "time" if TIMES.match(name) else name


def values_of(text: str) -> set[float]:
    """All values that stand in a text, in digits or in words; months count as their numbers."""
    numbers = {value for one in NUMBER.finditer(text) for value, _ in stated_values(one["number"])}
    numbers |= {float(digits) for digits in re.findall(r"\d+", text[:200_000]) if len(digits) < 16}
    words = set(WORD.findall(text.lower()))
    numbers |= {float(WORDS[word]) for word in words if word in WORDS}
    tens = [WORDS[word] for word in words if word in WORDS and WORDS[word] in range(20, 100, 10)]
    numbers |= {float(ten + ones) for ten in tens for ones in range(1, 10)}
    begun = {word[:3] for word in words}
    return numbers | {float(place) for place, month in enumerate(MONTHS, 1) if month in begun}


def follows(one: Stated, words: set[float], given: list[Stated]) -> bool:
    """True where the number stands in what was given, or may have been worked out from it.

    words: the values there, in digits or words. given: the numbers there in digits, for sums, shares and means.
    """
    return any(
        value in words or _is_count(value, one) or _rounds(value, words) or _worked_out(value, one, given)
        for value in one.values
    )


def _is_count(value: float, one: Stated) -> bool:
    return value in (0.0, 100.0) or (one.text.isdigit() and value <= SMALL and value == int(value) and not one.unit)


def _rounds(value: float, given: set[float]) -> bool:
    """A given number rounded, said as a year or century in short, on a clock of twelve, or in thousands."""
    if value < 24 and (value + 12 in given or value - 12 in given):
        return True
    scaled = (number * scale for number in given for scale in (1e3, 1e6, 1e9, 1e-3, 1e-6, 1e-9))
    if (value != int(value) or value >= 1_000) and value in scaled:
        return True
    worth = _last_digit(value)
    return any(
        number != value and abs(number - value) <= 0.5 * worth and abs(number - value) <= ROUNDING * abs(value)
        for number in given
        if worth > 1 or number != int(number)
    ) or (value < 100 and any(1_000 <= number < 2_200 and int(number) % 100 == value for number in given))


def _last_digit(value: float) -> float:
    """What one unit of the last digit shown is worth: 100 for 4,700, 0.1 for 2.5."""
    if value == int(value):
        digits = str(int(value))
        return 10.0 ** (len(digits) - len(digits.rstrip("0")))
    return 10.0 ** -len(f"{value:.6f}".rstrip("0").split(".")[1])


def _worked_out(value: float, one: Stated, given: list[Stated]) -> bool:
    """A sum, mean, difference, product, quotient or share of the numbers given, in units that fit."""
    same = [number.values[0] for number in given if number.values and number.unit == one.unit]
    if same and value in (sum(same), sum(same) / len(same), float(len(given))):
        return True
    numbers = list({(n.values[0], n.unit) for n in given if n.values})
    if len(numbers) > MOST:
        return False
    for a, unit_a in numbers:
        for b, unit_b in numbers:
            results: list[float] = []
            if unit_a == unit_b == one.unit:
                results += [a + b, abs(a - b)]
            if one.unit in (unit_a, unit_b) and b != 1:
                results += [a * b, a / b if b else a]
            if unit_b == "%":
                results += [a * b / 100, a - a * b / 100, a + a * b / 100]
            if one.unit == "%" and b:
                results += [100 * a / b, abs(100 * (a - b) / b)]
            if one.unit == unit_a == "time":
                results += [a * factor for factor in TIME] + [a / factor for factor in TIME]
            if any(
                abs(value - result) <= 0.5 * _last_digit(value) * (value != int(value)) + 1e-9 for result in results
            ):
                return True
    return False
