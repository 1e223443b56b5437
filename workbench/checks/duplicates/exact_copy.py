"""Exact copy of another row

A row that stands several times is learned several times as hard, and recited word for word.

Known limits
    Upper and lower case, blanks and the stops and quotes at the ends of a turn do not count; anything else does. Roles,
    system text and tool calls must be the same, too. The first of the copies is not flagged.
Source
    Lee et al. 2022, arXiv 2107.06499: ten times less text recited after removing copies.
"""

from __future__ import annotations

from workbench.checks.check import Findings, above, check
from workbench.checks.duplicates.copies import conversation_keys
from workbench.checks.duplicates.place import places
from workbench.rows import Rows


@check(
    severity="warning",
    scope="set",
    # Beside the rows of `passes`, whose first one it copies.
    flags=Rows.of(("when do you open?", " We open  at nine")),
    passes=Rows.of(("When do you open?", "We open at nine."), ("When do you close?", "We close at five.")),
    mend="keep_best_copy",
)
def exact_copy(rows: Rows) -> Findings:
    """Measure: 1 where an earlier row holds the same conversation, else 0."""
    first: dict[tuple, int] = {}
    copied = [first.setdefault(key, i) for i, key in enumerate(conversation_keys(rows))]
    place = places(rows)
    notes = [f"copies {place[source]}" if source != i else "" for i, source in enumerate(copied)]
    return above([float(source != i) for i, source in enumerate(copied)], 0.5, notes)
