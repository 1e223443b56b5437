"""Draws the report: every figure as a reader sees it, and the twelve sections in their order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from evaluators.registration import told_plan
from evaluators.sample import catalogue
from evaluators.verdict import MINUS, in_percent
from evaluators.verdict import signed as signed_figure
from workbench.records import CheckRun
from workbench.reports import pictures, tables
from workbench.reports.guard_chart import guard_chart
from workbench.reports.probe_charts import tiers_forest, trade
from workbench.reports.slice_chart import MOST_LINES, slice_chart, slices_of

if TYPE_CHECKING:
    from workbench.reports.report import ReportData

HERE = Path(__file__).parent
MOST_VERSIONS = 40  # lines of the version history; older ones are counted
COPIES = ("copied_share", "copied_words")  # metrics that count words taken from training rows
SECTIONS = (
    ("compared", "What was compared"),
    ("primary", "The result that decides"),
    ("guards", "What must not be lost"),
    ("slices", "Slices"),
    ("cases", "Answers side by side"),
    ("forgetting", "What it forgot"),
    ("memorised", "What it repeats by heart"),
    ("judges", "Model judges"),
    ("data", "The training data"),
    ("limits", "What this report cannot tell"),
    ("next", "What to mend next"),
    ("appendix", "Appendix"),
)
DEFINITIONS = (
    ("base", "the model before training, with the question alone"),
    ("base + prompt", "the same model with a better prompt, the cheaper way that training has to beat"),
    ("tuned", "the same model after training"),
    ("better, worse", "the whole interval of the difference lies on one side of zero, and an exact test agrees"),
    ("no worse", "the interval's lower end is above the margin that was stated before the run"),
    ("can't tell", "all else: no sign of equality, but too few rows to see a difference of this size"),
    ("golden, dev, sealed", "rows kept out of training; dev may be read, sealed are only counted, a few times"),
    ("95 % interval", "made this way, 95 of 100 intervals hold the difference that very many such rows would show"),
    ("net win rate", "wins less losses over all rows, ties and both bad included"),
    ("PPI++", "a judge's win rate corrected by the rows that people rated too"),
    ("Ladder", "a new best on sealed rows counts only when it is ahead by more than chance"),
)


class Figure:
    """A value of the deciding metric as people read it; `change` gives a difference with its sign."""

    def __init__(self, unit: str) -> None:
        self.unit = unit

    def __call__(self, value: float | None) -> str:
        return tables.number(value, self.unit)

    def change(self, value: float) -> str:
        points = " points" if in_percent(self.unit) else ""
        return f"{signed_figure(value, self.unit)}{points}"


def render(data: ReportData, stamp: str, snippet: int, most_rows: int) -> str:
    """The page with quoted texts cut at `snippet` characters and `most_rows` lines of the table by row."""

    def cut(text: Any) -> str:
        said = str(text)
        return said if len(said) <= snippet else said[:snippet].rstrip() + " […]"

    summary, told = data.summary, data.told
    rounds = (told.get("people") or {}).get("rounds") or ()
    people = rounds[0] if rounds else None
    sliced, probes = slices_of(summary), told.get("probes")
    metrics = tables.metric_rows(summary)
    return page(
        "report.html", d=data, s=summary, stamp=stamp, cut=cut, hide=tables.UNKNOWN, sections=SECTIONS,
        name=tables.arm_name, figure=Figure(summary["primary"].get("unit", "")), interval=tables.interval,
        p_value=tables.p_value, percent=percent, share=share, points=points, signed2=signed2, title_of=title_of,
        level=tables.level_of(summary), answer_word=pictures.answer_word(summary["verdict"]),
        guards_sentence=guards_sentence(summary), people=people, ladder=told.get("prompts"),
        deciding=people["pairs"][people["deciding"]] if people else None, pair_bar=pictures.pair_bar,
        plan_lines=told_plan(summary["plan"]) if summary.get("plan") else (),
        measured_how=tables.measured_how(summary) if summary.get("plan_hash") else (),
        primary_chart=pictures.primary_chart(summary), wins_bars=pictures.wins_bars(summary),
        guard_chart=guard_chart(summary.get("guards", ())), guard_head=tables.GUARD_HEAD,
        guard_rows=tables.guard_rows(summary), slices=sliced, most_slices=MOST_LINES,
        slice_chart=slice_chart(sliced, summary["primary"].get("unit", "")),
        tiers_forest=tiers_forest(probes["forgetting"]["areas"]) if probes else "",
        trade=trade(probes["ways"]) if probes and len(probes["ways"]) > 2 else "",
        metric_head=(*tables.METRIC_HEAD[:-1], "p (Holm)"), metrics=metrics, copied_rows=copied_rows(summary),
        unit_charts=pictures.unit_charts(summary), curve=pictures.curve(data.trained), most_rows=most_rows,
        checks=checks_before_after(data.checks_before, data.checks_after), definitions=DEFINITIONS,
        metric_meanings=metric_meanings(summary),
        gaps=sorted(data.gaps, key=lambda one: (-len(one.golden_rows), one.id)), history=data.history[-MOST_VERSIONS:],
        older=max(0, len(data.history) - MOST_VERSIONS),
    )  # fmt: skip


def page(template: str, /, **facts: Any) -> str:
    """A template of `page/` with its facts, everything escaped, and the style sheet inside."""
    templates, style = _templates()
    return str(templates.get_template(template).render(style=Markup(style), **facts))


@lru_cache(maxsize=1)
def _templates() -> tuple[Environment, str]:
    environment = Environment(
        loader=FileSystemLoader(HERE / "page"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    return environment, (HERE / "report.css").read_text("utf-8")


def percent(value: float | None) -> str:
    return tables.UNKNOWN if value is None else f"{100 * value:.0f} %"


def share(one: Mapping[str, Any]) -> str:
    """ "61 % [52 to 70]" of a rate with its interval."""
    if one["value"] is None:
        return "unknown"
    if one["low"] is None or one["high"] is None:
        return percent(one["value"])
    return f"{percent(one['value'])} [{100 * one['low']:.0f} to {100 * one['high']:.0f}]"


def points(one: Mapping[str, Any]) -> str:
    """ "+12 [−3, +27] points" of a net rate with its interval."""
    return f"{tables.interval({'difference': one}, 'share')} points" if one["value"] is not None else "unknown"


def signed2(value: float | None) -> str:
    return tables.UNKNOWN if value is None else f"{value:+.2f}".replace("-", MINUS)


def title_of(scorer: str) -> str:
    known = catalogue().get(scorer)
    return known.title if known else scorer


def guards_sentence(summary: Mapping[str, Any]) -> str:
    """How many guards hold, in one sentence; "" for an evaluation without any."""
    guards = summary.get("guards") or ()
    if not guards:
        return ""
    held = sum(one["verdict"] == "no worse" for one in guards)
    parts = [f"Shown no worse than base on {held} of {len(guards)} guards"]
    for word, verdict in (("worse on", "worse"), ("can't tell on", "can't tell")):
        if names := [one["title"] for one in guards if one["verdict"] == verdict]:
            parts.append(f"{word} {', '.join(names)}")
    return "; ".join(parts) + "."


def copied_rows(summary: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """The lines of the metrics that count words taken from training rows."""
    titles = {line["title"] for line in summary["comparisons"] if line["scorer"] in COPIES}
    return [line for line in tables.metric_rows(summary) if line[0].rsplit(" ", 1)[0] in titles]


def metric_meanings(summary: Mapping[str, Any]) -> list[tuple[str, str]]:
    """(title, what it tells) of the metrics of an evaluation, from the first paragraph of each one's page."""
    known = catalogue()
    names = dict.fromkeys(line["scorer"] for line in summary["comparisons"])
    found = []
    for name in names:
        if one := known.get(name):
            paragraphs = [" ".join(part.split()) for part in one.page.split("\n\n")]
            found.append((one.title, next((part for part in paragraphs[1:] if part), "")[:400]))
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
