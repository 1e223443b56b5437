"""How an evaluation looks: verdict, figures, slices, and the answers to one golden row side by side."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evaluators.sample import catalogue
from workbench.actions.write_report import cases
from workbench.records import Evaluation
from workbench.reports.guard_chart import guard_chart
from workbench.reports.report import Case, answer_word, primary_chart, wins_bars
from workbench.reports.tables import (
    GUARD_HEAD,
    METRIC_HEAD,
    SLICE_HEAD,
    UNKNOWN,
    arm_name,
    guard_rows,
    level_of,
    measured_how,
    metric_rows,
    number,
    plan_lines,
    slice_rows,
    smallest_differences,
)
from workbench.screens.differences import marked
from workbench.screens.escape import badge, esc, short
from workbench.store import Store, goldens

ARMS = ("base", "prompted", "tuned")
SAME = 1e-9  # scores closer than this are a tie
MOST_SLICES = 40
LONGEST_MARKED = 20_000  # characters; beyond that word marks are slow and nobody reads them
SHOWN = (
    ("all rows", ""), ("where tuned and base differ", "differ"), ("tuned is worse", "worse"),
    ("tuned is better", "better"), ("not judged", "unjudged"),
)  # fmt: skip
SORTED = (("worst difference first", ""), ("best difference first", "best"), ("lowest tuned first", "lowest"))


def results_html(store: Store, evaluation: Evaluation) -> str:
    """The verdict first, then the deciding metric, guards, slices, all metrics, and how it was measured."""
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
        f"<p>{esc(verdict['recommendation'])}</p>{_look(summary)}</div>"
        f"<h3>{esc(primary.get('title') or primary['scorer'])}</h3><p>{means}. "
        f'<span class="quiet">Chosen before the first answer: {esc(primary["reason"])}</span></p>'
        f"{primary_chart(summary)}<p class='legend'>Difference with its {esc(level_of(summary))} interval; right of "
        f"zero is better. {esc(' '.join(smallest_differences(summary)))}</p>"
        f"{guards_html(summary)}<div class='two'><div><h3>Row by row</h3>{bars}</div><div>{slices_html(summary)}</div>"
        f"</div>{metrics_html(summary)}{how_html(summary)}"
    )


def _look(summary: Any) -> str:
    """What a look at sealed rows cost, for the verdict's box; "" for dev rows."""
    look = summary.get("look")
    if not look:
        return ""
    over = " It came after the budget was spent." if look["over"] else ""
    return (
        f"<p class='quiet'>Look {esc(look['number'])} of {esc(look['budget'])} at the sealed rows.{over} "
        f"{esc(look['ladder']['sentence'])}</p>"
    )


def guards_html(summary: Any) -> str:
    """The guards as a small forest in units of their margins, and as a table; "" in evaluations of early editions."""
    found = summary.get("guards")
    if not found:
        return ""
    kinds = {"no worse": "ok", "worse": "error", "can't tell": "warning"}
    lines = "".join(
        f"<tr><td>{esc(title)}</td><td class=n>{esc(margin)}</td><td class=n>{esc(span)}</td><td class=n>{esc(n)}</td>"
        f"<td>{badge(one['verdict'], kinds[one['verdict']])} {esc(said.removeprefix(one['verdict']).lstrip(':, '))}"
        "</td></tr>"
        for one, (title, margin, span, n, said) in zip(found, guard_rows(summary), strict=True)
    )
    head = "".join(f"<th{' class=n' if 0 < at < 4 else ''}>{esc(cell)}</th>" for at, cell in enumerate(GUARD_HEAD))
    unasked = summary.get("guards_not_asked") or ()
    rest = f" These rows ask nothing of: {esc(', '.join(unasked))}." if unasked else ""
    return (
        f"<h3>What must not be lost</h3>{guard_chart(found)}<div class='scroll'><table><tr>{head}</tr>{lines}</table>"
        "</div><p class='legend'>A guard passes when its whole interval lies right of its margin, which was stated "
        f"before the run. What cannot be told is no pass.{rest}</p>"
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
        f"+ is better for tuned, in brackets the {esc(level_of(summary))} interval. ↑ higher is better, ↓ lower is "
        "better. The first line decides; p of the others is adjusted after Holm.</p>"
    )


