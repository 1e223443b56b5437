"""The results of a study as plain tables and as a chart; shared by the command line, the screen and the report"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import log
from typing import Any

from markupsafe import Markup, escape

from workbench.reports.charts import WIDTH, axis, opened, tick_text
from workbench.reports.tables import UNKNOWN, interval, number, p_value, span

Table = tuple[tuple[str, ...], list[tuple[Any, ...]]]
HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 300, 58, 150, 16, 44
UNITS = ("nll", "bits_per_byte")  # told as a column of their own


def budget_rows(told: Mapping[str, Any]) -> Table:
    """What the runs would take, a line a side."""
    head = ("runs of", "base model", "runs", "rows", "steps a run", "time", "from", "to")
    return head, [
        (one["side"], _short(one["model"]), one["runs"], one["rows"], one["steps"], span(one["seconds"]),
         span(one["low"]), span(one["high"]))
        for one in told["lines"]
    ]  # fmt: skip


def arm_rows(told: Mapping[str, Any]) -> Table:
    """Each run with what it was measured at."""
    head = ("run of", "run", "state", "rows", "steps", "rate", "kept aside", *_loss_head(told))
    return head, [
        (one["name"], one["run"] or UNKNOWN, one["state"], one["size"], one["steps"] or UNKNOWN,
         f"{one['learning_rate']:.2g}" if one["learning_rate"] else UNKNOWN, _three(one["validation"]),
         *_losses(one, told))
        for one in told["arms"]
    ]  # fmt: skip


def bases_rows(told: Mapping[str, Any]) -> Table:
    """The untuned models on the same rows."""
    head = ("untuned", *_loss_head(told))
    return head, [(_short(one["model"]), *_losses(one, told)) for one in told["bases"]]


def trial_rows(told: Mapping[str, Any]) -> Table:
    """The trials of a sweep."""
    head = ("trial", "knobs", "run", "state", "loss on rows kept aside")
    return head, [
        (one["number"], ", ".join(one["settings"]) or "the plan as it stands", one["run"] or UNKNOWN, one["state"],
         _three(one["loss"]))
        for one in told["tried"]
    ]  # fmt: skip


def comparison_rows(told: Mapping[str, Any]) -> Table:
    """The paired comparisons, the deciding one first; p of the others is Holm's."""
    head = ("comparison", "measured by", "before", "after", "improvement [95 %]", "p", "verdict")
    return head, [
        (f"{one['b']} against {one['a']}", one["title"] + (" *" if one.get("decides") else ""),
         number(one["mean_a"], one["unit"]), number(one["mean_b"], one["unit"]), interval(one),
         p_value(one.get("p_holm") if not one.get("decides") else one["p"]), one["verdict"])
        for one in told["comparisons"]
    ]  # fmt: skip


def slice_rows(told: Mapping[str, Any]) -> Table:
    """The slices of a rebase, those that got worse first."""
    head = ("slice", "rows", "better", "same", "worse", "improvement [95 %]", "p (adjusted)")
    unit = next((one["unit"] for one in told["comparisons"]), "")
    return head, [
        (one["tag"], one["n"], one["wins"], one["ties"], one["losses"],
         interval(one, unit) if one["difference"] else "too few", p_value(one["p_adjusted"]))
        for one in told.get("slices") or ()
    ]  # fmt: skip


def head_of(told: Mapping[str, Any]) -> str:
    """How it was measured, in a sentence."""
    seeds = told.get("seeds") or []
    if told["verdict"] == "keep the plan" and not told["arms"]:
        return "Chosen by the loss on the rows kept aside; golden was not read."
    star = "* decides: " if any(one.get("decides") for one in told["comparisons"]) else "decided by "
    runs = "no seed complete" if not seeds else f"seed{'s' * (len(seeds) > 1)} {', '.join(map(str, seeds))}"
    return (
        f"Measured on {told['rows']} golden dev rows; {star}{told['decides']} ({told['reason'].rstrip('.')}); {runs}."
    )


