"""What a study cannot do is told before its budget is agreed."""

from __future__ import annotations

from pathlib import Path

import pytest

from training.errors import RowsError
from workbench.actions.plan_study import plan_study
from workbench.store import Store, jobs, studies
from workbench.studying import asking
from workbench.studying.questions import Question

SHORT = "max_length=34"  # the two rows with the longest questions: their replies begin behind it


def asked(kind: str, model: Path, *settings: str, **more) -> Question:
    models = (str(model), *more.pop("others", ()))
    return Question(kind, models=models, settings=("batch_size=8", SHORT, *settings), answers=False, **more)


@pytest.mark.parametrize("kind", ["data", "sweep"])
def test_rows_that_train_on_nothing_stop_a_study_before_its_budget_is_told(store: Store, tiny_model: Path, kind: str):
    with pytest.raises(RowsError, match=r"2 rows train on nothing, so the run does not begin .*untrainable"):
        plan_study(store, asked(kind, tiny_model))
    assert studies.listed(store) == []
    assert jobs.listed(store) == []


def test_the_model_that_cannot_learn_from_a_row_is_named_in_a_duel(store: Store, tiny_model: Path, second_model: Path):
    with pytest.raises(RowsError, match=f"With {tiny_model}: "):
        plan_study(store, asked("duel", tiny_model, others=[str(second_model)]))


def test_rows_that_train_on_nothing_are_left_out_of_every_run_and_out_of_its_size(store: Store, tiny_model: Path):
    whole = plan_study(store, Question("data", models=(str(tiny_model),), answers=False)).design
    design = plan_study(store, asked("data", tiny_model, "untrainable=leave out")).design
    said = next(note for note in design.notes if note.startswith("Left out of every run: "))
    assert "2 rows that train on nothing" in said
    used = {*design.aside, *design.sets["all"]}
    assert len(used) == len({*whole.aside, *whole.sets["all"]}) - 2
    assert design.arms[2].size == len(design.sets["all"])


def test_clean_rows_leave_out_what_trains_on_nothing_without_being_told(store: Store, tiny_model: Path):
    design = asking.asked(store, asked("rows", tiny_model), ["bell-sell", "iron-wrap", "lamp-sell"]).design
    assert any(note.startswith("Left out of every run: ") for note in design.notes)
    with pytest.raises(RowsError, match="on nothing"):
        asking.asked(store, asked("rows", tiny_model, "untrainable=stop"), ["bell-sell", "iron-wrap", "lamp-sell"])


def test_a_model_without_a_run_here_goes_by_the_speed_of_another_and_says_so(
    store: Store, tiny_model: Path, second_model: Path
):
    from workbench import running
    from workbench.store import runs

    ready = asking.asked(store, Question("data", models=(str(tiny_model),), answers=False))
    run = running.begin(store, ready.prepared)
    runs.finish(store, run.id, {"tokens": 4_000, "seconds": 12.0, "seconds_evaluating": 2.0})
    duel = Question("duel", models=(str(tiny_model), str(second_model)), answers=False)
    budget = plan_study(store, duel).budget
    known, other = budget.lines
    assert other.seconds == pytest.approx(known.seconds)  # two models of one size
    assert (other.low, other.high) == (pytest.approx(known.low / 2), pytest.approx(known.high * 2))
    assert "of a model without any by another's and its size" in budget.sentence
