"""A loss that is not a number ends a run at its last good checkpoint, or, without one, with an error."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import polars as pl
import pytest

from training.adapters.adapter import check_adapter
from training.errors import Diverged
from training.plan import TrainingPlan
from training.result import NOT_A_NUMBER, read_metrics, read_training
from training.run.checkpoints import seal
from training.run.lora import train
from training.run.tally import Tally
from training.run.watch import Watch


@pytest.fixture(scope="module")
def wild(tiny_model: Path) -> TrainingPlan:
    """A rate that rises from 0 for six steps of twelve to 1e30: the first step is good, then the weights burst.

    Past the bounds of the knob: under the largest rate that it takes some processors' rounding bursts, another's not.
    """
    begun = TrainingPlan(
        model=str(tiny_model), epochs=2, batch_size=4, alpha=2048, rank=1, warmup=0.5, max_gradient=1000.0,
        precision="fp32",
    )  # fmt: skip
    return begun.model_copy(update={"learning_rate": 1e30})


def test_the_last_good_step_is_kept_and_the_result_says_so(
    wild: TrainingPlan, few_rows: pl.DataFrame, tmp_path: Path
) -> None:
    result = train(wild.model_copy(update={"evaluations_per_epoch": 6}), few_rows, tmp_path / "out")
    assert result.ended == NOT_A_NUMBER == "stopped at a loss that was not a number"
    assert 1 <= result.best_step <= result.steps < 12
    assert len(result.losses) == result.steps
    assert check_adapter(Path(result.adapter)).parameters > 0  # raises where a weight is no number
    assert "is no longer a number at step" in result.notes[0]
    assert f"Kept is step {result.best_step}" in result.notes[0]
    assert read_metrics(tmp_path / "out")[-1]["eval_loss"] is None


def test_resumed_it_stays_as_it_ended(wild: TrainingPlan, few_rows: pl.DataFrame, tmp_path: Path) -> None:
    plan = wild.model_copy(update={"evaluations_per_epoch": 6})
    result = train(plan, few_rows, tmp_path / "out")
    assert train(plan, few_rows, tmp_path / "out", resume=True) == result
    (tmp_path / "out/training.json").unlink()  # killed just before it was written
    again = train(plan, few_rows, tmp_path / "out", resume=True)
    timed = ("seconds", "seconds_evaluating", "seconds_loading", "seconds_ending", "peak_memory", "eval_peak_memory",
             "joules")  # fmt: skip
    for one in (result, again):
        assert one.ended == NOT_A_NUMBER
    assert {k: v for k, v in dataclasses.asdict(again).items() if k not in timed} == {
        k: v for k, v in dataclasses.asdict(result).items() if k not in timed
    }


def test_without_a_good_step_there_is_nothing_to_keep(
    wild: TrainingPlan, few_rows: pl.DataFrame, tmp_path: Path
) -> None:
    with pytest.raises(Diverged, match=r"no longer a number at step .*begin a new run with a tenth of it \(1e\+29\)"):
        train(wild.model_copy(update={"warmup": 0.0, "save_every": 100}), few_rows, tmp_path / "out")
    assert read_training(tmp_path / "out") is None


def test_without_validation_the_good_step_is_one_whose_weights_gave_a_finite_loss(tmp_path: Path) -> None:
    for step in (2, 3, 4):
        folder = tmp_path / f"checkpoint-{step}"
        folder.mkdir()
        (folder / "weights").write_text("1")
        seal(folder)
    lines = [{"step": 0, "loss": None, "eval_loss": None, "tokens": 0, "seconds": 0.0}]
    lines += [{**lines[0], "step": step, "loss": 1.0} for step in (1, 2, 3, 4)]
    lines += [{**lines[0], "step": 5, "loss": None}]  # that of the weights after step 4
    arguments = type("Arguments", (), {"output_dir": str(tmp_path)})
    watch = Watch(
        out=tmp_path, plan=TrainingPlan(), trainer=type("Trainer", (), {"args": arguments}), steps=9, per_epoch=9,
        validate=None, report=lambda done, line: None, lines=lines,
        tally=Tally(lines, peak=None, meter=None),  # type: ignore[arg-type]
    )  # fmt: skip
    assert watch.good_step() == 3
