"""Mask personal data

Puts [EMAIL], [PHONE], [CARD] and the like in the place of what was found, in every turn and in the arguments of tool
calls, so that the sentence stays and the person is gone.

Known limits
    Masks what the check `personal_data` can find, so names and postal addresses stay. Tags and the other columns of a
    row are not touched: training does not read them, an export does.
"""

from __future__ import annotations

import json
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
    changed = {}
    for row_id, turns, chosen in zip(rows.row_id, rows.messages, where, strict=True):
        if chosen:
            masked = [{**t, "content": _masked(t["content"]), "more": _masked_more(t["more"])} for t in turns]
            if masked != turns:
                changed[row_id] = masked
    return rows.edit(changed) if changed else rows


def _masked(text: str | None) -> str | None:
    if not text:
        return text
    for span in sorted(find_personal(text), key=lambda span: span.start, reverse=True):
        text = text[: span.start] + MASKS.get(span.kind, "[PERSONAL]") + text[span.end :]
    return text


def _masked_more(more: str | None) -> str | None:
    """The message's other keys with every text in them masked; unchanged where nothing was found."""
    if not more:
        return more
    kept = json.loads(more)
    masked = _masked_values(kept)
    return more if masked == kept else json.dumps(masked, ensure_ascii=False, sort_keys=True)


def _masked_values(value: Any) -> Any:
    if isinstance(value, str):
        return _masked(value)
    if isinstance(value, list):
        return [_masked_values(part) for part in value]
    if isinstance(value, dict):
        return {key: _masked_values(part) for key, part in value.items()}
    return value
