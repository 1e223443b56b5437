"""What a prompt asks for, as the grounding checks share it: the last thing asked, and the tools that were at hand."""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from workbench.checks.safety.pieces import loosened
from workbench.rows import Rows


def last_asked(rows: Rows) -> pl.DataFrame:
    """A line for each row with a user turn: `row`, `turn` and `content` of the last one."""
    asked = rows.turns.filter(pl.col("role") == "user")
    return asked.group_by("row", maintain_order=True).agg(pl.col("turn", "content").last())


def with_tools(rows: Rows) -> set[int]:
    """The rows in which a tool was at hand: called, answered, declared beside the messages or in the system text."""
    said = pl.col("content").str.contains_any(
        ["function_call", "functions", '"parameters"', "tool_call", "<tool", "access to the following tool", "plugin"],
        ascii_case_insensitive=True,
    )
    used = rows.turns.filter(
        pl.col("role").is_in(["tool", "function", "observation", "function_call"])
        | pl.col("more").str.contains("tool_call|function_call").fill_null(False)
        | ((pl.col("role") == "system") & said)
    )
    declared = rows.frame["extra"].str.contains('"(?:tools|functions)"').fill_null(False).arg_true().to_list()
    return {*used["row"].to_list(), *declared}


def matching(texts: pl.Series, pattern: str, words: Sequence[str] = (), longest: int | None = None) -> list[bool]:
    """(N,) True where a text may match the pattern, whatever its case; never False where it does.

    words: of which one stands in every match, to look closer at few texts. longest: a longer text does not match.
    """
    may = texts.str.contains_any(list(words), ascii_case_insensitive=True) if words else texts.is_not_null()
    if longest is not None:
        may &= texts.str.len_bytes() <= longest * 4
    plain = texts.filter(may).str.replace_all("\u2019", "'", literal=True).str.to_lowercase()
    found = iter(plain.str.contains(loosened(pattern)))
    return [bool(one and next(found)) for one in may]
