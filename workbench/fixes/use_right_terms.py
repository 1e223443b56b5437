"""Use the right terms

Puts the right term in the place of each wrong way of writing it, as the dataset's sheet declares them under "Terms",
in every reply. A term that begins with a small letter is given a capital where the wrong one bore one ("Email us"
becomes "E-mail us").

Known limits
    Changes what the check `brand_terms` finds and nothing else: code, web and mail addresses and the questions stay.
    An article before the term is not changed with it ("a Epson" stays "a"). A wrong way that was declared with a star
    is replaced with all the letters that the star stands for.
"""

from __future__ import annotations

from typing import Any

import polars as pl

from workbench.checks.context import Context
from workbench.checks.text.brand_terms import find_terms, right_of
from workbench.checks.text.declared_words import Place
from workbench.fixes.fix import fix
from workbench.rows import Rows
from workbench.sheet import Sheet

NOTHING_KNOWN = Context()


@fix(
    mends=("brand_terms",),
    safe=True,
    before=Rows.of(
        "Open kiln cloud, then Kilncloud opens.", "Email us.", "See https://kilncloud.example.com for Kilncloud."
    ),
    after=Rows.of(
        "Open Kiln Cloud, then Kiln Cloud opens.", "E-mail us.", "See https://kilncloud.example.com for Kiln Cloud."
    ),
    example=Context(sheet=Sheet(terms={"Kiln Cloud": ("kiln cloud", "Kilncloud"), "e-mail": ("email",)})),
)
def use_right_terms(rows: Rows, where: pl.Series, context: Context = NOTHING_KNOWN) -> Rows:
    """The rows with the right terms where `where` marks them; unchanged where the sheet declares none."""
    right = right_of(context.sheet.terms)
    chosen = where.to_list()
    by_turn: dict[tuple[int, int], list[Place]] = {}
    for place in find_terms(rows, context.sheet.terms) if right else ():
        if chosen[place.row]:
            by_turn.setdefault((place.row, place.turn), []).append(place)
    changed: dict[str, list[dict[str, Any]]] = {}
    for (row, turn), places in by_turn.items():
        turns = changed.setdefault(rows.row_id[row], [dict(m) for m in rows.messages[row]])
        turns[turn]["content"] = _replaced(turns[turn]["content"], places, right)
    return rows.edit(changed) if changed else rows


def _replaced(text: str, places: list[Place], right: dict[str, str]) -> str:
    for place in sorted(places, key=lambda place: place.start, reverse=True):
        term = right[place.word]
        if place.found[:1].isupper() and term.lower() != place.found.lower():
            term = term[:1].upper() + term[1:]
        text = text[: place.start] + term + text[place.end :]
    return text
