"""Pictures of what probes found: what each strength of an adapter forgets against what it brings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from workbench.reports.charts import WIDTH, axis, forest, opened, tick_text

HEIGHT, LEFT, BOTTOM, TOP = 276, 62, 232, 34
USUAL = 0.1  # nats an axis spans where all values are equal


def tiers_forest(areas: Sequence[Mapping[str, Any]]) -> Markup:
    """The change of log P (right answer among the choices) of all questions and each tier, in nats, with intervals."""
    rows = [
        (
            f"{one['area']} ({one['n']})",
            one["log_p"]["difference"],
            one["log_p"]["low"],
            one["log_p"]["high"],
        )
        for one in areas
    ]
    return forest(rows, "Change of log P of right answers, nats: tuned against base")


def trade(ways: Sequence[Mapping[str, Any]]) -> Markup:
    """Each way of running the model: its loss on held-out training rows across, its change of log P upwards.

    Left and up is better. Scales of one adapter are joined by a line, from the base model (scale 0) on; checkpoints
    stand alone. Empty where no held-out loss was measured.
    """
    known = [one for one in ways if one["held_out"] is not None]
    if len(known) < 3:
        return Markup("")
    across = [one["held_out"] for one in known]
    up = [one["log_p"]["difference"] for one in known]
    x_low, x_high, x_step = axis(min(across), max(across), usual=USUAL)
    y_low, y_high, y_step = axis(min([0.0, *up]), max([0.0, *up]), usual=USUAL)

    def x(value: float) -> float:
        return LEFT + (value - x_low) / (x_high - x_low) * (WIDTH - LEFT - 90)

    def y(value: float) -> float:
        return BOTTOM - (value - y_low) / (y_high - y_low) * (BOTTOM - TOP)

    title = "What each adapter forgets against what it brings"
    out = [opened(HEIGHT, title)]
    for i in range(round((y_high - y_low) / y_step) + 1):
        at = y_low + i * y_step
        kind = "zero" if abs(at) < y_step / 100 else "grid"
        out.append(f'<line class="{kind}" x1="{LEFT}" x2="{WIDTH - 90}" y1="{y(at):.1f}" y2="{y(at):.1f}"/>')
        out.append(f'<text class="tick" x="{LEFT - 7}" y="{y(at) + 4:.1f}" text-anchor="end">{tick_text(at)}</text>')
    for i in range(round((x_high - x_low) / x_step) + 1):
        at = x_low + i * x_step
        out.append(f'<text class="tick" x="{x(at):.1f}" y="{BOTTOM + 17}" text-anchor="middle">{at:.6g}</text>')
    line = sorted((one for one in known if not one["checkpoint"]), key=lambda one: one["scale"])
    points = " ".join(f"{x(one['held_out']):.1f},{y(one['log_p']['difference']):.1f}" for one in line)
    out.append(f'<g class="line-2"><polyline points="{points}"/></g>')
    for one, place in zip(
        known, _labels([(x(o["held_out"]), y(o["log_p"]["difference"])) for o in known]), strict=True
    ):
        at_x, at_y = x(one["held_out"]), y(one["log_p"]["difference"])
        kind = "down" if one["verdict"] == "forgot" else "unsure"
        mark = (
            f'<rect x="{at_x - 5:.1f}" y="{at_y - 5:.1f}" width="10" height="10"/>'
            if one["checkpoint"]
            else f'<circle cx="{at_x:.1f}" cy="{at_y:.1f}" r="5"/>'
        )
        told = f"{one['name']}: held-out loss {one['held_out']:.2f}, log P {one['log_p']['difference']:+.2f} nats"
        out.append(f'<g class="{kind}">{mark}<title>{escape(told)}</title></g>')
        out.append(f'<text class="label" x="{at_x + 6:.1f}" y="{place:.1f}">{escape(one["name"])}</text>')
    out.append(
        f'<text class="tick" x="{(LEFT + WIDTH - 90) / 2:.0f}" y="{BOTTOM + 38}" text-anchor="middle">'
        "loss on held-out training rows, nats a token (further left: learned more)</text>"
        f'<text class="tick" x="{LEFT - 50}" y="16">up: right answers of the probes likelier, nats</text>'
        "</svg>"
    )
    return Markup("".join(out))


def _labels(points: Sequence[tuple[float, float]]) -> list[float]:
    """Where the label of each point stands: beside it, moved down where another label would be covered."""
    placed: list[tuple[float, float]] = []
    for at_x, at_y in points:
        wanted = at_y - 8
        while any(abs(at_x - other_x) < 76 and abs(wanted - other_y) < 14 for other_x, other_y in placed):
            wanted += 14
        placed.append((at_x, wanted))
    return [label for _, label in placed]
