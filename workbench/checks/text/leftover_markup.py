"""Leftover markup

Pieces of web pages (`&amp;`, `<br>`) and of chat templates (`<|im_end|>`, `[INST]`) that came along with the text. The
model learns to write them; a template token in a content even ends the turn where it stands.

Known limits
    Tags and entities are left alone in code blocks and in conversations about HTML or other markup; template tokens
    are found everywhere outside code.
Measured
    5 flags in 10,662 rows of real text, all right (`benchmarks/check_precision.py`).
"""

from __future__ import annotations

import re

from workbench.checks.check import Findings, above, check
from workbench.checks.text.markup_patterns import TAG, Leftover, find_markup
from workbench.checks.text.prose import looks_like_code
from workbench.rows import Rows

ABOUT_MARKUP = re.compile(
    r"\b(?:html\w*|xml|xhtml|svg|css|jsx|tsx|php|javascript|react|angular|vue|web ?(?:page|site)s?"
    r"|markup|tags?|entit(?:y|ies)|hyperlinks?|code|script|parse\w*|beautifulsoup|xpath|superscripts?|template)\b|网页|标签|代码|ウェブ|タグ",
    re.I,
)
PAGE_LINES = 4  # lines that begin with a tag


@check(
    severity="warning",
    flags=Rows.of(
        "Fish &amp; chips &nbsp; today.",
        "Sure!<|im_end|>",
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
    counts, notes = [], []
    for turns, text in zip(rows.messages, rows.text, strict=True):
        found = [(turn["role"] or "unnamed", piece) for turn in turns for piece in find_markup(turn["content"] or "")]
        if found and speaks_of_markup(text):
            found = [(role, piece) for role, piece in found if piece.kind == "template token"]
        counts.append(float(len(found)))
        notes.append(_note(*found[0], len(found)) if found else "")
    return above(counts, 0, notes)


def speaks_of_markup(text: str) -> bool:
    """True for a conversation about markup, for code and for a page of markup: there, tags and entities belong.

    One line between tags is what this check looks for.
    """
    if ABOUT_MARKUP.search(text):
        return True
    tagged = sum(line.lstrip().startswith("<") for line in text.splitlines())
    return looks_like_code(TAG.sub(" ", text)) or (tagged >= PAGE_LINES and looks_like_code(text))


def _note(role: str, piece: Leftover, count: int) -> str:
    more = f", and {count - 1} more" if count > 1 else ""
    return f'the {piece.kind} "{piece.text.strip()}" in the {role} turn at character {piece.start + 1}{more}'
