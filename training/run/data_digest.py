"""Which rows a run was trained on, as one number"""

from __future__ import annotations

import json

import polars as pl

from training.adapters.adapter import digest_of
from training.tokens.encode import clean

DIVIDING = ("group", "validation")  # columns that say which rows are kept aside


def data_digest(rows: pl.DataFrame) -> str:
    """SHA-256 of the conversations, in their order, and of what divides them; of a table without any, that of nothing.

    Rows without a group have the same one whether or not the table has a column for it.
    """
    if "messages" not in rows.columns:
        return digest_of([])
    return digest_of([*_conversations(rows), *division(rows)])


def digest_of_conversations(rows: pl.DataFrame) -> str:
    """SHA-256 of the conversations alone: what stands in the folders of runs from before groups counted."""
    return digest_of(_conversations(rows)) if "messages" in rows.columns else digest_of([])


def _conversations(rows: pl.DataFrame) -> list[str]:
    return [json.dumps(clean(messages), sort_keys=True) for messages in rows["messages"].to_list()]


def division(rows: pl.DataFrame) -> list[str]:
    """A line a row for each column that divides them, where it says anything."""
    given = [name for name in DIVIDING if name in rows.columns and rows[name].is_not_null().any()]
    return [f"{name} {value}" for name in given for value in rows[name].cast(pl.String).to_list()]
