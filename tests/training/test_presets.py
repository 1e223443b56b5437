"""Presets: honest words, knobs that differ only where they must, and a length that fits the rows."""

from __future__ import annotations

import pytest

from training.errors import PlanError
from training.plan import TrainingPlan
from training.presets import PRESETS, as_settings, differences, named, preset


def test_there_are_four_and_each_says_what_it_is_not_for_and_where_its_figures_come_from() -> None:
    assert [one.name for one in PRESETS] == ["first try", "style and tone", "simple task", "new knowledge"]
    for one in PRESETS:
        for text in (one.purpose, one.will_not, one.needs, one.costs, one.evidence, one.source):
            assert text, one.name
        assert one.will_not.startswith("It will not ")


def test_a_preset_sets_only_knobs_that_differ_from_the_plan_as_it_comes() -> None:
    usual = TrainingPlan().model_dump()
    for one in PRESETS:
        same = {name for name, value in one.settings.items() if usual[name] == value}
        assert same <= {"epochs"}, one.name  # said in any case: it is the first thing that people ask


@pytest.mark.parametrize("name", ["style and tone", "style-and-tone", "Style_and_Tone", "style", "tone"])
def test_a_preset_is_found_by_any_sensible_spelling(name: str) -> None:
    assert named(name).name == "style and tone"


@pytest.mark.parametrize("name", ["", "and", "best", "try harder"])
def test_a_name_that_is_none_is_refused_with_the_names(name: str) -> None:
    with pytest.raises(PlanError, match="There are: first try, style and tone, simple task, new knowledge"):
        named(name)


def test_a_first_try_ends_after_40_steps_however_many_rows() -> None:
    plan = preset("first try", parameters=135_000_000, rows=50_000)
    assert (plan.epochs, plan.max_steps, plan.batch_size) == (1.0, 40, 8)


@pytest.mark.parametrize(("parameters", "rate"), [(135_000_000, 1e-3), (8_000_000_000, 1e-4)])
def test_style_takes_half_the_rate_of_its_model(parameters: int, rate: float) -> None:
    assert preset("style", parameters=parameters, rows=156).learning_rate == pytest.approx(rate)


def test_without_a_model_the_rate_is_left_to_the_run() -> None:
    assert preset("style", rows=156).learning_rate is None
    assert preset("simple task", parameters=135_000_000, rows=156).learning_rate is None


@pytest.mark.parametrize(
    ("rows", "epochs", "batch"),
    [(8, 4.0, 2), (20, 4.0, 4), (40, 4.0, 8), (156, 2.0, 8), (500, 2.0, 8), (50_000, 1.0, 8)],
)
def test_few_rows_get_more_epochs_and_smaller_batches_and_many_get_fewer(rows: int, epochs: float, batch: int) -> None:
    plan = preset("style and tone", parameters=135_000_000, rows=rows)
    assert (plan.epochs, plan.batch_size) == (epochs, batch)


def test_too_few_rows_are_refused_with_the_way_out() -> None:
    with pytest.raises(
        PlanError, match=r"7 rows are too few to learn anything from; 8 are the least.* Write more rows"
    ):
        preset("simple task", rows=7)


def test_new_knowledge_says_that_facts_will_be_wrong_and_that_looking_them_up_is_better() -> None:
    one = named("new knowledge")
    assert "states most facts wrongly" in one.will_not
    assert "Looking facts up is often better" in one.will_not
    assert "18 % of the facts" in one.evidence
    assert "36 % with no training" in one.evidence


def test_a_plan_goes_through_settings_and_comes_back_the_same() -> None:
    for one in PRESETS:
        plan = one.plan(parameters=135_000_000, rows=100)
        assert TrainingPlan().with_settings(as_settings(plan)) == plan


def test_what_differs_is_named_with_both_values() -> None:
    plan = preset("simple task", rows=156)
    changed = plan.with_settings(["epochs=9", "patience=none"])
    assert differences(plan, changed) == {"epochs": (4.0, 9.0), "patience": (3, None)}


def test_a_preset_takes_the_base_model_that_it_is_given() -> None:
    assert preset("first try", model="owner/other").model == "owner/other"
