"""Jobs are processes of their own: they outlive their starter, stop on request and show as lost when killed."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from workbench import history, jobs
from workbench.errors import BadInput, Cancelled, NotFound, Refused
from workbench.records import Job
from workbench.rows import Rows
from workbench.store import Store, datasets
from workbench.store import jobs as table

WAIT_SECONDS = 240  # a worker on a crowded machine


def until_over(store: Store, job_id: int) -> Job:
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        job = jobs.get(store, job_id)
        if job.over:
            return job
        time.sleep(0.1)
    raise AssertionError(f"job {job_id} did not end: {job}")


def test_a_job_does_its_work_in_another_process(store: Store) -> None:
    history.commit(store, None, Rows.of("One.", ""), dataset="desk", verb="import", settings={})
    job = until_over(store, jobs.start(store, "check", {"only": ["empty_turn"]}).id)
    assert (job.state, job.done) == ("done", 1.0)
    assert job.result == {"version": "desk@1", "findings": 1}
    assert job.pid != os.getpid()


def test_a_job_outlives_the_process_that_started_it(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "rows.jsonl"
    source.write_text('{"messages": [{"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}]}\n' * 3)
    code = (
        "import os, sys; from workbench import jobs; from workbench.store import Store\n"
        "job = jobs.start(Store.open(sys.argv[1]), 'import', {'path': sys.argv[2], 'name': 'desk'})\n"
        "print(job.id, flush=True); os.kill(os.getpid(), 9)"
    )
    starter = subprocess.run([sys.executable, "-c", code, store.root, source], capture_output=True, text=True)
    assert starter.returncode == -signal.SIGKILL
    assert until_over(store, int(starter.stdout)).state == "done"
    assert datasets.version(store, "desk").size == 3


def test_a_mistake_in_a_job_is_told_in_one_sentence(store: Store) -> None:
    job = until_over(store, jobs.start(store, "import", {"path": "/nowhere/at-all.jsonl"}).id)
    assert job.state == "failed"
    assert "at-all.jsonl" in job.error
    assert "Traceback" not in job.error


def test_a_killed_job_shows_as_lost_and_can_be_resumed(store: Store) -> None:
    history.commit(store, None, Rows.of("One."), dataset="desk", verb="import", settings={})
    job = table.add(store, "check", {"only": ["empty_turn"]}, "ada")
    code = (
        "import os, socket, sys, time; import psutil; from workbench.store import Store, jobs\n"
        "me = psutil.Process(); store = Store.open(sys.argv[1])\n"
        "jobs.claim(store, int(sys.argv[2]), host=socket.gethostname(), pid=me.pid, pid_created=me.create_time())\n"
        "jobs.note(store, int(sys.argv[2]), line='halfway', done=0.5); print('taken', flush=True); time.sleep(60)"
    )
    process = subprocess.Popen([sys.executable, "-c", code, store.root, str(job.id)], stdout=subprocess.PIPE)
    assert process.stdout is not None
    process.stdout.readline()
    assert jobs.get(store, job.id).state == "running"
    process.kill()
    process.wait()
    lost = jobs.get(store, job.id)
    assert (lost.state, lost.line) == ("lost", "stopped without a word at: halfway")
    jobs.resume(store, job.id)
    assert until_over(store, job.id).state == "done"


def test_a_reused_process_number_is_not_taken_for_the_job(store: Store) -> None:
    import socket

    job = table.add(store, "check", {}, "ada")
    table.claim(store, job.id, host=socket.gethostname(), pid=os.getpid(), pid_created=12345.0)
    assert jobs.get(store, job.id).state == "lost"


def test_a_worker_that_takes_minutes_to_begin_is_not_lost_while_its_process_lives(store: Store) -> None:
    import socket

    import psutil

    job = table.add(store, "check", {}, "ada")
    table.note(store, job.id, beat=time.time() - 10 * jobs.START_SECONDS)
    slow = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    created = psutil.Process(slow.pid).create_time()
    table.spawned(store, job.id, host=socket.gethostname(), pid=slow.pid, pid_created=created)
    assert jobs.get(store, job.id).state == "waiting"
    slow.kill()
    slow.wait()
    gone = jobs.get(store, job.id)
    assert (gone.state, gone.line) == ("lost", "never started; see its log, then resume it")


def test_a_wanted_stop_reaches_the_work_as_cancelled(store: Store) -> None:
    job = table.add(store, "check", {}, "ada")
    report = jobs.reporter(store, job.id)
    report(0.1, "going")
    jobs.stop(store, job.id)
    time.sleep(jobs.LINE_SECONDS)  # between two lines
    with pytest.raises(Cancelled):
        report(0.2, "still going")


def test_a_job_that_is_over_cannot_be_stopped_nor_a_done_one_resumed(store: Store) -> None:
    job = table.add(store, "check", {}, "ada")
    table.note(store, job.id, state="done")
    with pytest.raises(Refused, match="is done already"):
        jobs.stop(store, job.id)
    with pytest.raises(Refused, match="nothing to resume"):
        jobs.resume(store, job.id)


def test_an_unknown_job_or_kind_is_named(store: Store) -> None:
    with pytest.raises(NotFound, match="no job 77"):
        jobs.get(store, 77)
    with pytest.raises(BadInput, match='no job of the kind "party"'):
        jobs.start(store, "party", {})


def test_an_import_killed_in_the_middle_leaves_nothing_half_made_and_can_be_resumed(
    store: Store, tmp_path: Path
) -> None:
    source = tmp_path / "many.jsonl"
    source.write_text("".join(f'{{"prompt": "Question {n}?", "completion": "Answer {n}."}}\n' for n in range(60_000)))
    for name in ("desk", "desk 2", "desk 3", "desk 4", "desk 5"):
        before = datasets.names(store)
        job = jobs.start(store, "import", {"path": str(source), "name": name})
        while "examples read" not in (now := jobs.get(store, job.id)).line and not now.over:
            time.sleep(0.02)
        assert now.pid is not None
        os.kill(now.pid, signal.SIGKILL)
        lost = until_over(store, job.id)
        if name not in datasets.names(store):
            break
        assert datasets.version(store, name).size == 60_000  # the rows were saved before the kill came: once more
    assert lost.state == "lost"
    assert datasets.names(Store.open(store.root)) == before
    jobs.resume(store, job.id)
    assert until_over(store, job.id).state == "done"
    assert datasets.version(store, name).size == 60_000


def test_tickets_are_mined_and_copies_found_as_jobs(store: Store, tmp_path: Path) -> None:
    source = tmp_path / "tickets.csv"
    source.write_text("body,answer\n" + "My parcel never came to me,We look for it\n" * 2)
    mined = until_over(store, jobs.start(store, "tickets", {"path": str(source), "name": "drafts"}).id)
    assert mined.result is not None
    (asked,) = mined.result["asked"]
    assert (mined.result["version"], mined.result["intents"], mined.result["tickets"]) == ("drafts@1", 1, 2)
    assert (asked["count"], asked["share"], asked["answered"]) == (2, 1.0, 2)
    looked = jobs.start(store, "tickets", {"path": str(source), "name": "only a look", "preview": True})
    seen = until_over(store, looked.id)
    assert seen.result is not None
    assert seen.result["version"] is None
    assert datasets.names(store) == ["drafts"]
    long = "The parcel leaves our house on the day after the order was paid in full."
    history.commit(store, None, Rows.of(("Q", long), ("Q", long)), dataset="desk", verb="import", settings={})
    found = until_over(store, jobs.start(store, "copies", {"version": "desk"}).id)
    assert found.result == {"of": "desk@1", "pairs": 1, "copies": 1}
