"""What the plan card said of a run beside what the run took, with the difference in percent; told when it missed"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from workbench.reports.tables import MINUS, UNKNOWN, amount

TIME_AIM, MEMORY_AIM, COUNT_AIM = 0.15, 0.10, 0.005  # what the plan card promises to stay within


@dataclass(frozen=True)
class Beside:
    """One figure: as predicted, as taken, the difference; good: within what the card promises."""

    name: str
    predicted: str
    actual: str
    off: str
    good: bool


@dataclass(frozen=True)
class Compared:
    """The figures, and what must be known to judge them, a sentence each."""

    lines: tuple[Beside, ...]
    notes: tuple[str, ...]


def beside(predicted: Mapping[str, Any] | None, result: Mapping[str, Any] | None) -> Compared | None:
    """A run's prediction beside its result; None where there is no prediction or no result yet."""
    if not predicted or not result:
        return None
    time = sum(float(result.get(name) or 0) for name in ("seconds_loading", "seconds", "seconds_ending"))
    memory = max(float(result["peak_memory"]), float(result.get("eval_peak_memory") or 0))
    lines = [
        _line("time", predicted["seconds"], time, "seconds", TIME_AIM),
        _line("memory", predicted["memory"], memory, "bytes", MEMORY_AIM),
        _line("steps", predicted["steps"], float(result["steps"]), "steps", COUNT_AIM),
        _line("tokens", predicted["tokens"], float(result["tokens"]), "tokens", COUNT_AIM),
    ]
    parts = predicted.get("seconds_by_part") or {}
    if result.get("seconds_evaluating") and parts.get("evaluating"):
        checked = float(result["seconds_evaluating"])
        lines.insert(1, _line("of it evaluating", parts["evaluating"], checked, "seconds", TIME_AIM))
    return Compared(tuple(lines), tuple(_notes(predicted, result, time)))


def _line(name: str, predicted: float, actual: float, unit: str, aim: float) -> Beside:
    if actual <= 0:
        return Beside(name, amount(predicted, unit), UNKNOWN, UNKNOWN, True)
    off = predicted / actual - 1
    sign = "+" if off >= 0 else MINUS
    said = "0 %" if abs(off) < 0.005 else f"{sign}{abs(off):.0%}".replace("%", " %")
    return Beside(name, amount(predicted, unit), amount(actual, unit), said, abs(off) <= aim)


def _notes(predicted: Mapping[str, Any], result: Mapping[str, Any], time: float) -> list[str]:
    notes = []
    if not predicted.get("measured"):
        notes.append("Nothing had been measured before this run: the prediction was a guess by formula.")
    if predicted.get("busy"):
        notes.append(
            "The machine was busy with other programs when the steps were timed; free of them the run was expected to "
            f"take {amount(predicted['seconds_free'], 'seconds')}."
        )
    if time < predicted["seconds_low"] or time > predicted["seconds_high"]:
        notes.append(
            "The time lies outside the range that was told "
            f"({amount(predicted['seconds_low'], 'seconds')} to {amount(predicted['seconds_high'], 'seconds')}). "
            "Mostly other programs took more or less of the machine during the run than during the measurement."
        )
    if result.get("ended") not in (None, "finished"):
        notes.append(f"The run ended before its last step ({result['ended']}), so it took less than was planned.")
    return notes
