"""Mask personal data

Puts [EMAIL], [PHONE], [CARD] and the like in the place of what was found, in every turn and in the arguments of tool
calls, so that the sentence stays and the person is gone.

Known limits
    Masks what the check `personal_data` can find, so names and postal addresses stay. Tags and the other columns of a
    row are not touched: training does not read them, an export does.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import polars as pl

from workbench.checks.safety.personal_patterns import find_personal
from workbench.fixes.fix import fix
from workbench.rows import Rows

MASKS = {
    "e-mail address": "[EMAIL]",
    "phone number": "[PHONE]",
    "card number": "[CARD]",
    "IBAN": "[IBAN]",
    "social security number": "[SSN]",
    "IP address": "[IP]",
}


@fix(
    mends=("personal_data",),
    safe=True,
    before=Rows.of(("Where do I write to?", "Write to anna.berg@nordmail.se and we will see to it.")),
    after=Rows.of(("Where do I write to?", "Write to [EMAIL] and we will see to it.")),
)
def mask_personal_data(rows: Rows, where: pl.Series) -> Rows:
    """The rows with personal data masked where `where` marks them."""
    return masked_rows(rows, where, without_personal)


def without_personal(text: str) -> str:
    """The text with a mask for each piece of personal data in it."""
    for span in reversed(find_personal(text)):
        text = text[: span.start] + MASKS.get(span.kind, "[ID]") + text[span.end :]
    return text


def masked_rows(rows: Rows, where: pl.Series, masked: Callable[[str], str]) -> Rows:
    """The rows with `masked` put over every turn and every text of its other keys, where `where` marks them."""
    changed = {}
    for row_id, turns, chosen in zip(rows.row_id, rows.messages, where, strict=True):
        if chosen:
            fresh = [
                {**t, "content": t["content"] and masked(t["content"]), "more": _masked_more(t["more"], masked)}
                for t in turns
            ]
            if fresh != turns:
                changed[row_id] = fresh
    return rows.edit(changed) if changed else rows


def _masked_more(more: str | None, masked: Callable[[str], str]) -> str | None:
    """The message's other keys with every text in them masked; unchanged where nothing was found."""
    if not more:
        return more
    kept = json.loads(more)
    fresh = _masked_values(kept, masked)
    return more if fresh == kept else json.dumps(fresh, ensure_ascii=False, sort_keys=True)


def _masked_values(value: Any, masked: Callable[[str], str]) -> Any:
    if isinstance(value, str):
        return masked(value)
    if isinstance(value, list):
        return [_masked_values(part, masked) for part in value]
    if isinstance(value, dict):
        return {key: _masked_values(part, masked) for key, part in value.items()}
    return value
