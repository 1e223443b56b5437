"""Numbers and quantities of a text in one spelling: 1,000 is 1000, one hour is 60 minutes, $5 is 5 dollars

English, German, Russian and Chinese; shared by metrics, not a metric itself.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

# (unit in its one spelling, how many of it one of these is, the ways of writing it)
_UNITS = (
    ("seconds", 1, r"seconds?|secs?|Sekunden?|секунд[аыу]?|秒钟?"),
    ("seconds", 60, r"minutes?|mins?|Minuten?|минут[аыу]?|分钟"),
    ("seconds", 3_600, r"hours?|hrs?|h|Stunden?|Std|час(?:а|ов)?|个?小时"),
    (
        "seconds",
        86_400,
        r"(?:calendar[ -])?days?|(?:Kalender)?Tag(?:e|en|s)?|(?:календарн\w+ )?(?:день|дня|дней)|天|日",
    ),
    ("seconds", 604_800, r"weeks?|Wochen?|недел[июья]|недель|周|个?星期"),
    (
        "working days",
        1,
        r"(?:business|working)[ -]days?|(?:Werk|Arbeits)tag(?:e|en|s)?|рабоч\w+ (?:дней|дня|день)|个?工作日",
    ),
    ("months", 1, r"months?|Monat(?:e|en|s)?|месяц(?:а|ев)?|个月"),
    ("months", 12, r"years?|Jahr(?:e|en|es)?|года?|лет|年"),
    ("%", 1, r"%|percent|per cent|Prozent|процент(?:а|ов)?"),
    ("dollars", 1, r"dollars?|USD|\$|доллар(?:а|ов)?|美元"),
    ("euros", 1, r"euros?|EUR|€|евро|欧元"),
    ("pounds", 1, r"pounds? sterling|GBP|£"),
    ("roubles", 1, r"rou?bles?|RUB|₽|руб(?:л(?:ь|я|ей))?"),
    ("yuan", 1, r"yuan|CNY|RMB|¥|元"),
    ("francs", 1, r"CHF|Franken|francs?"),
    ("MB", 0.001, r"KB"),
    ("MB", 1, r"MB|megabytes?|МБ"),
    ("MB", 1_000, r"GB|gigabytes?|ГБ"),
    ("MB", 1_000_000, r"TB|terabytes?"),
    ("g", 1, r"g|grams?|Gramm"),
    ("g", 1_000, r"kg|kilos?|kilograms?|Kilogramm|кг|公斤"),
    ("m", 0.001, r"mm"),
    ("m", 0.01, r"cm|centimet(?:er|re)s?"),
    ("m", 1, r"m|met(?:er|re)s?|Metern?"),
    ("m", 1_000, r"km|kilomet(?:er|re)s?|Kilometern?"),
    ("°C", 1, r"°C|degrees Celsius|Grad Celsius"),
)
_SMALL = {"h", "g", "m", "mm", "cm", "km", "kg"}  # written small: 5 G is no weight, 9 M no length
_TIMES = ((86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second"))

_ONES = {
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen seventeen "
    "eighteen nineteen twenty": range(21),
    "thirty forty fifty sixty seventy eighty ninety hundred": (30, 40, 50, 60, 70, 80, 90, 100),
    "null ein zwei drei vier fünf sechs sieben acht neun zehn elf zwölf dreizehn vierzehn fünfzehn": range(16),
    "eine einen einem einer zwanzig dreißig vierzig fünfzig sechzig": (1, 1, 1, 1, 20, 30, 40, 50, 60),
    "neunzig hundert": (90, 100),
    "один одна одного одну два две двух три трёх трех четыре пять шесть семь восемь девять десять": (
        1, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 5, 6, 7, 8, 9, 10,
    ),
    "двенадцать четырнадцать двадцать тридцать сорок шестьдесят девяносто сто": (12, 14, 20, 30, 40, 60, 90, 100),
}  # fmt: skip
WORD_NUMBERS = {
    word: number for words, numbers in _ONES.items() for word, number in zip(words.split(), numbers, strict=True)
}
_HAN = {digit: value for value, digit in enumerate("零一二三四五六七八九")} | {"两": 2}

# Chinese and Japanese write numbers without a blank before them, so only letters of an alphabet may not stand there.
_BEFORE = r"(?<![A-Za-zÀ-ɏЀ-ӿ\d_.])"
NUMBER = re.compile(_BEFORE + r"\d+(?:[.,:]\d+)*")
_TENS = "twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety"
_WORD_PATTERN = (
    rf"(?:(?:{_TENS})[- ](?:one|two|three|four|five|six|seven|eight|nine)|"
    rf"{'|'.join(sorted(WORD_NUMBERS, key=len, reverse=True))}|[零一二两三四五六七八九十百]{{1,4}})"
)

# A unit ends where no letter of an alphabet follows, so that "min" cannot be read from "minor".
_UNIT = "|".join(rf"(?P<u{at}>{ways})(?![^\W\d_\u3040-\u30ff\u3400-\u9fff])" for at, (_, _, ways) in enumerate(_UNITS))
# Bounded, since a crafted text of commas must not cost minutes.
_DIGITS = r"\d{1,15}(?:[.,]\d{1,6}){0,5}"
_QUANTITY = re.compile(
    rf"(?P<sign>[$€£¥₽]) ?(?P<priced>{_DIGITS})"
    rf"|(?:{_BEFORE}(?P<low>{_DIGITS})(?: ?[-–—] ?| to | bis | до | или | or | oder |至|到))?"
    rf"(?:{_BEFORE}(?P<digits>{_DIGITS})|(?<![^\W\u3040-\u9fff])(?P<word>{_WORD_PATTERN})(?![^\W\u3040-\u9fff]))"
    rf"[ \u00a0-]?(?:more |further |weitere[nr]? |full |volle[nr]? )?(?:{_UNIT})",
    re.IGNORECASE,
)


def quantities(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Each quantity in its one spelling with its place: "30 days", "1 hour", "12 dollars", "25 MB".

    A range gives both ends. Number words count before a unit ("one hour"); elsewhere they state nothing.
    """
    for found in _QUANTITY.finditer(text):
        if found["sign"]:
            unit = {"$": "dollars", "€": "euros", "£": "pounds", "¥": "yuan", "₽": "roubles"}[found["sign"]]
            yield _spelled(as_number(found["priced"]), unit, 1), found.span()
            continue
        at = next(place for place in range(len(_UNITS)) if found[f"u{place}"])
        unit, factor, _ = _UNITS[at]
        if found[f"u{at}"].lower() in _SMALL and not found[f"u{at}"].islower():
            continue
        value = as_number(found["digits"]) if found["digits"] else word_number(found["word"])
        for one in (as_number(found["low"]) if found["low"] else None, value):
            if one is not None:
                yield _spelled(one, unit, factor), found.span()


