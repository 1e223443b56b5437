"""A declared edge case with too few rows

The owner of the dataset knows the hard cases (returns from abroad, an angry customer, a question nobody can answer).
What the rows do not show, the model does not learn, however many rows there are of everything else.

Known limits
    A case is told by words in a prompt or by a tag, so a case in other words is not counted. Words are found whole,
    whatever their case. Only rows with a reply count.
Source
    The owner's sheet: name, words or tag, and the fewest rows of each case.
"""

from __future__ import annotations

import re

import polars as pl

from workbench.checks.check import Findings, below, check
from workbench.checks.context import Context
from workbench.errors import NotRun
from workbench.rows import Rows
from workbench.sheet import EdgeCase, Sheet

ABROAD = EdgeCase(name="returns from abroad", words=("from abroad", "customs"), fewest=2)


@check(
    severity="info",
    scope="set",
    example=Context(sheet=Sheet(edge_cases=(ABROAD,))),
    flags=Rows.of(("Can I send it back from abroad?", "Yes, at your own cost.")),
    passes=Rows.of(("When do you open?", "We open at nine.")),
)
def edge_case_coverage(rows: Rows, context: Context, *, least: float = 1.0) -> Findings:
    """Measure: of the wanted rows of the least covered case that the row shows, the part that is there; none for a row
    that shows no case.

    Cases without enough rows, also those that no row shows, are told for the dataset as a whole.
    Raises NotRun where no edge case is declared.
    """
    cases = context.sheet.edge_cases
    if not cases:
        raise NotRun(
            "No edge case is declared. List the cases that the dataset must cover on its sheet, by name and words."
        )
    shown = [_shows(rows, case) for case in cases]
    counts = [int(mask.sum()) for mask in shown]
    measure: list[float | None] = [None] * len(rows)
    notes = [""] * len(rows)
    for case, mask, count in sorted(zip(cases, shown, counts, strict=True), key=lambda one: -one[2] / one[0].fewest):
        for row in mask.arg_true().to_list():  # the worst case last, so that it is the one that stands
            measure[row] = count / case.fewest
            notes[row] = f'one of {count:,} rows on "{case.name}", of which {case.fewest:,} are wanted'
    about = [
        f'"{case.name}": {f"{count:,} rows cover it" if count else "nothing covers it"}; {case.fewest:,} are wanted, '
        f"so write {case.fewest - count:,} more."
        for case, count in zip(cases, counts, strict=True)
        if count < case.fewest
    ]
    return below(measure, least, notes, (), about)


def _shows(rows: Rows, case: EdgeCase) -> pl.Series:
    """(N,) True for the rows with a reply whose prompt holds a word of the case, or that bear its tag."""
    found = pl.Series([case.tag in tags for tags in rows.tags] if case.tag else [False] * len(rows), dtype=pl.Boolean)
    if words := [word for word in case.words if word.strip()]:
        spoken = "|".join(r"\s+".join(re.escape(part) for part in word.split()) for word in words)
        prompts = pl.Series(rows.prompt, dtype=pl.String)
        found = found | prompts.str.contains(rf"(?i)(?:^|[^\w])(?:{spoken})(?:$|[^\w])")
    return found & pl.Series([bool(reply.strip()) for reply in rows.reply], dtype=pl.Boolean)
