"""The replies of a dataset as frames for Polars: every assistant turn, and the first and the last of each row."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from workbench.rows import Rows

MOST_LETTERS = 200_000  # of a turn, for patterns that read it letter by letter: nobody reviews a longer one


def assistant_turns(rows: Rows) -> pl.DataFrame:
    """A line an assistant turn, in order: `row`, `turn` (positions from 0) and `content`."""
    return rows.turns.filter(pl.col("role") == "assistant").select("row", "turn", "content")


def first_replies(rows: Rows) -> pl.DataFrame:
    """(N,) lines: `row`, `turn`, `content` of the first assistant turn that is no blank; null where there is none."""
    said = assistant_turns(rows).filter(pl.col("content").str.contains(r"\S"))
    return _a_line_a_row(rows, said.unique("row", keep="first"))


def last_replies(rows: Rows) -> pl.DataFrame:
    """(N,) lines: `row`, `turn`, `content` of the final turn where it is the assistant's and no blank; else null."""
    said = (pl.col("role") == "assistant") & pl.col("content").str.contains(r"\S")
    last = rows.turns.unique("row", keep="last").filter(said)
    return _a_line_a_row(rows, last.select("row", "turn", "content"))


def texts_of(rows: Rows, some: Iterable[int]) -> dict[int, str]:
    """Row -> its `text` for some rows; for a few of many, without making every row's columns."""
    chosen = pl.DataFrame({"row": pl.Series(list(some), dtype=pl.Int64).unique()})
    said = rows.turns.join(chosen, on="row", how="semi").filter(pl.col("role").ne_missing("system"))
    texts = said.group_by("row", maintain_order=True).agg(pl.col("content").str.join("\n"))
    return dict.fromkeys(chosen["row"], "") | dict(zip(texts["row"], texts["content"], strict=True))


def _a_line_a_row(rows: Rows, some: pl.DataFrame) -> pl.DataFrame:
    every = pl.DataFrame({"row": pl.int_range(len(rows), eager=True, dtype=pl.Int64)})
    return every.join(some, on="row", how="left", maintain_order="left")


def short(text: str, most: int = 60) -> str:
    """The beginning of a text on one line, for a note."""
    line = " ".join(text[: most * 2].split())
    return line if len(line) <= most else line[: most - 1].rstrip() + "…"
