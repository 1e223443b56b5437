"""Judges as a person reads them: what was found of each, gate by gate, and only win rates that may be shown."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.judging.model import Plan
from workbench.records import Judge
from workbench.reports.judges import number, share
from workbench.reports.tables import arm_name, p_value
from workbench.screens.escape import badge, esc, note, table

STATES = {True: badge("passed", "ok"), False: badge("not passed", "error"), None: badge("does not apply")}
SCALE = 100  # half the width of the interval's picture, in its own units


def told_html(told: Mapping[str, Any] | None, chosen: str = "") -> str:
    """Every judge that was tried on the golden set, those that count first; the card of the chosen one is open."""
    if told is None:
        return (
            '<p class="quiet">No judge was tried on this golden set yet. Add one above, then make its card: a judge '
            "counts only after it has proved on rows rated by people that it judges as they do.</p>"
        )
    ordered = sorted(told["judges"], key=lambda one: not one["used"])
    return f'<p class="lead">{esc(told["sentence"])}</p>' + "".join(_judge_html(one, chosen) for one in ordered)


def without_results(told: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """What is told of judges without any win rate: nothing may sway people who are rating."""
    if told is None:
        return None
    return {**told, "judges": [{**one, "results": []} for one in told["judges"]]}


def _judge_html(one: Mapping[str, Any], chosen: str) -> str:
    state = badge("used", "ok") if one["used"] else badge("not used", "error" if one["card"] else "warning")
    kind = "compares two answers" if one["form"] == "pairwise" else "marks each answer"
    parts = [
        f'<h3>{esc(one["label"])}</h3><div class="badges">{state}{badge(kind)}{badge(one["where"])}</div>'
        f'<p>{esc(one["reason"])}</p>'
    ]  # fmt: skip
    parts += [_result_html(found) for found in one["results"]]
    parts += [f'<p class="quiet">{esc(why)}</p>' for why in one["without_results"]]
    left_out = [
        f"{100 * one[name]:.0f} % of the pairs {why}." for name, why in
        (("unreadable", "have no verdict, since a reply could not be read"),
         ("withheld", "were kept from it, since an answer gives orders to a judge: a person should look at them"))
        if one[name]
    ]  # fmt: skip
    parts += [f'<p class="quiet">{esc(line)}</p>' for line in left_out]
    if one["card"]:
        parts.append(
            f"<details{' open' if one['label'] == chosen else ''}><summary>Its card, made on evaluation "
            f"{esc(one['card_of'])}</summary>{card_html(one['card'])}</details>"
        )
    parts.append(f'<details><summary>Its rubric</summary><div class="words">{esc(one["rubric"])}</div></details>')
    return "".join(parts)


def _result_html(found: Mapping[str, Any]) -> str:
    headline = f"<p><b>{esc(found['sentence'])}</b></p>"
    if found["low"] is None:
        return headline
    own = ""
    if found["people_low"] is not None:
        own = _interval("by people's rows alone", found["people"], found["people_low"], found["people_high"])
    picture = _interval("corrected, all rows", found["net"], found["low"], found["high"]) + own
    arms = f"{arm_name(found['a'])} better &larr; 0 &rarr; {arm_name(found['b'])} better"
    return f'{headline}<div class="nets">{picture}</div><p class="quiet">Net win rate, {arms}.</p>'


def _interval(label: str, value: float, low: float, high: float) -> str:
    """One interval from -100 to 100 points as inline SVG."""
    colour = "up" if low > 0 else "down" if high < 0 else "unsure"
    left, right, dot = (SCALE * one for one in (low, high, value))
    said = f"{100 * value:+.0f} points ({100 * low:+.0f} to {100 * high:+.0f})".replace("-", "\u2212")
    return (
        '<svg class="chart" viewBox="-105 0 600 22" role="img" style="max-width:600px">'
        f"<title>{esc(label)}: {esc(said)}</title>"
        '<line class="grid" x1="-100" x2="100" y1="11" y2="11"/><line class="zero" x1="0" x2="0" y1="2" y2="20"/>'
        f'<line class="interval {colour}" x1="{left:.1f}" x2="{right:.1f}" y1="11" y2="11"/>'
        f'<circle class="{colour}" cx="{dot:.1f}" cy="11" r="4"/>'
        f'<text x="112" y="15">{esc(said)}, {esc(label)}</text></svg>'
    )


def card_html(card: Mapping[str, Any]) -> str:
    """The gates of a card and the rules that it is held against."""
    gates = [
        [esc(one["title"]), esc(one["figure"]), esc(one["wants"]), esc(one["n"]), STATES[one["passed"]]]
        for one in sorted(card["gates"], key=lambda one: one["passed"] is not False)
    ]
    rules = [
        [esc(one["name"]), esc(share(one["agreement"])), esc(number(one["kappa"])), esc(one["better"]),
         esc(one["worse"]), esc(p_value(one["p"]))]
        for one in card["baselines"]
    ]  # fmt: skip
    own = [["<b>this judge</b>", esc(share(card["agreement"])), "", "", "", ""]]
    cost = f", cost {card['spent']:.4f}" if card.get("spent") else ""
    errors = "; ".join(card["first_errors"])
    why = f" Replies that could not be read, for instance: {esc(errors)}." if errors else ""
    part = f" of the {esc(card['part'])} part" if card.get("part") else ""
    return (
        f"{table(['gate', 'found (95 % interval)', 'wanted', 'of', ''], gates)}"
        f'<p class="quiet">{card["asked"]:,} questions{cost}; {card["rated"]} pairs{part} that people rated blind.'
        f"{why}</p>"
        "<h3>Against rules that need no model</h3>"
        f"{table(['who', 'agrees with people', 'kappa', 'judge right alone', 'rule right alone', 'p'], own + rules)}"
    )


def plan_html(plan: Plan, warning: str = "") -> str:
    """What would be sent where, before anybody agrees."""
    careful = note(warning, "bad") if warning else ""
    return careful + note(plan.sentence, "ok" if plan.local or not plan.calls else "busy")


def choice_words(judge: Judge) -> str:
    """A judge in a list."""
    return f"{judge.label} · {'pairs' if judge.form == 'pairwise' else 'marks'} · {judge.source['model']}"
