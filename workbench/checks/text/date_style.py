"""Date written unlike most dates

The replies of this dataset write dates in one way ("5 March 2024") and this one in another ("2024-03-05",
"05.03.2024", "03/05/2024", "March 5, 2024"). Dates in two orders are read wrong by people and learned wrong by a
model.

Held against the dataset's own majority: at least 20 replies that hold a full date (day, month and year), of which 9
in 10 write it in one way; without such a majority nothing is said. With slashes, a number over 12 tells the day from
the month; one that could be both is taken for the usual order. Month names are known in 15 languages. Every place is
marked.

Known limits
    Dates without a year or with a two-digit year before the month are not read. Dates inside code and addresses are
    left alone. A reply in another language than most is not judged.
Measured
    50 dates in another style among 750 made ones, five styles in turn the usual one: all found, none wrong. One flag
    on 22,446 real rows, and right.
"""

from __future__ import annotations

import re
from collections import Counter

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.text.majority import USUAL_SHARE, Tongue, against, per_cent
from workbench.checks.text.prose import without_code
from workbench.checks.text.replies import last_replies
from workbench.rows import Rows

MONTHS = (
    r"(?:jan(?:uary|uar|vier|eiro)?|feb(?:ruary|ruar|ruari)?|fév(?:rier)?|fev(?:ereiro)?|mar(?:ch|s|zo|ço|et)?|märz"
    r"|mrz|maart|marts|apr(?:il|ile)?|avr(?:il)?|abr(?:il)?|may|mai|mayo|maio|maggio|mei|maj"
    r"|june?|juni|juin|junio|junho|giugno|july?|juli|juil(?:let)?|julio|julho|luglio|aug(?:ust|usti|ustus)?|août"
    r"|agosto|ago|sept?(?:ember|embre|iembre)?|set(?:embro|tembre)?|o[ck]t(?:ober|obre|ubre)?|out(?:ubro)?|ottobre"
    r"|nov(?:ember|embre|iembre|embro)?"
    r"|de[cz](?:ember|embre)?|déc(?:embre)?|dic(?:iembre|embre)?|dez(?:embro)?|enero|ene|gennaio|gen|janeiro|febrero"
    r"|febbraio|stycznia|lutego|marca|kwietnia|maja|czerwca|lipca|sierpnia|września|października|listopada|grudnia"
    r"|января|февраля|марта|апреля|мая|июня|июля|августа|сентября|октября|ноября|декабря|січня|лютого|березня|квітня"
    r"|травня|червня|липня|серпня|вересня|жовтня|листопада|грудня"
    r"|ocak|şubat|mart|nisan|mayıs|haziran|temmuz|ağustos|eylül|ekim|kasım|aralık|januari|februari|augusti)"
)
YEAR = r"(?:1[5-9]|20)\d\d"
NAMED = (
    ("2024-03-05", rf"(?<![\w/-]){YEAR}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])(?!\d|-\d)"),
    ("2024/03/05", rf"(?<![\w/-]){YEAR}/(?:0?[1-9]|1[0-2])/(?:0?[1-9]|[12]\d|3[01])(?![\d/])"),
    (
        "05.03.2024",
        rf"(?<![\d.])(?:0?[1-9]|[12]\d|3[01])\.[ ]?(?:0?[1-9]|1[0-2])\.[ ]?(?:{YEAR}|\d\d(?![\d.,]))(?![\d])",
    ),
    ("05-03-2024", rf"(?<![\w-])(?:0?[1-9]|[12]\d|3[01])-(?:0?[1-9]|[12]\d|3[01])-{YEAR}(?![\d-])"),
    ("slash", rf"(?<![\d/])(?:0?[1-9]|[12]\d|3[01])/(?:0?[1-9]|[12]\d|3[01])/(?:{YEAR}|\d\d(?!\d))(?![\d/])"),
    ("March 5, 2024", rf"(?<!\w){MONTHS}\.?[ ]\d{{1,2}}(?:st|nd|rd|th)?,?[ ]{YEAR}(?!\d)"),
    (
        "5 March 2024",
        rf"(?<![\w.])\d{{1,2}}(?:st|nd|rd|th|er|º|\.)?[ ](?:of |de |di )?{MONTHS}\.?,?[ ](?:de |del )?{YEAR}(?!\d)",
    ),
    ("2024年3月5日", r"(?<!\d)\d{4}[ ]?年[ ]?\d{1,2}[ ]?月[ ]?\d{1,2}[ ]?日|\d{4}년[ ]?\d{1,2}월[ ]?\d{1,2}일"),
)
DATE = re.compile("|".join(f"({pattern})" for _, pattern in NAMED), re.I)
NAMES = [name for name, _ in NAMED]
DAY_FIRST, MONTH_FIRST = "31/12/2024", "12/31/2024"
MAY_DATE = (
    rf"(?i)\d[-./]\d{{1,2}}[-./]\d|\d{{1,2}}[\w.º]*[ ](?:of |de |di )?{MONTHS}\.?,?[ ](?:de |del )?\d{{4}}"
    rf"|{MONTHS}\.?[ ]\d{{1,2}}\w*,?[ ]\d{{4}}|\d\.[ ]\d{{1,2}}\.|\d[ ]?[年년]"
)
ADDRESS = re.compile(r"(?:https?://|www\.)\S+")
DAYS = range(1, 26)


