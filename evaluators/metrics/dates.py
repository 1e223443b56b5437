"""Dates and times of day of a text in one spelling; shared by metrics, not a metric itself

3 May 2024, May 3rd, 2024, 3.5.2024, 2024-05-03, 3. Mai 2024, 3 мая 2024 and 2024年5月3日 are all 2024-05-03. English,
German, Russian, Chinese.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

MONTHS = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november",
    "december",
]  # fmt: skip
_WRITTEN = [
    "January|Jan Januar|Jänner января", "February|Feb Februar|Feber февраля", "March|Mar März марта",
    "April|Apr April апреля", "May Mai мая", "June|Jun Juni июня", "July|Jul Juli июля", "August|Aug August августа",
    "September|Sept|Sep September сентября", "October|Oct Oktober|Okt октября", "November|Nov November ноября",
    "December|Dec Dezember|Dez декабря",
]  # fmt: skip
_NUMBER_OF = {way: at + 1 for at, ways in enumerate(_WRITTEN) for way in re.split("[ |]", ways)}
_MONTH = "|".join(sorted(_NUMBER_OF, key=len, reverse=True))
_DATE = re.compile(
    r"(?<!\d)(?P<y1>\d{4})-(?P<m1>\d{1,2})-(?P<d1>\d{1,2})(?!\d)"
    r"|(?<![\d.])(?P<d2>\d{1,2})\. ?(?P<m2>\d{1,2})\. ?(?P<y2>\d{4}|\d{2})(?![\d.]\d)"
    r"|(?<![\d/])(?P<a>\d{1,2})/(?P<b>\d{1,2})/(?P<y3>\d{4})(?!\d)"
    rf"|(?<![\d.])(?P<d4>\d{{1,2}})(?:st|nd|rd|th|\.)? (?:of )?(?P<n4>{_MONTH})(?!\w)\.?(?:,? (?P<y4>\d{{4}})(?!\d))?"
    rf"|(?<!\w)(?P<n5>{_MONTH})\.? (?P<d5>\d{{1,2}})(?:st|nd|rd|th)?(?![\d:%])(?:,? (?P<y5>\d{{4}})(?!\d))?"
    r"|(?:(?P<y6>\d{4})年)?(?P<m6>\d{1,2})月(?P<d6>\d{1,2})[日号]"
)
_CLOCK = re.compile(
    r"(?<![\d:.])(?P<h1>\d{1,2})(?:[:.](?P<m1>\d{2}))? ?(?P<half>[ap])\.?m\b\.?"
    r"|(?<![\d:.])(?P<h2>\d{1,2}):(?P<m2>\d{2})(?![\d:])(?: Uhr)?"
    r"|(?<![\d:.])(?P<h3>\d{1,2})(?:\.(?P<m3>\d{2}))? Uhr\b"
    r"|(?<!\d)(?P<h4>\d{1,2})[点點]",
    re.IGNORECASE,
)
_DAYS = [
    ("monday", "Mondays? Montags? понедельник\\w* 星期一 周一"),
    ("tuesday", "Tuesdays? Dienstags? вторник\\w* 星期二 周二"),
    ("wednesday", "Wednesdays? Mittwochs? сред[аыуе] 星期三 周三"),
    ("thursday", "Thursdays? Donnerstags? четверг\\w* 星期四 周四"),
    ("friday", "Fridays? Freitags? пятниц\\w* 星期五 周五"),
    ("saturday", "Saturdays? Samstags? Sonnabends? суббот\\w* 星期六 周六"),
    ("sunday", "Sundays? Sonntags? воскресень\\w* 星期日 星期天 周日 周天"),
]  # fmt: skip
_DAY = re.compile(
    "|".join(
        f"(?P<{day}>{'|'.join(way if ord(way[0]) > 0x3000 else rf'{chr(92)}b{way}{chr(92)}b' for way in ways.split())})"
        for day, ways in _DAYS
    ),
    re.IGNORECASE,
)
# A month by its name alone; March and May are left out, since both are other words too.
_MONTH_ALONE = re.compile(
    r"\b(January|February|April|June|July|August|September|October|November|December|"
    r"Januar|Februar|März|Juni|Juli|Oktober|Dezember)\b"
)


def dates(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Each date with its place: "2024-05-03", "05-03" without a year, "2024-03/05" where 3/5/2024 may be both."""
    for found in _DATE.finditer(text):
        part = found.groupdict()
        if part["a"]:
            first, second = sorted((int(part["a"]), int(part["b"])))
            if first <= 12 < second <= 31:
                yield f"{part['y3']}-{first:02}-{second:02}", found.span()
            elif first >= 1 and second <= 12:
                yield f"{part['y3']}-{first:02}/{second:02}", found.span()
            continue
        year = next((part[key] for key in ("y1", "y2", "y4", "y5", "y6") if part[key]), "")
        month = next((int(part[key]) for key in ("m1", "m2", "m6") if part[key]), 0)
        month = month or _NUMBER_OF[part["n4"] or part["n5"]]
        day = next(int(part[key]) for key in ("d1", "d2", "d4", "d5", "d6") if part[key])
        if 1 <= month <= 12 and 1 <= day <= 31:
            year = f"20{year}" if len(year) == 2 else year
            yield f"{year}-{month:02}-{day:02}".lstrip("-"), found.span()


def readings(date: str) -> set[str]:
    """All that a date in its one spelling also states: the day without its year, and either reading of 3/5/2024."""
    if "/" in date:
        year, low, high = re.split("[-/]", date)
        return {date, f"{year}-{low}-{high}", f"{year}-{high}-{low}", f"{low}-{high}", f"{high}-{low}"}
    *year, month, day = date.split("-")
    either = {f"{year[0]}-{min(month, day)}/{max(month, day)}"} if year and int(day) <= 12 else set()
    return {date, f"{month}-{day}", MONTHS[int(month) - 1], *either}


def times(text: str) -> Iterator[tuple[str, tuple[int, int]]]:
    """Each time of day with its place, as on a 24-hour clock: "9:30", "17:00"."""
    for found in _CLOCK.finditer(text):
        hour = next(int(found[key]) for key in ("h1", "h2", "h3", "h4") if found[key])
        minute = next((found[key] for key in ("m1", "m2", "m3") if found[key]), "00")
        if half := (found["half"] or "").casefold():
            hour = hour % 12 + 12 * (half == "p")
        if hour <= 24 and int(minute) < 60:
            yield f"{hour}:{minute}", found.span()


def named_days(text: str) -> set[str]:
    """Days of the week and months that are named, in English: "monday", "june"."""
    found = {str(one.lastgroup) for one in _DAY.finditer(text)}
    return found | {MONTHS[_NUMBER_OF[name] - 1] for name in _MONTH_ALONE.findall(text)}
