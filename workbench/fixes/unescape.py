r"""Turn escapes into what they stand for

A visible `\n` becomes a line break, `\t` a tab, `\"` a quotation mark and `\u00e9` an é, in every turn.

Known limits
    Changes what the check `literal_escapes` finds: code, formulas, paths and JSON stay as they are, and so do
    conversations that speak of escapes or code, and what tools returned.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from workbench.checks.text.escapes import speaks_of_escapes, unescaped
from workbench.fixes.fix import fix
from workbench.rows import Rows


@fix(
    mends=("literal_escapes",),
    safe=True,
    before=Rows.of(("How do I brew tea?", 'Open the lid.\\nPour the water.\\nSay \\"done\\" in the caf\\u00e9.')),
    after=Rows.of(("How do I brew tea?", 'Open the lid.\nPour the water.\nSay "done" in the café.')),
)
def unescape(rows: Rows, where: pl.Series) -> Rows:
    """The rows with literal escapes turned into their characters where `where` marks them."""
    changed = {}
    for row_id, turns, text, chosen in zip(rows.row_id, rows.messages, rows.text, where, strict=True):
        if chosen:
            fresh = [_unescaped(turn, text) for turn in turns]
            if fresh != turns:
                changed[row_id] = fresh
    return rows.edit(changed) if changed else rows


def _unescaped(turn: dict[str, Any], conversation: str) -> dict[str, Any]:
    said = turn["content"]
    if turn["role"] == "tool" or not said or speaks_of_escapes(conversation, said):
        return turn
    return {**turn, "content": unescaped(said)}
