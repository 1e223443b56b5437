"""Findings that point at pieces of turns: what was found, how it is shown, and where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import polars as pl

from workbench.checks.check import Findings, Span, above
from workbench.rows import Rows

SHOWN = 3  # pieces named in a note; the rest is counted
MOST = 200  # pieces kept of one turn: a text of nothing else is flagged all the same
LENGTH = 60  # characters of a piece shown in a note
AROUND = re.compile(r"\(\?<?[=!]")  # where a look-ahead or look-behind begins
CAPITAL = re.compile(r"\\.|[A-Z]")


@dataclass(frozen=True, order=True)
class Piece:
    """Characters `start` to `end` of a turn, what they are, how a note shows them, and how much they count."""

    start: int
    end: int
    kind: str
    shown: str = ""
    weight: float = 1.0


def likely_turns(rows: Rows, words: Sequence[str], exact: Sequence[str] = ()) -> pl.DataFrame:
    """The lines of `rows.turns` that hold one of the words, ASCII letters in either case, or one of `exact`.

    One automaton for all words reads 1 GB/s; a pattern with (?i) over as many alternatives read 5 MB/s.
    """
    content = pl.col("content").str
    holds = content.contains_any(list(words), ascii_case_insensitive=True)
    return rows.turns.filter(holds | content.contains_any(list(exact)) if exact else holds)


def flag_pieces(
    rows: Rows,
    likely: pl.DataFrame,
    find: Callable[[str], Iterable[Piece]],
    *,
    limit: float = 0,
    most: bool = False,
    excused: Callable[[int, Piece], bool] | None = None,
) -> Findings:
    """Measures the pieces that `find` sees in the turns `likely`: their weights in sum, or the `most` weight of one.

    excused(row, piece) says which pieces of a row do not count. Rows without a turn have no opinion.
    The note names the heaviest pieces first, with role and character.
    """
    found: dict[int, list[tuple[int, str, Piece]]] = {}
    for row, turn, role, content in likely.select("row", "turn", "role", "content").iter_rows():
        pieces = [piece for piece in find(content) if excused is None or not excused(row, piece)][:MOST]
        if pieces:
            found.setdefault(row, []).extend((turn, role or "unnamed", piece) for piece in pieces)
    measure: list[float | None] = [0.0 if turns else None for turns in rows.frame["messages"].list.len().to_list()]
    notes = [""] * len(rows)
    spans: list[Sequence[Span]] = [()] * len(rows)
    for row, placed in found.items():
        weights = [piece.weight for _, _, piece in placed]
        measure[row] = max(weights) if most else sum(weights)
        notes[row] = said_of(placed)
        spans[row] = tuple((turn, piece.start, piece.end) for turn, _, piece in placed)
    return above(measure, limit, notes, spans)


def said_of(placed: Sequence[tuple[int, str, Piece]]) -> str:
    """The note for the pieces of one row: the heaviest three in words, the rest as a count."""
    ordered = sorted(placed, key=lambda one: -one[2].weight)
    named = [
        f"{piece.kind}{' ' if piece.shown else ''}{piece.shown} in the {role} turn at character {piece.start + 1}"
        for _, role, piece in ordered[:SHOWN]
    ]
    more = f" and {len(placed) - SHOWN} more" if len(placed) > SHOWN else ""
    return "; ".join(named) + more


def quoted(text: str, most: int = LENGTH) -> str:
    """The text in quotation marks on one line, cut after `most` characters; characters nobody can see are left out."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: most * 4]).split())
    return f'"{line if len(line) <= most else line[:most].rstrip() + "…"}"'


def loosened(pattern: str) -> str:
    """The pattern for the Rust regex crate over lower-case text: what it says of its surroundings is left out.

    Without look-around and word boundaries the crate's fast automaton can run; it then matches every text that the
    pattern does, and some more, for the pattern itself to decide.
    """
    while found := AROUND.search(pattern):
        depth, end = 1, found.end()
        while depth:
            step = 2 if pattern[end] == "\\" else 1
            depth += {"(": 1, ")": -1}.get(pattern[end], 0)
            end += step
        pattern = pattern[: found.start()] + pattern[end:]
    return CAPITAL.sub(_lower, pattern.replace(r"\b", ""))


def _lower(found: re.Match[str]) -> str:
    return found.group() if found.group().startswith("\\") else found.group().lower()
