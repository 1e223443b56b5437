"""What the curves on the Runs screen are drawn from: a run's new lines, its marks, its state and the figures of now.

The browser keeps what it has and says from which mark on it wants more, so a tick sends the steps since the last one.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from training.run.attempts import read_attempts
from workbench import jobs
from workbench.actions.list_runs import state_of
from workbench.errors import BadInput, GoldloopError, NotFound
from workbench.records import Job, Run
from workbench.reports.curves import (
    BUCKETS,
    SMOOTHINGS,
    as_columns,
    figures_now,
    marks_of,
    read_after,
    read_all,
    thinned,
)
from workbench.reports.curves import with_smooth as smoothed
from workbench.reports.tables import amount, span
from workbench.screens.address import Look, address
from workbench.store import Store, runs

MOST_OVERLAID = 8  # more lines cannot be told apart, whatever their colours and dashes
AXES = {"step": "by step", "seconds": "by time", "tokens": "by tokens", "epoch": "by epoch"}
SCALES = {"": "linear", "log": "logarithmic"}
FEWEST_BUCKETS = 150  # of one run among eight
LOOKING = ("recite", "repeat")  # kinds of job that look at a finished run
LIVE = ("waiting", "running", "stopping")


def chosen_runs(store: Store, look: Look) -> list[Run]:
    """The runs that the URL means: ?runs=3,5, ?run=3, the one of ?job=7, else the newest of its dataset; at most 8."""
    if job_id := look.number("job"):
        found = runs.of_job(store, job_id) or _asked_by(store, job_id)
        return [found] if found else []
    wanted = numbers_of(look.get("runs") or look.get("run"))
    if wanted:
        known = []
        for one in wanted[:MOST_OVERLAID]:
            try:
                known.append(runs.get(store, one))
            except NotFound:
                continue
        return known
    dataset = look.get("dataset")
    listed = [run for run in runs.listed(store) if not dataset or run.dataset == dataset]
    return listed[:1]


def _asked_by(store: Store, job_id: int) -> Run | None:
    """The run that a job looks at without training it: its rows recited, or all of it repeated."""
    try:
        job = jobs.get(store, job_id)
        return runs.get(store, int(job.settings["run"])) if job.kind in LOOKING else None
    except (NotFound, KeyError, TypeError, ValueError):
        return None


def numbers_of(text: str) -> list[int]:
    """Run ids from "3,5"; what is no number is left out, as is what is said twice."""
    return list(dict.fromkeys(int(part) for part in text.split(",") if part.isdecimal() and len(part) < 10))


def choice_of(store: Store, look: Look) -> dict[str, Any]:
    """What the curves begin with: which runs, over which axis, on which scale, how smooth."""
    found = chosen_runs(store, look)
    return {
        "runs": [run.id for run in found],
        "x": look.get("x") if look.get("x") in AXES else "step",
        "scale": look.get("scale") if look.get("scale") in SCALES else "",
        "smooth": look.get("smooth") if look.get("smooth") in SMOOTHINGS else "usual",
        "axes": list(AXES.items()), "scales": list(SCALES.items()), "smoothings": list(SMOOTHINGS),
        "weights": SMOOTHINGS, "most": 8 * BUCKETS,
    }  # fmt: skip


def fresh_lines(store: Store, payload: Any) -> dict[str, Any]:
    """What came since each run's mark; the whole of it, thinned, where there is no mark or the file is another one.

    payload: {"runs": [{"id", "mark"}, ...], "smooth": name}. Gives {"runs": [...]} in that order, or {"error": ...}.
    """
    try:
        event = payload if isinstance(payload, dict) else {}
        asked, smooth = event.get("runs"), event.get("smooth")
        if not isinstance(asked, list) or len(asked) > MOST_OVERLAID or smooth not in SMOOTHINGS:
            raise BadInput("The question did not arrive whole. Reload the page and try again.")
        return {"runs": [_fresh(store, one, SMOOTHINGS[smooth], len(asked)) for one in asked]}
    except GoldloopError as error:
        return {"error": str(error)}


def _fresh(store: Store, one: Any, weight: float, beside: int) -> dict[str, Any]:
    run_id, mark = (one.get("id"), one.get("mark")) if isinstance(one, dict) else (None, None)
    if type(run_id) is not int or not isinstance(mark, str):
        raise BadInput("The question did not arrive whole. Reload the page and try again.")
    run = runs.get(store, run_id)
    folder = runs.folder(store, run.id)
    piece = read_after(folder / "metrics.jsonl", mark)
    told = {"id": run.id, "mark": piece.mark, "whole": piece.whole, **head_of(store, run)}
    if piece.whole:
        lines = thinned(smoothed(piece.lines, weight), max(FEWEST_BUCKETS, BUCKETS // max(1, beside // 2)))
        return {**told, "lines": as_columns(lines), "marks": _marks(piece.lines, run, folder)}
    if piece.lines.height:
        told["lines"] = as_columns(piece.lines)
    if not told["live"] or _moves_a_mark(piece.lines):
        told["marks"] = _marks(read_all(folder / "metrics.jsonl"), run, folder)
    return told


def _marks(lines: pl.DataFrame, run: Run, folder: Path) -> list[dict[str, Any]]:
    return [vars(mark) for mark in marks_of(lines, attempts=read_attempts(folder), result=run.result)]


def _moves_a_mark(lines: pl.DataFrame) -> bool:
    """Whether an evaluation, an epoch's end or a loss that is no number stands among these new lines."""
    if not lines.height:
        return False
    epochs = lines["epoch"].drop_nulls().floor()
    return bool(lines["eval_loss"].is_not_null().any() or lines["loss"].is_null().any() or epochs.n_unique() > 1)


