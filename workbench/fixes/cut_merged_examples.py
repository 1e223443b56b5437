"""Cut merged examples off a reply

Where a reply goes over into the next example ("12. Instruction: ...") or the next turn ("Human: ..."), its first part
stays and the rest goes.

Known limits
    The example that is cut off is lost; it stays in the earlier version. A reply that begins with the label of
    another example stays as it is, as nothing would be left: edit or drop it.
"""

from __future__ import annotations

import polars as pl

from workbench.checks.text.merged import merged_at
from workbench.fixes.fix import fix
from workbench.rows import Rows


@fix(
    mends=("merged_examples",),
    safe=False,
    before=Rows.of(("Name the capital of France.", "Paris.\n\n12. Instruction: Name one of Italy.\nOutput: Rome.")),
    after=Rows.of(("Name the capital of France.", "Paris.")),
)  # fmt: skip
def cut_merged_examples(rows: Rows, where: pl.Series) -> Rows:
    """The rows with their replies cut before the first merged example where `where` marks them."""
    changed = {}
    for row_id, turns, chosen in zip(rows.row_id, rows.messages, where, strict=True):
        if not chosen:
            continue
        fresh, before = [dict(turn) for turn in turns], ""
        for turn in fresh:
            found = merged_at(before, turn["content"] or "") if turn["role"] == "assistant" else []
            before += "\n" + (turn["content"] or "")
            if found and (left := turn["content"][: found[0][0]].rstrip()):
                turn["content"] = left
        if fresh != turns:
            changed[row_id] = fresh
    return rows.edit(changed) if changed else rows
