"""Broken characters

Text that was saved in one encoding and read in another ("cafÃ©" for "café") teaches the model to write it so. Looks at
every turn of the conversation.

Known limits
    Only damage that leaves telling letter pairs, or the replacement character U+FFFD, is seen. A question mark in place
    of a letter is not. Text about encodings that quotes such damage is flagged too, unless it stands in a code block.
Measured
    On the cases of the ftfy project: 1 of 31 sound texts flagged, 20 of 20 real and 16 of 30 invented breaks found.
Source
    The badness pattern of ftfy 6 (Robyn Speer), https://ftfy.readthedocs.io.
"""

from __future__ import annotations

import re

import polars as pl
from ftfy import fix_encoding
from ftfy.badness import BADNESS_RE

from workbench.checks.check import Findings, above, check
from workbench.checks.text.prose import without_code
from workbench.rows import Rows

REPLACEMENT = "\ufffd"
CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f]")  # invisible on a screen: the note writes them out
# For the Rust regex crate: what every match of ftfy's pattern holds. Nearly all of it is two letters or signs side by
# side that mojibake consists of, which a curly quotation mark or an accent in sound text seldom is.
SUSPICIOUS = "[\u0080-\u04ff\u2000-\u26ff\uf8ff\ufb00-\ufb06\ufffd]{2}|[\u0080-\u009fŒœÃÂ\ufffd]|[ВГРСΒΓΞΟ]-[ВГРСΒΓΞΟ]"
AROUND = 12  # characters of context quoted on either side


@check(
    severity="warning",
    edition=2,
    flags=Rows.of("The cafÃ© opens at nine.", "The caf\ufffd opens at nine."),
    passes=Rows.of("The café opens at nine.", "“Straße” costs 5 € – naïve, isn’t it?", "東京は日本の首都です。"),
    mend="repair_mojibake",
)
def mojibake(rows: Rows) -> Findings:
    """Measure: number of broken places in the row's turns."""
    counts, notes = [0.0] * len(rows), [""] * len(rows)
    likely = rows.turns.filter(pl.col("content").str.contains(SUSPICIOUS))
    for row, role, content in likely.select("row", "role", "content").iter_rows():
        spans = broken_places(without_code(content))
        if spans and not notes[row]:
            start, end = spans[0]
            piece = content[max(0, start - AROUND) : end + AROUND]
            shown = CONTROL.sub(lambda found: f"\\x{ord(found.group()):02x}", piece.replace("\n", " "))
            notes[row] = f'broken characters in the {role or "unnamed"} turn: "{shown}"'
        counts[row] += len(spans)
    return above(counts, 0, notes)


def broken_places(text: str) -> list[tuple[int, int]]:
    """(start, end) of each broken place; empty for sound text.

    A suspicious letter pair counts only when ftfy also finds a decoding that repairs it: sound text in which such a
    pair stands by chance has none.
    """
    spans = [found.span() for found in BADNESS_RE.finditer(text)]
    if spans and fix_encoding(text) == text:
        spans = []
    at = text.find(REPLACEMENT)
    while at >= 0:
        spans.append((at, at + 1))
        at = text.find(REPLACEMENT, at + 1)
    return sorted(spans)
