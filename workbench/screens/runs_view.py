"""How runs look: the table's values, what is told of one run beside its curves, and two runs side by side."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from training.doctor import diagnose
from training.result import read_metrics
from workbench.actions.compare_runs import Line, RunsCompared, compare_runs
from workbench.actions.examine_run import read_recited
from workbench.actions.list_runs import Listed, list_runs
from workbench.actions.repeat_run import read_repeated
from workbench.errors import GoldloopError
from workbench.records import Run
from workbench.reports.run_table import Column, text_of
from workbench.screens.address import Look, address
from workbench.screens.differences import difference_html
from workbench.screens.doctor_view import findings_html
from workbench.screens.escape import esc, note, plural, table
from workbench.screens.plan_card import beside_html
from workbench.screens.results import compared_html
from workbench.screens.run_curves import MOST_OVERLAID, chosen_runs, numbers_of
from workbench.store import Store, runs

PATH = "/runs"
MOST_LINES = 300  # of the table; all are in the CSV
BADGES = {"trained": "ok", "failed": "error", "running": "info", "waiting": "info"}
HASH_LETTERS = 12
FEWEST_LINES = 3  # of a curve; fewer say nothing


def run_words(run: Run) -> str:
    """A run in a list."""
    return f"Run {run.id} · {run.version} · {run.when[:16].replace('T', ' ')}"


def listed_of(store: Store, look: Look) -> Listed:
    """The runs that the URL's filters leave. A price or a study that is no number is left aside."""
    return list_runs(
        store, dataset=look.get("in") or None, model=look.get("model") or None, study=look.number("study") or None,
        price=price_of(look),
    )  # fmt: skip


def price_of(look: Look) -> float | None:
    """The price of an hour in the URL, None where there is none."""
    try:
        price = float(look.get("price"))
    except ValueError:
        return None
    return price if 0 <= price < float("inf") else None


def table_of(store: Store, look: Look) -> dict[str, Any]:
    """The table of runs as plain values; the browser writes them as texts."""
    listed = listed_of(store, look)
    everything = runs.listed(store)
    columns = _columns(listed, look)
    here = {run.id for run in chosen_runs(store, look)}
    return {
        "columns": [{"key": one.key, "title": one.title} for one in columns],
        "all": [{"key": one.key, "title": one.title} for one in listed.columns],
        "lines": [_line(facts, columns, here) for facts in listed.lines[:MOST_LINES]],
        "rest": max(0, len(listed.lines) - MOST_LINES),
        "notes": list(listed.notes),
        "order": look.get("sort"), "filtered": len(listed.lines) != len(everything), "most": MOST_OVERLAID,
        "ticked": sorted(here) if len(here) > 1 else [],
        "filters": {name: look.get(name) for name in ("in", "model", "study", "price")},
        "datasets": sorted({run.dataset for run in everything}),
        "models": sorted({str(run.plan.get("model", "")) for run in everything}),
        "studies": sorted({run.study_id for run in everything if run.study_id}, reverse=True),
        "train": look.to("/training"),
    }  # fmt: skip


def _columns(listed: Listed, look: Look) -> list[Column]:
    wanted = set(look.get("columns").split(",")) if look.get("columns") else set(listed.shown)
    if not look.get("columns") and price_of(look) is not None:
        wanted.add("cost")
    return [one for one in listed.columns if one.key in wanted or one.key == "run"]


def _line(facts: Mapping[str, Any], columns: Sequence[Column], here: set[int]) -> dict[str, Any]:
    done = facts["state"].startswith("trained")
    ways = [("Evaluate", address("/evaluation", run=facts["run"]))] if done and not facts["evaluation"] else []
    if facts["evaluation"]:
        ways = [("Results", address("/evaluation", evaluation=facts["evaluation"]))]
    return {
        "id": facts["run"], "here": facts["run"] in here,
        "href": address(PATH, dataset=facts["dataset"], run=facts["run"]),
        "badge": BADGES.get(facts["state"], "warning"),
        "cells": [text_of(one, facts) for one in columns],
        "sort": [facts.get(one.key) for one in columns],
        "ways": ways,
    }  # fmt: skip


