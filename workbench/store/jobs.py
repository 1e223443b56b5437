"""The job table: a line per long piece of work, written by its worker and read by everybody."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Row, select, update

from workbench.errors import NotFound
from workbench.records import Job
from workbench.store.store import Store, inserted, now
from workbench.store.tables import jobs


def _job(line: Row[Any]) -> Job:
    return Job(
        line.id,
        line.kind,
        line.settings,
        line.state,
        line.done,
        line.line,
        line.result,
        line.error,
        line.stop,
        line.host,
        line.pid,
        line.pid_created,
        line.beat,
        line.who,
        line.created,
        line.finished,
    )


def add(store: Store, kind: str, settings: Mapping[str, Any], who: str) -> Job:
    """A new waiting job."""
    with store.write() as connection:
        key = inserted(
            connection,
            jobs,
            kind=kind,
            settings=dict(settings),
            state="waiting",
            done=0.0,
            line="waiting to start",
            error="",
            stop=False,
            who=who,
            created=now(),
            beat=time.time(),
        )
    return get(store, key)


def get(store: Store, job_id: int) -> Job:
    """The job with that id. Raises NotFound."""
    with store.read() as connection:
        line = connection.execute(select(jobs).where(jobs.c.id == job_id)).first()
    if line is None:
        raise NotFound(f"There is no job {job_id}. See: goldloop jobs")
    return _job(line)


def listed(store: Store, *, kind: str | None = None, limit: int = 100) -> list[Job]:
    """The newest jobs first."""
    query = select(jobs).order_by(jobs.c.id.desc()).limit(limit)
    with store.read() as connection:
        return [_job(line) for line in connection.execute(query if kind is None else query.where(jobs.c.kind == kind))]


def note(store: Store, job_id: int, **values: Any) -> None:
    """Writes what is new about a job: any of the table's columns."""
    with store.write() as connection:
        connection.execute(update(jobs).where(jobs.c.id == job_id).values(**values))


def spawned(store: Store, job_id: int, *, host: str, pid: int, pid_created: float) -> None:
    """Notes which process was made for a job that waits; on a busy machine it may take minutes to begin."""
    with store.write() as connection:
        connection.execute(
            update(jobs)
            .where(jobs.c.id == job_id, jobs.c.state == "waiting")
            .values(host=host, pid=pid, pid_created=pid_created)
        )


def claim(store: Store, job_id: int, *, host: str, pid: int, pid_created: float) -> bool:
    """Makes a waiting job this process's own; False when another process was quicker."""
    with store.write() as connection:
        taken = connection.execute(
            update(jobs)
            .where(jobs.c.id == job_id, jobs.c.state == "waiting")
            .values(state="running", host=host, pid=pid, pid_created=pid_created, beat=time.time(), error="")
        )
    return taken.rowcount == 1


def stop_wanted(store: Store, job_id: int) -> bool:
    """True when somebody asked for a stop."""
    with store.read() as connection:
        return bool(connection.scalar(select(jobs.c.stop).where(jobs.c.id == job_id)))


def release(store: Store, job_id: int) -> bool:
    """Makes a job that is over wait again, for a resume; False when it is not over."""
    with store.write() as connection:
        freed = connection.execute(
            update(jobs)
            .where(jobs.c.id == job_id, jobs.c.state.in_(("stopped", "failed", "lost", "running")))
            .values(
                state="waiting",
                line="waiting to resume",
                error="",
                stop=False,
                host=None,
                pid=None,
                pid_created=None,
                beat=time.time(),
                finished=None,
            )
        )
    return freed.rowcount == 1
