"""More refusals than wanted

Refusals are learned quickly and spread: with 60 of 100 replies declining, a model declines what it was never meant to.
The owner of the dataset says which share is wanted; the refusals beyond it are flagged, the rest are left alone.

Known limits
    What counts as a refusal is what the check `refusal` sees. Which refusals are beyond the share is a proposal:
    wordings that come often go first, and every wording keeps its first row for as long as there is room.
Measured
    XSTest's 1,350 answers, of which 48 in 100 decline, .05 wanted: 615 rows are flagged, .95 of them refusals by human
    label, and without them 4.9 in 100 decline.
Source
    The seed practice of this project: 60 of 100 training rows declined where 5 of 100 were wanted.
"""

from __future__ import annotations

import math
from collections import defaultdict

from workbench.checks.check import Findings, above, check
from workbench.checks.context import Context
from workbench.checks.safety.refusal import refusal
from workbench.checks.similarity import exact_keys
from workbench.errors import NotRun
from workbench.rows import Rows
from workbench.sheet import Sheet

SLACK = 1e-9  # so that rounding makes no row out of nothing
DECLARE = "Declare the wanted share of refusals on the dataset's sheet, for instance 0.05 for five in a hundred."


@check(
    severity="warning",
    scope="set",
    mend="rebalance",
    example=Context(sheet=Sheet(refusal_share=0.1)),
    # beside the rows that pass, of which none declines
    flags=Rows.of(*["I'm sorry, but I can't help with that."] * 3),
    passes=Rows.of(
        *[f"Shelf {n} holds the spare parts." for n in range(1, 11)], "I'm sorry, but I can't discuss that."
    ),
)
def refusal_share(rows: Rows, context: Context) -> Findings:
    """Measure: for a refusal, the share of refusals if it and those before it in rank stay and the others go, 0 to 1.

    0 for other replies, none without a reply. The limit is the declared share, so moving it needs no new measurement.
    Raises NotRun where no share is declared.
    """
    measured = refusal.measured(rows, context)
    declines = measured.flagged.to_list()
    replies, refused = measured.measure.len() - measured.measure.null_count(), sum(declines)
    share = refused / replies if replies else 0.0
    now = f"{share:.1%} of the replies decline ({refused:,} of {replies:,})"
    wanted = context.sheet.refusal_share
    if wanted is None:
        raise NotRun(f"No share of refusals is declared for this dataset, where {now}. {DECLARE}")
    measure: list[float | None] = [None if known is None else 0.0 for known in measured.measure]
    notes = [""] * len(rows)
    for kept, row in enumerate(_best_first(rows, declines), 1):
        measure[row] = kept / (replies - refused + kept)
        notes[row] = f"{share:.1%} of the replies decline, {wanted:.1%} are wanted, and this one is beyond that"
    return above(measure, wanted, notes, measured.spans, [_about(now, replies, refused, wanted)] if replies else [])


def _best_first(rows: Rows, declines: list[bool]) -> list[int]:
    """The refusals, rarer wordings before repeated ones: the first row of each wording, then the second, and so on."""
    seen: dict[str, int] = defaultdict(int)
    places = [row for row, declined in enumerate(declines) if declined]
    ranked = []
    for row, key in zip(places, exact_keys([rows.reply[row] for row in places]), strict=True):
        ranked.append((seen[key], row))
        seen[key] += 1
    return [row for _, row in sorted(ranked)]


def _about(now: str, replies: int, refused: int, wanted: float) -> str:
    """What the dataset has, what is wanted, and how many rows lie between."""
    beyond = refused - wanted * replies
    if beyond >= 1:
        out = math.ceil(beyond / (1 - wanted) - SLACK) if wanted < 1 else 0
        more = math.ceil(beyond - SLACK)
        return f"{now}; {wanted:.1%} are wanted: take {out:,} of them out, or answer {more:,} of them."
    if beyond <= -1:
        lacking = math.ceil(-beyond / (1 - wanted) - SLACK) if wanted < 1 else replies
        return f"{now}; {wanted:.1%} are wanted: write {lacking:,} more of what should be declined."
    return f"{now}, as wanted ({wanted:.1%})."
