"""Stray blanks and line ends

Blanks before or behind a text, three empty lines and more in a row, Windows line ends: nobody sees them, but the
model learns to write them, and a reply that begins with a blank is begun with another token than at inference.

Known limits
    Blanks at the end of a line inside a text are not counted, as two of them are a line break in markdown; code
    between fences is left alone. A table of prompts and completions may set a blank before each completion on
    purpose.
Source
    OpenAI's guide to preparing completion data (blanks before and behind a completion).
"""

from __future__ import annotations

import polars as pl

from workbench.checks.check import Findings, above, check
from workbench.rows import Rows

# An indented first line counts only where the next one is not indented, too: that is code.
# Kind -> pattern; the count of all of them is the measure. In the words of Polars (Rust).
KINDS = {
    "blanks before the text": r"\A(?:[^\S\n]*\n|[^\S\n]\S|[^\S\n]+[^\n]*(?:\z|\n(?:[^ \t]|\z)))",
    "blanks behind the text": r"\S\s+\z",
    "three empty lines or more": r"\n(?:[ \t]*\r?\n){3,}",
    "Windows line ends": r"\r",
}


@check(
    severity="info",
    flags=Rows.of(" Open the lid.", "Open the lid.\n", "Open.\n\n\n\nWait.", "Open.\r\nWait."),
    passes=Rows.of("Open the lid.\n\nPour the water.", "Open the lid.  \nWait.", "```\nx = 1 \n```"),
    mend="trim_blanks",
)
def stray_blanks(rows: Rows, *, most: int = 0) -> Findings:
    """Measure: number of kinds of stray blanks and line ends in the row's turns, summed over turns."""
    spoken = rows.turns.filter(pl.col("content").str.contains(r"\S") & (pl.col("role") != "tool").fill_null(True))
    loose = pl.col("content").str.replace_all(r"(?s)(?:```|~~~).*?(?:```|~~~|\z)", "```")
    found = spoken.select("row", "turn", *(loose.str.contains(kind).alias(name) for name, kind in KINDS.items()))
    found = found.filter(pl.any_horizontal(*KINDS))
    counts = [0] * len(rows)
    notes = [""] * len(rows)
    for row, turn, *hits in found.iter_rows():
        names = [name for name, hit in zip(KINDS, hits, strict=True) if hit]
        counts[row] += len(names)
        notes[row] = notes[row] or f"turn {turn + 1} has {' and '.join(names)}"
    return above(counts, most, notes)
