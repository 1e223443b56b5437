"""How studies look: the questions, the budget, the answer with its curve and tables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.actions.plan_study import PlannedStudy
from workbench.records import Study
from workbench.reports.studies import (
    Table,
    arm_rows,
    bases_rows,
    budget_rows,
    comparison_rows,
    curve_chart,
    head_of,
    slice_rows,
    states,
    trial_rows,
)
from workbench.reports.tables import span
from workbench.screens.address import address
from workbench.screens.escape import badge, esc, table
from workbench.store import Store, runs
from workbench.studying import measuring
from workbench.studying.conclude import arm_line
from workbench.studying.design import KINDS, read_design
from workbench.studying.engine import path_of
from workbench.studying.going_on import Left, standing

WHAT = {
    "data": "Trains on a quarter, half and all of your rows, and says what twice as many would bring.",
    "rows": "Trains on the rows without open findings and on all rows: is cleaning worth it?",
    "duel": "Trains two base models on the same rows with the same seeds.",
    "sweep": "Tries a few learning rates, epochs or ranks; the best one is held against your plan once.",
    "rebase": "Repeats an earlier run on a newer base model: old and new, tuned and untuned, side by side.",
}
KIND_OF = {"worth it": "up", "better": "up", "no worse": "up", "keep the plan": "up", "worse": "down", "no": "down",
           "can't tell": "unsure"}  # fmt: skip
CHART = (
    "<style>.study-curve .band{fill:var(--color-accent);opacity:.15}"
    ".study-curve .fit{stroke:var(--color-accent);stroke-width:2.2;fill:none}"
    ".study-curve .further{stroke-dasharray:6 4}"
    ".chart.study-curve .seed{fill:none;stroke:var(--color-accent)!important;stroke-width:1.4}"
    ".chart.study-curve .mean{fill:var(--color-accent)}</style>"
)


def questions_html() -> str:
    """The five questions in plain words."""
    cells = "".join(
        f'<div class="cell"><b>{esc(title)}</b><p class="quiet">{esc(WHAT[kind])}</p></div>'
        for kind, title in KINDS.items()
    )
    return f'<div style="display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:10px">{cells}</div>'


def study_title(one: Study) -> str:
    """A study in a list."""
    state = (one.result or {}).get("verdict", "at work")
    return (
        f"Study {one.id} · {KINDS[one.kind]} · {one.settings['version']} · {one.when[:16].replace('T', ' ')} · {state}"
    )


def budget_html(planned: PlannedStudy) -> str:
    """What a study would take, before its first run."""
    notes = "".join(f"<li>{esc(line)}</li>" for line in planned.design.notes)
    where = f"On {planned.version.label}, measured on {planned.golden.label}."
    return (
        f"<h3>What it will take</h3><p class='lead'>{esc(planned.budget.sentence)}</p><p>{esc(where)}</p>"
        f"{_table(budget_rows(planned.budget.told()))}<ul>{notes}</ul>"
    )


def left_html(left: Left) -> str:
    """What is left of a study that may go on, and what that takes."""
    notes = "".join(f"<li>{esc(line)}</li>" for line in left.notes)
    where = f"On {left.version}, measured on {left.golden.label}: the plan, seeds and rows that it began with."
    return (
        f"<p class='lead'>{esc(left.sentence)}</p><p>{esc(where)}</p>{_table(budget_rows(left.budget.told()))}"
        f"<ul>{notes}</ul>"
    )


def study_html(store: Store, one: Study) -> str:
    """What a study found, or how far it is."""
    if one.result is None:
        return _at_work(store, one)
    told = one.result
    word = str(told["verdict"])
    cut = f" {badge('cut short by its minutes', 'warning')}" if told["state"] == "cut short" else ""
    predicted = (told.get("predicted") or {}).get("seconds")
    took = f"Took {span(told['seconds'])}" + (f"; {span(predicted)} were predicted." if predicted else ".")
    again = standing(store, one)[0] == "at work"
    busy = "<p>It is at work again; this is what could be said when its minutes were over.</p>" if again else ""
    parts = [
        f"<h3>Study {one.id}: {esc(KINDS[one.kind])} {cut}</h3>{busy}",
        f'<div class="verdict {KIND_OF.get(word, "unsure")}"><strong>{esc(word[:1].upper() + word[1:])}</strong>'
        f"{esc(told['sentence'])}</div>",
        _curve(told),
        _titled("What was compared", comparison_rows(told)),
        _runs(told),
        _titled("The untuned models on the same rows", bases_rows(told)),
        _titled("Trials, chosen by the rows kept aside", trial_rows(told)),
        _titled("Slices, those that got worse first (exploratory)", slice_rows(told)),
        f"<h3>How it was measured</h3><p>{esc(head_of(told))} {esc(took)}</p>",
        "<ul>" + "".join(f"<li>{esc(line)}</li>" for line in told["notes"]) + "</ul>",
    ]
    return "".join(parts)


def _curve(told: Mapping[str, Any]) -> str:
    chart = curve_chart(told, "Loss on golden over the number of training rows")
    if not chart:
        return ""
    curve = told["curve"]
    beta = curve["beta"]
    words = "Loss in nats a token, by training rows (each step right doubles them)."
    if beta["value"] is not None and beta["low"] is not None:
        words += f" Exponent {beta['value']:.2f} [{beta['low']:.2f}, {beta['high']:.2f}] of the fitted law."
    if curve["state"] != "fitted":
        words += " Nothing is followed beyond what was trained."
    return f"{CHART}{chart}<p class='legend'>{esc(words)}</p>"


def _runs(told: Mapping[str, Any]) -> str:
    head, lines = arm_rows(told)
    cells = [[_run_link(cell) if place == 1 else esc(cell) for place, cell in enumerate(line)] for line in lines]
    return f"<h3>Its runs</h3>{table(head, cells)}" if cells else ""


def _run_link(run: Any) -> str:
    if not isinstance(run, int):
        return esc(run)
    return f'<a href="{esc(address("/runs", run=run))}">Run {run}</a>'


def _titled(title: str, rows: Table) -> str:
    return f"<h3>{esc(title)}</h3>{_table(rows)}" if rows[1] else ""


def _table(rows: Table) -> str:
    head, lines = rows
    return table(head, [[esc(cell) for cell in line] for line in lines])


def _at_work(store: Store, one: Study) -> str:
    """The state of every run of a study that is not done."""
    design = read_design(store, one.id, one.settings)
    known = {str((run.arm or {}).get("name")): run for run in runs.listed(store, study_id=one.id)}
    arms = []
    for arm in design.arms if design else ():
        found = measuring.kept(path_of(store, one.id, arm.name))
        run = runs.get(store, arm.run) if arm.run is not None else known.pop(arm.name, None)
        arms.append(arm_line(arm, run, found, design.decides if design else "nll"))
    trials = [
        [_run_link(run.id), esc(name), esc((run.arm or {}).get("state") or ("trained" if run.result else "training"))]
        for name, run in sorted(known.items(), key=lambda pair: pair[1].id)
    ]
    told = {"arms": arms, "decides": design.decides if design else "nll"}
    tried = f"<h3>Trials</h3>{table(('run', 'trial', 'state'), trials)}" if trials else ""
    budget = one.settings.get("budget", {}).get("sentence", "")
    state = {"at work": "at work", "stopped": "stopped: it can go on, below"}.get(standing(store, one)[0], "")
    return (
        f"<h3>Study {one.id}: {esc(KINDS[one.kind])} {badge(state or 'not finished', 'warning')}</h3>"
        f"<p>{esc(states(arms))}. {esc(budget)}</p>{_runs(told)}{tried}"
    )
