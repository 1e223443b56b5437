"""Leftover markup

Pieces of web pages (`&amp;`, `<br>`) that came along with the text. The model learns to write them.

Known limits
    Tags and entities are left alone in code blocks and in conversations about HTML or other markup. What chat
    templates leave behind is found by `template_tokens`, broken markdown by `leftover_markdown`.
Measured
    5 flags in 10,662 rows of real text, all right (`benchmarks/check_precision.py`).
"""

from __future__ import annotations

import re

import polars as pl

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.text.markup_patterns import TAG, Leftover, find_markup
from workbench.checks.text.prose import looks_like_code
from workbench.checks.text.replies import texts_of
from workbench.rows import Rows

ABOUT_MARKUP = re.compile(
    r"\b(?:html\w*|xml|xhtml|svg|css|jsx|tsx|php|javascript|react|angular|vue|web ?(?:page|site)s?"
    r"|markup|tags?|entit(?:y|ies)|hyperlinks?|code|script|parse\w*|beautifulsoup|xpath|superscripts?|template)\b"
    r"|网页|标签|代码|ウェブ|タグ",
    re.I,
)
LIKELY = r"</?[A-Za-z]|&(?:[A-Za-z]{2,6}|#\w{2,5});"
PAGE_LINES = 4  # lines that begin with a tag


@check(
    severity="warning",
    edition=2,
    flags=Rows.of(
        "Fish &amp; chips &nbsp; today.",
        "Open the lid.<br/>Pour the water.",
        "<p>Open the <b>lid</b>.</p>",
    ),
    passes=Rows.of(
        "Fish & chips cost < 10 euros.",
        "Write `<br>` for a line break.",
        ("How do I make text bold in HTML?", "Put it between <b> and </b>."),
    ),
    mend="strip_markup",
)
def leftover_markup(rows: Rows) -> Findings:
    """Measure: number of leftovers in the row's turns."""
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    notes = [""] * len(rows)
    likely = rows.turns.filter(pl.col("content").str.contains(LIKELY))
    texts = texts_of(rows, likely["row"])
    for row, turn, role, content in likely.select("row", "turn", "role", "content").iter_rows():
        found = find_markup(content)
        if found and not speaks_of_markup(texts[row]):
            spans[row] += [(turn, piece.start, piece.end) for piece in found]
            notes[row] = notes[row] or _note(role or "unnamed", found[0])
    for row, places in enumerate(spans):
        if len(places) > 1:
            notes[row] += f", and {len(places) - 1} more"
    return above([len(places) for places in spans], 0, notes, spans)


def speaks_of_markup(text: str) -> bool:
    """True for a conversation about markup, for code and for a page of markup: there, tags and entities belong.

    One line between tags is what this check looks for.
    """
    if ABOUT_MARKUP.search(text):
        return True
    tagged = sum(line.lstrip().startswith("<") for line in text.splitlines())
    return looks_like_code(TAG.sub(" ", text)) or (tagged >= PAGE_LINES and looks_like_code(text))


def _note(role: str, piece: Leftover) -> str:
    return f'the {piece.kind} "{piece.text.strip()}" in the {role} turn at character {piece.start + 1}'
