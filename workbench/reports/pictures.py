"""The pictures and words of an evaluation's result, for the report and the screens alike."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from evaluators.verdict import in_percent
from workbench.reports import charts, tables
from workbench.reports.tally import RoundResult


def answer_word(verdict: Mapping[str, Any]) -> tuple[str, str]:
    """(words, kind) of the recommendation, before any detail; kind "up", "down" or "unsure"."""
    if verdict["ship"]:
        return "Ship it", "up"
    if verdict["against_base"] == "better" and verdict.get("broken_guards"):
        return "Do not ship it yet", "down"
    if "worse" in (verdict["against_base"], verdict["against_prompted"]) or verdict["against_base"] == "better":
        return "Do not ship it", "down" if verdict["against_base"] != "better" else "unsure"
    return "Not enough evidence to ship it", "unsure"


def primary_chart(summary: Mapping[str, Any]) -> Markup:
    """The deciding metric: every pair of arms as one line of a forest plot."""
    name = summary["primary"]["scorer"]
    lines = [line for line in summary["comparisons"] if line["scorer"] == name]
    unit = lines[0].get("unit", "") if lines else ""
    rows = [
        (f"{tables.arm_name(one['b'])} against {tables.arm_name(one['a'])}", *tables.estimate_of(one)) for one in lines
    ]
    title = f"Difference of the deciding metric with {tables.level_of(summary)} intervals"
    return charts.forest(rows, title, points=in_percent(unit))


def unit_charts(summary: Mapping[str, Any]) -> list[tuple[str, Markup]]:
    """(unit in words, forest plot) of the other metrics, tuned against base; one plot a unit, since they differ."""
    primary = summary["primary"]["scorer"]
    by_unit: dict[str, list[Mapping[str, Any]]] = {}
    for name, line in tables.between(summary, "base", "tuned").items():
        if name != primary:
            unit = line.get("unit", "")
            by_unit.setdefault("percentage points" if in_percent(unit) else unit, []).append(line)
    return [
        (unit, charts.forest(
            [(line["title"], *tables.estimate_of(line)) for line in lines], f"Tuned against base, in {unit}",
            points=unit == "percentage points",
        ))
        for unit, lines in by_unit.items()
    ]  # fmt: skip


def wins_bars(summary: Mapping[str, Any]) -> list[tuple[str, Markup]]:
    """(what, bar) of wins, ties and losses by row on the deciding metric, tuned against base and against the prompt."""
    name, bars = summary["primary"]["scorer"], []
    for a in ("base", "prompted"):
        if line := tables.between(summary, a, "tuned").get(name):
            title = f"tuned against {tables.arm_name(a)}, row by row"
            bars.append((title, charts.wins_bar(line["wins"], line["ties"], line["losses"], title)))
    return bars


def wins_bar_of(found: RoundResult) -> Markup:
    """What people chose, as a bar."""
    rate = found.rate
    return charts.wins_bar(rate.wins, rate.ties, rate.losses, f"round {found.round_id}", rate.both_bad)


def pair_bar(pair: Mapping[str, Any]) -> Markup:
    """What people chose of a pair of arms, as `told_of` tells it."""
    title = f"{tables.arm_name(pair['arms'][1])} against {tables.arm_name(pair['arms'][0])}"
    return charts.wins_bar(pair["wins"], pair["ties"], pair["losses"], title, pair["both_bad"])


def curve(trained: Mapping[str, Any]) -> Markup:
    """The loss of the training run by step."""
    losses = [(step, loss) for step, loss in enumerate(trained.get("losses") or (), 1) if loss is not None]
    validation = [(int(step), float(loss)) for step, loss in trained.get("validation_losses") or () if loss is not None]
    return charts.loss_curve(losses, validation, "Training and validation loss by step", best=trained.get("best_step"))
