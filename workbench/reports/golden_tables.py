"""The tables of a golden set, for the command line and the screens alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

UNKNOWN = "none"


def size_lines(shown: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(what, smallest) for what n rows can show, from `told.golden.size_table`."""
    return [
        *((f"pass/fail, arms differ on {one['share']:.0%} of rows", _points(one["smallest"]))
          for one in shown["changes"]),
        *((f"preference, {one['ties']:.0%} ties", _votes(one["smallest"])) for one in shown["preferences"]),
        ("a score", UNKNOWN if shown["in_sds"] is None else f"{shown['in_sds']:.2f} sd of the row differences"),
        ("one pass rate of 80 %", f"known to ± {100 * shown['half_width']:.1f} points"),
        ("a mistake that no row shows", f"may still happen in {100 * shown['unseen']:.1f} % of questions"),
    ]  # fmt: skip


def size_sentence(shown: Mapping[str, Any]) -> str:
    """One sentence on what n rows can show, for where a table is too much."""
    usual = next(one["smallest"] for one in shown["changes"] if one["share"] == 0.3)
    n = shown["n"]
    if usual is None:
        return f"{n} rows can show no change of a pass rate where the arms differ on 30 % of them."
    return f"{n} rows can show changes of a pass rate of {_points(usual)} and more (arms differ on 30 % of them)."


def _points(value: float | None) -> str:
    return UNKNOWN if value is None else f"{100 * value:.1f} points"


def _votes(value: float | None) -> str:
    return UNKNOWN if value is None else f"{100 * value:.1f} % of the decided votes"
