"""The plan: each knob once, with words a form can use."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from training.errors import PlanError
from training.plan import TrainingPlan, rate_for


def test_the_defaults_are_the_measured_ones() -> None:
    plan = TrainingPlan()
    assert (plan.epochs, plan.batch_size, plan.rank, plan.alpha, plan.dropout) == (3.0, 8, 16, 32, 0.0)
    assert (plan.max_length, plan.warmup, plan.validation_share, plan.seed) == (1024, 0.05, 0.1, 0)
    assert plan.learning_rate is None


def test_every_knob_has_a_label_and_one_line_of_help() -> None:
    for name, field in TrainingPlan.model_fields.items():
        assert field.title, name
        assert field.description, name
        assert "\n" not in field.description, name


@pytest.mark.parametrize(
    ("parameters", "rate"),
    [(135_000_000, 2e-3), (10_000, 2e-3), (360_000_000, 6e-4), (1_000_000_000, 2e-4), (70_000_000_000, 2e-4)],
)
def test_the_learning_rate_follows_the_size_of_the_model(parameters: int, rate: float) -> None:
    assert rate_for(parameters) == pytest.approx(rate)


def test_settings_change_knobs_from_text() -> None:
    plan = TrainingPlan().with_settings(["epochs=2", "learning_rate=1e-3", "schedule=cosine", "max_steps=none"])
    assert (plan.epochs, plan.learning_rate, plan.schedule, plan.max_steps) == (2.0, 1e-3, "cosine", None)


def test_every_wrong_setting_gets_its_own_sentence() -> None:
    with pytest.raises(PlanError) as caught:
        TrainingPlan().with_settings(["epoch=2", "rank=0", "batch_size=many", "seed"])
    said = str(caught.value).splitlines()
    assert said[0].startswith('there is no knob "epoch". There are: model, epochs')
    assert said[1] == '"seed" is no setting. Write knob=value, for instance epochs=2.'
    assert "batch_size (Batch size) should be a valid integer" in said[2]
    assert said[3] == "rank (LoRA rank) should be greater than or equal to 1, not '0'."


def test_a_plan_is_frozen() -> None:
    with pytest.raises(ValidationError):
        TrainingPlan().epochs = 5  # type: ignore[misc]


def test_a_plan_file_with_an_unknown_knob_is_refused() -> None:
    with pytest.raises(PlanError, match='there is no knob "lr"'):
        TrainingPlan.read('{"lr": 0.1}')


def test_a_plan_file_that_is_no_json_is_refused() -> None:
    with pytest.raises(PlanError, match="the plan: "):
        TrainingPlan.read("epochs: 3")


def test_a_plan_comes_back_from_its_json() -> None:
    plan = TrainingPlan(epochs=2, learning_rate=1e-4)
    assert TrainingPlan.read(plan.model_dump_json()) == plan
