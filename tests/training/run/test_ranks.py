"""Several processes of one run: real ones, on this processor, against one process with the same rows a step."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from training.errors import PlanError
from training.result import read_metrics
from training.run import ranks
from training.run.trainer import LengthOrder

ROOT = Path(__file__).resolve().parents[3]
TRAINING = (sys.executable, "-m", "training")
CLOSE = 1e-5  # sums in another order round differently; 1e-6 was seen
PLAN = {"epochs": 2, "batch_size": 4, "accumulation": 2, "precision": "fp32", "learning_rate": 1e-2, "max_length": 256}


@dataclass
class Job:
    """The two processes of a run, and where they work."""

    processes: list[subprocess.Popen[str]]
    out: Path

    def wait(self) -> list[int]:
        return [one.wait(timeout=500) for one in self.processes]

    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in (self.out / "metrics.jsonl").read_text("utf-8").splitlines()]


@pytest.fixture(scope="module")
def given(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with plan.json and rows.parquet: replies of very unequal length, and an odd number of them."""
    folder = tmp_path_factory.mktemp("ranks")
    (folder / "plan.json").write_text(json.dumps({**PLAN, "model": str(tiny_model)}), "utf-8")
    said = [f"it is {n}" + " and on" * (20 if n % 5 == 0 else 0) for n in range(24)]
    turns = [[{"role": "user", "content": f"say {n}"}, {"role": "assistant", "content": said[n]}] for n in range(24)]
    rows = pl.DataFrame({"row_id": [f"r{n}" for n in range(24)], "messages": turns})
    rows.write_parquet(folder / "rows.parquet")
    return folder


@pytest.fixture(scope="module")
def alone(given: Path, tiny_model: Path) -> Path:
    """The same run in one process."""
    from training.plan import TrainingPlan
    from training.run.lora import train

    train(TrainingPlan(**PLAN, model=str(tiny_model)), pl.read_parquet(given / "rows.parquet"), given / "alone")
    return given / "alone"


def start(
    given: Path, port: int, out: str, *more: str, count: int = 2, training: tuple[str, ...] = TRAINING, **known: str
) -> Job:
    """What `accelerate launch` starts, without its own second of waiting."""
    shared = {**os.environ, **known, "WORLD_SIZE": str(count), "MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(port)}
    shared |= {"OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}
    command = [*training, str(given / "plan.json"), str(given / "rows.parquet")]
    processes = []
    for number in range(count):
        log = (given / f"{out}-{number}.log").open("w")
        own = {**shared, "RANK": str(number), "LOCAL_RANK": str(number)}
        processes.append(
            subprocess.Popen([*command, str(given / out), *more], cwd=ROOT, env=own, stdout=log, stderr=log, text=True)
        )
    return Job(processes, given / out)


def assert_like(job: Job, alone: Path) -> None:
    from safetensors.torch import load_file

    other = [json.loads(line) for line in (alone / "metrics.jsonl").read_text("utf-8").splitlines()]
    assert [line["step"] for line in job.lines()] == [line["step"] for line in other]
    for mine, theirs in zip(job.lines(), other, strict=True):
        assert mine["tokens"] == theirs["tokens"]
        for name in ("loss", "eval_loss", "grad_norm", "lr"):
            assert mine[name] == (theirs[name] if theirs[name] is None else pytest.approx(theirs[name], abs=CLOSE))
    one, two = (load_file(folder / "adapter" / "adapter_model.safetensors") for folder in (alone, job.out))
    assert one.keys() == two.keys()
    assert max(float((one[name] - two[name]).abs().max()) for name in one) < CLOSE


def test_two_processes_learn_what_one_does(given: Path, alone: Path, free_port: Callable[[], int]) -> None:
    job = start(given, free_port(), "both")
    assert job.wait() == [0, 0]
    assert_like(job, alone)
    assert {"rng_state_0.pth", "rng_state_1.pth"} <= {one.name for one in job.out.glob("checkpoints/*/*")}
    assert json.loads((job.out / "provenance.json").read_text("utf-8"))["processes"] == 2
    assert "step 1 of" not in (given / "both-1.log").read_text("utf-8")  # only the first one talks


def test_a_stop_of_one_process_saves_a_checkpoint_and_ends_both_and_the_run_goes_on(
    given: Path, alone: Path, held_training: list[str], free_port: Callable[[], int], tmp_path: Path
) -> None:
    # the first process stands still behind a step's line, and the second one cannot go on without it
    held = {"HELD_AT": "1", "HELD_UNTIL": str(tmp_path / "asked")}
    job = start(given, free_port(), "stopped", "--set", "save_every=100", training=tuple(held_training), **held)
    while len(read_metrics(job.out)) < 2 and not any(one.poll() for one in job.processes):
        time.sleep(0.01)
    job.processes[1].send_signal(signal.SIGTERM)
    (tmp_path / "asked").touch()
    assert job.wait() == [2, 143]
    last = job.lines()[-1]["step"]
    assert (job.out / "checkpoints" / f"checkpoint-{last}" / "complete.json").is_file()
    again = start(given, free_port(), "stopped", "--set", "save_every=100", "--resume")
    assert again.wait() == [0, 0]
    assert_like(again, alone)


def test_an_epoch_is_made_whole_with_rows_of_no_tokens() -> None:
    order = LengthOrder([5] * 9, step_rows=8, seed=0, epoch=lambda: 0, among=4)
    read = list(order)
    assert len(order) == len(read) == 12
    assert sorted(read[:9]) == list(range(9))
    assert read[9:] == [9, 9, 9]


def test_rows_that_cannot_be_divided_evenly_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "3")
    with pytest.raises(PlanError, match=r"batch_size=8 rows cannot be divided evenly among 3 processes\. Set batch_siz"
                       r"e to 9, or start 1 or 2 or 4 or 8 processes"):  # fmt: skip
        ranks.share_of(8)
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert ranks.share_of(8) == 4


def test_what_would_fail_while_python_is_taken_down_does_not_end_a_run_of_several_that_is_done() -> None:
    lines = [
        "import atexit, os",
        "from training.run import ranks",
        "class Late:",
        "    def __del__(self): os.abort()",
        "late = Late()",
        "atexit.register(print, 'what others asked for')",
        "print('done')",
        "ranks.leave(3)",
    ]
    own = {**os.environ, "WORLD_SIZE": "2", "RANK": "0"}
    ended = subprocess.run([sys.executable, "-c", "\n".join(lines)], cwd=ROOT, env=own, capture_output=True, text=True)
    assert (ended.returncode, ended.stdout) == (3, "done\nwhat others asked for\n")


def test_one_process_needs_nobody() -> None:
    assert ranks.once(lambda: "done") == "done"
    assert ranks.sums([1.5, 2.0]) == [1.5, 2.0]
    assert ranks.is_first()
