"""The table of runs: every knob and hash, what came out, filters, and a CSV that runs nothing in a spreadsheet."""

from __future__ import annotations

import csv
import io
import json

import pytest

from training.plan import TrainingPlan
from workbench.actions.list_runs import list_runs, write_runs_csv
from workbench.errors import BadInput, NotFound, StoreError
from workbench.records import Run
from workbench.reports.run_table import columns_of, text_of
from workbench.store import Store, datasets, evaluations, goldens, runs

PROVENANCE = {
    "plan_hash": "a" * 64, "data_digest": "b" * 64, "rows": 40, "model": {"name": "toy-model", "digest": "c" * 64},
    "versions": {"torch": "2.13.0", "trl": "1.16.0", "numpy": "2.4"}, "threads": 2, "device": "cpu",
    "precision": "fp32",
    "git": {"commit": "d" * 40, "dirty": True}, "goldloop": "0.5",
}  # fmt: skip


def another(store: Store, *, result: bool = True, provenance: bool = True, **plan: object) -> Run:
    """A run beside run 1 on the same version, with these knobs."""
    first = runs.get(store, 1)
    version, golden = datasets.by_id(store, first.version_id), goldens.by_id(store, first.golden_id)
    run = runs.add(store, version, golden, {**TrainingPlan(model="toy-model").model_dump(), **plan}, "Ben", None)
    if provenance:
        runs.note(store, run.id, provenance=PROVENANCE)
    if result:
        runs.finish(
            store, run.id, {**(first.result or {}), "joules": 7.2e6, "seconds": 1800.0, "peak_memory": 3_000_000_000}
        )
    return runs.get(store, run.id)


def cell(listed, run: int, key: str) -> str:
    line = next(line for line in listed.lines if line["run"] == run)
    return text_of(next(one for one in listed.columns if one.key == key), line)


def test_every_knob_of_the_plan_has_a_column(store, evaluated) -> None:
    keys = {one.key for one in list_runs(store).columns}
    assert set(TrainingPlan.model_fields) <= keys
    assert {"version", "golden", "seed", "plan_hash", "data_hash", "model_hash", "adapter_hash", "git", "kwh", "cost",
            "validation", "gain", "stage", "parent", "study", "who", "when", "state"} <= keys  # fmt: skip


def test_what_differs_is_shown_unasked_and_what_is_alike_is_not(store, evaluated) -> None:
    another(store, rank=8)
    shown = list_runs(store).shown
    assert "rank" in shown
    assert "epochs" not in shown
    assert "plan_hash" not in shown


def test_a_run_carries_its_newest_dev_evaluation_with_interval_and_never_a_sealed_one(store, evaluated) -> None:
    line = list_runs(store).lines[0]
    assert (line["evaluation"], line["measured_on"]) == (1, "desk golden 1")
    assert line["gain_low"] < line["gain"] < line["gain_high"]
    sealed = evaluations.add(store, 1, evaluated.golden_id, {}, "Ann")
    evaluations.finish(store, sealed.id, [], {**evaluated.summary, "part": "sealed"})
    assert list_runs(store).lines[0]["evaluation"] == 1


def test_energy_is_in_kilowatt_hours_and_cost_is_the_price_times_the_hours(store, evaluated) -> None:
    another(store)
    listed = list_runs(store, price=3.0)
    assert cell(listed, 2, "kwh") == "2 kWh"
    assert cell(listed, 2, "cost") == "1.50"
    assert cell(listed, 1, "kwh") == "not measured"
    assert cell(list_runs(store), 2, "cost") == "–"


def test_code_hashes_and_libraries_stand_in_the_table(store, evaluated) -> None:
    another(store)
    listed = list_runs(store)
    assert cell(listed, 2, "git") == "d" * 12 + ", with changes"
    assert cell(listed, 2, "model_hash") == "c" * 12
    assert cell(listed, 2, "libraries") == "torch 2.13.0, trl 1.16.0"
    assert cell(listed, 1, "git") == "–"


def test_a_run_that_is_not_finished_shows_how_far_it_came(store, evaluated) -> None:
    run = another(store, result=False)
    line = {"step": 7, "loss": 1.25, "seconds": 14.0, "tokens": 700}
    (runs.folder(store, run.id) / "metrics.jsonl").write_text(json.dumps(line) + "\n")
    listed = list_runs(store)
    assert (cell(listed, run.id, "state"), cell(listed, run.id, "steps")) == ("not finished", "7")
    assert cell(listed, run.id, "loss") == "1.250"


def test_a_run_that_stopped_at_a_loss_that_was_no_number_is_trained_with_a_warning(store, evaluated) -> None:
    run = another(store)
    runs.finish(store, run.id, {**(run.result or {}), "ended": "stopped at a loss that was not a number"})
    assert cell(list_runs(store), run.id, "state") == "trained, with a warning"


def test_an_old_plan_without_a_knob_shows_its_default(store, evaluated) -> None:
    first = runs.get(store, 1)
    version, golden = datasets.by_id(store, first.version_id), goldens.by_id(store, first.golden_id)
    old = runs.add(store, version, golden, {"model": "toy-model", "epochs": 3.0}, "Ann", None)
    assert cell(list_runs(store), old.id, "method") == "lora"


def test_a_run_that_tuned_every_weight_has_no_rank(store, evaluated) -> None:
    whole, low_rank = another(store, method="full"), another(store)
    listed = list_runs(store)
    assert [cell(listed, one.id, "rank") for one in (whole, low_rank)] == ["–", "16"]
    assert [cell(listed, one.id, "alpha") for one in (whole, low_rank)] == ["–", "32"]


def test_runs_are_chosen_by_dataset_model_and_number(store, evaluated) -> None:
    another(store, model="other")
    assert [line["run"] for line in list_runs(store, model="other").lines] == [2]
    assert [line["run"] for line in list_runs(store, dataset="nothing").lines] == []
    assert [line["run"] for line in list_runs(store, only=(1,)).lines] == [1]
    with pytest.raises(NotFound):
        list_runs(store, only=(99,))
    with pytest.raises(BadInput):
        list_runs(store, price=-1.0)


def test_runs_with_another_seed_are_not_ranked_by_their_validation_loss(store, evaluated) -> None:
    another(store)
    assert list_runs(store).notes == ()
    another(store, seed=5)
    assert "cannot be ranked" in list_runs(store).notes[0]


def test_a_cell_that_a_spreadsheet_would_run_is_made_a_text(store, evaluated, tmp_path) -> None:
    another(store, model="=HYPERLINK(1)")
    listed = list_runs(store)
    target = write_runs_csv(listed, tmp_path / "runs.csv")
    lines = list(csv.DictReader(io.StringIO(target.read_text(encoding="utf-8"))))
    assert [line["base model"] for line in lines] == ["'=HYPERLINK(1)", "toy-model"]
    assert float(lines[0]["energy (kWh)"]) == 2.0
    assert len(lines[0]) == len(listed.columns)


def test_a_csv_that_cannot_be_written_is_told_in_words(store, evaluated, tmp_path) -> None:
    (tmp_path / "taken").write_text("a file, no folder")
    with pytest.raises(StoreError, match="could not be written"):
        write_runs_csv(list_runs(store), tmp_path / "taken" / "runs.csv")


def test_a_knob_that_only_another_goldloop_knows_has_a_column(store) -> None:
    assert "sparkle" in [one.key for one in columns_of([{"sparkle": 1}])]