@check(
    severity="info",
    scope="set",
    flags=Rows.of("It ships on 2024-03-05.", "It ships on 05.03.2024.", "It ships on March 5, 2024."),
    passes=Rows.of(
        *[f"It ships on {day} March 2024." for day in DAYS],
        *[f"Due on {day} May 2024 at noon." for day in DAYS],
        "Soon.",
    ),
)
def date_style(rows: Rows, *, most: float = USUAL_SHARE) -> Findings:
    """Measure: share of the dated replies whose way of writing dates this one breaks, 0 to 1; none without a date."""
    replies = last_replies(rows)
    near = replies["content"].str.contains(MAY_DATE).fill_null(False).arg_true().to_list()
    found = {row: hits for row in near if (hits := dates_in(replies["content"][row]))}
    _settle_slashes(found)
    kinds: list[str | None] = [None] * len(rows)
    for row, hits in found.items():
        kinds[row] = Counter(style for style, _, _ in hits).most_common(1)[0][0]
    _, usual = against(kinds)
    measure: list[float | None] = [None] * len(rows)
    notes = [""] * len(rows)
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    if usual is None:
        return above(measure, most, notes)
    tongue = Tongue(replies["content"].drop_nulls().to_list())
    for row, hits in found.items():
        odd = [(style, start, end) for style, start, end in hits if style != usual.usual]
        measure[row] = 0.0
        if odd and (usual.share <= most or tongue.speaks(replies["content"][row])):
            measure[row] = usual.share
            if usual.share > most:
                text, turn = replies["content"][row], replies["turn"][row]
                spans[row] = [(turn, start, end) for _, start, end in odd]
                said = text[odd[0][1] : odd[0][2]]
                notes[row] = (
                    f'"{said}", where {per_cent(usual.share)} of {usual.count:,} dated replies write "{usual.usual}"'
                )
    return above(measure, most, notes, spans)


def dates_in(text: str) -> list[tuple[str, int, int]]:
    """The full dates of a text as (style, start, end); the style is "slash" where slashes could be in both orders."""
    prose = ADDRESS.sub(lambda found: " " * len(found.group()), without_code(text))
    hits = []
    for found in DATE.finditer(prose):
        style = NAMES[(found.lastindex or 1) - 1]
        if style == "slash":
            first, second = (int(part) for part in found.group().split("/")[:2])
            style = DAY_FIRST if first > 12 else MONTH_FIRST if second > 12 else "slash"
            if first > 12 and second > 12:
                continue
        hits.append((style, *found.span()))
    return hits


def _settle_slashes(found: dict[int, list[tuple[str, int, int]]]) -> None:
    """Takes slashes that tell nothing for the order that the others have; month first where there is no other."""
    orders = Counter(style for hits in found.values() for style, _, _ in hits if style in (DAY_FIRST, MONTH_FIRST))
    usual = orders.most_common(1)[0][0] if orders else MONTH_FIRST
    for hits in found.values():
        hits[:] = [(usual if style == "slash" else style, start, end) for style, start, end in hits]
