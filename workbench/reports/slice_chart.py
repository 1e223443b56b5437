"""Slices as one forest: worst first, those with too few rows in grey with their counts only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import ceil, floor
from typing import Any

from markupsafe import Markup, escape

from evaluators.verdict import MINUS, in_percent, signed
from workbench.reports.charts import LETTER, LINE, WIDTH, nice_step
from workbench.reports.tables import estimate_of, marked

MOST_LINES = 40  # the worst; more would not be read, and all stand in the JSON twin
LABEL, FIGURES = 276, 118  # pixels kept for names on the left and figures on the right
TIGHT = 20  # pixels a grey line takes
MARKS = {"better": "up", "worse": "down", "": "unsure"}


def slices_of(summary: Mapping[str, Any], rival: str = "base") -> list[Mapping[str, Any]]:
    """The slices of tuned against an arm: those with an interval worst first, then those with too few rows."""
    found = [one for one in summary.get("slices", ()) if (one.get("a"), one.get("b")) == (rival, "tuned") and one["n"]]
    return sorted(found, key=lambda one: (bool(one["small"]), estimate_of(one)[0] or 0.0, one["tag"]))


def slice_chart(slices: Sequence[Mapping[str, Any]], unit: str) -> Markup:
    """A line a slice with its rows; a triangle where it stands after Benjamini-Hochberg, a ring where it does not."""
    shown = slices[:MOST_LINES]
    if not shown:
        return Markup("")
    scale = 100 if in_percent(unit) else 1
    ready = [[None if v is None else v * scale for v in estimate_of(one)] for one in shown]
    known = [v for one, row in zip(shown, ready, strict=True) if not one["small"] for v in row if v is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    step = nice_step(high - low or 1.0)
    low, high = floor(low / step) * step, ceil(high / step) * step
    high = high if high > low else low + step
    right = WIDTH - FIGURES
    drawn = [one for one in shown if not one["small"]]
    bottom = LINE * len(drawn) + 12
    height = bottom + (44 if drawn else 0) + TIGHT * (len(shown) - len(drawn)) + 8

    def x(value: float) -> float:
        return LABEL + (value - low) / (high - low) * (right - LABEL)

    out = [
        f'<svg class="chart" viewBox="0 0 {WIDTH} {height}" role="img">'
        "<title>Slices: tuned against base by the deciding metric</title>"
    ]
    for i in range(round((high - low) / step) + 1 if drawn else 0):
        at = low + step * i
        kind = "zero" if abs(at) < step / 100 else "grid"
        out.append(f'<line class="{kind}" x1="{x(at):.1f}" x2="{x(at):.1f}" y1="6" y2="{bottom}"/>')
        text = f"{at:.6g}".replace("-", MINUS) if abs(at) > 1e-9 else "0"
        out.append(f'<text class="tick" x="{x(at):.1f}" y="{bottom + 15}" text-anchor="middle">{text}</text>')
    if drawn:
        out.append(
            f'<text class="tick" x="{x(0) - 6:.1f}" y="{bottom + 32}" text-anchor="end">worse</text>'
            f'<text class="tick" x="{x(0) + 6:.1f}" y="{bottom + 32}">better</text>'
        )
    for place, (one, (value, start, end)) in enumerate(zip(shown, ready, strict=True)):
        y = LINE * place + 24
        if one["small"]:
            y = height - TIGHT * (len(shown) - place) + 4
        out.append(_line(one, value, start, end, unit, y, x))
    return Markup("".join(out) + "</svg>")


def _line(
    one: Mapping[str, Any], value: float | None, start: float | None, end: float | None, unit: str, y: int, x: Any
) -> str:
    most = int((LABEL - 40) / LETTER)
    tag = one["tag"] if len(one["tag"]) <= most else one["tag"][: most - 1].rstrip() + "…"
    grey = ' class="small"' if one["small"] else ""
    name = f'<text class="label" x="{LABEL - 12}" y="{y + 4}" text-anchor="end">{escape(tag)} ({one["n"]})</text>'
    counts = f"{one['wins']} better, {one['ties']} even, {one['losses']} worse"
    if one["small"] or value is None:
        return f'<g{grey}>{name}<text class="tick" x="{LABEL + 6}" y="{y + 4}">too few rows: {counts}</text></g>'
    mark = marked(one)
    said = signed(estimate_of(one)[0], unit) + (f", {mark}" if mark else "")
    kind = MARKS[mark]
    bar = ""
    if start is not None and end is not None:
        bar = f'<line class="interval" x1="{x(start):.1f}" x2="{x(end):.1f}" y1="{y}" y2="{y}"/>'
    shape = {
        "up": f'<path d="M{x(value) - 6:.1f} {y + 5}h12l-6 -11z"/>',
        "down": f'<path d="M{x(value) - 6:.1f} {y - 5}h12l-6 11z"/>',
        "unsure": f'<circle cx="{x(value):.1f}" cy="{y}" r="5"/>',
    }[kind]
    title = f"<title>{escape(one['tag'])}: {counts}</title>"
    figure = f'<text class="figure" x="{WIDTH - FIGURES + 14}" y="{y + 4}">{escape(said)}</text>'
    return f'{name}<g class="{kind}">{bar}{shape}{title}</g>{figure}'
