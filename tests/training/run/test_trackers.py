"""Trackers: none unless asked for, into the run's own folder, with the values of metrics.jsonl."""

from __future__ import annotations

import os
from pathlib import Path

import polars as pl
import pytest

from training.errors import PlanError
from training.plan import TrainingPlan
from training.result import read_metrics
from training.run import trackers
from training.run.lora import train
from training.run.trackers import names_of, refuse_missing, surroundings


class Enough(Exception):
    pass


def plan_for(model: Path, **knobs: object) -> TrainingPlan:
    return TrainingPlan.model_validate(
        {"model": str(model), "epochs": 2.0, "learning_rate": 1e-3, "validation_share": 0.2, "max_length": 64, **knobs}
    )


def scalars(out: Path, name: str) -> dict[int, float]:
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

    events = EventAccumulator(str(out / "trackers" / "tensorboard"))
    events.Reload()
    found = events.Scalars(name)
    assert len({event.step for event in found}) == len(found), "a step stands there twice"
    return {event.step: event.value for event in found}


def test_tensorboard_holds_the_very_values_of_the_metric_lines_also_of_a_stopped_and_resumed_run(
    tiny_model: Path, few_rows: pl.DataFrame, tmp_path: Path
) -> None:
    out = tmp_path / "run"
    plan = plan_for(tiny_model, report_to="tensorboard", batch_size=4, evaluations_per_epoch=2)

    def stop(done: float, line: str) -> None:
        if line.startswith("step 5 "):
            raise Enough

    with pytest.raises(Enough):
        train(plan, few_rows, out, report=stop)
    train(plan, few_rows, out, resume=True)
    lines = read_metrics(out)
    losses = {line["step"]: line["loss"] for line in lines if line["loss"] is not None}
    measured = {line["step"]: line["eval_loss"] for line in lines if line["eval_loss"] is not None}
    assert min(measured) == 0
    assert scalars(out, "train/loss") == pytest.approx(losses)
    assert scalars(out, "eval/loss") == pytest.approx(measured)
    assert scalars(out, "train/learning_rate") == pytest.approx({line["step"]: line["lr"] for line in lines[1:]})
    assert not [name for name in os.environ if name.startswith("TENSORBOARD_")]


def test_without_being_asked_a_run_writes_for_no_tracker_and_logs_nothing_more(
    tiny_model: Path, few_rows: pl.DataFrame, tmp_path: Path
) -> None:
    train(plan_for(tiny_model, max_steps=1), few_rows, tmp_path / "run")
    assert not (tmp_path / "run" / "trackers").exists()
    assert not list((tmp_path / "run").rglob("events*"))


def test_a_tracker_that_is_not_installed_is_refused_before_anything_is_begun(
    few_rows: pl.DataFrame, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(trackers.PACKAGES, "trackio", "a_package_that_nobody_has")
    with pytest.raises(PlanError, match=r"pip install a_package_that_nobody_has"):
        train(plan_for(tmp_path / "no-model", report_to="trackio"), few_rows, tmp_path / "run")
    assert not (tmp_path / "run").exists()


def test_none_and_several_trackers_are_read_from_the_knob() -> None:
    assert names_of("none") == []
    assert names_of("tensorboard,wandb") == ["tensorboard", "wandb"]
    refuse_missing("none")
    with pytest.raises(PlanError, match="there is no tracker"):
        refuse_missing("all")


def test_every_tracker_writes_into_the_runs_own_folder_and_none_reports_of_itself(tmp_path: Path) -> None:
    told = surroundings(["tensorboard", "trackio", "wandb", "mlflow"], tmp_path)
    inside = str((tmp_path / "trackers").resolve())
    for name in ("TENSORBOARD_LOGGING_DIR", "TRACKIO_DIR", "WANDB_DIR"):
        assert told[name].startswith(inside)
    assert told["MLFLOW_TRACKING_URI"] == f"sqlite:///{inside}/mlflow.db"
    assert (told["WANDB_MODE"], told["WANDB_ERROR_REPORTING"]) == ("offline", "false")
    assert told["MLFLOW_DISABLE_TELEMETRY"] == "true"


def test_a_resumed_run_goes_on_under_its_name_in_the_tracker(tmp_path: Path) -> None:
    (tmp_path / "trackers").mkdir()
    (tmp_path / "trackers" / "ids.json").write_text('{"wandb": "abc", "mlflow": "def"}')
    told = surroundings(["wandb", "mlflow"], tmp_path)
    assert (told["WANDB_RUN_ID"], told["WANDB_RESUME"], told["MLFLOW_RUN_ID"]) == ("abc", "allow", "def")
