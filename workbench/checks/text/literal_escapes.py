r"""Escapes that stand as text

`\n`, `\t`, `\"` or `\u00e9` written out where a line break, a quotation mark or a letter was meant: the text was
encoded once too often on its way here, and the model learns to write backslashes to customers.

Known limits
    Left alone are code, formulas in TeX, file paths, texts that begin as JSON, what tools returned, and conversations
    that speak of escapes, code, strings or their like, unless a text of theirs is plainly one long line of prose with
    three written-out line breaks or an empty line. A single \t or \" counts only beside another escape, a single \'
    only inside a word. Looks at every turn.
Measured
    Line breaks written out in 197 real replies: 179 found. On 36,894 rows of real text 43 flags, all of some 30 read
    are right; on 55,185 long prompts 765, of which all of 18 read are. Cleaning Alpaca with a model brought such
    escapes from 0.03 to 0.6 % of the replies.
"""

from __future__ import annotations

import polars as pl

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.text.escapes import find_escapes, speaks_of_escapes
from workbench.rows import Rows

LIKELY = r"""\\(?:u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|[nrt]|["'])"""


@check(
    severity="warning",
    flags=Rows.of(
        "Open the lid.\\nPour the water.\\nWait.",
        'She said \\"nine\\" and left.',
        "The caf\\u00e9 opens at nine.",
    ),
    passes=Rows.of(
        "Open the lid.\nPour the water.",
        "Write `\\n` there.",
        r"The folder is C:\new\tools.",
        r"The gradient $\nabla f$ and \theta are small.",
        ("What is \\n in Python?", "It is \\n, a new line."),
        '{"steps": "one\\ntwo"}',
    ),
    mend="unescape",
)
def literal_escapes(rows: Rows, *, most: int = 0) -> Findings:
    """Measure: number of literal escapes in the row's turns."""
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    notes = [""] * len(rows)
    likely = rows.turns.filter(pl.col("content").str.contains(LIKELY))
    for row, turn, role, content in likely.select("row", "turn", "role", "content").iter_rows():
        found = [] if role == "tool" else find_escapes(content)
        if not found or speaks_of_escapes(rows.text[row], content):
            continue
        spans[row] += [(turn, one.start, one.end) for one in found]
        notes[row] = notes[row] or f"{found[0].text} stands as text in turn {turn + 1} ({role or 'no role'})"
    for row, places in enumerate(spans):
        if len(places) > 1:
            notes[row] += f", and {len(places) - 1} more"
    return above([len(places) for places in spans], most, notes, spans)
