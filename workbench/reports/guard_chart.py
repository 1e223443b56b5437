"""Guards as one small forest: every difference in units of its own margin, so that all share one axis"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from workbench.reports.charts import FIGURES, LABEL, LINE, WIDTH, cut, mark, opened

FARTHEST = 3.0  # margins to either side; what lies beyond is drawn to the edge with an arrow
MARKS = {"no worse": "up", "worse": "down", "can't tell": "unsure"}


def guard_chart(guards: Sequence[Mapping[str, Any]]) -> Markup:
    """Each guard with its interval between the margin on the left (-1), no change (0) and better on the right.

    guards: as `conclude` wrote them. A guard of which there is no interval is a line with words. The mark says the
    verdict by its shape as well as by its colour: a triangle up is no worse, down is worse, a ring cannot be told.
    """
    if not guards:
        return Markup("")
    bottom = LINE * len(guards) + 12
    out = [
        opened(
            bottom + 40, "What must not be lost: differences in units of their margins, with their intervals", "guards"
        )
    ]
    for tick in (-3, -2, -1, 0, 1, 2, 3):
        kind = "zero" if tick == 0 else "zero margin" if tick == -1 else "grid"
        dashes = ' stroke-dasharray="5 4"' if tick == -1 else ""
        out.append(f'<line class="{kind}" x1="{_x(tick):.1f}" x2="{_x(tick):.1f}" y1="6" y2="{bottom}"{dashes}/>')
    for words, tick, side in (("margin", -1, "end"), ("no change", 0, "start")):  # apart: a margin is 49 pixels wide
        place = f'x="{_x(tick) + (14 if side == "end" else -14):.1f}" y="{bottom + 15}"'
        out.append(f'<text class="tick" {place} text-anchor="{side}">{words}</text>')
    out.append(
        f'<text class="tick" x="{LABEL}" y="{bottom + 32}">worse than allowed</text>'
        f'<text class="tick" x="{WIDTH - FIGURES}" y="{bottom + 32}" text-anchor="end">better</text>'
    )
    out += [_line(one, LINE * row + 24) for row, one in enumerate(guards)]
    return Markup("".join(out) + "</svg>")


def _line(one: Mapping[str, Any], y: int) -> str:
    title = cut(one["title"], LABEL - 16)
    kind = MARKS[one["verdict"]]
    said = f'<text class="figure" x="{WIDTH - FIGURES + 14}" y="{y + 4}">{escape(one["verdict"])}</text>'
    name = f'<text class="label" x="{LABEL - 12}" y="{y + 4}" text-anchor="end">{escape(title)}</text>'
    value, low, high = one["difference"], one["low"], one["high"]
    if value is None or low is None or high is None or not one["margin"]:
        words = "not judged" if value is None else "no interval" if one["margin"] else "no margin"
        return f'{name}<text class="tick" x="{_x(-1) + 6:.1f}" y="{y + 4}">{words}</text>{said}'
    at, start, end = (_x(number / one["margin"]) for number in (value, low, high))
    arrows = "".join(
        f'<path d="M{_x(sign * FARTHEST):.1f} {y}l{-7 * sign} -4v8z"/>'
        for sign, edge in ((-1, low), (1, high))
        if abs(edge / one["margin"]) > FARTHEST and edge * sign > 0
    )
    beyond = abs(value / one["margin"]) > FARTHEST  # the arrow says it
    shape = "" if beyond else mark(kind, at, y)
    bar = f'<line class="interval" x1="{start:.1f}" x2="{end:.1f}" y1="{y}" y2="{y}"/>'
    return (
        f'{name}<g class="{kind}">{bar}{arrows}{shape}<title>{escape(title)}: {escape(one["words"])}</title></g>{said}'
    )


def _x(margins: float) -> float:
    """Where a difference of so many margins stands, in pixels."""
    right = WIDTH - FIGURES
    return LABEL + (min(max(margins, -FARTHEST), FARTHEST) + FARTHEST) / (2 * FARTHEST) * (right - LABEL)
