"""Broken code

A fenced code block in a reply that was never closed, a Python block that Python cannot read, or a JSON block that is
not JSON. The model learns to write code that does not run, and an open fence swallows the rest of an answer on screen.

Known limits
    Only fenced blocks, and only those marked python, py, python3 or json; other languages are not judged. That a block
    parses does not mean that it works. Sessions (>>>, $), diffs, ellipses, stand-ins, fragments such as a lone "else",
    JSON with comments and several JSON documents in a row are left alone. Code for Python 2 measures 0.5 and is not
    flagged at the default limit.
Source
    CommonMark 0.31 for the fences; Python's and JSON's own grammars.
"""

from __future__ import annotations

import polars as pl

from workbench.checks.check import Findings, Span, above, check
from workbench.checks.grounding.code_fences import PYTHON, Block, fenced_blocks, json_fault, python_fault
from workbench.rows import Rows

PYTHON_2 = 0.5
Fault = tuple[float, int, int, str]  # how much it counts, first character and end, and what to say


@check(
    severity="warning",
    flags=Rows.of(
        "Like this:\n```python\nfor word in words\n    print(word)\n```",
        'The answer:\n```json\n{"name": "Ann", "age": 4,}\n```',
        "Like this:\n```python\nprint(1)\n",
    ),
    passes=Rows.of(
        "Like this:\n```python\nfor word in words:\n    print(word)\n```",
        "```python\n>>> 1 + 1\n2\n```",
        '```json\n{"name": "Ann", ...}\n```',
        "```\nany text: at all (\n```",
    ),
)
def broken_code(rows: Rows) -> Findings:
    """Measure: 1 where a reply holds broken code, 0.5 for Python 2, 0 for sound code; none without a fence."""
    fenced = pl.col("content").str.contains("```", literal=True) | pl.col("content").str.contains("~~~", literal=True)
    likely = rows.turns.filter((pl.col("role") == "assistant") & fenced)
    measure: list[float | None] = [None] * len(rows)
    notes: list[str] = [""] * len(rows)
    spans: list[tuple[Span, ...]] = [()] * len(rows)
    for row, turn, content in likely.select("row", "turn", "content").iter_rows():
        faults = [fault for block in fenced_blocks(content) if (fault := _fault(block))]
        measure[row] = max([measure[row] or 0.0, *(worth for worth, _, _, _ in faults)])
        notes[row] = "; ".join(filter(None, [notes[row], *(said for _, _, _, said in faults[:3])]))
        spans[row] = (*spans[row], *((turn, start, end) for _, start, end, _ in faults if start < end))
    return above(measure, 0.75, notes, spans)


def _fault(block: Block) -> Fault | None:
    if not block.closed:
        end = min(block.start, block.opening + 40) if block.start > block.opening else block.opening + 3
        return 1.0, block.opening, end, "a code block is opened and never closed"
    if block.language in PYTHON:
        found = python_fault(block.code)
        if found:
            worth = PYTHON_2 if found[0].startswith("(") else 1.0
            return worth, *_line(block, found[1]), f"line {found[1]} of a Python block: {found[0]}"
    if block.language == "json":
        found = json_fault(block.code)
        if found:
            return 1.0, *_line(block, found[1]), f"line {found[1]} of a JSON block: {found[0]}"
    return None


def _line(block: Block, number: int) -> tuple[int, int]:
    """First character and end of a line of the block."""
    lines = block.code.split("\n")
    number = min(max(number, 1), len(lines))
    start = block.start + sum(len(line) + 1 for line in lines[: number - 1])
    return start, max(start + len(lines[number - 1]), min(start + 1, block.end))
