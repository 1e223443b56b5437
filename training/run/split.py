"""Which training rows are kept aside to see when to stop; rows of one group stay on one side"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import polars as pl

from training.errors import RowsError


def groups_of(rows: pl.DataFrame) -> list[str]:
    """The group of each row: its `group`, or, where there is none, its last message's text.

    The same reply on both sides would make the validation loss flatter than it is: split by row, it fell to .09 on
    data where a split by fact said 2.0.
    """
    given = rows["group"].cast(pl.String).to_list() if "group" in rows.columns else [None] * rows.height
    last = [messages[-1].get("content") if messages else None for messages in rows["messages"].to_list()]
    ids = rows["row_id"].cast(pl.String).to_list()
    return [
        f"group {group}" if group is not None else f"reply {text}" if text else f"row {row}"
        for group, text, row in zip(given, last, ids, strict=True)
    ]


def kept_aside(rows: pl.DataFrame, *, share: float, seed: int) -> list[int]:
    """Places of the rows for validation: those a column `validation` marks, else as `validation_places` draws them.

    Runs that are compared (a study) mark them, so that all stop by the same rows whatever else they train on. Raises
    RowsError where every row is marked.
    """
    if "validation" in rows.columns:
        marked: list[int] = rows["validation"].fill_null(False).arg_true().to_list()
        if marked and len(marked) == rows.height:
            raise RowsError(
                f"all {rows.height} rows are marked for validation, so none is left to train on. Mark fewer of them."
            )
        return marked
    return validation_places(groups_of(rows), share=share, seed=seed)


def validation_places(groups: Sequence[str], *, share: float, seed: int) -> list[int]:
    """Places of the rows for validation: whole groups, about `share` of the rows, by a seeded order of the groups.

    The order depends on the group names only, not on the order of the rows. Empty when share is 0 or when there is only
    one group; never all rows.
    """
    sizes: dict[str, int] = {}
    for group in groups:
        sizes[group] = sizes.get(group, 0) + 1
    if share <= 0 or len(sizes) < 2:
        return []
    wanted = max(1, round(share * len(groups)))
    order = sorted(sizes, key=lambda group: hashlib.sha256(f"{seed}\n{group}".encode()).digest())
    chosen: set[str] = set()
    taken = 0
    for group in order:
        if taken + sizes[group] <= wanted:
            chosen.add(group)
            taken += sizes[group]
    if not chosen:  # every group is larger than what is wanted: the smallest one, unless it is more than half
        smallest = min(order, key=lambda group: sizes[group])
        chosen = {smallest} if 2 * sizes[smallest] <= len(groups) else set()
    return [place for place, group in enumerate(groups) if group in chosen]
