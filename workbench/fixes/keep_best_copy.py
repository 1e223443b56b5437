"""Keep the best of copies

Of each marked row and its exact and near copies the best one stays: one without other faults if there is any, of those
the one with the longest reply, of those the first. A row goes only when one that it copies stays.

Known limits
    Rows made from one template with other words in it can be near copies, too, and each may hold a fact of its own:
    look at the preview.
"""

from __future__ import annotations

import polars as pl

from workbench.checks.check import catalogue
from workbench.checks.duplicates.copies import find_copies, kept_instead
from workbench.checks.run import flagged_by
from workbench.fixes.fix import fix
from workbench.rows import Rows, word_list

FAULTS = ("structure", "text", "safety")  # families that judge a row by itself


@fix(
    mends=("exact_copy", "near_copy"),
    safe=False,
    before=Rows.of(
        ("When do you open?", "We open at nine."),
        ("How can I track my parcel?", "Open your orders, choose the parcel and press track."),
        ("How can I track my parcel?", "Open your orders, choose parcel and press track."),
        ("when do you open?", "we open at nine"),
    ),
    after=Rows.of(
        ("When do you open?", "We open at nine."),
        ("How can I track my parcel?", "Open your orders, choose the parcel and press track."),
    ),
)
def keep_best_copy(rows: Rows, where: pl.Series) -> Rows:
    """The rows without copies of better ones, among the rows that `where` marks and their copies."""
    copies = find_copies(rows)
    marked = {copies.kind[i] for i in where.arg_true().to_list()}
    looked_at = marked | {kind for other in marked for kind, _ in copies.near.get(other, [])}
    members = [i for i, kind in enumerate(copies.kind) if kind in looked_at]
    if not members:
        return rows
    mask = pl.Series([False] * len(rows)).scatter(members, True)
    faulty = dict(zip(members, flagged_by(rows.keep(mask), _checks_of_a_row()).to_list(), strict=True))
    replies = rows.reply
    goes = kept_instead(copies, sorted(members, key=lambda i: (faulty[i], -len(word_list(replies[i])), i)))
    return rows.keep([i not in goes for i in range(len(rows))])


def _checks_of_a_row() -> list[str]:
    return [check.name for check in catalogue().values() if check.family in FAULTS]