def curve_chart(told: Mapping[str, Any], title: str) -> Markup:
    """The loss over the number of rows: each seed a ring, the fit with its band, and the doubling dashed."""
    curve = told.get("curve")
    if not curve:
        return Markup("")
    sizes, top = curve["sizes"], curve["sizes"][-1]
    told_on = curve["state"] == "fitted"
    values = [loss for one in curve["by_seed"] for loss in one] + [end for _, *ends in curve["band"] for end in ends]
    low, high, step = axis(min(values), max(values), usual=0.1)
    end = 2 * top if told_on else top
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM

    def x(size: float) -> float:
        return LEFT + (log(size / sizes[0]) / log(end / sizes[0])) * (right - LEFT - 16) + 8

    def y(loss: float) -> float:
        return TOP + (high - loss) / (high - low) * (bottom - TOP)

    out = [opened(HEIGHT, title, "study-curve")]
    for at in range(round((high - low) / step) + 1):
        out.append(_grid(low + at * step, y, right))
    out += [_size(size, x(size), bottom) for size in (*sizes, *([end] if told_on else []))]
    out.append(
        f'<text class="tick" x="{(LEFT + right) / 2:.0f}" y="{HEIGHT - 6}" text-anchor="middle">training rows</text>'
    )
    if curve["band"]:
        up = [f"{x(size):.1f},{y(upper):.1f}" for size, _, upper in curve["band"]]
        down = [f"{x(size):.1f},{y(lower):.1f}" for size, lower, _ in reversed(curve["band"])]
        out.append(f'<polygon class="band" points="{" ".join(up + down)}"/>')
    if curve["curve"] and told_on:
        out.append(_line(curve["curve"], sizes[0], top, x, y, "fit"))
        out.append(_line(curve["curve"], top, end, x, y, "fit further"))
    for size, mean, losses in zip(sizes, curve["means"], curve["by_seed"], strict=True):
        for seed, loss in zip(curve["seeds"], losses, strict=True):
            words = f"{size:,.0f} rows, seed {seed}: {loss:.3f}"
            out.append(
                f'<circle class="seed" cx="{x(size):.1f}" cy="{y(loss):.1f}" r="4"><title>{words}</title></circle>'
            )
        out.append(f'<circle class="mean" cx="{x(size):.1f}" cy="{y(mean):.1f}" r="3.4"/>')
    out.append(_legend(right + 14, told_on) + "</svg>")
    return Markup("".join(out))


def _grid(value: float, y: Any, right: int) -> str:
    return (
        f'<line class="grid" x1="{LEFT}" x2="{right}" y1="{y(value):.1f}" y2="{y(value):.1f}"/>'
        f'<text class="tick" x="{LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{tick_text(value)}</text>'
    )


def _size(size: float, place: float, bottom: int) -> str:
    return f'<text class="tick" x="{place:.1f}" y="{bottom + 18}" text-anchor="middle">{size:,.0f}</text>'


def _line(curve: Mapping[str, float], start: float, end: float, x: Any, y: Any, kind: str) -> str:
    places = [start * (end / start) ** (step / 24) for step in range(25)]
    points = [
        f"{x(size):.1f},{y(curve['scale'] * (size / curve['largest']) ** -curve['beta'] + curve['floor']):.1f}"
        for size in places
    ]
    return f'<polyline class="{escape(kind)}" points="{" ".join(points)}"/>'


def _legend(left: float, fitted: bool) -> str:
    said = [("seed", "one seed"), ("mean", "their mean")]
    parts = [
        f'<circle class="{kind}" cx="{left + 8}" cy="{30 + 20 * at}" r="4"/>'
        f'<text class="tick" x="{left + 24}" y="{34 + 20 * at}">{words}</text>'
        for at, (kind, words) in enumerate(said)
    ]
    if fitted:
        parts += [
            f'<line class="{kind}" x1="{left}" x2="{left + 18}" y1="{70 + 20 * at}" y2="{70 + 20 * at}"/>'
            f'<text class="tick" x="{left + 24}" y="{74 + 20 * at}">{words}</text>'
            for at, (kind, words) in enumerate((("fit", "fitted"), ("fit further", "doubled")))
        ]
        parts.append(f'<rect class="band" x="{left}" y="103" width="18" height="12"/>'
                     f'<text class="tick" x="{left + 24}" y="114">95 % interval</text>')  # fmt: skip
    return "".join(parts)


def _loss_head(told: Mapping[str, Any]) -> tuple[str, ...]:
    """The heads of `_losses`."""
    first = "golden, bits per byte" if _several_models(told) else "golden loss"
    decides = str(told["decides"])
    return (first,) if decides in UNITS else (first, decides.replace("_", " "))


def _losses(one: Mapping[str, Any], told: Mapping[str, Any]) -> tuple[str, ...]:
    """The loss on golden, per byte where the tokenizers may differ, and the deciding measure where it is another."""
    first = _three(one["bits"] if _several_models(told) else one["loss"])
    decides = str(told["decides"])
    return (first,) if decides in UNITS else (first, number(one["deciding"], "share"))


def _several_models(told: Mapping[str, Any]) -> bool:
    return len({one["model"] for one in told["arms"]}) > 1


def _three(value: float | None) -> str:
    return UNKNOWN if value is None else f"{value:.3f}"


def _short(model: Any) -> str:
    return str(model).rstrip("/").rpartition("/")[2] or str(model)


def states(arms: Sequence[Mapping[str, Any]]) -> str:
    """How far the runs of a study are, counted: "3 measured, 1 training, 2 not begun"."""
    counts: dict[str, int] = {}
    for one in arms:
        counts[one["state"]] = counts.get(one["state"], 0) + 1
    return ", ".join(f"{count} {state}" for state, count in counts.items())
