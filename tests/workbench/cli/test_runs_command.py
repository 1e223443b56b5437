"""goldloop runs: the table, one run, two runs, the CSV, watching, and mistakes in one sentence."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from training.plan import TrainingPlan
from workbench.cli import main
from workbench.store import datasets, goldens, runs


@pytest.fixture
def goldloop(store, evaluated) -> Callable[..., Result]:
    """Runs a command on a store with run 1 and a run 2 of rank 8."""
    first = runs.get(store, 1)
    version, golden = datasets.by_id(store, first.version_id), goldens.by_id(store, first.golden_id)
    run = runs.add(store, version, golden, {**TrainingPlan(model="toy-model").model_dump(), "rank": 8}, "Ben", None)
    runs.finish(store, run.id, dict(first.result or {}))

    def call(*words: str) -> Result:
        return CliRunner().invoke(main, ["--store", str(store.root), "runs", *words])

    return call


def test_runs_are_listed_with_what_differs(goldloop) -> None:
    said = goldloop().output
    assert said.splitlines()[0].split()[:2] == ["run", "state"]
    assert "lora rank" in said
    assert "+" in said  # the gain of run 1 against base


def test_a_price_adds_what_runs_cost_and_columns_can_be_chosen(goldloop) -> None:
    assert "cost" in goldloop("--price", "2").output.splitlines()[0]
    assert goldloop("--columns", "run,rank").output.splitlines()[0].split() == ["run", "lora", "rank"]
    wrong = goldloop("--columns", "colour")
    assert wrong.exit_code == 2
    assert "There is no column colour" in wrong.output


def test_one_run_is_shown_with_its_curve_its_kept_step_and_the_doctor(goldloop) -> None:
    said = goldloop("show", "1").output
    assert "step 40: the weights that were kept" in said
    assert "training loss    █" in said


def test_two_runs_are_set_side_by_side(goldloop) -> None:
    said = goldloop("diff", "1", "2").output
    assert "lora rank" in said
    assert "Both were trained on the very same rows." in said
    assert goldloop("diff", "1", "1").exit_code == 2


def test_the_table_is_written_as_csv(goldloop, tmp_path: Path) -> None:
    target = tmp_path / "runs.csv"
    assert "2 runs written" in goldloop("csv", str(target)).output
    assert target.read_text(encoding="utf-8").count("\n") == 3


def test_watching_a_run_that_is_over_shows_its_curve_and_ends(goldloop) -> None:
    said = goldloop("watch", "1")
    assert said.exit_code == 0
    assert "run 1 trained: step 60" in said.output


def test_a_run_that_is_not_there_is_told_in_one_sentence(goldloop) -> None:
    for words in (("show", "9"), ("watch", "9"), ("diff", "1", "9")):
        said = goldloop(*words)
        assert said.exit_code == 2
        assert "There is no run 9" in said.output
