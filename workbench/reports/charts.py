"""Small charts as SVG text: no script, no font, no address; colours come from the page's style sheet."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from math import ceil, floor, isfinite, log10

from markupsafe import Markup, escape

MOST_POINTS = 600  # of one curve; more cannot be told apart at this width
SMOOTHING = 0.15  # weight of the newest loss in the bold line; the raw losses stay visible behind it
WIDTH = 680
LINE = 30  # pixels a line of a forest plot takes
LABEL = 226  # pixels kept for the labels on the left
FIGURES = 158  # pixels kept for the figures on the right
LETTER = 6.7  # pixels a letter of 12 px text takes on average


def forest(
    rows: Sequence[tuple[str, float | None, float | None, float | None]], title: str, *, points: bool = False
) -> Markup:
    """Differences with their intervals on one axis around zero; right of zero is better.

    rows: (label, value, low, high); a None interval is shown without a bar. points: values are shares, shown times 100.
    """
    scale = 100 if points else 1

    def scaled(value: float | None) -> float | None:
        return None if value is None or not isfinite(value) else value * scale

    ready = [(label, scaled(value), scaled(start), scaled(end)) for label, value, start, end in rows]
    known = [v for _, value, start, end in ready for v in (value, start, end) if v is not None]
    low, high = min([0.0, *known]), max([0.0, *known])
    low, high, step = axis(low, high)
    right = WIDTH - FIGURES

    def x(value: float) -> float:
        return LABEL + (value - low) / (high - low) * (right - LABEL)

    bottom = LINE * len(ready) + 12
    ticks = [low + step * i for i in range(round((high - low) / step) + 1)]
    out = [opened(bottom + 40, title)]
    for tick in ticks:
        kind, place = "zero" if abs(tick) < step / 100 else "grid", f"{x(tick):.1f}"
        out.append(f'<line class="{kind}" x1="{place}" x2="{place}" y1="6" y2="{bottom}"/>')
        out.append(f'<text class="tick" x="{place}" y="{bottom + 15}" text-anchor="middle">{tick_text(tick)}</text>')
    for row, (label, value, start, end) in enumerate(ready):
        out.append(_forest_line(label, value, start, end, LINE * row + 24, x))
    out.append(
        f'<text class="tick" x="{x(0) - 6:.1f}" y="{bottom + 32}" text-anchor="end">worse</text>'
        f'<text class="tick" x="{x(0) + 6:.1f}" y="{bottom + 32}">better</text></svg>'
    )
    return Markup("".join(out))


def _forest_line(
    label: str, value: float | None, start: float | None, end: float | None, y: int, x: Callable[[float], float]
) -> str:
    name = f'<text class="label" x="{LABEL - 12}" y="{y + 4}" text-anchor="end">{escape(cut(label, LABEL - 16))}</text>'
    if value is None:
        return name + f'<text class="tick" x="{LABEL + 6}" y="{y + 4}">not judged</text>'
    kind, said = "unsure", signed(value)
    bar = ""
    if start is not None and end is not None:
        kind = "up" if start > 0 else "down" if end < 0 else "unsure"
        said += f" [{signed(start)}, {signed(end)}]"
        bar = f'<line class="interval" x1="{x(start):.1f}" x2="{x(end):.1f}" y1="{y}" y2="{y}"/>'
    figures = f'<text class="figure" x="{WIDTH - FIGURES + 14}" y="{y + 4}">{said}</text>'
    return f'{name}<g class="{kind}">{bar}{mark(kind, x(value), y)}<title>{escape(label)}: {said}</title></g>{figures}'


def wins_bar(wins: int, ties: int, losses: int, title: str, both_bad: int = 0) -> Markup:
    """Wins, ties, losses (and both bad) as one bar of shares."""
    total = wins + ties + losses + both_bad
    out, at = [opened(46, title)], 0.0
    parts = (("up", "better", wins), ("even", "even", ties), ("bad", "both bad", both_bad), ("down", "worse", losses))
    for kind, name, count in parts:
        if not count:
            continue
        wide = count / total * WIDTH
        text = f"{count} {name}"
        shown = text if len(text) * LETTER + 12 < wide else str(count) if wide > 22 else ""
        out.append(
            f'<g class="part {kind}"><rect x="{at:.1f}" y="2" width="{max(wide - 2, 1):.1f}" height="30" rx="4"/>'
            f'<text x="{at + wide / 2 - 1:.1f}" y="21" text-anchor="middle">{shown}</text>'
            f"<title>{text} of {total}</title></g>"
        )
        at += wide
    return Markup("".join(out) + "</svg>")


def loss_curve(
    training: Sequence[tuple[int, float]],
    validation: Sequence[tuple[int, float]],
    title: str,
    *,
    best: int | None = None,
    last_step: int | None = None,
) -> Markup:
    """Loss by step: raw training losses light, smoothed bold, validation as dots. Losses in nats a token.

    best: the step whose weights were kept; last_step: where the axis ends while training still runs.
    """
    training = [point for point in training if isfinite(point[1])]
    validation = [point for point in validation if isfinite(point[1])]
    both = [*training, *validation]
    if not both:
        return Markup("")
    height, left, bottom = 250, 46, 214
    most = max(last_step or 1, *(step for step, _ in both), 1)
    top_loss = max(loss for _, loss in both)
    step = nice_step(top_loss or 1.0)
    high = max(ceil(top_loss / step) * step, step)

    def at(point: tuple[float, float]) -> str:
        return f"{left + point[0] / most * (WIDTH - left - 14):.1f},{bottom - point[1] / high * (bottom - 12):.1f}"

    out = [opened(height, title)]
    for i in range(round(high / step) + 1):
        y = bottom - i * step / high * (bottom - 12)
        out.append(f'<line class="grid" x1="{left}" x2="{WIDTH - 14}" y1="{y:.1f}" y2="{y:.1f}"/>')
        out.append(f'<text class="tick" x="{left - 7}" y="{y + 4:.1f}" text-anchor="end">{tick_text(i * step)}</text>')
    across = max(1, round(nice_step(most)))
    for tick in range(0, most + 1, across):
        x = left + tick / most * (WIDTH - left - 14)
        out.append(f'<text class="tick" x="{x:.1f}" y="{bottom + 17}" text-anchor="middle">{tick}</text>')
    if best is not None and validation:
        x = left + best / most * (WIDTH - left - 14)
        out.append(f'<line class="best" x1="{x:.1f}" x2="{x:.1f}" y1="12" y2="{bottom}"/>')
    thin = _thinned(training)
    out.append(f'<polyline class="raw" points="{" ".join(map(at, thin))}"/>')
    out.append(f'<polyline class="smooth" points="{" ".join(map(at, _thinned(smoothed(training))))}"/>')
    out.append(f'<polyline class="validation" points="{" ".join(map(at, validation))}"/>')
    for point in validation:
        cx, cy = at(point).split(",")
        out.append(
            f'<circle class="dot" cx="{cx}" cy="{cy}" r="4"><title>step {point[0]}: {point[1]:.3f}</title></circle>'
        )
    out.append(f'<text class="tick" x="{WIDTH - 14}" y="{height - 4}" text-anchor="end">step</text></svg>')
    return Markup("".join(out))


def smoothed(points: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    """An exponential moving average over a curve, started at its first value."""
    kept, out = None, []
    for step, loss in points:
        kept = loss if kept is None else (1 - SMOOTHING) * kept + SMOOTHING * loss
        out.append((step, kept))
    return out


def nice_step(span: float) -> float:
    """A round distance between ticks, 1, 2 or 5 times a power of ten, that divides a span into four to nine parts."""
    rough = span / 6
    power = 10.0 ** floor(log10(rough))
    return power * (1 if rough < 1.5 * power else 2 if rough < 3.5 * power else 5 if rough < 7.5 * power else 10)


def signed(value: float) -> str:
    """A difference with its sign, in three digits at most: "+41", "\u22120.06"."""
    if abs(value) < 1e-9:
        return "0"
    text = f"{value:+.0f}" if abs(value) >= 9.95 else f"{value:+.1f}" if abs(value) >= 1 else f"{value:+.2f}"
    return text.replace("-", "\u2212")


def _thinned(points: Sequence[tuple[int, float]]) -> list[tuple[int, float]]:
    stride = max(1, ceil(len(points) / MOST_POINTS))
    return [*points[::stride], *([points[-1]] if points and (len(points) - 1) % stride else [])]


def opened(height: int, title: str, kind: str = "", *, width: int = WIDTH) -> str:
    """The beginning of a chart. kind: a further class of the style sheet."""
    named = f"chart {kind}" if kind else "chart"
    return f'<svg class="{named}" viewBox="0 0 {width} {height}" role="img"><title>{escape(title)}</title>'


def mark(kind: str, x: float, y: float, size: float = 6) -> str:
    """A triangle up or down, or a ring; the shape tells the verdict too, for those who do not see the colour.

    kind: "up", "down" or "unsure". size: half of a triangle's width, in pixels.
    """
    if kind == "unsure":
        return f'<circle cx="{x:.1f}" cy="{y}" r="{size - 1:g}"/>'
    sign = 1 if kind == "up" else -1
    return f'<path d="M{x - size:.1f} {y + sign * (size - 1):g}h{2 * size:g}l{-size:g} {sign * (1 - 2 * size):g}z"/>'


def axis(low: float, high: float, *, usual: float = 1.0) -> tuple[float, float, float]:
    """(start, end, step) of an axis with round ticks that holds both values. usual: the span where they are equal."""
    step = nice_step((high - low) or usual)
    start, end = floor(low / step) * step, ceil(high / step) * step
    return start, end if end > start else start + step, step


def tick_text(value: float) -> str:
    """A value on an axis, without the dust of floating point."""
    return f"{value:.6g}".replace("-", "\u2212") if abs(value) > 1e-9 else "0"


def cut(text: str, pixels: float) -> str:
    """The beginning of a text that fits so many pixels, with an ellipsis where it was cut."""
    most = int(pixels / LETTER)
    return text if len(text) <= most else text[: most - 1].rstrip() + "…"
