"""Trim stray blanks and line ends

Blanks and empty lines before and behind each turn go, three empty lines and more become one, Windows line ends become
plain ones. Everything between fences of code stays, and so does an indented block at the beginning.

Known limits
    Blanks inside a line and at its end stay. What tools returned is not touched.
"""

from __future__ import annotations

import re

import polars as pl

from workbench.checks.text.prose import FENCE
from workbench.fixes.fix import fix
from workbench.rows import Rows

EMPTY_LINES = re.compile(r"\n(?:[ \t]*\n){3,}")
FIRST_LINES = re.compile(r"\A(?:[^\S\n]*\n)+")
INDENTED_BLOCK = re.compile(r"\A[ \t]{2,}\S[^\n]*\n[ \t]")


@fix(
    mends=("stray_blanks",),
    safe=True,
    before=Rows.of(("How do I brew tea? ", "\n Open the lid.\r\n\r\n\r\n\r\n\r\nPour the water.\n")),
    after=Rows.of(("How do I brew tea?", "Open the lid.\n\nPour the water.")),
)
def trim_blanks(rows: Rows, where: pl.Series) -> Rows:
    """The rows without stray blanks and line ends where `where` marks them."""
    changed = {}
    for row_id, turns, chosen in zip(rows.row_id, rows.messages, where, strict=True):
        if chosen:
            fresh = [
                t if t["role"] == "tool" or not t["content"] else {**t, "content": trimmed(t["content"])} for t in turns
            ]
            if fresh != turns:
                changed[row_id] = fresh
    return rows.edit(changed) if changed else rows


def trimmed(text: str) -> str:
    """The text without blanks around it, runs of empty lines and Windows line ends; a text of blanks alone stays."""
    if not text.strip():
        return text
    text = FIRST_LINES.sub("", text.replace("\r\n", "\n").replace("\r", "\n")).rstrip()
    text = text if INDENTED_BLOCK.match(text) else text.lstrip()
    parts, place = [], 0
    for fence in FENCE.finditer(text):
        parts += [EMPTY_LINES.sub("\n\n", text[place : fence.start()]), fence.group()]
        place = fence.end()
    return "".join([*parts, EMPTY_LINES.sub("\n\n", text[place:])])
