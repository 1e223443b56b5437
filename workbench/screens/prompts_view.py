"""How the prompt ladder looks: the answer first, the rungs as a chart with their cost, the search, saved prompts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup, escape

from evaluators.sample import catalogue
from evaluators.verdict import in_percent, signed
from workbench.records import Golden, Prompt
from workbench.reports.charts import mark, nice_step, opened
from workbench.reports.tables import UNKNOWN, number, p_value
from workbench.screens.differences import marked
from workbench.screens.escape import badge, esc, note, short, table

WIDTH, LABEL, FIGURES, LINE = 900, 260, 250, 40  # pixels: the picture, the names, the figures on the right, a rung
COST = 110  # pixels of the longest bar of tokens
MARKS = {"better": "up", "worse": "down"}
WORDS = {"no": "No", "something to gain": "Something to gain", "can't tell": "Can't tell"}
KINDS = {"no": "up", "something to gain": "unsure", "can't tell": "unsure"}
Rung = Mapping[str, Any]


def answer_html(told: Mapping[str, Any], golden: Golden) -> str:
    """Do you need to fine-tune at all? The word, the sentence and the figures behind it.

    golden: the set in force; where the climb stands on another one, that is said.
    """
    need, primary = told["need"], told["primary"]
    facts = [(f"{told['rows']}", "golden rows (dev)"), (told["model"], "model")]
    if need["reached"]:
        facts.insert(
            0, (f"{100 * need['left']:.0f} %" if need["left"] is not None else UNKNOWN, "of rows still failed")
        )
    facts.insert(1, (f"{need['extra_tokens_per_1000']:,}", "more tokens per 1,000 questions"))
    shown = "".join(f"<div><b>{esc(value)}</b><span>{esc(name)}</span></div>" for value, name in facts)
    lines = "".join(f"<li>{esc(sentence)}</li>" for sentence in need["sentences"])
    stale = ""
    if told["golden"]["digest"] != golden.digest:
        stale = note(f"Measured on {told['golden']['label']}, and {golden.label} is in force now: climb again.", "busy")
    return (
        f'{stale}<div class="verdict {KINDS[need["word"]]}"><span class="who">Do you need to fine-tune at all?</span>'
        f'<strong>{esc(WORDS[need["word"]])}</strong><p class="lead">{esc(need["sentence"])}</p>'
        f'<div class="facts">{shown}</div></div><ul>{lines}</ul>'
        f'<p class="legend">Measured by “{esc(primary["title"])}” ({esc(primary["reason"])}) on {esc(told["version"])} '
        f"and {esc(told['golden']['label'])}, seed {esc(told['seed'])}. Likeness of questions: "
        f"{esc(told['embedder']['name'])}. Climb {esc(told['climb'])} by {esc(told['who'])}, "
        f"{esc(told['when'][:16].replace('T', ' '))}.</p>"
    )


def ladder_html(told: Mapping[str, Any]) -> str:
    """The rungs as a picture, and the same as a table."""
    unit, rungs = told["primary"]["unit"], told["rungs"]
    head = ("no.", "rung", "mean", "against zero-shot", "verdict", "p (Holm)", "held-out", "why it is measured")
    lines = [
        [
            esc(one["number"] or ""),
            esc(short(one["title"], 70)) + (" " + badge("chosen", "ok") if one["chosen"] else ""),
            esc(number(one["mean"], unit)),
            esc(gain(one, unit)),
            esc(one["verdict"] or "") + "".join(" " + badge(f"worse: {name}", "warning") for name in one["worse_on"]),
            esc(p_value(one["p_holm"])),
            esc(number(one["held"], unit)) if one["held"] is not None else UNKNOWN,
            esc(one["how"]),
        ]
        for one in rungs
    ]  # fmt: skip
    return (
        f"<h3>The ladder</h3>{chart(rungs, unit, told['primary']['title'])}<p class='legend'>Mean on golden's dev rows "
        "with its 95 % interval; triangles are better or worse than zero-shot by the paired interval, circles can't "
        "tell. Bars: prompt tokens of a question.</p>"
        f"<details><summary>The same as a table</summary><div class='scroll'>{table(head, lines)}</div></details>"
    )


def gain(one: Rung, unit: str) -> str:
    """The paired difference with its interval, in points where the metric is a share."""
    if one["difference"] is None:
        return UNKNOWN
    said = signed(one["difference"], unit)
    if one["difference_low"] is not None:
        said += f" [{signed(one['difference_low'], unit)}, {signed(one['difference_high'], unit)}]"
    return said


def chart(rungs: Sequence[Rung], unit: str, title: str) -> Markup:
    """Score with interval per rung, cost beside it; the simplest rung at the bottom, as on a ladder."""
    scale = 100 if in_percent(unit) else 1
    edges = [one[key] * scale for one in rungs for key in ("mean", "low", "high") if one[key] is not None]
    low, high = (0.0, 100.0) if in_percent(unit) else (min([0.0, *edges]), max([1.0, *edges]))
    step = 25.0 if in_percent(unit) else nice_step(high - low)
    right, bottom = WIDTH - FIGURES, LINE * len(rungs) + 10
    most = max((one["tokens"]["mean"] for one in rungs), default=1.0) or 1.0

    def x(value: float) -> float:
        return LABEL + (value * scale - low) / ((high - low) or 1) * (right - LABEL)

    out = [opened(bottom + 24, f"{title} by rung", width=WIDTH)]
    tick = low
    while tick <= high + step / 100:
        at = f"{x(tick / scale):.1f}"
        out.append(f'<line class="grid" x1="{at}" x2="{at}" y1="4" y2="{bottom}"/>')
        label = f"{tick:g} %" if in_percent(unit) else f"{tick:g}"
        out.append(f'<text class="tick" x="{at}" y="{bottom + 16}" text-anchor="middle">{label}</text>')
        tick += step
    out.append(f'<text class="tick" x="{right + 96}" y="{bottom + 16}">prompt tokens</text>')
    for place, one in enumerate(reversed(rungs)):
        out.append(_rung(one, LINE * place + 26, x, right, most, unit))
    return Markup("".join(out) + "</svg>")


def _rung(one: Rung, y: int, x: Any, right: int, most: float, unit: str) -> str:
    strong = ' font-weight="700"' if one["chosen"] else ""
    known = f" · no. {one['number']}" if one["number"] else ""
    name = (
        f'<text x="{LABEL - 12}" y="{y + 4}" text-anchor="end"{strong}>{escape(short(one["title"], 32))}{known}</text>'
    )
    size = one["tokens"]["mean"]
    long = max(1.0, COST * size / most)
    cost = (
        f'<rect class="bar" x="{right + 96}" y="{y - 5}" width="{long:.1f}" height="10" rx="2"/>'
        f'<text class="tick" x="{right + 102 + long:.1f}" y="{y + 4}">{size:,.0f}</text>'
    )
    if one["mean"] is None:
        return f'{name}<text class="tick" x="{LABEL + 6}" y="{y + 4}">not judged</text>{cost}'
    kind, at = MARKS.get(one["verdict"] or "", "unsure"), x(one["mean"])
    bar = ""
    if one["low"] is not None:
        bar = f'<line class="interval" x1="{x(one["low"]):.1f}" x2="{x(one["high"]):.1f}" y1="{y}" y2="{y}"/>'
    told = f"{one['title']}: {number(one['mean'], unit)}, against zero-shot {gain(one, unit)}"
    figure = f'<text x="{right + 14}" y="{y + 4}"{strong}>{escape(number(one["mean"], unit))}</text>'
    return f'{name}<g class="{kind}">{bar}{mark(kind, at, y, 7)}<title>{escape(told)}</title></g>{figure}{cost}'


def search_html(told: Mapping[str, Any]) -> str:
    """Every prompt that the search tried, the best first; how far each came."""
    if not told["search"]:
        return ""
    unit = told["primary"]["unit"]
    lines = [
        [
            esc(one["number"] or ""),
            esc(short(one["title"], 80)),
            esc(number(one["mean"], unit)),
            esc(one["rows"]),
            esc(f"{one['tokens']['mean']:,.0f} ({one['tokens']['p95']:,.0f})"),
            esc(one["parent"] or ""),
        ]
        for one in told["search"]["tried"]
    ]
    head = ("no.", "prompt", "mean", "rows asked", "tokens a question (p95)", "parent")
    return (
        f"<details><summary>The search: {len(lines)} prompts on {esc(told['search']['rows'])} training rows held out "
        f"to choose by</summary><p class='legend'>The better half goes on to twice as many rows. A mean on few rows is "
        f"no finding; it only decides who goes on.</p><div class='scroll'>{table(head, lines)}</div></details>"
    )


def saved_html(found: Sequence[Prompt]) -> str:
    """The saved prompts that a person wrote or that golden measured, newest first; the others folded away."""
    if not found:
        return "<p class='quiet'>No prompt is saved yet. Write one above: what would you tell the model?</p>"
    first = [one for one in found if one.origin == "person" or one.measured.get("dev")]
    rest = [one for one in found if one not in first]
    more = f"<details><summary>{len(rest)} more that a search tried</summary>{_saved(rest)}</details>" if rest else ""
    return _saved(first) + more


def _saved(found: Sequence[Prompt]) -> str:
    lines = []
    for one in reversed(found):
        size, held, dev = one.tokens or {}, one.measured.get("held") or {}, one.measured.get("dev") or {}
        scorer = catalogue().get(one.measured.get("scorer", ""))
        unit = scorer.unit if scorer else ""
        lines.append(
            [
                esc(one.number),
                esc(short(one.title, 60)),
                esc(one.origin),
                esc(one.parent or ""),
                esc(f"{size['mean']:,.0f} ({size['p95']:,.0f})") if size else UNKNOWN,
                esc(f"{number(held['mean'], unit)} on {held['rows']}") if held.get("mean") is not None else UNKNOWN,
                esc(f"{number(dev['mean'], unit)} on {dev['n']}") if dev.get("mean") is not None else UNKNOWN,
                esc(short(one.system, 90)) if one.origin == "person" else "",
            ]
        )
    head = ("no.", "prompt", "from", "parent", "tokens (p95)", "held-out rows", "golden dev", "text")
    return f"<div class='scroll'>{table(head, lines)}</div>"


def difference_html(one: Prompt, other: Prompt) -> str:
    """Two saved prompts: their texts with the words that differ marked, and their examples."""
    if one.system == other.system:
        body = f"<div class='words'>{esc(one.system) or 'no text'}</div><p class='legend'>The texts are the same.</p>"
    else:
        body = f"<div class='words'>{marked(one.system, other.system)}</div>"
    head = "".join(
        f"<p><b>{esc(each.number)}</b> {esc(each.title)} <span class='quiet'>by {esc(each.who)}, "
        f"{esc(each.when[:16].replace('T', ' '))}</span></p>"
        for each in (one, other)
    )
    return f"<div class='cell below'>{head}{body}</div>"
