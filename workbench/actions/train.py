"""Train an adapter on a version and remember the run."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable

import polars as pl

from evaluators.models import embedded
from training.plan import TrainingPlan
from workbench.records import Run
from workbench.settings import Report, models_folder, no_report, user_name
from workbench.store import Store, runs
from workbench.store.row_files import write_whole
from workbench.training_side import prepare


def train(
    store: Store,
    version: str | None = None,
    *,
    model: str | None = None,
    settings: Iterable[str] = (),
    report: Report = no_report,
    job_id: int | None = None,
) -> Run:
    """Trains an adapter on the usable rows of a version; takes minutes to hours, so the faces run it as a job.

    settings: texts such as "epochs=2". With the job_id of an earlier try the run goes on from its last checkpoint.
    Raises Refused with the offending pairs when a golden row, or a near copy of one, stands in the rows.
    """
    earlier = runs.of_job(store, job_id) if job_id is not None else None
    if earlier is not None:
        return _run(store, earlier, report, resume=True)
    prepared = prepare(store, version, model=model, settings=settings, report=lambda done, line: report(0.0, line))
    run = runs.add(store, prepared.version, prepared.golden, prepared.plan.model_dump(), user_name(), job_id)
    table = prepared.table()
    write_whole(runs.folder(store, run.id) / "rows.parquet", lambda part: table.write_parquet(part))
    return _run(store, run, report, resume=False)


def _run(store: Store, run: Run, report: Report, *, resume: bool) -> Run:
    from training.lora import train as train_adapter

    folder = runs.folder(store, run.id)
    plan = TrainingPlan.model_validate(run.plan)
    here = plan.model_copy(update={"model": str(embedded.resolve(plan.model, models_folder()))})
    rows_file = folder / "rows.parquet"
    if resume and not rows_file.exists():  # killed between the run's line and its rows
        table = prepare(store, run.version, model=plan.model).table()
        write_whole(rows_file, lambda part: table.write_parquet(part))
    write_whole(folder / "plan.json", lambda part: part.write_text(here.model_dump_json(indent=2)))
    result = train_adapter(here, pl.read_parquet(rows_file), folder, report=report, resume=resume)
    summary = {**dataclasses.asdict(result), "adapter": "adapter"}
    runs.finish(store, run.id, json.loads(json.dumps(summary, default=str)))
    return runs.get(store, run.id)
