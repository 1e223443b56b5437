"""An OpenAI fine-tuning job becomes a plan, and every field of it is told."""

from __future__ import annotations

import json
from typing import Any

import pytest

from training.errors import PlanError
from training.openai_plan import auto_epochs, plan_from

JOB = {
    "model": "gpt-4o-mini-2024-07-18",
    "training_file": "file-abc",
    "validation_file": "file-def",
    "suffix": "desk",
    "seed": 7,
    "method": {
        "type": "supervised",
        "supervised": {"hyperparameters": {"n_epochs": 4, "batch_size": 16, "learning_rate_multiplier": 0.5}},
    },
    "integrations": [{"type": "wandb", "wandb": {"project": "desk"}}],
    "metadata": {"team": "support"},
}


def heads(told: list[str]) -> list[str]:
    return [line.partition(":")[0] for line in told]


def test_every_hyper_parameter_finds_its_knob() -> None:
    plan, _ = plan_from(JOB, model="smollm2-135m", rows=200, parameters=135_000_000)
    assert (plan.epochs, plan.batch_size, plan.learning_rate, plan.seed) == (4.0, 16, 1e-3, 7)
    assert (plan.report_to, plan.model) == ("wandb", "smollm2-135m")


def test_every_field_of_the_job_is_told() -> None:
    _, told = plan_from(json.dumps(JOB), parameters=135_000_000)
    assert heads(told) == [
        "model", "training_file", "validation_file", "suffix", "seed", "method", "n_epochs", "batch_size",
        "learning_rate_multiplier", "integrations", "metadata",
    ]  # fmt: skip


def test_a_field_that_nobody_knows_is_told_too() -> None:
    _, told = plan_from({**JOB, "turbo": True, "id": "ftjob-1"})
    assert "turbo: not known here, so it changes nothing" in told
    assert "id: tells of a job that OpenAI ran, not of how to train" in told


@pytest.mark.parametrize(
    ("rows", "epochs"), [(None, 3), (10, 10), (2, 25), (33, 4), (34, 3), (8_333, 3), (8_334, 2), (100_000, 1)]
)
def test_auto_epochs_follow_the_stated_rule(rows: int | None, epochs: int) -> None:
    assert auto_epochs(rows) == epochs


def test_auto_is_said_with_its_rule() -> None:
    knobs = {"n_epochs": "auto", "batch_size": "auto", "learning_rate_multiplier": "auto"}
    plan, told = plan_from({"model": "m", "hyperparameters": knobs}, rows=10)
    assert (plan.epochs, plan.batch_size, plan.learning_rate) == (10.0, 8, None)
    assert any(line.startswith("n_epochs: auto, so epochs=10 for 10 rows") for line in told)


def test_the_job_as_the_service_shows_it_says_nothing_twice() -> None:
    shown = {**JOB, "object": "fine_tuning.job", "hyperparameters": {"n_epochs": 4, "batch_size": 16}}
    _, told = plan_from(shown, parameters=135_000_000)
    assert len(told) == len(set(told))


def test_preferences_are_a_second_stage_whose_knobs_are_not_taken_for_the_first() -> None:
    job = {"model": "m", "method": {"type": "dpo", "dpo": {"hyperparameters": {"beta": 0.2, "n_epochs": 2}}}}
    plan, told = plan_from(job)
    assert plan.epochs == 3.0
    assert any(line.startswith("method: dpo is a second stage here") for line in told)
    assert "beta: 0.2 belongs to the second stage; set it at goldloop prefer" in told
    assert "n_epochs: 2 belongs to the second stage; set it at goldloop prefer" in told


def test_a_multiplier_without_a_known_model_is_told_and_not_guessed() -> None:
    plan, told = plan_from({"model": "m", "hyperparameters": {"learning_rate_multiplier": 2}})
    assert plan.learning_rate is None
    assert any("2 cannot be applied, since the size of the base model is not known" in line for line in told)


def test_reinforcement_is_refused() -> None:
    with pytest.raises(PlanError, match="method reinforcement has no counterpart here"):
        plan_from({"model": "m", "method": {"type": "reinforcement"}})


@pytest.mark.parametrize(
    ("job", "said"),
    [
        ("not json", "the job is no JSON"),
        ("[" * 100_000, "the job is no JSON"),
        ([], "the job is no JSON object"),
        ({}, "It has: nothing"),
        ({"messages": []}, "this is a training row, not a job"),
        ({"model": "m", "hyperparameters": [1]}, "hyperparameters is a JSON object"),
        ({"model": "m", "method": {"type": "supervised", "supervised": 3}}, "method.supervised is a JSON object"),
        ({"model": "m", "method": "supervised"}, "method has no type"),
        ({"model": "m", "hyperparameters": {"n_epochs": 0}}, "epochs (Epochs) should be greater than 0"),
        ({"model": "m", "hyperparameters": {"n_epochs": True}}, "never true or false"),
        ({"model": "m", "hyperparameters": {"batch_size": 1e9}}, "batch_size (Batch size) should be less than"),
        ({"model": "m", "hyperparameters": {"learning_rate_multiplier": -1}}, "a number above 0"),
        ({"model": "m", "hyperparameters": {"learning_rate_multiplier": float("nan")}}, "a number above 0"),
        ({"model": "m", "seed": -1}, "seed (Seed) should be greater than or equal to 0"),
    ],
)
def test_what_no_plan_can_hold_is_refused_in_words(job: Any, said: str) -> None:
    with pytest.raises(PlanError) as caught:
        plan_from(job, parameters=135_000_000)
    assert said in str(caught.value)
