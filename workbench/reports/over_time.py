"""Evaluations of a dataset over time: one chart a golden version and part, so that only like is joined with like."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from math import ceil, floor
from typing import Any

from markupsafe import Markup, escape

from evaluators.verdict import MINUS, in_percent
from workbench.records import Evaluation
from workbench.reports import tables
from workbench.reports.charts import WIDTH, nice_step

ARMS = ("base", "prompted", "tuned")
HEIGHT, LEFT, TOP, BOTTOM, RIGHT = 270, 52, 14, 214, 104
MARK = 4.5  # half a mark's width in pixels
APART = 14.0  # pixels between two names


@dataclass(frozen=True)
class Point:
    """One evaluation. means: arm -> deciding metric; difference, low, high: tuned against base, + is better.

    look: number of the look at sealed rows, None for dev; standing: the Ladder's best that may be told after it.
    """

    evaluation: int
    run: int
    version: str
    when: str
    means: Mapping[str, float | None]
    difference: float | None
    low: float | None
    high: float | None
    n: int
    against_base: str
    against_prompted: str
    look: int | None
    standing: float | None


@dataclass(frozen=True)
class Series:
    """Evaluations that may be joined: the same golden version, part and deciding metric, oldest first."""

    golden: str
    golden_digest: str
    part: str
    scorer: str
    title: str
    unit: str
    higher_is_better: bool
    points: tuple[Point, ...]


@dataclass(frozen=True)
class OverTime:
    """Every finished evaluation of a dataset, newest golden version first, dev before sealed."""

    dataset: str
    series: tuple[Series, ...]


def series_of(dataset: str, found: Sequence[tuple[Evaluation, str]]) -> OverTime:
    """found: (finished evaluation, label of the version its run was trained on) in any order."""
    kept: dict[tuple[str, str, str, str, str, str, bool], list[Point]] = {}
    for one, version in sorted(found, key=lambda pair: pair[0].id):
        summary = one.summary or {}
        primary = summary["primary"]
        key = (
            summary["golden"]["label"], summary["golden"]["digest"], summary.get("part", "dev"), primary["scorer"],
            primary.get("title") or primary["scorer"], primary.get("unit", ""), primary.get("higher_is_better", True),
        )  # fmt: skip
        kept.setdefault(key, []).append(_point(one, version))
    order = sorted(kept, key=lambda key: (-max(point.evaluation for point in kept[key]), key[2]))
    goldens = list(dict.fromkeys(key[1] for key in order))
    order.sort(key=lambda key: (goldens.index(key[1]), key[2]))
    return OverTime(dataset, tuple(Series(*key, tuple(kept[key])) for key in order))


def _point(one: Evaluation, version: str) -> Point:
    summary = one.summary or {}
    name = summary["primary"]["scorer"]
    line = tables.between(summary, "base", "tuned")[name]
    look = summary.get("look") or {}
    return Point(
        one.id, one.run_id, version, one.when, {arm: summary["means"].get(arm, {}).get(name) for arm in ARMS},
        *tables.estimate_of(line), line["n"], summary["verdict"]["against_base"],
        summary["verdict"]["against_prompted"], look.get("number"), look.get("ladder", {}).get("published"),
    )  # fmt: skip


def chart(one: Series) -> Markup:
    """The arms' means by evaluation; tuned with the interval of its difference to base, sealed with the standing best.

    Lines join evaluations of this golden version and part only.
    """
    scale = 100 if in_percent(one.unit) else 1
    sign = 1 if one.higher_is_better else -1
    spans = [_span(point, sign, in_percent(one.unit)) for point in one.points]
    known = [v * scale for point in one.points for v in (*point.means.values(), point.standing) if v is not None]
    known += [v * scale for span in spans for v in span or ()]
    if not known:
        return Markup("")
    step = nice_step((max(known) - min(known)) or 1.0)
    low, high = floor(min(known) / step) * step, ceil(max(known) / step) * step
    high = high if high > low else low + step

    def x(place: int) -> float:
        return LEFT + 30 + (place + 0.5) / len(one.points) * (WIDTH - LEFT - RIGHT - 30)

    def y(value: float) -> float:
        return BOTTOM - (value * scale - low) / (high - low) * (BOTTOM - TOP)

    title = f"{one.title} on {one.golden}, {one.part}"
    out = [f'<svg class="chart" viewBox="0 0 {WIDTH} {HEIGHT}" role="img"><title>{escape(title)}</title>']
    for i in range(round((high - low) / step) + 1):
        at = low + i * step
        text = (f"{at:.6g}" if abs(at) > 1e-9 else "0").replace("-", MINUS)
        out.append(
            f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y(at / scale):.1f}" y2="{y(at / scale):.1f}"/>'
            f'<text class="tick" x="{LEFT - 7}" y="{y(at / scale) + 4:.1f}" text-anchor="end">{text}</text>'
        )
    for place, point in enumerate(one.points):
        named = f"look {point.look}" if point.look else f"evaluation {point.evaluation}"
        out.append(
            f'<text class="tick" x="{x(place):.1f}" y="{BOTTOM + 18}" text-anchor="middle">{named}</text>'
            f'<text class="tick" x="{x(place):.1f}" y="{BOTTOM + 33}" text-anchor="middle">run {point.run}</text>'
        )
    out += _standing(one.points, x, y)
    labels = _labels(one, y)
    for arm in ARMS:
        if arm in labels:
            out += _line_of(arm, one, spans, labels[arm], x, y)
    return Markup("".join(out) + "</svg>")


def _span(point: Point, sign: int, share: bool) -> tuple[float, float] | None:
    """Where tuned lies by the interval of its difference to base, in the metric's own direction; shares stay 0 to 1."""
    base = point.means.get("base")
    if base is None or point.low is None or point.high is None:
        return None
    ends = sorted((base + sign * point.low, base + sign * point.high))
    return (max(0.0, ends[0]), min(1.0, ends[1])) if share else (ends[0], ends[1])


