"""Results as plain text: aligned tables for the command line, and the words that every face uses for a number."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from typing import Any

from evaluators.guards import margin_words
from evaluators.registration import told_plan
from evaluators.statistics.estimate import CONFIDENCE
from evaluators.verdict import MINUS, in_percent, level_words, signed

# A terminal obeys control characters in what it prints; a row must not be able to move the cursor or hide text.
CONTROL = re.compile("[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
WIDEST = 60  # characters of one cell; longer ones are cut
ARM_NAMES = {"base": "base", "prompted": "base + prompt", "tuned": "tuned"}
UNKNOWN = "–"


def plain(text: str) -> str:
    """A text on one line without characters that a terminal would act on."""
    return " ".join(CONTROL.sub(" ", text).split())


def width(text: str) -> int:
    """How many columns a text takes on a terminal: wide East Asian characters take two, combining marks none."""
    return sum(0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in text)


def table(head: Sequence[str], lines: Sequence[Sequence[Any]]) -> str:
    """Aligned columns under a head; numbers stand to the right, long cells are cut."""
    cells = [[_cell(value) for value in line] for line in lines]
    columns = list(zip(head, *cells, strict=True))
    widths = [max(width(cell) for cell in column) for column in columns]
    right = [bool(cells) and all(_is_number(cell) for cell in column[1:]) for column in columns]
    ready = [
        "  ".join(
            _padded(cell, wide, to_right) for cell, wide, to_right in zip(line, widths, right, strict=True)
        ).rstrip()
        for line in (list(head), *cells)
    ]
    ready.insert(1, "  ".join("-" * wide for wide in widths))
    return "\n".join(ready)


def number(value: float | None, unit: str) -> str:
    """A mean as a person reads it: "61 %", "1.84", or a dash where nothing was judged."""
    if value is None:
        return UNKNOWN
    return f"{100 * value:.0f} %" if in_percent(unit) else f"{value:.2f}".replace("-", MINUS)


def interval(line: Mapping[str, Any], unit: str | None = None) -> str:
    """ "+41 [+30, +52]" of a comparison line, in points where the unit is a share; positive is better."""
    unit = unit if unit is not None else line.get("unit", "")
    found, low, high = estimate_of(line)
    if found is None:
        return UNKNOWN
    middle = signed(found, unit)
    return middle if low is None or high is None else f"{middle} [{signed(low, unit)}, {signed(high, unit)}]"


def estimate_of(line: Mapping[str, Any]) -> tuple[float | None, float | None, float | None]:
    """(difference, low, high) of a comparison or a slice, whether they stand flat or under "difference"."""
    found = line.get("difference")
    if isinstance(found, Mapping):
        return found.get("value"), found.get("low"), found.get("high")
    return found, line.get("low"), line.get("high")


def p_value(value: float | None) -> str:
    """A p value: "0.03", "<0.001", or a dash."""
    if value is None:
        return UNKNOWN
    return "<0.001" if value < 0.001 else f"{value:.3f}" if value < 0.1 else f"{value:.2f}"


def span(seconds: float) -> str:
    """A length of time in words: "40 s", "3 min", "1 h 20 min"."""
    if seconds < 90:
        return f"{max(1, round(seconds))} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 90 else f"{minutes // 60} h {minutes % 60} min"


def amount(value: float, unit: str) -> str:
    """A quantity in a unit that a person knows: "3 min", "5.0 GB", "53,037 tokens"."""
    if unit == "seconds":
        return span(value)
    if unit == "bytes":
        return f"{value / 1e9:.1f} GB" if value >= 1e8 else f"{value / 1e6:.0f} MB"
    return f"{value:,.0f} {unit}"


def arm_name(arm: str) -> str:
    """An arm as people call it."""
    return ARM_NAMES.get(arm, arm)


def between(summary: Mapping[str, Any], a: str, b: str) -> dict[str, Mapping[str, Any]]:
    """Scorer name -> the line that compares arm b with arm a."""
    return {line["scorer"]: line for line in summary["comparisons"] if line["a"] == a and line["b"] == b}


def metric_rows(summary: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """A line for each metric, the deciding one first: title, three means, tuned against base and against prompt, p."""
    base, prompted = between(summary, "base", "tuned"), between(summary, "prompted", "tuned")
    primary = summary["primary"]["scorer"]
    means = summary["means"]
    lines = []
    for name in sorted(base, key=lambda name: name != primary):
        line, unit = base[name], base[name].get("unit", "")
        title = f"{line['title']} {'↑' if line['higher_is_better'] else '↓'}" + (" *" if name == primary else "")
        lines.append(
            (
                title,
                *(number(means.get(arm, {}).get(name), unit) for arm in ("base", "prompted", "tuned")),
                interval(line),
                interval(prompted[name]) if name in prompted else UNKNOWN,
                p_value(line.get("p") if name == primary else line.get("p_holm")),
            )
        )
    return lines


METRIC_HEAD = ("metric", "base", "base + prompt", "tuned", "tuned against base", "tuned against prompt", "p")


def smallest_differences(summary: Mapping[str, Any]) -> list[str]:
    """How small a difference of tuned these rows could have shown by the deciding metric, a sentence a rival."""
    primary, unit = summary["primary"]["scorer"], summary["primary"].get("unit", "")
    told = []
    for line in summary["comparisons"]:
        if line["scorer"] == primary and line["b"] == "tuned":
            rival = "the base model" if line["a"] == "base" else "the base model with a better prompt"
            least = line.get("smallest_detectable")
            told.append(
                f"Against {rival}, {line['n']} rows find a difference of {_points(least, unit)} or more in four of "
                "five tries; smaller ones mostly stay hidden."
                if least is not None
                else f"Against {rival}, too few rows differ to say how small a difference could have been found."
            )
    return told


def _points(value: float, unit: str) -> str:
    text = number(value, unit)
    return text.replace(" %", " points") if text.endswith("%") else text


GUARD_HEAD = ("guard: must not lose", "margin", "tuned against base", "rows", "verdict")
SLICE_HEAD = ("slice", "rows", "better / even / worse", "tuned against base", "p", "")
MOST_SLICES = 20  # lines of slices in a terminal, the worst ones


def level_of(summary: Mapping[str, Any]) -> str:
    """The level of an evaluation's intervals: "95 %"; "99 %" for one of five looks at sealed rows."""
    return level_words(summary.get("confidence", CONFIDENCE))


