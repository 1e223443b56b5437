"""A run that is killed with -9, stopped, or left with torn files goes on as if nothing had happened."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from training.errors import NotResumable
from training.plan import TrainingPlan
from training.result import read_metrics, read_training
from training.run.lora import train
from training.run.repeat import unlike

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def plan(tiny_model: Path) -> TrainingPlan:
    return TrainingPlan(
        model=str(tiny_model), epochs=2, batch_size=2, accumulation=2, learning_rate=0.02, dropout=0.1, rank=4,
        precision="fp32", evaluations_per_epoch=3,
    )  # fmt: skip


@pytest.fixture(scope="module")
def whole(plan: TrainingPlan, few_rows: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a run that nobody disturbed: 12 steps, evaluated after every second one."""
    out = tmp_path_factory.mktemp("whole") / "run"
    train(plan, few_rows, out)
    return out


class Stop(Exception):
    pass


def stopped(plan: TrainingPlan, rows: pl.DataFrame, out: Path, step: int) -> None:
    def report(done: float, line: str) -> None:
        if line.startswith(f"step {step} "):
            raise Stop

    with pytest.raises(Stop):
        train(plan, rows, out, report=report)


def test_killed_at_any_moment_a_run_ends_with_the_same_bits() -> None:
    """Kills before file changes, after a time, half-way through checkpoints, and during resumes.

    Other moments than these are looked for with another GOLDLOOP_KILL_SEED, and by benchmarks/kill_loop.py.
    """
    seed = os.environ.get("GOLDLOOP_KILL_SEED", "7")
    command = [sys.executable, "benchmarks/kill_loop.py", "--cases", "every step", "--kills", "4", "--cold", "0",
               "--seed", seed]  # fmt: skip
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, f"GOLDLOOP_KILL_SEED={seed}\n{done.stdout[-3000:]}{done.stderr[-3000:]}"
    assert "0 runs unlike" in done.stdout


def test_a_run_asked_to_end_saves_and_says_how_to_go_on(
    plan: TrainingPlan, few_rows: pl.DataFrame, whole: Path, held_training: list[str], tmp_path: Path
) -> None:
    (tmp_path / "plan.json").write_text(plan.model_dump_json())
    few_rows.write_parquet(tmp_path / "rows.parquet")
    out, log = tmp_path / "out", tmp_path / "said.txt"
    command = [*held_training, str(tmp_path / "plan.json"), str(tmp_path / "rows.parquet"), str(out)]
    held = {**os.environ, "HELD_AT": "1", "HELD_UNTIL": str(tmp_path / "asked")}
    with log.open("w") as said:
        child = subprocess.Popen(command, cwd=ROOT, env=held, stdout=subprocess.DEVNULL, stderr=said)
    while len(read_metrics(out)) < 2 and child.poll() is None:
        time.sleep(0.01)
    child.send_signal(signal.SIGTERM)
    (tmp_path / "asked").touch()
    assert child.wait() == 143, log.read_text()
    assert log.read_text().strip().endswith(f"{out} --resume")
    assert (out / "checkpoints/checkpoint-1/complete.json").is_file()
    train(plan, few_rows, out, resume=True)
    assert unlike(whole, out) == []


def test_a_run_killed_between_its_last_step_and_its_adapter_only_ends(
    plan: TrainingPlan, few_rows: pl.DataFrame, whole: Path, tmp_path: Path
) -> None:
    stopped(plan, few_rows, tmp_path / "out", 12)
    result = train(plan, few_rows, tmp_path / "out", resume=True)
    assert (result.steps, result.ended) == (12, "finished")
    assert unlike(whole, tmp_path / "out") == []


