"""Which rows a run was trained on, as one number"""

from __future__ import annotations

import json
from typing import Any

import polars as pl

from training.adapters.adapter import digest_of
from training.tokens.calls import unfolded
from training.tokens.learned import context_marks, without_marks
from training.tokens.tools import COLUMN as TOOLS

DIVIDING = ("group", "validation")  # columns that say which rows are kept aside


def data_digest(rows: pl.DataFrame) -> str:
    """SHA-256 of the conversations, in their order, of what divides them, and of what the rows offer as tools; of a
    table without any, that of nothing.

    Rows without a group have the same one whether or not the table has a column for it; the same for tools. Where a
    reply is marked as context only, this counts beside the mark itself: earlier versions learned such replies, too.
    """
    if "messages" not in rows.columns:
        return digest_of([])
    talks = _talks(rows)
    return digest_of([*_lines(talks), *division(rows), *_said_of_rows(rows, talks)])


def digest_of_conversations(rows: pl.DataFrame) -> str:
    """SHA-256 of the conversations alone: what stands in the folders of runs from before groups counted."""
    return digest_of(_lines(_talks(rows))) if "messages" in rows.columns else digest_of([])


def as_read_by(rows: pl.DataFrame, digest: str | None) -> pl.DataFrame:
    """The rows as the run with this digest read them.

    Runs of earlier versions knew no tools and learned replies that are marked as context only: for theirs the rows
    come without both. For every other digest they come as they are.
    """
    if digest is None or "messages" not in rows.columns or digest == data_digest(rows):
        return rows
    talks = _talks(rows)
    if not _said_of_rows(rows, talks):
        return rows
    bare = rows.drop(TOOLS, strict=False).with_columns(
        pl.Series("messages", [[_bare(one) for one in talk] for talk in talks])
    )
    before = digest_of([*_lines(talks), *division(rows)])
    return bare if digest in (before, data_digest(bare)) else rows


def division(rows: pl.DataFrame) -> list[str]:
    """A line a row for each column that divides them, where it says anything."""
    given = [name for name in DIVIDING if name in rows.columns and rows[name].is_not_null().any()]
    return [f"{name} {value}" for name in given for value in rows[name].cast(pl.String).to_list()]


def tools_lines(rows: pl.DataFrame) -> list[str]:
    """A line a row with the tools that it offers, where any row does."""
    if TOOLS not in rows.columns or not rows[TOOLS].is_not_null().any():
        return []
    given = rows[TOOLS].to_list()
    return [f"tools {one if one is None or isinstance(one, str) else json.dumps(one)}" for one in given]


def _talks(rows: pl.DataFrame) -> list[list[dict[str, Any]]]:
    return [[unfolded(message) for message in messages or ()] for messages in rows["messages"].to_list()]


def _lines(talks: list[list[dict[str, Any]]]) -> list[str]:
    return [json.dumps(talk, sort_keys=True) for talk in talks]


def _said_of_rows(rows: pl.DataFrame, talks: list[list[dict[str, Any]]]) -> list[str]:
    """What changes how rows are read and stands in no digest of earlier versions."""
    marked = [f"context only {place}" for place, talk in enumerate(talks) if context_marks(talk)]
    return [*tools_lines(rows), *marked]


def _bare(message: dict[str, Any]) -> dict[str, Any]:
    """An unfolded message as a table holds it, without its marks."""
    kept = without_marks(message)
    more = {key: value for key, value in kept.items() if key not in ("role", "content")}
    said = {"role": message.get("role"), "content": message.get("content")}
    return {**said, "more": json.dumps(more, ensure_ascii=False) if more else None}
