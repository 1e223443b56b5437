"""Pictures of a dataset as SVG text: lengths, topics, balance before and after, cluster sizes, quality over versions.

As in `charts`: no script, no font, no address; what a colour says, a shape or a word says too; every mark has a title.
"""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, isfinite

from markupsafe import Markup, escape

from workbench.reports.charts import WIDTH, cut, nice_step, opened, tick_text

BARS = 30  # of a histogram at most
LAST = 0.99  # a histogram's axis ends where all but the longest hundredth lies; those go into one last bar
LABEL = 190  # pixels for the labels left of horizontal bars
SHAPES = ("circle", "square", "triangle")


def histogram(values: Sequence[float], title: str, unit: str) -> Markup:
    """How often which size occurs; the longest hundredth stands together in a last bar."""
    known = sorted(value for value in values if isfinite(value))
    if not known:
        return Markup("")
    edge = known[min(len(known) - 1, int(LAST * len(known)))]
    step = max(nice_step(max(edge, 1) / BARS * 6), 1.0)  # nice_step makes some six parts of a span
    bins = max(1, ceil((edge + 1e-9) / step))
    counts = [0] * (bins + 1)
    for value in known:
        counts[min(int(value // step), bins)] += 1
    labels = [f"{tick_text(at * step)} to {tick_text((at + 1) * step)} {unit}" for at in range(bins)]
    labels.append(f"{tick_text(bins * step)} {unit} and more")
    if not counts[-1]:
        counts, labels = counts[:-1], labels[:-1]
    ticks = {at: tick_text(at * step) for at in range(0, len(counts) + 1, max(1, 5 * round(len(counts) / 30)))}
    return columns(list(zip(labels, counts, strict=True)), title, ticks=ticks, foot=unit)


def columns(
    parts: Sequence[tuple[str, int]], title: str, *, ticks: dict[int, str] | None = None, foot: str = ""
) -> Markup:
    """Upright bars, a label and a count each. ticks: bar -> words below its left edge; by default every label."""
    if not parts:
        return Markup("")
    height, bottom, left = 190, 148, 46
    most = max(count for _, count in parts) or 1
    wide = (WIDTH - left - 8) / len(parts)
    out = [opened(height, title)]
    step = max(1.0, nice_step(most))
    for tick in range(int(most / step) + 1):
        y = bottom - tick * step / most * (bottom - 14)
        out.append(f'<line class="grid" x1="{left}" x2="{WIDTH - 8}" y1="{y:.1f}" y2="{y:.1f}"/>')
        out.append(
            f'<text class="tick" x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{_grouped(tick * step)}</text>'
        )
    for at, (label, count) in enumerate(parts):
        tall = count / most * (bottom - 14)
        out.append(
            f'<rect class="bar" x="{left + at * wide + 1:.1f}" y="{bottom - tall:.1f}" width="{max(wide - 2, 1):.1f}" '
            f'height="{tall:.1f}"><title>{escape(label)}: {_grouped(count)}</title></rect>'
        )
    for at, words in (ticks or {at: label for at, (label, _) in enumerate(parts)}).items():
        x = left + at * wide + (0 if ticks else wide / 2)
        shown = escape(cut(words, wide * (1 if not ticks else 6)))
        out.append(f'<text class="tick" x="{x:.1f}" y="{bottom + 16}" text-anchor="middle">{shown}</text>')
    if foot:
        out.append(f'<text class="tick" x="{WIDTH - 8}" y="{height - 4}" text-anchor="end">{escape(foot)}</text>')
    return Markup("".join(out) + "</svg>")


def before_and_after(
    parts: Sequence[tuple[str, float, float]], title: str, names: tuple[str, str] = ("before", "after")
) -> Markup:
    """Two shares a line, before as an outline and after as a filled bar. parts: (label, before, after), 0 to 1."""
    if not parts:
        return Markup("")
    most = max(max(old, new) for _, old, new in parts) or 1.0
    room = WIDTH - LABEL - 120
    out = [opened(34 * len(parts) + 30, title)]
    for row, (label, old, new) in enumerate(parts):
        y = 34 * row + 6
        told = f"{label}: {_percent(old)} {names[0]}, {_percent(new)} {names[1]}"
        out.append(
            f'<text class="label" x="{LABEL - 10}" y="{y + 17}" text-anchor="end">'
            f"{escape(cut(label, LABEL - 14))}</text><g><title>{escape(told)}</title>"
            f'<rect class="was" x="{LABEL}" y="{y}" width="{max(old / most * room, 1):.1f}" height="11"/>'
            f'<rect class="bar" x="{LABEL}" y="{y + 13}" width="{max(new / most * room, 1):.1f}" height="11"/></g>'
            f'<text class="figure" x="{WIDTH - 112}" y="{y + 17}">{_percent(old)} → {_percent(new)}</text>'
        )
    y = 34 * len(parts) + 20
    out.append(
        f'<rect class="was" x="{LABEL}" y="{y - 9}" width="22" height="9"/>'
        f'<text class="tick" x="{LABEL + 28}" y="{y}">{escape(names[0])}</text>'
        f'<rect class="bar" x="{LABEL + 130}" y="{y - 9}" width="22" height="9"/>'
        f'<text class="tick" x="{LABEL + 158}" y="{y}">{escape(names[1])}</text></svg>'
    )
    return Markup("".join(out))


def area_map(parts: Sequence[tuple[str, int]], title: str, height: int = 300) -> Markup:
    """Areas as large as their counts, the largest first, each with its name and count.

    Source of the layout: Bruls, Huizing & van Wijk 2000, "Squarified Treemaps".
    """
    ready = sorted(((label, count) for label, count in parts if count > 0), key=lambda part: -part[1])
    if not ready:
        return Markup("")
    total = sum(count for _, count in ready)
    boxes = _squarified([count / total * WIDTH * height for _, count in ready], 0.0, 0.0, float(WIDTH), float(height))
    out = [opened(height, title)]
    for at, ((label, count), (x, y, wide, tall)) in enumerate(zip(ready, boxes, strict=True)):
        told = f"{_percent(count / total)} · {_grouped(count)}"
        out.append(
            f'<g class="area tint-{at % 4}"><title>{escape(label)}: {told}</title>'
            f'<rect x="{x + 1:.1f}" y="{y + 1:.1f}" width="{max(wide - 2, 0.5):.1f}" '
            f'height="{max(tall - 2, 0.5):.1f}"/>'
        )
        if wide > 60 and tall > 22:
            out.append(f'<text x="{x + 8:.1f}" y="{y + 18:.1f}">{escape(cut(label, wide - 14))}</text>')
            if tall > 40:
                out.append(f'<text class="tick" x="{x + 8:.1f}" y="{y + 34:.1f}">{cut(told, wide - 14)}</text>')
        out.append("</g>")
    return Markup("".join(out) + "</svg>")


def _squarified(
    areas: Sequence[float], x: float, y: float, wide: float, tall: float
) -> list[tuple[float, float, float, float]]:
    """Rectangles (x, y, width, height) of these areas, as square as they can be, that fill the given one."""
    boxes: list[tuple[float, float, float, float]] = []
    left = list(areas)
    while left:
        side = min(wide, tall)
        taken = 1
        while taken < len(left) and _worst(left[: taken + 1], side) <= _worst(left[:taken], side):
            taken += 1
        row, left = left[:taken], left[taken:]
        thick = sum(row) / side if side else 0.0
        at = 0.0
        for area in row:
            long = area / thick if thick else 0.0
            boxes.append((x, y + at, thick, long) if wide >= tall else (x + at, y, long, thick))
            at += long
        if wide >= tall:
            x, wide = x + thick, wide - thick
        else:
            y, tall = y + thick, tall - thick
    return boxes


def _worst(row: Sequence[float], side: float) -> float:
    """The worst ratio of long to short side in a row of areas laid along a side."""
    total = sum(row)
    return max(side * side * max(row) / (total * total), total * total / (side * side * min(row)))


def trend(lines: Sequence[tuple[str, Sequence[tuple[str, float]]]], title: str, unit: str) -> Markup:
    """Some numbers from version to version, a line each, with a mark of its own shape at every version.

    lines: (name, [(label of the version, value), ...]), all over the same versions.
    """
    values = [value for _, points in lines for _, value in points]
    if not values:
        return Markup("")
    height, bottom, left, right = 220, 172, 46, 130
    step = nice_step(max(values) or 1.0)
    high = max(ceil(max(values) / step) * step, step)
    labels = [label for label, _ in lines[0][1]]
    apart = (WIDTH - left - right) / max(1, len(labels) - 1)
    out = [opened(height, title)]
    for tick in range(round(high / step) + 1):
        y = bottom - tick * step / high * (bottom - 14)
        out.append(f'<line class="grid" x1="{left}" x2="{WIDTH - right}" y1="{y:.1f}" y2="{y:.1f}"/>')
        out.append(
            f'<text class="tick" x="{left - 6}" y="{y + 4:.1f}" text-anchor="end">{tick_text(tick * step)}</text>'
        )
    every = max(1, ceil(len(labels) / 12))
    for at, label in enumerate(labels):
        if at % every == 0 or at == len(labels) - 1:
            x = left + at * apart
            out.append(f'<text class="tick" x="{x:.1f}" y="{bottom + 17}" text-anchor="middle">{escape(label)}</text>')
    lowest = float("inf")
    for number, (name, points) in sorted(enumerate(lines), key=lambda line: line[1][1][-1][1]):
        spots = [(left + at * apart, bottom - value / high * (bottom - 14)) for at, (_, value) in enumerate(points)]
        path = " ".join(f"{x:.1f},{y:.1f}" for x, y in spots)
        out.append(f'<g class="line-{number % 3}"><polyline points="{path}"/>')
        for (x, y), (label, value) in zip(spots, points, strict=True):
            told = f"{name}, {label}: {value:.3g} {unit}"
            out.append(f"{_mark(SHAPES[number % 3], x, y)}<title>{escape(told)}</title></g>")
        lowest = min(spots[-1][1], lowest - 15)  # names at the ends must not lie over each other
        out.append(f'<text x="{spots[-1][0] + 10:.1f}" y="{lowest + 4:.1f}">{escape(name)}</text></g>')
    out.append(f'<text class="tick" x="{left}" y="{height - 4}">{escape(unit)}</text></svg>')
    return Markup("".join(out))


def _mark(shape: str, x: float, y: float) -> str:
    """The opening of a group with a mark in it; the caller adds a title and closes it."""
    drawn = {
        "circle": f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4.5"/>',
        "square": f'<rect x="{x - 4:.1f}" y="{y - 4:.1f}" width="8" height="8"/>',
        "triangle": f'<path d="M{x - 5:.1f} {y + 4:.1f}h10l-5 -9z"/>',
    }[shape]
    return f'<g class="mark">{drawn}'


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.1 or share == 0 else f"{100 * share:.1f} %"


def _grouped(number: float) -> str:
    return f"{number:,.0f}"
