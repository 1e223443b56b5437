"""Losses of rows under a run's own adapter: measured, kept, gone on with, and brought to the check."""

import importlib.util
import shutil
from pathlib import Path

import polars as pl
import pytest

from training.plan import TrainingPlan
from workbench.actions.edit_row import edit_row
from workbench.actions.freeze_golden import freeze_golden
from workbench.actions.measure_losses import measure_losses
from workbench.actions.run_checks import run_checks
from workbench.errors import BadInput
from workbench.known_beside import LOSSES, context_of
from workbench.rows import Rows, message
from workbench.store import Store, datasets, runs

TOYS = Path(__file__).parents[2] / "evaluators" / "conftest.py"
spec = importlib.util.spec_from_file_location("toy_models", TOYS)
toys = importlib.util.module_from_spec(spec)
spec.loader.exec_module(toys)
tiny_model, tiny_adapter = toys.tiny_model, toys.tiny_adapter


@pytest.fixture
def store(tmp_path, tiny_model, tiny_adapter) -> Store:
    """A store with one run of the tiny model on 40 rows, of which one has no reply and one is too long."""
    store = Store.open(tmp_path / "store")
    usual = [(f"Where is shelf {n}?", f"Shelf {n} stands behind door {n * 7}.") for n in range(38)]
    rows = Rows.of(*usual, ("Hello?", ""), ("Long?", "word " * 200))
    datasets.add_version(store, "desk", rows, parent=None, verb="import", settings={}, counts={}, who="Ann")
    frozen = freeze_golden(store, "desk", share=0.2)
    plan = TrainingPlan(model=str(tiny_model)).model_dump()
    run = runs.add(store, frozen.version, frozen.golden, plan, "Ann", None)
    shutil.copytree(tiny_adapter, runs.folder(store, run.id) / "adapter")
    return store


def finished(store: Store) -> None:
    runs.finish(store, 1, {"adapter": "adapter"})


def test_every_row_that_can_be_read_gets_a_loss_which_the_check_then_knows(store):
    finished(store)
    done = measure_losses(store, 1)
    rows = datasets.rows_of(store, done.version)
    assert done.measured == len(rows) - sum(done.left_out.values())
    assert set(done.left_out) <= {"no reply", "too long for the model"}
    kept = pl.read_parquet(runs.folder(store, 1) / LOSSES)
    assert kept["nats"].is_finite().all()
    assert (kept["nats"] > 0).all()
    context = context_of(store, done.version, rows)
    assert (len(context.losses), context.losses_of) == (done.measured, "run 1")
    assert run_checks(store, only=["outlying_loss"]).runs[0].not_run == ""


def test_a_changed_row_loses_its_loss_and_only_it_is_read_again(store):
    finished(store)
    first = measure_losses(store, 1)
    path = runs.folder(store, 1) / LOSSES
    kept = pl.read_parquet(path).with_columns(nats=pl.lit(9.0))
    kept.write_parquet(path)
    row_id = kept["row_id"][0]
    edit_row(store, row_id, [message("user", "And now?"), message("assistant", "It is elsewhere, behind door 3.")])
    of = datasets.version(store)
    assert row_id not in context_of(store, of, datasets.rows_of(store, of)).losses
    assert measure_losses(store, 1).measured == first.measured
    again = pl.read_parquet(path)
    assert (again.filter(pl.col("row_id") != row_id)["nats"] == 9.0).all()
    assert (again.filter(pl.col("row_id") == row_id)["nats"] != 9.0).all()


def test_a_run_without_an_adapter_and_a_version_of_another_dataset_are_told(store):
    with pytest.raises(BadInput, match="Run 1 has no adapter yet"):
        measure_losses(store, 1)
    finished(store)
    other = Rows.of("One row.")
    datasets.add_version(store, "other", other, parent=None, verb="import", settings={}, counts={}, who="Ann")
    with pytest.raises(BadInput, match="was trained on desk, not on other"):
        measure_losses(store, 1, "other")
