"""A training job whose worker is killed with -9 and resumed ends as one that was not: the run, and the store."""

from __future__ import annotations

import hashlib
import importlib.util
import os
import random
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from training.result import read_metrics
from workbench import jobs
from workbench.actions.freeze_golden import freeze_golden
from workbench.actions.train import train
from workbench.records import Job, Run
from workbench.rows import Rows
from workbench.store import Store, datasets, runs

spec = importlib.util.spec_from_file_location("toy_models", Path(__file__).parents[1] / "training" / "conftest.py")
assert spec is not None
assert spec.loader is not None
toys = importlib.util.module_from_spec(spec)
spec.loader.exec_module(toys)
tiny_model, chatml = toys.tiny_model, toys.chatml

WAIT_SECONDS = 900  # workers that start on a crowded machine
pytestmark = pytest.mark.timeout(1800)
SETTINGS = ("max_steps=24", "batch_size=4", "learning_rate=0.02", "dropout=0.1", "rank=4", "save_every=2")


@pytest.fixture
def desk(store: Store, fifty_rows: Rows) -> Store:
    datasets.add_version(store, "desk", fifty_rows, parent=None, verb="import", settings={}, counts={}, who="Ann")
    freeze_golden(store, "desk", share=0.2, seed=0)
    return store


def until(what: Callable[[], bool], store: Store, job_id: int) -> Job:
    """The job as it stands when `what` holds or the job is over."""
    end = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < end:
        job = jobs.get(store, job_id)
        if job.over or what():
            return job
        time.sleep(0.01)
    raise AssertionError(f"job {job_id} did not come so far: {job}")


def kill(store: Store, job_id: int) -> str:
    """Kills the worker, and gives the state of the job that comes of it: "done" where it was over before."""
    job = jobs.get(store, job_id)
    assert job.pid is not None
    os.kill(job.pid, signal.SIGKILL)
    return until(lambda: False, store, job_id).state


def learned(store: Store, run: Run) -> str:
    adapter = runs.folder(store, run.id) / "adapter" / "adapter_model.safetensors"
    return hashlib.sha256(adapter.read_bytes()).hexdigest()


def curve(store: Store, run: Run) -> list[tuple[object, ...]]:
    kept = ("step", "loss", "eval_loss", "lr", "grad_norm", "tokens")
    return [tuple(line.get(key) for key in kept) for line in read_metrics(runs.folder(store, run.id))]


def test_a_worker_killed_before_its_first_step_and_in_the_middle_leaves_one_run_with_the_same_bits(
    desk: Store, tiny_model: Path
) -> None:
    undisturbed = train(desk, "desk", model=str(tiny_model), settings=SETTINGS)
    seed = random.SystemRandom().randrange(10**6)
    chance, before = random.Random(seed), {undisturbed.id}
    for _ in range(5):
        step = chance.randint(1, 20)
        job = jobs.start(desk, "train", {"version": "desk", "model": str(tiny_model), "settings": list(SETTINGS)})
        until(lambda job=job: runs.of_job(desk, job.id) is not None, desk, job.id)
        state = kill(desk, job.id)
        run = runs.of_job(desk, job.id)
        assert run is not None
        if runs.get(desk, run.id).result is not None:
            before.add(run.id)  # it had ended before the kill came: once more
            continue
        assert state == "lost"
        jobs.resume(desk, job.id)
        folder = runs.folder(desk, run.id)
        until(lambda folder=folder, step=step: len(read_metrics(folder)) > step, desk, job.id)
        state = kill(desk, job.id)
        if runs.get(desk, run.id).result is None:
            break
        before.add(run.id)  # it had ended before the kill came: once more
    assert state == "lost"
    assert runs.get(desk, run.id).result is None
    jobs.resume(desk, job.id)
    done = until(lambda: False, desk, job.id)
    assert (done.state, done.result) == ("done", {"run": run.id}), f"seed {seed}: {done}"
    assert {one.id for one in runs.listed(desk)} == {*before, run.id}
    assert curve(desk, run) == curve(desk, undisturbed), f"seed {seed}"
    assert learned(desk, run) == learned(desk, undisturbed), f"seed {seed}"
    finished = runs.get(desk, run.id)
    assert finished.result is not None
    assert finished.result["losses"] == (undisturbed.result or {})["losses"]
    assert (finished.provenance or {})["plan_hash"] == (undisturbed.provenance or {})["plan_hash"]
