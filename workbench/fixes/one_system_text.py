"""Give all rows the common system text

A system text that is nearly the same as one that many more rows bear becomes that one; a row without a system text
gets the one that nearly all others have.

Known limits
    The difference may have been meant: look at the preview. Texts for other tasks, and those that differ in a number
    or a name alone, stay as they are.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl

from workbench.checks.structure.roles import LEADS
from workbench.checks.structure.system_varies import usual_text, variants_of
from workbench.fixes.fix import fix
from workbench.rows import Rows, message

COMMON = "You answer customers of a tea shop. Be brief and friendly."
SLIP = "You answer the customers of a tea shop. Be breif and friendly."


def _row(system: str) -> list[dict[str, Any]]:
    return [message("system", system), message("user", "When do you open?"), message("assistant", "At nine.")]


@fix(
    mends=("system_varies",),
    safe=False,
    before=Rows.of(*[_row(COMMON)] * 9, _row(SLIP), _row(COMMON)[1:]),
    after=Rows.of(*[_row(COMMON)] * 11),
)
def one_system_text(rows: Rows, where: pl.Series) -> Rows:
    """The rows with the common system text where `where` marks them; what is common is told from all rows."""
    counts = Counter(text for turns in rows.messages if (text := _system(turns)) is not None)
    variants = variants_of(counts)
    usual = usual_text(counts, len(rows), variants)
    changed = {}
    for row_id, turns, chosen in zip(rows.row_id, rows.messages, where, strict=True):
        if not chosen:
            continue
        said = _system(turns)
        text = usual if said is None or not said.strip() else variants.get(said, ("", 0.0))[0]
        if text and text != said:
            changed[row_id] = _with_system(turns, text)
    return rows.edit(changed) if changed else rows


def _system(turns: list[dict[str, Any]]) -> str | None:
    return next((turn["content"] or "" for turn in turns if turn["role"] in LEADS), None)


def _with_system(turns: list[dict[str, Any]], text: str) -> list[dict[str, Any]]:
    place = next((n for n, turn in enumerate(turns) if turn["role"] in LEADS), None)
    if place is None:
        return [message("system", text), *turns]
    return [*turns[:place], {**turns[place], "content": text}, *turns[place + 1 :]]
