"""How an evaluation looks: verdict, figures, slices, and the answers to one golden row side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evaluators.sample import catalogue
from workbench.actions.write_report import cases
from workbench.records import Evaluation
from workbench.reports.report import Case, answer_word, primary_chart, slices, wins_bars
from workbench.reports.tables import (
    METRIC_HEAD,
    UNKNOWN,
    arm_name,
    interval,
    metric_rows,
    number,
    p_value,
    smallest_differences,
)
from workbench.screens.differences import marked
from workbench.screens.escape import esc, short
from workbench.store import Store, goldens

ARMS = ("base", "prompted", "tuned")
SAME = 1e-9  # scores closer than this are a tie
MOST_SLICES = 40
LONGEST_MARKED = 20_000  # characters; beyond that word marks are slow and nobody reads them


def results_html(store: Store, evaluation: Evaluation) -> str:
    """The verdict first, then the deciding metric, all metrics and the slices."""
    summary = evaluation.summary or {}
    verdict, primary = summary["verdict"], summary["primary"]
    words, kind = answer_word(verdict)
    unit = primary.get("unit", "")
    means = ", ".join(
        f"{arm_name(arm)} <b>{esc(number(summary['means'].get(arm, {}).get(primary['scorer']), unit))}</b>"
        for arm in ARMS
    )
    bars = "".join(f"{bar}<p class='legend'>{esc(title)}</p>" for title, bar in wins_bars(summary))
    return (
        f'<div class="verdict {kind}"><strong>{esc(words)}</strong><p class="lead">{esc(verdict["sentence"])}</p>'
        f"<p>{esc(verdict['recommendation'])}</p></div>"
        f"<h3>{esc(primary.get('title') or primary['scorer'])}</h3><p>{means}. "
        f'<span class="quiet">Chosen before the first answer: {esc(primary["reason"])}</span></p>'
        f"{primary_chart(summary)}<p class='legend'>Difference with its 95 % interval; right of zero is better. "
        f"{esc(' '.join(smallest_differences(summary)))}</p>"
        f"<div class='two'><div>{bars}</div><div>{slices_html(summary)}</div></div>{metrics_html(summary)}"
    )


def metrics_html(summary: Any) -> str:
    """Every metric with the three means and the differences."""
    head = "".join(f"<th{' class=n' if at else ''}>{esc(cell)}</th>" for at, cell in enumerate(METRIC_HEAD))
    lines = "".join(
        f"<tr{' class=first' if at == 0 else ''}>"
        + "".join(f"<td{' class=n' if i else ''}>{esc(cell.replace(' *', ''))}</td>" for i, cell in enumerate(line))
        + "</tr>"
        for at, line in enumerate(metric_rows(summary))
    )
    return (
        f"<h3>All metrics</h3><div class='scroll'><table><tr>{head}</tr>{lines}</table></div><p class='legend'>"
        "+ is better for tuned, in brackets the 95 % interval. ↑ higher is better, ↓ lower is better. The first line "
        "decides; p of the others is adjusted after Holm.</p>"
    )


def slices_html(summary: Any) -> str:
    """Tuned against base by slice; small ones with counts only."""
    found = slices(summary)[:MOST_SLICES]
    if not found:
        return "<p class='quiet'>The golden rows carry no tags, so there are no slices.</p>"
    unit = summary["primary"].get("unit", "")
    lines = "".join(
        f"<tr{' class=small' if one['small'] else ''}><td>{esc(short(one['tag'], 60))}</td>"
        f"<td class=n>{esc(one['n'])}</td>"
        f"<td class=n>{esc(one['wins'])} / {esc(one['ties'])} / {esc(one['losses'])}</td>"
        f"<td class=n>{'too few rows' if one['small'] else esc(interval(one['line'], unit))}</td>"
        f"<td class=n>{UNKNOWN if one['small'] else p_value(one['p'])}</td></tr>"
        for one in found
    )
    head = "<th>slice</th>" + "".join(
        f"<th class=n>{cell}</th>" for cell in ("rows", "better / even / worse", "tuned against base", "p")
    )
    return f"<table><tr>{head}</tr>{lines}</table>"


def cases_of(store: Store, evaluation: Evaluation) -> list[Case]:
    """The golden rows with their answers, worst first."""
    scorer = catalogue()[(evaluation.summary or {})["primary"]["scorer"]]
    return cases(store, evaluation, goldens.rows_of(store, goldens.by_id(store, evaluation.golden_id)), scorer)


def lines_of(found: Sequence[Case], first: int, evaluation: Evaluation) -> list[dict[str, Any]]:
    """Cases as plain values for the list."""
    unit = (evaluation.summary or {})["primary"].get("unit", "")
    lines = []
    for place, one in enumerate(found, first + 1):
        flag = ("not judged", "")
        if one.change is not None:
            flag = ("worse", "error") if one.change < -SAME else ("better", "ok") if one.change > SAME else ("even", "")
        scores = " → ".join(number(one.scores.get(arm), unit) for arm in ("base", "tuned"))
        lines.append(
            {"id": one.row_id, "number": place, "prompt": short(one.prompt, 140),
             "reply": short(one.answers.get("tuned", ""), 140), "flags": [flag, (f"base → tuned: {scores}", "")]}
        )  # fmt: skip
    return lines


def detail_html(one: Case, evaluation: Evaluation) -> str:
    """One golden row: question, expected answer, and what the three arms said, with the words that differ marked."""
    unit = (evaluation.summary or {})["primary"].get("unit", "")
    cells = "".join(_answer(one, arm, unit) for arm in ARMS)
    tags = "".join(f'<span class="badge">{esc(tag)}</span>' for tag in one.tags[:6])
    tuned = one.answers.get("tuned", "")
    return (
        f'<div class="badges"><span class="quiet">golden row {esc(one.row_id)}</span>{tags}</div>'
        f'{_cell("Question", esc(one.prompt))}{_cell("Expected", esc(one.reference))}<div class="three">{cells}</div>'
        f"<details><summary>Tuned, word by word against the expected answer</summary>"
        f"{_cell('', _marked(one.reference, tuned))}</details>"
        f"<details><summary>Tuned, word by word against the base model</summary>"
        f"{_cell('', _marked(one.answers.get('base', ''), tuned))}</details>"
    )


def _cell(title: str, body: str) -> str:
    """A framed text. body: HTML already."""
    head = f'<span class="who">{esc(title)}</span>' if title else ""
    return f'<div class="cell below">{head}<div class="words">{body}</div></div>'


def _answer(one: Case, arm: str, unit: str) -> str:
    said = one.answers.get(arm)
    text = UNKNOWN if said is None else said or "(an empty answer)"
    told = f" · {esc(one.notes[arm])}" if one.notes.get(arm) else ""
    return (
        f'<div class="cell {arm}"><span class="who"><b>{esc(arm_name(arm))}</b> · '
        f'{esc(number(one.scores.get(arm), unit))}{told}</span><div class="words">{esc(text)}</div></div>'
    )


def _marked(before: str, after: str) -> str:
    if len(before) + len(after) > LONGEST_MARKED:
        return esc("These answers are too long to be marked word by word.")
    return marked(before, after)
