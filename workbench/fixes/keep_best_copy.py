"""Keep the best of copies

Of every group of exact and near copies of which a row is marked, one row stays: one without other faults if there is
any, of those the one with the longest reply, of those the first.

Known limits
    A group is what is linked by near copies, also through a third row: its ends may differ more than neighbours do.
"""

from __future__ import annotations

from collections import defaultdict

import polars as pl

from workbench.checks.check import catalogue
from workbench.checks.duplicates.exact_copy import conversation_keys
from workbench.checks.run import flagged_by
from workbench.checks.similarity import components, near_pairs
from workbench.fixes.fix import fix
from workbench.rows import Rows, word_list

FAULTS = ("structure", "text", "safety")  # families that judge a row by itself


@fix(
    mends=("exact_copy", "near_copy"),
    safe=True,
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
    """The rows with one survivor in each group of copies that holds a row marked by `where`."""
    groups = _marked_groups(rows, where)
    if not groups:
        return rows
    members = sorted(i for group in groups for i in group)
    mask = pl.Series([False] * len(rows)).scatter(members, True)
    faulty = dict(zip(members, flagged_by(rows.keep(mask), _checks_of_a_row()).to_list(), strict=True))
    replies = rows.reply
    stays = {min(group, key=lambda i: (faulty[i], -len(word_list(replies[i])), i)) for group in groups}
    goes = {i for i in members if i not in stays}
    return rows.keep([i not in goes for i in range(len(rows))])


def _marked_groups(rows: Rows, where: pl.Series) -> list[list[int]]:
    pairs = near_pairs(rows.text)
    first: dict[tuple, int] = {}
    exact = [(first.setdefault(key, i), i) for i, key in enumerate(conversation_keys(rows))]
    links = [*exact, *zip(pairs.a.tolist(), pairs.b.tolist(), strict=True)]
    members = defaultdict(list)
    for i, label in enumerate(components(len(rows), [a for a, _ in links], [b for _, b in links]).tolist()):
        members[label].append(i)
    return [group for group in members.values() if len(group) > 1 and any(where[i] for i in group)]


def _checks_of_a_row() -> list[str]:
    return [check.name for check in catalogue().values() if check.family in FAULTS]
