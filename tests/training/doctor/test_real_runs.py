"""The doctor on curves of real runs: recorded ones that were made to show each ailment, and some trained here.

The recorded ones come from benchmarks/doctor.py --record, which also tells how often it is right on many such runs.
"""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from training.doctor import diagnose, recited
from training.errors import TrainingError
from training.plan import TrainingPlan
from training.result import read_metrics
from training.run.lora import train

CURVES = Path(__file__).parent / "curves"
DONE = {"best_step": 0}


def recorded(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (CURVES / f"{name}.jsonl").read_text("utf-8").splitlines()]


def alarms(lines: list[dict[str, Any]], **knobs: Any) -> list[str]:
    return [one.kind for one in diagnose(lines, knobs, DONE) if one.severity != "hint"]


def hints(lines: list[dict[str, Any]], **knobs: Any) -> list[str]:
    return [one.kind for one in diagnose(lines, knobs, DONE) if one.severity == "hint"]


def test_a_healthy_run_has_no_warning() -> None:
    assert alarms(recorded("healthy")) == []


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("not_a_number", "not a number"),
        ("rate_too_low", "rate too low"),
        ("rate_too_high", "rate too high"),
        ("overfitting", "overfitting"),
        ("learned_by_heart", "by heart"),
        ("too_few_steps", "too few steps"),
        ("sorted_rows", "order"),
    ],
)
def test_a_run_that_was_made_to_ail_is_told_its_ailment_and_no_other(name: str, kind: str) -> None:
    assert alarms(recorded(name)) == [kind]


def test_rows_that_are_all_alike_are_a_hint() -> None:
    assert hints(recorded("rows_alike")) == ["rows alike"]


def test_a_clip_that_decides_every_step_is_a_hint() -> None:
    assert "always clipped" in hints(recorded("always_clipped"), max_gradient=0.01)
    assert "always clipped" not in hints(recorded("always_clipped"), max_gradient=1.0)


def test_overfitting_names_the_step_and_says_whether_the_adapter_holds_it() -> None:
    lines = recorded("overfitting")
    best = min(
        (line["eval_loss"], line["step"]) for line in lines if line["step"] > 0 and line.get("eval_loss") is not None
    )[1]
    kept = next(one for one in diagnose(lines, {}, {"best_step": best}) if one.kind == "overfitting")
    assert kept.step == best
    assert kept.advice.startswith(f"The weights of step {best} are the ones to keep, and the adapter holds them.")
    other = next(one for one in diagnose(lines, {}, {"best_step": 1}) if one.kind == "overfitting")
    assert other.advice.startswith(f"The adapter holds the weights of step 1; those of step {best} would be better.")


def test_the_first_half_of_a_healthy_run_raises_no_alarm_while_it_runs() -> None:
    lines = recorded("healthy")
    for count in range(1, len(lines)):
        live = [{**line, "time_left": 9} for line in lines[:count]]
        assert [one.kind for one in diagnose(live) if one.severity != "hint"] == [], count


def live(tiny_model: Path, rows: pl.DataFrame, out: Path, **knobs: Any) -> list[dict[str, Any]]:
    """The metric lines of a run trained here, past the bounds of the knobs where need be."""
    plan = TrainingPlan(model=str(tiny_model), batch_size=4, max_length=64, validation_share=0).model_copy(update=knobs)
    with suppress(TrainingError):
        train(plan, rows, out)
    return read_metrics(out)


def test_live_two_steps_are_too_few(tiny_model: Path, few_rows: pl.DataFrame, tmp_path: Path) -> None:
    lines = live(tiny_model, few_rows, tmp_path / "run", max_steps=2)
    assert alarms(lines) == ["too few steps"]


def test_live_a_rate_of_a_millionth_is_too_low(tiny_model: Path, few_rows: pl.DataFrame, tmp_path: Path) -> None:
    lines = live(tiny_model, few_rows, tmp_path / "run", learning_rate=1e-6, max_steps=16)
    assert alarms(lines) == ["rate too low"]


def test_live_an_absurd_rate_ends_in_no_number(tiny_model: Path, few_rows: pl.DataFrame, tmp_path: Path) -> None:
    lines = live(tiny_model, few_rows, tmp_path / "run", learning_rate=1e30, max_steps=8)
    assert alarms(lines) == ["not a number"]


def test_live_rows_read_sixty_times_are_recited(tiny_model: Path, few_rows: pl.DataFrame, tmp_path: Path) -> None:
    replies = ["red", "blue", "green", "white"]
    rows = pl.DataFrame(
        {
            "row_id": [f"r{at}" for at in range(4)],
            "messages": [
                [{"role": "user", "content": letter * 3}, {"role": "assistant", "content": reply}]
                for letter, reply in zip("abcd", replies, strict=True)
            ],
        }
    )
    out = tmp_path / "run"
    live(tiny_model, rows, out, method="full", learning_rate=1e-2, epochs=60, max_length=32)
    found = recited(out, sample=4)
    assert (found.trained, found.trained_said, found.validation) == (4, 4, 0)
    told = found.finding()
    assert told is not None
    assert told.severity == "hint"  # no rows were kept aside, so it may be the task that is so regular
    assert "Of 4 training replies 4 come back word for word (100%, 95 % interval 51% to 100%)" in told.seen


def test_recital_asks_the_rows_that_the_run_kept_aside(
    tiny_model: Path, few_rows: pl.DataFrame, tmp_path: Path
) -> None:
    marked = few_rows.with_columns(pl.Series("validation", [at < 5 for at in range(few_rows.height)]))
    live(tiny_model, marked, tmp_path / "marked", max_steps=1)
    found = recited(tmp_path / "marked", sample=24)
    assert (found.trained, found.validation) == (17, 5)  # of 24; two training rows are cut, and their end was not read
