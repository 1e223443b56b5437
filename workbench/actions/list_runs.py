"""List training runs with all that is known of each, ready to be sorted, filtered and written as CSV."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench import jobs
from workbench.errors import BadInput, NotFound
from workbench.records import Evaluation, Run
from workbench.reports.curves import figures_now
from workbench.reports.run_table import (
    Column,
    Facts,
    as_csv,
    cautions,
    columns_of,
    default_columns,
    facts_of,
)
from workbench.store import Store, evaluations, runs, studies
from workbench.store.row_files import write_whole


@dataclass(frozen=True)
class Listed:
    """Runs, newest first. columns: all there are; shown: keys of the usual ones and of what differs.

    lines: key -> value for each run; notes: what keeps figures of these runs from being read beside each other.
    """

    columns: tuple[Column, ...]
    shown: tuple[str, ...]
    lines: tuple[Facts, ...]
    notes: tuple[str, ...]

    @property
    def csv(self) -> str:
        return as_csv(self.lines, self.columns)


def list_runs(
    store: Store,
    *,
    dataset: str | None = None,
    model: str | None = None,
    study: int | None = None,
    only: tuple[int, ...] = (),
    price: float | None = None,
) -> Listed:
    """The runs of a dataset, a base model or a study, or these; price: of an hour of the machine, for the cost column.

    The result of a run is its newest finished evaluation of the dev rows; sealed looks are the report's to tell.
    Raises NotFound for a run in `only` that is not there, BadInput for a price below 0.
    """
    if price is not None and not 0 <= price < float("inf"):
        raise BadInput("A price per hour is a number from 0 on, for instance 1.20.")
    for one in only:
        runs.get(store, one)
    found = [
        run for run in runs.listed(store, study_id=study)
        if (not dataset or run.dataset == dataset) and (not model or run.plan.get("model") == model)
        and (not only or run.id in only)
    ]  # fmt: skip
    measured = newest_dev(store)
    lines = tuple(_facts(store, run, measured.get(run.id), price) for run in found)
    columns = columns_of(run.plan for run in found)
    return Listed(tuple(columns), tuple(default_columns(lines, columns)), lines, tuple(cautions(lines)))


def _facts(store: Store, run: Run, evaluation: Evaluation | None, price: float | None) -> dict[str, Any]:
    now = None if run.result else figures_now(runs.folder(store, run.id) / "metrics.jsonl")
    return facts_of(run, state=state_of(store, run), evaluation=evaluation, price=price, now=now)


def newest_dev(store: Store) -> dict[int, Evaluation]:
    """Run id -> its newest finished evaluation of the dev rows."""
    found: dict[int, Evaluation] = {}
    for one in evaluations.listed(store, finished=True):
        if (one.summary or {}).get("part", "dev") == "dev":
            found.setdefault(one.run_id, one)
    return found


def state_of(store: Store, run: Run) -> str:
    """How a run stands: "trained", "trained, with a warning", or its job's state; "not finished" without a job."""
    if run.result:
        ended = str(run.result.get("ended", "finished"))
        return "trained" if ended in ("finished", "stopped early") else "trained, with a warning"
    job_id = run.job_id
    try:
        if job_id is None and run.study_id is not None:
            job_id = studies.get(store, run.study_id).job_id
        job = jobs.get(store, job_id) if job_id is not None else None
    except NotFound:
        job = None
    if job is None or job.state == "done":  # a study that is done with a run that never was
        return "not finished"
    return "stopping" if job.stop and not job.over else job.state


def write_runs_csv(listed: Listed, path: str | Path) -> Path:
    """The table as a CSV file, whole or not at all. Raises StoreError where the disk refuses."""
    target, text = Path(path), listed.csv
    write_whole(target, lambda part: part.write_text(text, encoding="utf-8", newline=""))
    return target
