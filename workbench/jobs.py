"""Long work: start it, watch it, stop it. A job is one line in the store and one process of its own.

Closing the browser, restarting the app or losing the network stops nothing. A job whose process is gone without a word
shows as lost and can be resumed.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import psutil

from workbench.errors import BadInput, Cancelled, Refused
from workbench.records import Job
from workbench.settings import Report, user_name
from workbench.store import Store
from workbench.store import jobs as table

BEAT_SECONDS = 2.0
SILENT_SECONDS = 15.0  # five missed beats and some slack for a machine under load
START_SECONDS = 60.0  # after this a worker that has not begun must at least be there
LINE_SECONDS = 0.2  # progress is written at most this often
KINDS = (
    "import",
    "check",
    "train",
    "measure",
    "evaluate",
    "gaps",
    "models",
    "losses",
    "tickets",
    "copies",
    "suspects",
    "prompts",
    "probe",
    "judge",
    "study",
    "ship",
    "prefer",
    "recite",
    "repeat",
)


def start(store: Store, kind: str, settings: Mapping[str, Any]) -> Job:
    """Starts a long piece of work in a process of its own session and returns at once."""
    if kind not in KINDS:
        raise BadInput(f'There is no job of the kind "{kind}"; there are: {", ".join(KINDS)}.')
    job = table.add(store, kind, settings, user_name())
    _spawn(store, job.id)
    return job


def resume(store: Store, job_id: int) -> Job:
    """Starts a job again that was stopped, failed or is lost; it goes on from its last checkpoint where it has one."""
    job = get(store, job_id)
    if not job.over:
        raise Refused(f"Job {job_id} is still {job.state}: there is nothing to resume.")
    if job.state == "done":
        raise Refused(f"Job {job_id} is done: there is nothing to resume.")
    if table.release(store, job_id):
        _spawn(store, job_id)
    return table.get(store, job_id)


def get(store: Store, job_id: int) -> Job:
    """A job as it stands: one that claims to run without a living process shows as lost."""
    return _as_it_stands(table.get(store, job_id))


def listed(store: Store, *, kind: str | None = None, limit: int = 100) -> list[Job]:
    """The newest jobs first, each as it stands."""
    return [_as_it_stands(job) for job in table.listed(store, kind=kind, limit=limit)]


def stop(store: Store, job_id: int) -> Job:
    """Asks a job to stop; it does so at its next step, after saving what it has."""
    job = get(store, job_id)
    if job.over:
        raise Refused(f"Job {job_id} is {job.state} already.")
    table.note(store, job_id, stop=True)
    return table.get(store, job_id)


def watch(store: Store, job_id: int, *, every: float = 0.5) -> Iterator[Job]:
    """The job each time its line, share or state has changed, until it is over. every: seconds between looks."""
    seen: tuple[Any, ...] | None = None
    while True:
        job = get(store, job_id)
        if (job.state, job.done, job.line) != seen:
            seen = (job.state, job.done, job.line)
            yield job
        if job.over:
            return
        time.sleep(every)


def log_path(store: Store, job_id: int) -> Path:
    """Where a job's process writes what it prints."""
    return store.folder("jobs") / f"{job_id}.log"


def reporter(store: Store, job_id: int) -> Report:
    """The `report` of a running job: writes progress and a beat, and raises Cancelled once a stop was asked for."""
    last = 0.0

    def report(done: float, line: str) -> None:
        nonlocal last
        moment = time.monotonic()
        if moment - last < LINE_SECONDS and done < 1:
            return
        last = moment
        if table.stop_wanted(store, job_id):
            raise Cancelled
        table.note(store, job_id, done=min(max(done, 0.0), 1.0), line=line[:500], beat=time.time())

    return report


def _spawn(store: Store, job_id: int) -> None:
    environment = {**os.environ, "GOLDLOOP_STORE": str(store.root), "GOLDLOOP_DATABASE": store.database or ""}
    # spinning OpenMP threads starve each other on a shared machine: measured 1.7 times slower
    environment.setdefault("GOMP_SPINCOUNT", "0")
    with log_path(store, job_id).open("ab") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "workbench.worker", str(job_id)],
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,
            env=environment,
        )
    try:
        created = psutil.Process(process.pid).create_time()
    except psutil.Error:  # over already: its log says why, and nothing waits for it
        return
    table.spawned(store, job_id, host=socket.gethostname(), pid=process.pid, pid_created=created)


def _as_it_stands(job: Job) -> Job:
    silent = time.time() - job.beat
    if job.state == "waiting" and silent > START_SECONDS and not _alive(job, silent):
        return replace(job, state="lost", line="never started; see its log, then resume it")
    if job.state == "running" and not _alive(job, silent):
        return replace(job, state="lost", line=f"stopped without a word at: {job.line}")
    return job


def _alive(job: Job, silent: float) -> bool:
    """True while the very process that was made for the job, or took it, lives; a reused pid does not count.

    Of a process on another host only its beat can tell.
    """
    if job.host != socket.gethostname() or job.pid is None or job.pid_created is None:
        return silent < SILENT_SECONDS
    try:
        process = psutil.Process(job.pid)
        return abs(process.create_time() - job.pid_created) < 1.0 and process.status() != psutil.STATUS_ZOMBIE
    except psutil.Error:
        return False
