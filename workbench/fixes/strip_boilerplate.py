"""Strip stock phrases

Takes the sentence off that the checks `boilerplate_opening` and `boilerplate_closing` found at the beginning or the
end of a reply: "Certainly!", "I hope this helps!". Several closings in a row go together, a greeting before it and a
sign-off behind it stay, and what is left begins with a capital.

Known limits
    Only whole sentences go, so "Sure, here are three ways:" stays, since the list needs its heading; and a row is
    left alone where nothing else would be left. A sentence that many replies share may carry something, such as a
    term of delivery: look at the difference before you apply it.
"""

from __future__ import annotations

import polars as pl

from workbench.checks.text.boilerplate import Phrase
from workbench.checks.text.boilerplate_closing import closings
from workbench.checks.text.boilerplate_opening import openings
from workbench.checks.text.stock_phrases import STOP
from workbench.fixes.fix import fix
from workbench.rows import Rows

SHARED = 0.05  # of the replies: the default limit of both checks
MOST_ROUNDS = 3  # closings in a row
CLOSERS = "\"'”’»)*_~ \t"


@fix(
    mends=("boilerplate_opening", "boilerplate_closing"),
    safe=False,
    before=Rows.of(
        "Certainly! the blue mug holds 300 ml.",
        "Hello Ann,\nThank you for reaching out. It ships on Monday.",
        "It ships on Monday. I hope this helps! Let me know if you have any other questions.\n\nKind regards,\nBen",
    ),
    after=Rows.of(
        "The blue mug holds 300 ml.",
        "Hello Ann,\nIt ships on Monday.",
        "It ships on Monday.\n\nKind regards,\nBen",
    ),
)
def strip_boilerplate(rows: Rows, where: pl.Series) -> Rows:
    """The rows without stock phrases around their replies where `where` marks them."""
    chosen = where.to_list()
    for _ in range(MOST_ROUNDS):
        changed = {}
        for first, last, row_id, turns, here in zip(
            openings(rows), closings(rows), rows.row_id, rows.messages, chosen, strict=True
        ):
            if not here or not turns:
                continue
            text = turns[-1]["content"] or ""
            cut = _without(text, [phrase for phrase in (last, first) if phrase and phrase.measure > SHARED])
            if cut != text and cut.strip():
                changed[row_id] = [*turns[:-1], {**turns[-1], "content": cut}]
        if not changed:
            break
        rows = rows.edit(changed)
    return rows


def _without(text: str, phrases: list[Phrase]) -> str:
    """The text without the phrases that are whole sentences; `phrases`: the closing one before the opening one."""
    for phrase in phrases:
        if not phrase.said.rstrip(CLOSERS).endswith(tuple(STOP)) or phrase.end > len(text):
            continue
        before, after = text[: phrase.start], text[phrase.end :]
        if not (before.strip() or after.strip()):
            continue
        if after.strip() and not before.strip():
            text = _capital(after.lstrip())
        elif after.strip():
            keeps = after[: len(after) - len(after.lstrip())]
            text = before.rstrip() + keeps + after.lstrip() if "\n" in keeps else before + _capital(after.lstrip())
        else:
            text = before.rstrip()
    return text


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]