def _spelled(number: str, unit: str, factor: float) -> str:
    try:
        size = float(number) * factor
    except ValueError:  # a version number such as 1.2.3 before a unit
        return f"{number} {unit}"
    if unit == "seconds":
        each, name = next((each, name) for each, name in _TIMES if size % each == 0 or each == 1)
        return f"{size / each:g} {name}{'s' * (size != each)}"
    return f"{size:.10g} {unit.removesuffix('s') if size == 1 else unit}"


def as_number(written: str) -> str:
    """Digits in one spelling: 1,000 and 1.000 are 1000; 9,99 is 9.99; 30.00 is 30; 4.2.1 and 9:30 stay as they are."""
    if re.fullmatch(r"[1-9]\d{0,2}(?:,\d{3})+(?:\.\d+)?", written):
        written = written.replace(",", "")
    elif re.fullmatch(r"[1-9]\d{0,2}(?:\.\d{3})+(?:,\d+)?", written):
        written = written.replace(".", "").replace(",", ".")
    elif re.fullmatch(r"\d+,\d{1,2}", written):
        written = written.replace(",", ".")
    return re.sub(r"(?<=\d)\.0+$", "", written) if written.count(".") == 1 else written


def word_number(word: str) -> str | None:
    """The digits of a number word, None for another word."""
    word = word.casefold()
    folded = {key.casefold(): value for key, value in WORD_NUMBERS.items()}
    if word in folded:
        return str(folded[word])
    if any(sign in "零一二两三四五六七八九十百" for sign in word):
        return _han_number(word)
    tens, _, ones = word.replace("-", " ").partition(" ")
    return str(folded[tens] + folded[ones]) if tens in folded and ones in folded else None


def _han_number(word: str) -> str | None:
    """一 to 九百九十九."""
    total, held = 0, 0
    for sign in word:
        if sign in "十百":
            total += (held or 1) * (10 if sign == "十" else 100)
            held = 0
        elif sign in _HAN:
            held = _HAN[sign]
        else:
            return None
    return str(total + held)