def head_of(store: Store, run: Run) -> dict[str, Any]:
    """A run in the legend: name, state, time left, its job, and figures of this moment."""
    state = state_of(store, run)
    live = state in LIVE
    metrics = runs.folder(store, run.id) / "metrics.jsonl"
    now = figures_now(metrics)
    result = run.result or {}
    job = _job(store, run)
    # a run that goes on after a stop has taken no step yet: the time left is that of before
    stepped = job is None or (metrics.exists() and metrics.stat().st_mtime > (job.pid_created or 0))
    left = now.get("time_left") if state == "running" and stepped else None
    return {
        "label": f"Run {run.id}",
        "about": f"{run.plan.get('model', '')} on {run.version}",
        "href": address("/runs", dataset=run.dataset, run=run.id),
        "state": state,
        "live": live,
        "kept": result.get("best_step"),
        "line": job.line if live and job is not None else "",
        "facts": _facts(now, left),
    }


def _job(store: Store, run: Run) -> Job | None:
    try:
        return jobs.get(store, run.job_id) if run.job_id is not None else None
    except NotFound:
        return None


def _facts(now: Mapping[str, float | None], left: float | None) -> list[tuple[str, str]]:
    """(what, figure) beside the curves."""
    said: list[tuple[str, str]] = []
    if now.get("step") is not None:
        said.append(("step", f"{now['step']:,}"))
    if (loss := now.get("loss")) is not None:
        said.append(("training loss, last 10 steps", f"{loss:.3f}"))
    if (speed := now.get("tokens_per_second")) is not None:
        said.append(("tokens a second", f"{speed:,.0f}"))
    if (memory := now.get("memory")) is not None:
        said.append(("memory", amount(memory, "bytes")))
    if (seconds := now.get("seconds")) is not None:
        said.append(("so far" if left else "took", span(seconds)))
    if left:
        said.append(("left", f"about {span(left)}"))
    return said


def overlay_of(look: Look, wanted: Sequence[int]) -> Look:
    """The look on these runs, with everything else as it was."""
    kept = {name: value for name, value in look.params.items() if name not in ("run", "runs", "job", "a", "b")}
    return Look({**kept, "runs": ",".join(map(str, wanted[:MOST_OVERLAID]))})