@pytest.mark.parametrize(
    "torn",
    ["checkpoints/checkpoint-5/optimizer.pt", "checkpoints/checkpoint-5/trainer_state.json",
     "checkpoints/checkpoint-5/adapter_model.safetensors", "checkpoints/checkpoint-5/rng_state.pth",
     "checkpoints/checkpoint-5/complete.json", "metrics.jsonl", "provenance.json", "plan.json"],
)  # fmt: skip
def test_a_file_cut_in_half_by_a_power_cut_does_not_change_the_end(
    plan: TrainingPlan, few_rows: pl.DataFrame, whole: Path, tmp_path: Path, torn: str
) -> None:
    out = tmp_path / "out"
    stopped(plan, few_rows, out, 5)
    file = out / torn
    file.write_bytes(file.read_bytes()[: file.stat().st_size // 2])
    train(plan, few_rows, out, resume=True)
    assert unlike(whole, out) == []


def test_without_what_it_was_begun_with_a_run_is_not_resumed(
    plan: TrainingPlan, few_rows: pl.DataFrame, tmp_path: Path
) -> None:
    stopped(plan, few_rows, tmp_path / "out", 3)
    (tmp_path / "out/run.json").write_text('{"plan": {"mod')
    with pytest.raises(NotResumable, match=r"run\.json is missing or damaged"):
        train(plan, few_rows, tmp_path / "out", resume=True)


def test_an_adapter_damaged_after_the_end_is_made_again_from_its_checkpoint(
    plan: TrainingPlan, few_rows: pl.DataFrame, whole: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    train(plan, few_rows, out)
    weights = out / "adapter/adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:50])
    train(plan, few_rows, out, resume=True)
    assert unlike(whole, out) == []


def test_a_run_begun_before_a_knob_existed_goes_on_with_its_default(
    plan: TrainingPlan, few_rows: pl.DataFrame, whole: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out"
    stopped(plan, few_rows, out, 4)
    facts = json.loads((out / "run.json").read_text())
    for young in ("method", "untrainable", "report_to"):
        del facts["plan"][young]
    del facts["eval_batch"]
    (out / "run.json").write_text(json.dumps(facts))
    (out / "provenance.json").unlink()
    (out / "metrics.jsonl").write_text("".join(older(line) for line in read_metrics(out)))
    train(plan, few_rows, out, resume=True)
    assert unlike(whole, out) == []


def older(line: dict[str, Any]) -> str:
    """A metric line as it was before memory and energy were counted."""
    young = ("memory", "joules", "eval_memory", "eval_seconds")
    return json.dumps({key: value for key, value in line.items() if key not in young}) + "\n"


def test_a_result_from_before_the_new_figures_is_still_read(whole: Path, tmp_path: Path) -> None:
    facts = json.loads((whole / "training.json").read_text())
    for young in ("eval_peak_memory", "seconds_evaluating", "seconds_loading", "seconds_ending", "joules"):
        del facts[young]
    (tmp_path / "training.json").write_text(json.dumps(facts))
    result = read_training(tmp_path)
    assert result is not None
    assert (result.eval_peak_memory, result.joules, result.steps) == (0, None, 12)


def test_a_run_resumed_after_its_patience_was_over_does_not_go_on(
    plan: TrainingPlan, few_rows: pl.DataFrame, tmp_path: Path
) -> None:
    still = plan.model_copy(update={"learning_rate": 1e-12, "evaluations_per_epoch": 6, "patience": 2, "save_every": 1})
    train(still, few_rows, tmp_path / "whole")
    stopped(still, few_rows, tmp_path / "out", 3)  # the step after which patience is over
    result = train(still, few_rows, tmp_path / "out", resume=True)
    assert (result.steps, result.ended) == (3, "stopped early")
    assert unlike(tmp_path / "whole", tmp_path / "out") == []


def test_patience_counts_on_across_a_resume(plan: TrainingPlan, few_rows: pl.DataFrame, tmp_path: Path) -> None:
    still = plan.model_copy(update={"learning_rate": 1e-12, "evaluations_per_epoch": 6, "patience": 3})
    train(still, few_rows, tmp_path / "whole")
    stopped(still, few_rows, tmp_path / "out", 2)
    result = train(still, few_rows, tmp_path / "out", resume=True)
    assert (result.steps, result.ended) == (4, "stopped early")
    assert unlike(tmp_path / "whole", tmp_path / "out") == []


def test_a_run_is_not_resumed_with_other_files_of_its_base_model(
    plan: TrainingPlan, few_rows: pl.DataFrame, tiny_model: Path, tmp_path: Path
) -> None:
    moved = tmp_path / "moved"
    shutil.copytree(tiny_model, moved)
    stopped(plan, few_rows, tmp_path / "out", 2)
    elsewhere = plan.model_copy(update={"model": str(moved)})
    config = json.loads((moved / "config.json").read_text())
    (moved / "config.json").write_text(json.dumps({**config, "rms_norm_eps": 1e-3}))
    with pytest.raises(NotResumable, match="begun with other files of the base model"):
        train(elsewhere, few_rows, tmp_path / "out", resume=True)
