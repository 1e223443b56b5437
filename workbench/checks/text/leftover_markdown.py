"""Broken leftovers of markdown

A code fence or a `**` without its partner, a table cut in the middle, a link that leads nowhere, a picture that no
reply can hold: traces of a cut, a paste or a clumsy clean-up. Whole markdown is deliberate and is left alone.

Known limits
    Looks at the replies only. Powers (2**3), masked words and code are no marks of bold. Marks of bold are counted by
    paragraph, so two broken ones in one paragraph are not seen. Single stars and underscores are not counted: they
    stand in plain text too often. Conversations about markdown or wildcards are left alone.
Measured
    A broken piece put into 200 real replies: 197 found. On 36,894 rows of real text 24 flags, all right: fences never
    closed, rows of tables cut, a mark of bold cut off. A picture in a reply: 1 of 1 was removed by the people who
    cleaned the first 2,000 Alpaca rows.
Source
    CommonMark 0.31 and the tables of GitHub Flavored Markdown.
"""

from __future__ import annotations

import polars as pl

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.text.markdown import ABOUT_MARKDOWN, broken_markdown
from workbench.rows import Rows

LIKELY = r"```|~~~|\*\*|\]\(|\|[ \t]*:?--|--:?[ \t]*\||(?m)^[ \t]{0,3}#{1,6}[ \t]*$|\\\*\\\*|\\_\\_"


@check(
    severity="warning",
    flags=Rows.of(
        "Run this:\n```\nls\n```\nand then\n```\ncd",
        "Open the **lid and wait.",
        "Look ![a teapot](https://i.example/teapot.png)!",
        "Read [our guide]() first.",
        "| Tea | Minutes |\n|---|---|\n| Black | 4 |\n| Green",
    ),
    passes=Rows.of(
        "Run this:\n```\nls\n```",
        "Open the **lid** and wait. 2**3 is 8.",
        "Read [our guide](https://example.org/guide) first, then [1].",
        "| Tea | Minutes |\n|---|---|\n| Black | 4 |",
        "* **Lid:** open it\n* **Water:** pour it",
    ),
)
def leftover_markdown(rows: Rows, *, most: int = 0) -> Findings:
    """Measure: number of broken pieces of markdown in the row's replies."""
    spans: list[list[Span]] = [[] for _ in range(len(rows))]
    notes = [""] * len(rows)
    likely = rows.turns.filter((pl.col("role") == "assistant") & pl.col("content").str.contains(LIKELY))
    for row, turn, content in likely.select("row", "turn", "content").iter_rows():
        found = broken_markdown(content)
        if not found or ABOUT_MARKDOWN.search(rows.prompt[row]):
            continue
        spans[row] += [(turn, broken.start, broken.end) for broken in found]
        notes[row] = notes[row] or f"{found[0].what} at character {found[0].start + 1:,} of turn {turn + 1}"
    for row, places in enumerate(spans):
        if len(places) > 1:
            notes[row] += f", and {len(places) - 1} more"
    return above([len(places) for places in spans], most, notes, spans)
