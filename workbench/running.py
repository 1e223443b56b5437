"""A training run from its line in the store to its adapter; what an action and a study share"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

import polars as pl

from evaluators.models import embedded
from training.plan import TrainingPlan
from workbench.records import Run
from workbench.settings import Report, models_folder, user_name
from workbench.store import Store, runs
from workbench.store.row_files import write_whole
from workbench.training_side import Prepared, predicted_for, prepare


def begin(
    store: Store,
    prepared: Prepared,
    *,
    job_id: int | None = None,
    study_id: int | None = None,
    arm: Mapping[str, Any] | None = None,
    predicted: Mapping[str, Any] | None = None,
    rows: pl.DataFrame | None = None,
) -> Run:
    """A run with its rows on disk, before its first step. rows: a part of `prepared.table()`, by default all of it.

    predicted: what the plan card said of it; by default what it says now, if steps were timed on this machine.
    """
    if predicted is None and rows is None:
        predicted = predicted_for(store, prepared)
    run = runs.add(
        store, prepared.version, prepared.golden, prepared.plan.model_dump(), user_name(), job_id,
        study_id=study_id, arm=arm, predicted=predicted,
    )  # fmt: skip
    table = prepared.table() if rows is None else rows
    write_whole(runs.folder(store, run.id) / "rows.parquet", lambda part: table.write_parquet(part))
    return run


def carry_on(store: Store, run: Run, report: Report, *, resume: bool) -> Run:
    """Trains a run that was begun, from its last whole checkpoint with `resume`, and writes down its result."""
    from training.run.lora import train
    from training.run.provenance import read_provenance

    folder = runs.folder(store, run.id)
    plan = TrainingPlan.model_validate(run.plan)
    here = plan.model_copy(update={"model": str(embedded.resolve(plan.model, models_folder()))})
    rows_file = folder / "rows.parquet"
    if resume and not rows_file.exists():  # killed between the run's line and its rows
        table = prepare(store, run.version, model=plan.model).table()
        write_whole(rows_file, lambda part: table.write_parquet(part))
    write_whole(folder / "plan.json", lambda part: part.write_text(here.model_dump_json(indent=2)))
    try:
        result = train(here, pl.read_parquet(rows_file), folder, report=report, resume=resume)
    finally:  # a run that fails was made from something, too
        made_from = read_provenance(folder)
        if made_from is not None:
            runs.note(store, run.id, provenance=made_from)
    summary = {**dataclasses.asdict(result), "adapter": "adapter"}
    runs.finish(store, run.id, json.loads(json.dumps(summary, default=str)))
    return runs.get(store, run.id)