def slices_html(summary: Any) -> str:
    """Tuned against base by slice, worst first; small ones greyed, with counts only."""
    found = slice_rows(summary)
    if not found:
        return "<h3>Slices</h3><p class='quiet'>The golden rows fall into no slices of their own.</p>"
    kinds = {"worse": "error", "better": "ok"}
    lines = "".join(
        f"<tr{' class=small' if span == 'too few rows' else ''}><td>{esc(short(tag, 60))} "
        f"{badge(mark, kinds[mark]) if mark else ''}</td><td class=n>{esc(n)}</td><td class=n>{esc(counts)}</td>"
        f"<td class=n>{esc(span)}</td><td class=n>{esc(p)}</td></tr>"
        for tag, n, counts, span, p, mark in found[:MOST_SLICES]
    )
    more = f"<p class='legend'>{len(found) - MOST_SLICES} more slices.</p>" if len(found) > MOST_SLICES else ""
    head = "".join(f"<th{' class=n' if at else ''}>{esc(cell)}</th>" for at, cell in enumerate(SLICE_HEAD[:-1]))
    return (
        f"<h3>Slices, worst first</h3><div class='scroll'><table><tr>{head}</tr>{lines}</table></div>{more}"
        "<p class='legend'>For exploring: p is adjusted after Benjamini-Hochberg, and only a marked slice stands after "
        "it. Grey slices have fewer than ten rows.</p>"
    )


def how_html(summary: Any) -> str:
    """How it was measured and what was planned, for somebody who was not there."""
    if not summary.get("plan"):
        return ""
    told = "".join(f"<li>{esc(line)}</li>" for line in measured_how(summary))
    return (
        f"<h3>How it was measured</h3><ul>{told}</ul>{plan_html(summary['plan'], 'The plan, as written down before')}"
    )


def plan_html(plan: Any, title: str, *, unfolded: bool = False) -> str:
    """A plan in sentences, folded away under a title."""
    lines = "".join(f"<li>{esc(line)}</li>" for line in plan_lines(plan))
    return f"<details{' open' if unfolded else ''}><summary>{esc(title)}</summary><ul>{lines}</ul></details>"


def cases_of(store: Store, evaluation: Evaluation) -> list[Case]:
    """The dev rows with their answers, worst first; none of an evaluation of sealed rows, whose texts nobody reads."""
    summary = evaluation.summary or {}
    if summary.get("part") == "sealed":
        return []
    golden = goldens.by_id(store, evaluation.golden_id)
    return cases(store, evaluation, goldens.rows_in(store, golden, "dev"), catalogue()[summary["primary"]["scorer"]])


def chosen_cases(found: Sequence[Case], show: str, order: str, higher_is_better: bool = True) -> list[Case]:
    """The cases that a person wants to see (`SHOWN`), in the order wanted (`SORTED`)."""
    kept = [one for one in found if not show or show == _kind(one) or (show == "differ" and _kind(one) in MOVED)]
    if order == "best":
        return sorted(kept, key=lambda one: (one.change is None, -(one.change or 0.0), one.row_id))
    if order == "lowest":
        sign = 1 if higher_is_better else -1
        return sorted(kept, key=lambda one: (one.scores.get("tuned") is None, sign * (one.scores.get("tuned") or 0.0)))
    return kept


MOVED = ("worse", "better")


def _kind(one: Case) -> str:
    if one.change is None:
        return "unjudged"
    return "worse" if one.change < -SAME else "better" if one.change > SAME else "even"


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
