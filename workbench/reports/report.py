"""The report for people who were not there: one HTML file without script or outside address, and its JSON twin."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markupsafe import Markup

from evaluators.verdict import in_percent
from workbench.records import CheckRun, Gap
from workbench.reports import charts, tables
from workbench.reports.tally import RoundResult

HERE = Path(__file__).parent
LARGEST = 300_000  # bytes: passes through any mail system and opens at once
SNIPPETS = (1600, 700, 250, 80)  # characters of a quoted text; the longest with which the report stays small enough
MOST_VERSIONS = 40  # lines of the version history; older ones are counted


@dataclass(frozen=True)
class ArmFacts:
    """One arm: what it is in words, and its system text where it has one of its own."""

    name: str
    what: str
    system: str
    examples: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Case:
    """One golden row with all answers. scores: arm -> deciding metric; change: tuned against base, + is better."""

    row_id: str
    tags: tuple[str, ...]
    prompt: str
    reference: str
    answers: Mapping[str, str]
    scores: Mapping[str, float | None]
    notes: Mapping[str, str]
    change: float | None


@dataclass(frozen=True)
class VersionLine:
    """One version of the training data: how many rows, and how it came about."""

    label: str
    size: int
    verb: str
    why: str
    counts: Mapping[str, int]
    who: str
    when: str
    trained: bool


@dataclass(frozen=True)
class ReportData:
    """Every fact of a report. summary: as the evaluation wrote it; the rest is what the store knows around it."""

    evaluation: int
    run: int
    dataset: str
    who: str
    when: str
    summary: Mapping[str, Any]
    arms: tuple[ArmFacts, ...]
    version: str
    version_digest: str
    golden: str
    golden_digest: str
    strata: tuple[str, ...]
    regressions: tuple[Case, ...]
    lowest: tuple[Case, ...]
    wins: tuple[Case, ...]
    ratings: tuple[RoundResult, ...]
    open_rounds: int
    being_rated: bool
    """People are voting in an open round: the cases are left out, since they name whose answer is whose."""
    gaps: tuple[Gap, ...]
    plan: Mapping[str, Any]
    trained: Mapping[str, Any]
    history: tuple[VersionLine, ...]
    checks_before: tuple[CheckRun, ...]
    checks_after: tuple[CheckRun, ...]
    sources: tuple[tuple[str, int], ...]
    licences: tuple[tuple[str, int], ...]
    limits: tuple[str, ...]
    commands: tuple[str, ...]
    edition: str
    """The edition of Goldloop that wrote it."""


def as_json(data: ReportData, stamp: str) -> str:
    """The same facts as data, quoted texts whole; keys in a fixed order."""
    return (
        json.dumps({"written": stamp, **asdict(data)}, ensure_ascii=False, indent=1, sort_keys=True, default=str) + "\n"
    )


def as_html(data: ReportData, stamp: str) -> str:
    """One page that needs nothing else, below 300 KB: long texts are cut as far as that takes."""
    page = ""
    for snippet in SNIPPETS:
        page = _render(data, stamp, snippet)
        if len(page.encode("utf-8", "replace")) <= LARGEST:
            break
    return page


def _render(data: ReportData, stamp: str, snippet: int) -> str:
    def cut(text: str) -> str:
        return text if len(text) <= snippet else text[:snippet].rstrip() + " […]"

    template, style = _template()
    return template.render(
        d=data, s=data.summary, stamp=stamp, style=Markup(style), cut=cut, hide=tables.UNKNOWN,
        name=tables.arm_name, figure=_figure_for(data.summary), interval=tables.interval, p_value=tables.p_value,
        answer_word=answer_word(data.summary["verdict"]), metric_head=tables.METRIC_HEAD[:-1],
        metrics=tables.metric_rows(data.summary), primary_chart=primary_chart(data.summary),
        unit_charts=unit_charts(data.summary), wins_bars=wins_bars(data.summary), curve=curve(data.trained),
        slices=slices(data.summary), checks=checks_before_after(data.checks_before, data.checks_after),
        history=data.history[-MOST_VERSIONS:], older=max(0, len(data.history) - MOST_VERSIONS),
        rating_bars=[wins_bar_of(one) for one in data.ratings],
    )  # fmt: skip


@lru_cache(maxsize=1)
def _template() -> tuple[Any, str]:
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    return environment.from_string((HERE / "report.html").read_text("utf-8")), (HERE / "report.css").read_text("utf-8")


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
    return charts.forest(rows, "Difference of the deciding metric with 95 % intervals", points=in_percent(unit))


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


def curve(trained: Mapping[str, Any]) -> Markup:
    """The loss of the training run by step."""
    losses = [(step, loss) for step, loss in enumerate(trained.get("losses") or (), 1) if loss is not None]
    validation = [(int(step), float(loss)) for step, loss in trained.get("validation_losses") or () if loss is not None]
    return charts.loss_curve(losses, validation, "Training and validation loss by step", best=trained.get("best_step"))


def slices(summary: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Tuned against base by slice, the largest first: {"tag", "n", "small", "wins", "ties", "losses", "line", "p"}."""
    found = []
    for one in summary.get("slices", ()):
        for line in one.get("comparisons") or [one]:
            if (line.get("a"), line.get("b")) == ("base", "tuned"):
                found.append(
                    {"tag": one["tag"], "n": one["n"], "small": one["small"], "line": line, "p": line.get("p_adjusted"),
                     **{key: line.get(key) for key in ("wins", "ties", "losses")}}
                )  # fmt: skip
    return found


def checks_before_after(before: Sequence[CheckRun], after: Sequence[CheckRun]) -> list[tuple[str, str, str, str]]:
    """(check, severity, flagged at first, flagged in the version trained on); a dash where it did not run."""

    def flagged(runs: Sequence[CheckRun]) -> dict[str, str]:
        return {run.check: "not run" if run.not_run else f"{run.flagged:,}" for run in runs}

    first, last = flagged(before), flagged(after)
    severity = {run.check: run.severity for run in (*before, *after)}
    names = [
        name for name in severity if (first.get(name), last.get(name)) not in {("0", "0"), ("0", None), (None, "0")}
    ]
    return [(n, severity[n], first.get(n, tables.UNKNOWN), last.get(n, tables.UNKNOWN)) for n in sorted(names)]


def _figure_for(summary: Mapping[str, Any]) -> Callable[[float | None], str]:
    unit = summary["primary"].get("unit", "")
    return lambda value: tables.number(value, unit)