def detail_html(store: Store, found: Sequence[Run]) -> str:
    """What is told beside the curves: the doctor's words, and of a single run its prediction and its notes.

    Of several runs, those in which there is nothing to see share one line at the end.
    """
    parts, quiet, several = [], [], len(found) > 1
    for run in found:
        lines = read_metrics(runs.folder(store, run.id))
        recited = read_recited(store, run.id)
        seen = diagnose(lines, run.plan, run.result, recited)
        if several and not seen and recited is None and run.result is not None and len(lines) >= FEWEST_LINES:
            quiet.append(run.id)
            continue
        words = findings_html(seen, running=run.result is None)
        if len(lines) < FEWEST_LINES:
            words = '<p class="quiet">Too short to say anything yet.</p>'
        if recited is not None:  # who asked is answered, also where nothing is wrong
            words += f"<p>{esc(recited.said())}</p>"
        title = f"Run {run.id}" if several else "What the curve says"
        parts.append(f"<h3>{esc(title)}</h3>{words}{'' if several else beside_html(run) + _notes(store, run)}")
    if quiet:
        title = f"{'Run' if len(quiet) == 1 else 'Runs'} {', '.join(map(str, quiet))}"
        parts.append(f"<h3>{esc(title)}</h3>{findings_html(())}")
    return "".join(parts)


def missing_html(store: Store, look: Look) -> str:
    """What is said where the URL names runs and none, or not all, are there; "" where nothing is amiss."""
    here = {run.id for run in chosen_runs(store, look)}
    if look.number("job"):
        return "" if here else '<p class="quiet">The curves begin with the first step of the run.</p>'
    lost = [one for one in numbers_of(look.get("runs") or look.get("run"))[:MOST_OVERLAID] if one not in here]
    return note(f"There is no run {', '.join(map(str, lost))}. All runs are listed below.", "bad") if lost else ""


def _notes(store: Store, run: Run) -> str:
    result = run.result or {}
    notes = [*(result.get("notes") or ())]
    if again := read_repeated(store, run.id):
        notes += [f"{again.when[:10]}: {line}." for line in again.lines]
    if cut := result.get("cut_rows"):
        notes.append(f"{plural(len(cut), 'row')} longer than the longest allowed row lost their end.")
    if (ended := str(result.get("ended", "finished"))) != "finished":
        notes.append(f"The run {ended}.")
    return "".join(f'<p class="quiet">{esc(line)}</p>' for line in notes)


def difference_of(store: Store, look: Look) -> str:
    """Everything that differs between the runs ?a= and ?b=; "" while two are not picked."""
    a, b = look.number("a"), look.number("b")
    if not (a and b):
        return ""
    try:
        done = compare_runs(store, a, b)
    except GoldloopError as error:
        return note(str(error), "bad")
    head = ["", f"run {a}", f"run {b}"]
    notes = "".join(f"<p>{_with_ways(line)}</p>" for line in done.notes)
    return (
        f'<h3 id="difference">Run {a} and run {b}</h3>{notes}<div class="two">'
        f"<div><h4>Knobs that differ</h4>{_lines(head, done.knobs, 'Both had the same knobs.')}</div>"
        f"<div><h4>Where they come from</h4>{_lines(head, done.origins, '')}</div></div>"
        f"<h4>What came out</h4>{_lines(head, done.results, '')}"
        f"{_results(store, done)}{_doctors(done)}{_rows(done)}"
    )


def _with_ways(line: str) -> str:
    """A note in which the command that evaluates a run is the way to the screen that does."""
    return re.sub(r"goldloop evaluate (\d+)", r'<a href="/evaluation?run=\1">Evaluate run \1</a>', esc(line))


def _lines(head: Sequence[str], lines: Sequence[Line], nothing: str) -> str:
    if not lines:
        return f'<p class="quiet">{esc(nothing)}</p>'
    return table(head, [[_cell(line[0], cell) for cell in line] for line in lines])


def _cell(title: str, cell: str) -> str:
    """A hash by its beginning, which tells two apart; all of it where one points at it."""
    if not title.endswith("hash") or len(cell) <= HASH_LETTERS:
        return esc(cell)
    return f'<span class="num" title="{esc(cell)}">{esc(cell[:HASH_LETTERS])}…</span>'


def _results(store: Store, done: RunsCompared) -> str:
    if done.evaluations is None:
        return ""
    a, b = done.evaluations
    return compared_html(store, f"evaluation:{a}", f"evaluation:{b}")


def _doctors(done: RunsCompared) -> str:
    both = zip((done.a, done.b), done.findings, strict=True)
    cells = "".join(
        f"<div><h4>Run {run.id}</h4>{findings_html(found, running=run.result is None)}</div>" for run, found in both
    )
    return f'<h3>What the curves say</h3><div class="two">{cells}</div>'


def _rows(done: RunsCompared) -> str:
    hidden = f"<p class='quiet'>{plural(done.sealed, 'sealed golden row')} not shown.</p>" if done.sealed else ""
    shown = difference_html(done.rows) if done.rows else ""
    return f"<h3>The rows they were trained on</h3><p>{esc(done.rows_said)}</p>{hidden}{shown}"