def guard_rows(summary: Mapping[str, Any]) -> list[tuple[str, ...]]:
    """A line a guard: title, margin, difference with its interval, rows, verdict in words; none in early summaries."""
    return [
        (
            one["title"] + (" (answers with any)" if one.get("counted") else ""),
            margin_words(one["margin"], one["unit"]),
            interval(one),
            f"{one['n']}",
            one["verdict"] + (f": {one['why']}" if one["why"] else ", lower within the margin" if one["lower"] else ""),
        )
        for one in summary.get("guards", ())
    ]


def slice_rows(summary: Mapping[str, Any], rival: str = "base") -> list[tuple[str, ...]]:
    """A line a slice, worst first: name, rows, wins/ties/losses, difference, p after Benjamini-Hochberg, a mark."""
    unit = summary["primary"].get("unit", "")
    return [
        (
            one["tag"],
            f"{one['n']}",
            f"{one['wins']} / {one['ties']} / {one['losses']}",
            "too few rows" if one["small"] else interval(one, unit),
            UNKNOWN if one["small"] else p_value(one.get("p_adjusted")),
            marked(one),
        )
        for one in summary.get("slices", ())
        if (one.get("a"), one.get("b")) == (rival, "tuned")
    ]


def marked(one: Mapping[str, Any]) -> str:
    """A slice's mark: "worse" or "better" where it stands after Benjamini-Hochberg over the slices, else nothing."""
    adjusted, (value, _, _) = one.get("p_adjusted"), estimate_of(one)
    if one.get("small") or adjusted is None or value is None or adjusted >= 1 - CONFIDENCE:
        return ""
    return "better" if value > 0 else "worse"


