"""Merge turns of one role

Two turns in a row from the same side become one, a blank line between them, so that question and answer alternate as
a chat template expects. Nothing that was said is lost; a turn that only repeats the one before it is kept once.

Known limits
    Turns with calls, names or other keys beside their text stay as they are, and so do turns of tools and of the
    system. An assistant that opens, or a system turn in the middle, is not mended: look at these rows, or drop them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl

from workbench.fixes.fix import fix
from workbench.rows import Rows, message

MERGED = ("user", "assistant")


@fix(
    mends=("role_order",),
    safe=True,
    before=Rows.of([message("user", "Hello"), message("user", "When do you open?"), message("assistant", "At nine.")]),
    after=Rows.of([message("user", "Hello\n\nWhen do you open?"), message("assistant", "At nine.")]),
)
def merge_turns(rows: Rows, where: pl.Series) -> Rows:
    """The rows with neighbouring turns of one role made one where `where` marks them."""
    changed = {}
    for row_id, turns, chosen in zip(rows.row_id, rows.messages, where, strict=True):
        if chosen and len(fresh := merged(turns)) < len(turns):
            changed[row_id] = fresh
    return rows.edit(changed) if changed else rows


def merged(turns: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """The turns with neighbours of one role made one."""
    fresh: list[dict[str, Any]] = []
    for turn in turns:
        before = fresh[-1] if fresh else None
        plain = before is not None and not before["more"] and not turn["more"]
        if before is None or not plain or turn["role"] not in MERGED or turn["role"] != before["role"]:
            fresh.append(dict(turn))
            continue
        said, more = (before["content"] or "").strip(), (turn["content"] or "").strip()
        before["content"] = said if said == more or not more else f"{said}\n\n{more}" if said else more
    return fresh
