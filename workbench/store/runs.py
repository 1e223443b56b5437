"""Training runs: what was trained, on which version, against which golden set."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select, update

from workbench.errors import NotFound
from workbench.records import Golden, Run, Version
from workbench.store.store import Store, inserted, now
from workbench.store.tables import datasets, goldens, runs, versions

ALL = (
    select(runs, datasets.c.name, versions.c.number.label("version"), goldens.c.number.label("golden"))
    .join(versions, runs.c.version_id == versions.c.id)
    .join(datasets, versions.c.dataset_id == datasets.c.id)
    .join(goldens, runs.c.golden_id == goldens.c.id)
)


def _run(line: Row[Any]) -> Run:
    return Run(
        line.id,
        line.name,
        line.version_id,
        f"{line.name}@{line.version}",
        line.golden_id,
        f"{line.name} golden {line.golden}",
        line.job_id,
        line.plan,
        line.result,
        line.who,
        line.created,
        line.stage,
        line.parent_id,
        line.study_id,
        line.arm,
        line.predicted,
        line.provenance,
    )


def add(
    store: Store,
    version: Version,
    golden: Golden,
    plan: Mapping[str, Any],
    who: str,
    job_id: int | None,
    *,
    stage: str = "sft",
    parent_id: int | None = None,
    study_id: int | None = None,
    arm: Mapping[str, Any] | None = None,
    predicted: Mapping[str, Any] | None = None,
) -> Run:
    """A new run, before its first step; the keywords are those of the record."""
    with store.write() as connection:
        key = inserted(
            connection,
            runs,
            version_id=version.id,
            golden_id=golden.id,
            plan=dict(plan),
            who=who,
            created=now(),
            job_id=job_id,
            stage=stage,
            parent_id=parent_id,
            study_id=study_id,
            arm=None if arm is None else dict(arm),
            predicted=None if predicted is None else dict(predicted),
        )
    return get(store, key)


def get(store: Store, run_id: int) -> Run:
    """The run with that id. Raises NotFound."""
    with store.read() as connection:
        line = connection.execute(ALL.where(runs.c.id == run_id)).first()
    if line is None:
        raise NotFound(f"There is no run {run_id}. Train one first: goldloop train")
    return _run(line)


def of_job(store: Store, job_id: int) -> Run | None:
    """The run that a job trains, or None before it has begun; the runs of a study are its own, not its job's."""
    with store.read() as connection:
        line = connection.execute(ALL.where(runs.c.job_id == job_id)).first()
    return None if line is None else _run(line)


def listed(store: Store, *, study_id: int | None = None) -> list[Run]:
    """The newest runs first; of one study only, where one is given."""
    query = ALL.order_by(runs.c.id.desc())
    if study_id is not None:
        query = query.where(runs.c.study_id == study_id)
    with store.read() as connection:
        return [_run(line) for line in connection.execute(query)]


def note(store: Store, run_id: int, **known: Mapping[str, Any]) -> None:
    """Writes down `predicted`, `provenance` or `arm` of a run, in place of what was there."""
    values = {name: dict(known[name]) for name in ("predicted", "provenance", "arm") if name in known}
    with store.write() as connection:
        connection.execute(update(runs).where(runs.c.id == run_id).values(**values))


def finish(store: Store, run_id: int, result: Mapping[str, Any]) -> None:
    """Writes down what training reported."""
    with store.write() as connection:
        connection.execute(update(runs).where(runs.c.id == run_id).values(result=dict(result)))


def folder(store: Store, run_id: int) -> Path:
    """Where a run's plan, rows, metrics, checkpoints and adapter lie."""
    return store.folder("runs", run_id)
