"""The plan: each knob once, with words a form can use."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from training.errors import PlanError
from training.knobs import WHY, knob_table
from training.plan import TrainingPlan, rate_for, words


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
    assert said[0].startswith('there is no knob "epoch". There are: model, method, epochs')
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


# plan.json as runs wrote it before the plan knew methods, trackers and rows that train nothing
OLD_PLAN = """{"model": "smollm2-135m", "epochs": 2.5, "learning_rate": null, "batch_size": 8, "accumulation": 1,
"rank": 16, "alpha": 32, "dropout": 0.0, "max_length": 1024, "warmup": 0.05, "schedule": "linear", "weight_decay": 0.0,
"max_gradient": 1.0, "validation_share": 0.1, "evaluations_per_epoch": 1, "patience": null, "precision": "auto",
"quantization": "none", "max_steps": null, "save_every": null, "seed": 0}"""


def test_what_an_older_plan_file_lacks_has_its_default() -> None:
    plan = TrainingPlan.read(OLD_PLAN)
    assert plan == TrainingPlan(epochs=2.5)
    assert (plan.method, plan.untrainable, plan.report_to) == ("lora", "stop", "none")


@pytest.mark.parametrize("text", ["nan", "inf", "-1", "0", "100.5", "1e400", "three", "true", ""])
def test_no_number_out_of_bounds_gets_into_a_plan(text: str) -> None:
    with pytest.raises(PlanError, match="epochs"):
        TrainingPlan().with_settings([f"epochs={text}"])


@pytest.mark.parametrize("value", ["true", "false", "NaN", "Infinity", "-1", "0", '"many"', "[3]", "null"])
def test_no_value_of_another_kind_gets_into_a_plan_from_a_file(value: str) -> None:
    with pytest.raises(PlanError, match="epochs"):
        TrainingPlan.read(f'{{"epochs": {value}}}')


@pytest.mark.parametrize("text", ["3.5", "1e3", "0", "513", "true"])
def test_a_count_is_a_whole_number_within_its_bounds(text: str) -> None:
    with pytest.raises(PlanError, match="batch_size"):
        TrainingPlan().with_settings([f"batch_size={text}"])


def test_weights_in_4_bit_cannot_all_be_trained() -> None:
    with pytest.raises(PlanError, match="method=full cannot be combined with quantization=4bit") as told:
        TrainingPlan().with_settings(["method=full", "quantization=4bit"])
    assert "Take method=lora with 4bit" in str(told.value)


@pytest.mark.parametrize("method", ["lora", "rslora", "dora"])
def test_every_adapter_may_stand_on_weights_in_4_bit(method: str) -> None:
    assert TrainingPlan().with_settings([f"method={method}", "quantization=4bit"]).method == method


def test_a_tracker_that_is_not_known_is_refused_with_those_that_are() -> None:
    with pytest.raises(PlanError, match="must be none, tensorboard, trackio, wandb or mlflow"):
        TrainingPlan().with_settings(["report_to=excel"])


@pytest.mark.parametrize(
    ("parameters", "method", "rank", "rate"),
    [
        (135_000_000, "full", 16, 1e-4), (8_000_000_000, "full", 16, 2e-5), (135_000_000, "dora", 16, 2e-3),
        (135_000_000, "rslora", 16, 5e-4), (8_000_000_000, "rslora", 100, 2e-5), (135_000_000, "lora", 64, 2e-3),
    ],
)  # fmt: skip
def test_the_learning_rate_follows_the_method(parameters: int, method: str, rank: int, rate: float) -> None:
    assert rate_for(parameters, method, rank) == pytest.approx(rate)  # type: ignore[arg-type]


def test_a_plan_as_it_comes_gets_no_word() -> None:
    assert words(TrainingPlan(), 135_000_000, 200) == []


@pytest.mark.parametrize(
    ("setting", "parameters", "said"),
    [
        ("learning_rate=0.01", None, "learning_rate=0.01 is high for any size of model"),
        ("learning_rate=0.002", 8_000_000_000, "(0.0002 is proposed)"),
        ("learning_rate=2e-5", 135_000_000, "learning_rate=2e-05 is low for a model of 135 million weights"),
        ("rank=512", None, "rank=512 makes a large adapter"),
        ("alpha=512", None, "alpha=512 is 32 times the rank"),
        ("epochs=20", None, "epochs=20 is much"),
        ("batch_size=64", None, "64 rows a step"),
        ("dropout=0.9", None, "dropout=0.9 switches off"),
        ("warmup=0.5", None, "warmup=0.5 spends"),
        ("validation_share=0", None, "without validation rows"),
        ("quantization=4bit", 135_000_000, "quantization=4bit saves little"),
        ("method=full", 1_000_000_000, "For 1.0 billion weights that takes 16.0 GB of memory"),
    ],
)
def test_a_knob_out_of_the_usual_gets_a_gentle_word(setting: str, parameters: int | None, said: str) -> None:
    found = words(TrainingPlan().with_settings([setting]), parameters)
    assert any(said in line for line in found), found


@pytest.mark.parametrize("rate", ["3e-3", "1e-3", "5e-4"])
def test_the_rates_that_were_good_when_measured_get_no_word(rate: str) -> None:
    assert words(TrainingPlan().with_settings([f"learning_rate={rate}"]), 135_000_000) == []


def test_knobs_of_an_adapter_do_nothing_where_every_weight_is_tuned() -> None:
    found = words(TrainingPlan(method="full", rank=8, alpha=16), 135_000_000)
    assert "rank, alpha do nothing with method=full: there is no adapter." in found


def test_too_few_steps_are_told() -> None:
    (said,) = words(TrainingPlan(), 135_000_000, rows=20)
    assert said.startswith("20 rows make only 9 steps with this plan; fewer than 20 teach little")


def test_every_knob_says_why_and_when() -> None:
    assert list(WHY) == list(TrainingPlan.model_fields)


def test_the_page_on_training_holds_the_table_of_knobs_as_the_code_has_it() -> None:
    page = (Path(__file__).resolve().parents[2] / "docs" / "training.md").read_text(encoding="utf-8")
    assert knob_table() in page
