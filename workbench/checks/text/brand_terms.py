"""Term written the wrong way

A reply writes a name or term in one of the ways that the dataset's sheet lists as wrong under "Terms", for instance
"Kilncloud" or "kiln cloud" for "Kiln Cloud". The model will copy whichever spelling it sees most.

Every reply of a conversation is looked at, not the questions. Whole words only. A wrong way that differs from the
right one in capitals alone is found exactly as written; any other is found in every case, unless it has a capital
past its first letter. A wrong way inside the right term is none: "Kiln" is let pass in "Kiln Cloud". Code, web and
mail addresses are not looked at.

Known limits
    Only the wrong ways that are listed are found, and not their other forms: list "Kilncloudes" too, or write
    "Kilncloud*". A wrong way that is quoted on purpose is found as well.
Measured
    Finds what is declared, as `banned_words` does, with the same code.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from workbench.checks.check import Findings, above, check
from workbench.checks.context import Context
from workbench.checks.text.declared_words import Place, by_row, find_declared, keeps_case, spans_of
from workbench.errors import NotRun
from workbench.rows import Rows
from workbench.sheet import Sheet

SHOWN = 3


@check(
    severity="warning",
    flags=Rows.of("Open kiln cloud and sign in.", "Kilncloud is down.", "Send an Email to us.", "KILN CLOUD is up."),
    passes=Rows.of(
        "Open Kiln Cloud and sign in.", "See https://kilncloud.example.com/kilncloud now.", "Send an e-mail."
    ),
    mend="use_right_terms",
    example=Context(
        sheet=Sheet(terms={"Kiln Cloud": ("kiln cloud", "KILN CLOUD", "Kilncloud"), "e-mail": ("email", "mail")})
    ),
)
def brand_terms(rows: Rows, context: Context) -> Findings:
    """Measure: number of terms in the replies of the row that are written in a way listed as wrong."""
    right = right_of(context.sheet.terms)
    if not right:
        raise NotRun(
            "No wrong ways of writing a term are declared. Write the right term and its wrong ways on the dataset's "
            'sheet, under "Terms".'
        )
    found = by_row(find_terms(rows, context.sheet.terms), len(rows))
    notes = [_note(places, right) for places in found]
    return above([float(len(places)) for places in found], 0, notes, [spans_of(places) for places in found])


def right_of(terms: Mapping[str, Sequence[str]]) -> dict[str, str]:
    """Each wrong way -> the right term; a way that is itself declared right is not wrong."""
    return {wrong: right for right, ways in terms.items() for wrong in ways if wrong.strip("* ") and wrong not in terms}


def find_terms(rows: Rows, terms: Mapping[str, Sequence[str]]) -> list[Place]:
    """Where wrong ways stand in the replies, in order."""
    wrong = {way: keeps_case(way) or way.lower() == right.lower() for way, right in right_of(terms).items()}
    return find_declared(rows, wrong, spared=terms)


def _note(places: Sequence[Place], right: Mapping[str, str]) -> str:
    said = dict.fromkeys(f'"{" ".join(place.found.split())}" should be "{right[place.word]}"' for place in places)
    more = f" and {len(said) - SHOWN} more" if len(said) > SHOWN else ""
    return "; ".join(list(said)[:SHOWN]) + more
