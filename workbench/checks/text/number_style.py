"""Number or unit written unlike most

The replies of this dataset write numbers in one way ("1,000.50") and this one in another ("1.000,50"); or most leave
a blank before the unit ("5 kg", "20 %") and this one does not; or most set the currency sign before the amount and
this one behind it.

Held against the dataset's own majority, each of these by itself: the marks for thousands and decimals, the blank
before a unit, the blank before a per cent sign, the place of the currency sign. Each needs at least 20 replies that
show it, of which 9 in 10 agree; without such a majority nothing is said. Every place is marked. A reply in another
language than most is not judged.

Known limits
    Only numbers that can be read in one way count: with both marks (1,000.50), with two groups (1,000,000), with one
    group before a unit or currency (1.000 kg, $1,000) or with one or two decimals before a unit, currency or per cent
    sign (3.5 kg, 12,50 €). Versions, dates, times and numbers in code are left alone. Whether 1000 has a mark at all
    is not judged.
Measured
    30 numbers in another style among 450 made ones: all found, none wrong. No flag on 22,446 real rows.
"""

from __future__ import annotations

import re
from collections import Counter

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.text.majority import USUAL_SHARE, Tongue, majority, per_cent
from workbench.checks.text.prose import without_code
from workbench.checks.text.replies import MOST_LETTERS, last_replies
from workbench.rows import Rows

UNITS = (
    r"(?:kg|mg|µg|km|cm|mm|nm|ml|cl|dl|kWh|kW|MW|GB|MB|TB|KB|GHz|MHz|Hz|mph|lbs?|oz|ft|m²|m³|km²|°C|°F|kcal|kJ|mAh|dB"
    r"|km/h)"
)
SIGN = r"[$€£¥₹]"
MONEY = rf"(?:{SIGN}|EUR\b|USD\b|CHF\b|GBP\b|Euro?s?\b|euros?\b|dollars?\b|zł\b|kr\b|Kč\b|TL\b|₽)"
AFTER = rf"(?=[ \u00a0\u202f]?(?:{UNITS}(?![\w])|%|{MONEY}))"
EDGE = r"(?<![\w.,:/-])"
END = r"(?![\d]|[.,]\d)"
POINT = re.compile(
    rf"{EDGE}(?:\d{{1,3}}(?:,\d{{3}})+\.\d+{END}|\d{{1,3}}(?:,\d{{3}}){{2,}}{END}|[1-9]\d{{0,2}},\d{{3}}{END}{AFTER}"
    rf"|\d+\.\d{{1,2}}{END}{AFTER})"
    rf"|(?<={SIGN})[ ]?(?:\d{{1,3}}(?:,\d{{3}})+(?:\.\d+)?{END}|\d+\.\d\d{END})"
)
COMMA = re.compile(
    rf"{EDGE}(?:\d{{1,3}}(?:\.\d{{3}})+,\d+{END}|\d{{1,3}}(?:\.\d{{3}}){{2}}{END}"
    rf"|[1-9]\d{{0,2}}\.\d{{3}}{END}{AFTER}|\d+,\d{{1,2}}{END}{AFTER})"
    rf"|(?<={SIGN})[ ]?(?:\d{{1,3}}(?:\.\d{{3}})+(?:,\d+)?{END}|\d+,\d\d{END})"
)
SHAPES = {
    "decimal mark": {"1,000.50": POINT, "1.000,50": COMMA},
    "blank before the unit": {
        "5 kg": re.compile(rf"{EDGE}\d[\d.,]*[ \u00a0\u202f]{UNITS}(?![\w/])"),
        "5kg": re.compile(rf"{EDGE}\d[\d.,]*{UNITS}(?![\w/])"),
    },
    "blank before the per cent sign": {
        "20 %": re.compile(rf"{EDGE}\d[\d.,]*[ \u00a0\u202f]%(?!\w)"),
        "20%": re.compile(rf"{EDGE}\d[\d.,]*%(?!\w)"),
    },
    "place of the currency sign": {
        "€5": re.compile(rf"(?<![\w]){SIGN}\d[\d.,]*"),
        "€ 5": re.compile(rf"(?<![\d\w][ ])(?<![\w]){SIGN}[ \u00a0\u202f]\d[\d.,]*"),
        "5€": re.compile(rf"{EDGE}\d[\d.,]*{SIGN}(?![ ]?\d)"),
        "5 €": re.compile(rf"{EDGE}\d[\d.,]*[ \u00a0\u202f]{SIGN}(?![ ]?\d)"),
    },
}
FORMULA = re.compile(r"\$[^$\n]{0,80}[\\^_{}=<>][^$\n]{0,80}\$|\$\d+\$")  # LaTeX sets its formulas between dollar signs
MAY_NUMBER = rf"\d[.,]\d|\d[ \u00a0\u202f]?(?:{UNITS}|%|{SIGN})|{SIGN}[ \u00a0\u202f]?\d"
COUNTS = range(1, 26)


@check(
    severity="info",
    scope="set",
    flags=Rows.of("The load is 2.500,50 kg.", "The box weighs 4kg.", "It costs 1.200,00 euros."),
    passes=Rows.of(
        *[f"The load is {n},500.50 kg and the box weighs {n} kg." for n in COUNTS],
        *[f"It costs {n},200.00 euros, and the lid {n} kg." for n in COUNTS],
        "Version 3.11 came at 9.30.",
    ),
)
def number_style(rows: Rows, *, most: float = USUAL_SHARE) -> Findings:
    """Measure: share of the replies whose way of writing numbers or units this one breaks, 0 to 1; none without one."""
    replies = last_replies(rows)
    near = replies["content"].str.contains(MAY_NUMBER).fill_null(False).arg_true().to_list()
    prose = {row: without_code(replies["content"][row][:MOST_LETTERS]) for row in near}
    measure: list[float | None] = [None] * len(rows)
    notes = [""] * len(rows)
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    tongue: Tongue | None = None
    for what, ways in SHAPES.items():
        places = {row: found for row, text in prose.items() if (found := _places(text, ways))}
        kinds = [Counter(way for way, _, _ in found).most_common(1)[0][0] for found in places.values()]
        usual = majority(kinds)
        if usual is None:
            continue
        for row, found in places.items():
            odd = [(start, end) for way, start, end in found if way != usual.usual]
            value = usual.share if odd else 0.0
            if value <= (measure[row] if measure[row] is not None else -1.0):  # type: ignore[operator]
                continue
            if value > most:
                tongue = tongue or Tongue(replies["content"].drop_nulls().to_list())
                if not tongue.speaks(prose[row]):
                    continue
                text = prose[row][odd[0][0] : odd[0][1]]
                notes[row] = (
                    f'{what}: "{text}", where {per_cent(usual.share)} of {usual.count:,} replies write "{usual.usual}"'
                )
                spans[row] = [(replies["turn"][row], start, end) for start, end in odd]
            measure[row] = value
    return above(measure, most, notes, spans)


def _places(text: str, ways: dict[str, re.Pattern[str]]) -> list[tuple[str, int, int]]:
    """Each number of a text in one of the ways, as (way, start, end)."""
    if ways is SHAPES["place of the currency sign"] and FORMULA.search(text):
        return []
    return [(way, *found.span()) for way, pattern in ways.items() for found in pattern.finditer(text)]
