"""Studies: several runs that answer one question."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, select, update

from workbench.errors import NotFound
from workbench.records import Study
from workbench.store.store import Store, inserted, now
from workbench.store.tables import datasets, studies

ALL = select(studies, datasets.c.name).join(datasets, studies.c.dataset_id == datasets.c.id)


def _study(line: Row[Any]) -> Study:
    return Study(line.id, line.name, line.kind, line.job_id, line.settings, line.result, line.who, line.created)


def add(
    store: Store, dataset: str, kind: str, settings: Mapping[str, Any], who: str, job_id: int | None = None
) -> Study:
    """A new study, before its first run. Raises NotFound for a dataset that is not there."""
    with store.write() as connection:
        of = connection.execute(select(datasets.c.id).where(datasets.c.name == dataset)).scalar()
        if of is None:
            raise NotFound(f"There is no dataset {dataset}.")
        key = inserted(
            connection, studies, dataset_id=of, job_id=job_id, kind=kind, settings=dict(settings), who=who,
            created=now(),
        )  # fmt: skip
    return get(store, key)


def get(store: Store, study_id: int) -> Study:
    """The study with that id. Raises NotFound."""
    with store.read() as connection:
        line = connection.execute(ALL.where(studies.c.id == study_id)).first()
    if line is None:
        raise NotFound(f"There is no study {study_id}. List them with: goldloop study")
    return _study(line)


def of_job(store: Store, job_id: int) -> Study | None:
    """The study that a job makes, or None before it has begun."""
    with store.read() as connection:
        line = connection.execute(ALL.where(studies.c.job_id == job_id)).first()
    return None if line is None else _study(line)


def listed(store: Store, *, dataset: str | None = None) -> list[Study]:
    """The newest studies first; of one dataset only, where one is given."""
    query = ALL.order_by(studies.c.id.desc())
    if dataset is not None:
        query = query.where(datasets.c.name == dataset)
    with store.read() as connection:
        return [_study(line) for line in connection.execute(query)]


def finish(store: Store, study_id: int, result: Mapping[str, Any]) -> None:
    """Writes down what was found so far, in place of what was there."""
    with store.write() as connection:
        connection.execute(update(studies).where(studies.c.id == study_id).values(result=dict(result)))


def hand_over(
    store: Store, study_id: int, before: int | None, job_id: int | None, granted: Mapping[str, Any] | None = None
) -> Study | None:
    """Gives a study to another job, with what it is granted; None where its job is not `before` any more."""
    with store.write() as connection:
        line = connection.execute(ALL.where(studies.c.id == study_id)).first()
        if line is None or line.job_id != before:
            return None
        settings = dict(line.settings)
        if granted is not None:
            settings["granted"] = [*settings.get("granted", ()), dict(granted)]
        connection.execute(update(studies).where(studies.c.id == study_id).values(job_id=job_id, settings=settings))
    return get(store, study_id)
