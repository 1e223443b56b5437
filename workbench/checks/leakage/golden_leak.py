"""A golden row stands in the data

The golden set measures what the model has learned only as long as it has never seen it. Training refuses such rows;
here they are found as soon as they come in, by an import or an edit.

Known limits
    Copies, near copies and passages, in whatever turn they stand. A golden question in other words is not seen: see
    `rephrased_leak`. Finding nothing means "no copies", not "no leakage".
Measured
    Golden rows planted into other rows as they are, with changed case and blanks, and inside longer texts: all found.
    banking77's own test part as golden: 127 in 1,000 of its training rows say one of its rows in nearly the same words.
    2,000 HaluEval rows against 1,100 instructions, and 1,130 talks against 999 Alpaca rows: none is flagged.
Source
    Lee et al. 2022, arXiv 2107.06499: test rows stand in the training data of most common sets. The limits are this
    project's own.
"""

from __future__ import annotations

from workbench.checks.check import Findings, check
from workbench.checks.context import Context
from workbench.checks.leakage.held_out import repeats
from workbench.errors import NotRun
from workbench.rows import Rows

RETURNS = (
    "How many days do I have to send the blue lamp back, and who pays for the parcel if I live on an island?",
    "You have thirty days from the day of delivery, and we pay for the parcel wherever you live in the country.",
)


@check(
    severity="error",
    scope="set",  # what stands in many rows is a template's, and no leak
    example=Context(golden=Rows.of(RETURNS).renamed(["golden-1"])),
    flags=Rows.of(
        (RETURNS[0].upper(), "Thirty days."),
        (f"A customer wrote to us this morning. {RETURNS[0]} Please answer in her own language.", "Bien sûr."),
    ),
    passes=Rows.of(("How many lamps do you have?", "Thirty."), ("Who pays for the parcel?", "We do.")),
)
def golden_leak(rows: Rows, context: Context) -> Findings:
    """Measure: how much of a golden row the row repeats, 0 to 1.

    Raises NotRun where no golden set is frozen.
    """
    if context.golden is None or not len(context.golden):
        raise NotRun("There is no golden set to compare with yet. Freeze one: goldloop golden freeze")
    return repeats(rows, context.golden, "golden", context.sealed)
