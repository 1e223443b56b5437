"""Probe runs: what was found when a training run's model was asked things outside its data."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from sqlalchemy import Row, select, update

from workbench.errors import NotFound
from workbench.records.probes import ProbeRun
from workbench.store import runs
from workbench.store.store import Store, inserted, now
from workbench.store.tables.probes import probe_runs


def _probe(line: Row[Any]) -> ProbeRun:
    return ProbeRun(line.id, line.run_id, line.job_id, line.settings, line.summary, line.who, line.created)


def add(store: Store, run_id: int, settings: Mapping[str, Any], who: str, job_id: int | None = None) -> ProbeRun:
    """A new probe run, before its first question. Raises NotFound when the training run is not there."""
    runs.get(store, run_id)
    with store.write() as connection:
        key = inserted(
            connection, probe_runs, run_id=run_id, job_id=job_id, settings=dict(settings), who=who, created=now()
        )
    return get(store, key)


def get(store: Store, probe_id: int) -> ProbeRun:
    """The probe run with that id. Raises NotFound."""
    with store.read() as connection:
        line = connection.execute(select(probe_runs).where(probe_runs.c.id == probe_id)).first()
    if line is None:
        raise NotFound(f"There is no probe run {probe_id}. Make one first: goldloop probe RUN")
    return _probe(line)


def of_job(store: Store, job_id: int) -> ProbeRun | None:
    """The probe run that a job makes, or None before it has begun."""
    with store.read() as connection:
        line = connection.execute(select(probe_runs).where(probe_runs.c.job_id == job_id)).first()
    return None if line is None else _probe(line)


def finish(store: Store, probe_id: int, summary: Mapping[str, Any]) -> None:
    """Writes down what was found, in place of an earlier try's."""
    with store.write() as connection:
        connection.execute(update(probe_runs).where(probe_runs.c.id == probe_id).values(summary=dict(summary)))


def listed(store: Store, *, run_id: int | None = None, finished: bool = False) -> list[ProbeRun]:
    """The newest probe runs first; of one training run, or only those that are finished."""
    query = select(probe_runs).order_by(probe_runs.c.id.desc())
    if run_id is not None:
        query = query.where(probe_runs.c.run_id == run_id)
    with store.read() as connection:
        found = [_probe(line) for line in connection.execute(query)]
    return [one for one in found if one.summary or not finished]


def newest(store: Store, run_id: int) -> ProbeRun | None:
    """The newest finished probe run of a training run, or None."""
    return next(iter(listed(store, run_id=run_id, finished=True)), None)


def folder(store: Store, run_id: int) -> Path:
    """Where the answers and likelihoods of a training run's probes are kept."""
    return runs.folder(store, run_id) / "probes"