def measured_how(summary: Mapping[str, Any]) -> list[str]:
    """What a stranger needs to trust the figures: rows, method, level, look, plan, deviations, a sentence each."""
    primary = summary["primary"]["scorer"]
    line = between(summary, "base", "tuned")[primary]
    groups = f" in {line['clusters']} independent groups" if line.get("clusters") else ""
    part = summary.get("part", "dev")
    extra = summary.get("answered", summary["rows"]) - summary["rows"]
    said = [
        f"{summary['rows']} {part} rows of {summary['golden']['label']} stand in the statistics{groups}; "
        f"{line['n']} were judged in both arms by the metric that decides."
        + (f" {extra} calibration rows were answered too and count in nothing here." if extra else ""),
        f"Method: paired by row, {method_words(line['method'])}, {level_of(summary)} intervals; metrics "
        "after Holm, slices after Benjamini-Hochberg; guards by non-inferiority with margins stated before the run.",
    ]
    drawn = line.get("bootstrap") or {}
    if drawn.get("low") is not None:
        said.append(f"A bootstrap ({drawn['method']}) puts the deciding difference at {_span(drawn, line['unit'])}.")
    if look := summary.get("look"):
        said.append(
            f"Look {look['number']} of {look['budget']} at the sealed rows, at {level_of(summary)} so that all looks "
            f"together stay at 95 %. Ladder: {look['ladder']['sentence']}"
        )
    if summary.get("plan_hash"):
        said.append(f"Planned before the first answer; hash of the plan {summary['plan_hash'][:16]}.")
        said += [f"Deviation: {one}" for one in summary.get("deviations", ())] or ["No deviation from the plan."]
    return said


METHODS = {
    "t": "Student's t on the differences",
    "Bonett-Price": "Bonett-Price for passes and fails",
    "clustered": "rows of one group taken as dependent",
    "no spread": "all rows differ by the same, so widened for rows not seen",
    "few differ": "few rows differ, so widened for rows not seen",
}


def method_words(method: str) -> str:
    """How an interval was made, from the method's short name ("t, clustered")."""
    return ", ".join(METHODS.get(part, part) for part in method.split(", "))


def _span(found: Mapping[str, Any], unit: str) -> str:
    return interval({"difference": found["value"], "low": found["low"], "high": found["high"]}, unit)


def plan_lines(plan: Mapping[str, Any]) -> list[str]:
    """The plan of an evaluation in sentences, and what so many rows can detect as a table's lines."""
    rates = plan["detectable"]["rates"]
    told = [f"{share}: {_least(least)}" for share, least in rates.items()]
    return [
        *told_plan(plan),
        f"Smallest detectable change of a pass rate, by share of rows that differ: {', '.join(told)}.",
    ]


def _least(value: float | None) -> str:
    return "impossible" if value is None else f"{100 * value:g} points"


def comparison_lines(summary: Mapping[str, Any]) -> str:
    """The tables of an evaluation, metrics, guards and slices, with what their columns mean."""
    parts = [
        table(METRIC_HEAD, metric_rows(summary)),
        f"{summary['rows']} golden rows. Differences point to better (+: tuned is better), with {level_of(summary)} "
        "intervals;\nshares in percentage points. ↑ higher is better, ↓ lower is better. * decides; p is of tuned "
        "against base,\nadjusted after Holm for the metrics that do not decide.",
        *smallest_differences(summary),
    ]
    if guards := guard_rows(summary):
        parts += ["", table(GUARD_HEAD, guards)]
    if parted := slice_rows(summary):
        parts += ["", table(SLICE_HEAD, parted[:MOST_SLICES])]
        if len(parted) > MOST_SLICES:
            parts.append(f"{len(parted) - MOST_SLICES} more slices do better than these or have too few rows.")
    if summary.get("plan_hash"):
        parts += ["", *measured_how(summary)]
    return "\n".join(parts)


def _cell(value: Any) -> str:
    text = plain("" if value is None else str(value))
    return text if len(text) <= WIDEST else text[: WIDEST - 1].rstrip() + "…"


def _is_number(cell: str) -> bool:
    return cell == "" or bool(re.fullmatch(rf"[+\-{MINUS}]?[\d.,]+( ?%)?|{UNKNOWN}", cell))


def _padded(cell: str, wide: int, to_right: bool) -> str:
    gap = " " * (wide - width(cell))
    return gap + cell if to_right else cell + gap
