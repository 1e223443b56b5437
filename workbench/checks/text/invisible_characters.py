"""Invisible characters and look-alike letters

Control characters, zero-width spaces, marks that turn the direction of writing, and words such as "pаypal" with a
Cyrillic а: on the screen nothing is wrong, but to the model they are other tokens, and hidden text may be an attack.

Known limits
    Zero-width joiners are left alone inside emoji and in Arabic, Persian, Indic and South-East Asian writing,
    zero-width spaces beside Thai, Khmer, Chinese or Japanese, marks of direction in texts with Hebrew or Arabic
    letters. Overrides of direction are always found. Look-alike letters are Cyrillic and Greek ones in words of four
    letters and more; a word wholly of look-alikes is not seen. Tabs, line ends and no-break spaces are text. Looks at
    every turn.
Measured
    One such character put into 200 replies: all found. On 36,894 rows of real text 44 flags, none of some 30 read is
    wrong: apostrophes of Windows in French, Latin i in Ukrainian words, byte order marks in copied web pages.
Source
    The Unicode Standard, chapter 23 (special areas and format characters); Unicode TR 36 and 39 (security,
    confusables).
"""

from __future__ import annotations

import polars as pl

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.text.invisible import MIXED, SUSPECT, find_hidden
from workbench.rows import Rows

LONGEST = 2_000_000  # characters looked at in one turn


@check(
    severity="warning",
    flags=Rows.of(
        "Open\u200b the lid.",
        "Log in to p\u0430ypal.example.",
        "It is \u202eeerf\u202c.",
        "\ufeffNine euros.",
        "Open the\u00ad lid.\x08",
        "\x1b[31mred\x1b[0m",
    ),
    passes=Rows.of(
        "A family: \U0001f468\u200d\U0001f469\u200d\U0001f467.",
        "می\u200cخواهم",
        "क्\u200dष",
        "Tab\tand line\r\nend, a no-break\u00a0space, naïve, Δx and 5 μm.",
        "Привет, iPhone и SMS!",
    ),
    mend="strip_invisible",
)
def invisible_characters(rows: Rows, *, most: int = 0) -> Findings:
    """Measure: number of invisible characters and of look-alike words in the row's turns."""
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    notes = [""] * len(rows)
    likely = rows.turns.filter(pl.col("content").str.contains(f"{SUSPECT}|{MIXED}"))
    for row, turn, role, content in likely.select("row", "turn", "role", "content").iter_rows():
        found = find_hidden(content[:LONGEST])
        spans[row] += [(turn, hidden.start, hidden.end) for hidden in found]
        if found and not notes[row]:
            notes[row] = f"{found[0].what} in turn {turn + 1} ({role or 'no role'})"
    for row, places in enumerate(spans):
        if len(places) > 1:
            notes[row] += f", and {len(places) - 1} more"
    return above([len(places) for places in spans], most, notes, spans)