def _line_of(
    arm: str, one: Series, spans: Sequence[tuple[float, float] | None], label: float, x: Any, y: Any
) -> list[str]:
    known = [(place, value) for place, point in enumerate(one.points) if (value := point.means.get(arm)) is not None]
    joined = " ".join(f"{x(place):.1f},{y(value):.1f}" for place, value in known)
    out = [f'<g class="arm {arm}"><polyline points="{joined}"/>']
    for place, value in known:
        at_x, at_y = x(place), y(value)
        span = spans[place] if arm == "tuned" else None
        if span:
            out.append(
                f'<line class="interval" x1="{at_x:.1f}" x2="{at_x:.1f}" y1="{y(span[0]):.1f}" y2="{y(span[1]):.1f}"/>'
            )
        out.append(_mark(arm, at_x, at_y, f"{tables.arm_name(arm)}: {tables.number(value, one.unit)}"))
    return [*out, f'<text x="{WIDTH - RIGHT + 8}" y="{label:.1f}">{escape(tables.arm_name(arm))}</text></g>']


def _labels(one: Series, y: Any) -> dict[str, float]:
    """Where each arm's name stands at the end of its line, pushed down where another would be covered."""
    ends = {
        arm: y(values[-1]) + 4
        for arm in ARMS
        if (values := [v for point in one.points if (v := point.means.get(arm)) is not None])
    }
    placed: dict[str, float] = {}
    for arm in sorted(ends, key=lambda arm: (ends[arm], arm)):
        placed[arm] = max(ends[arm], max(placed.values(), default=-BOTTOM) + APART)
    return placed


def _mark(arm: str, x: float, y: float, said: str) -> str:
    shapes = {  # the shape tells the arms apart where the colour does not
        "base": f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{MARK}"/>',
        "prompted": f'<rect x="{x - MARK:.1f}" y="{y - MARK:.1f}" width="{2 * MARK}" height="{2 * MARK}"/>',
        "tuned": f'<path d="M{x - 6:.1f} {y + 5:.1f}h12l-6 -11z"/>',
    }
    return f"<g>{shapes[arm]}<title>{escape(said)}</title></g>"


def _standing(points: Sequence[Point], x: Any, y: Any) -> list[str]:
    """The Ladder's best after each look, as steps."""
    known = [(place, point.standing) for place, point in enumerate(points) if point.standing is not None]
    if not known:
        return []
    path = f"M{x(known[0][0]) - 24:.1f} {y(known[0][1]):.1f}"
    path += "".join(f"V{y(value):.1f}H{x(place) + 24:.1f}" for place, value in known)
    return [f'<path class="standing" d="{path}"><title>the best that may be told after each look</title></path>']


def as_json(found: OverTime, stamp: str) -> str:
    """The same facts as data."""
    return json.dumps({"written": stamp, **asdict(found)}, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def as_html(found: OverTime, stamp: str, who: str, edition: str) -> str:
    """One page of charts and tables that needs nothing else."""
    from workbench.reports.rendering import page

    return page(
        "over_time.html", found=found, stamp=stamp, who=who, edition=edition, chart=chart, number=tables.number,
        interval=tables.interval, hide=tables.UNKNOWN,
    )  # fmt: skip
