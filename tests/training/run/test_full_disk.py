"""A disk that is really full: a small file system in memory, mounted for one process."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from training.errors import DiskFull
from training.plan import TrainingPlan
from training.run.checkpoints import complete_ones, demand_room, full_disk

ROOT = Path(__file__).resolve().parents[3]

# In a mount namespace of its own: a run on a disk of 12 MB, which a ballast file fills when a line begins as asked;
# then the ballast goes and the run is resumed. Prints what each said.
CHILD = """
import json, subprocess, sys
from pathlib import Path
disk, plan_file, rows_file, when, left = Path(sys.argv[1]), sys.argv[2], sys.argv[3], sys.argv[4], int(sys.argv[5])
subprocess.run(["mount", "-t", "tmpfs", "-o", "size=12m", "tmpfs", str(disk)], check=True)
import shutil
import polars as pl
from training.run import lora, steps
from training.errors import TrainingError
from training.plan import TrainingPlan
from training.result import read_training, read_metrics
steps.BESIDES = 100_000  # what a checkpoint of this tiny model holds besides its weights
plan, rows, out = TrainingPlan.read(Path(plan_file).read_text()), pl.read_parquet(rows_file), disk / "run"
ballast = disk / "ballast"

def report(done, line):
    if line.startswith(when) and not ballast.exists():
        ballast.write_bytes(b"0" * max(0, shutil.disk_usage(disk).free - left))

told = {"error": None}
try:
    lora.train(plan, rows, out, report=report)
except TrainingError as problem:
    told["error"], told["kind"] = str(problem), type(problem).__name__
told["checkpoints"] = sorted(path.name for path in (out / "checkpoints").glob("*") if (path / "complete.json").exists())
told["steps"] = [line["step"] for line in read_metrics(out)]
ballast.unlink(missing_ok=True)
told["losses"] = lora.train(plan, rows, out, resume=True).losses
told["free"] = lora.train(plan, rows, disk / "undisturbed").losses
print(json.dumps(told))
"""


def may_mount() -> bool:
    if sys.platform != "linux" or shutil.which("unshare") is None:
        return False
    tried = subprocess.run(
        ["unshare", "-Urm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True, check=False
    )
    return tried.returncode == 0


def on_a_small_disk(plan: TrainingPlan, rows: pl.DataFrame, work: Path, when: str, left: int) -> dict[str, Any]:
    if not may_mount():
        pytest.skip("NOT TESTED on a full disk: this system does not let a process mount one of its own")
    (work / "disk").mkdir()
    (work / "plan.json").write_text(plan.model_dump_json())
    rows.write_parquet(work / "rows.parquet")
    done = subprocess.run(
        ["unshare", "-Urm", sys.executable, "-c", CHILD, str(work / "disk"), str(work / "plan.json"),
         str(work / "rows.parquet"), when, str(left)],
        cwd=ROOT, capture_output=True, text=True, check=False, env=dict(os.environ),
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    return dict(json.loads(done.stdout.splitlines()[-1]))


@pytest.fixture(scope="module")
def plan(tiny_model: Path) -> TrainingPlan:
    return TrainingPlan(model=str(tiny_model), batch_size=4, learning_rate=0.02, rank=16, max_steps=6, save_every=2,
                        precision="fp32", validation_share=0.0)  # fmt: skip


@pytest.mark.parametrize(
    ("when", "left", "checkpoints"),
    [
        ("step 3 of", 120_000, ["checkpoint-2"]),  # its optimizer does not fit
        ("step 2 of", 0, ["checkpoint-2"]),  # not even a metric line fits
        ("saving the adapter", 0, ["checkpoint-4", "checkpoint-6"]),
    ],
)
def test_a_disk_that_fills_up_is_told_the_last_checkpoint_stands_and_the_run_goes_on_when_there_is_room(
    plan: TrainingPlan, few_rows: pl.DataFrame, tmp_path: Path, when: str, left: int, checkpoints: list[str]
) -> None:
    told = on_a_small_disk(plan, few_rows, tmp_path, when, left)
    assert told["kind"] == "DiskFull"
    assert told["error"].startswith("the disk is full (")
    assert str(tmp_path / "disk/run") in told["error"]
    assert "a checkpoint takes " in told["error"]
    assert told["checkpoints"] == checkpoints
    assert told["losses"] == told["free"]


def test_a_run_that_will_not_fit_is_refused_before_its_first_step(
    plan: TrainingPlan, few_rows: pl.DataFrame, tmp_path: Path
) -> None:
    told = on_a_small_disk(plan, few_rows, tmp_path, "loading", 500_000)
    assert told["kind"] == "DiskFull"
    assert told["error"].startswith("the run needs ")
    assert told["error"].endswith("Make room, or choose a folder on another disk.")
    assert told["steps"] == []


def test_the_room_a_run_needs_is_three_checkpoints_the_one_being_written_and_what_it_learned(tmp_path: Path) -> None:
    free = shutil.disk_usage(tmp_path).free
    demand_room(tmp_path, checkpoint=free // 5, adapter=free // 100, saves=100)
    with pytest.raises(DiskFull, match=r"the run needs .* and only .* are free"):
        demand_room(tmp_path, checkpoint=free // 3, adapter=0, saves=100)
    demand_room(tmp_path, checkpoint=free // 3, adapter=0, saves=1)  # it saves but once


@pytest.mark.parametrize(
    "problem",
    [OSError(28, "No space left on device"), OSError(122, "Disk quota exceeded"), OSError(27, "File too large"),
     RuntimeError("[enforce fail at inline_container.cc:672] . unexpected pos 64 vs 0"),
     RuntimeError("Error while serializing: I/O error: No space left on device (os error 28)")],
)  # fmt: skip
def test_every_way_in_which_a_library_says_that_the_disk_is_full_is_known(problem: Exception, tmp_path: Path) -> None:
    assert isinstance(full_disk(problem, tmp_path), DiskFull)
    assert complete_ones(tmp_path) == []


def test_another_error_is_not_taken_for_a_full_disk(tmp_path: Path) -> None:
    assert full_disk(PermissionError(13, "Permission denied"), tmp_path) is None
