"""Two runs side by side: knobs, the rows really trained on, golden, and whether their figures may be compared."""

from __future__ import annotations

import polars as pl
import pytest

from training.plan import TrainingPlan
from training.run.attempts import note_attempt
from workbench.actions.compare_runs import compare_runs
from workbench.errors import BadInput, NotFound
from workbench.records import Run, Version
from workbench.store import Store, datasets, evaluations, goldens, runs


def run_on(store: Store, version: Version, **plan: object) -> Run:
    golden = goldens.by_id(store, runs.get(store, 1).golden_id)
    run = runs.add(store, version, golden, {**TrainingPlan(model="toy-model").model_dump(), **plan}, "Ben", None)
    runs.finish(store, run.id, dict(runs.get(store, 1).result or {}))
    return run


def same_version(store: Store) -> Version:
    return datasets.by_id(store, runs.get(store, 1).version_id)


def test_only_the_knobs_that_differ_are_told_with_both_values(store, evaluated) -> None:
    run_on(store, same_version(store), rank=8, epochs=5.0)
    assert compare_runs(store, 1, 2).knobs == (("epochs", "3", "5"), ("lora rank", "16", "8"))


def test_runs_on_one_version_were_trained_on_the_same_rows(store, evaluated) -> None:
    run_on(store, same_version(store))
    done = compare_runs(store, 1, 2)
    assert not done.rows
    assert done.rows_said == "Both were trained on the very same rows."
    assert "their validation losses can be compared" in done.notes[0]


def test_rows_only_in_one_and_rows_that_changed_are_counted(store, evaluated) -> None:
    before = same_version(store)
    rows = datasets.rows_of(store, before)
    ids = rows.row_id
    turns = [dict(turn) for turn in rows.messages[0]]
    turns[-1]["content"] = "Rather ask the desk."
    fresh = rows.without(ids[-2:]).edit({ids[0]: turns})
    after = datasets.add_version(
        store, "desk", fresh, parent=before, verb="edit", settings={}, counts={}, who="Ann", why=""
    )
    run_on(store, after)
    done = compare_runs(store, 1, 2)
    assert done.rows is not None
    assert (len(done.rows.added), len(done.rows.removed), len(done.rows.changed)) == (0, 2, 1)
    assert "by run 1 only: 2" in done.rows_said
    assert any("losses cannot be compared" in note for note in done.notes)


def test_a_part_of_the_rows_that_a_study_gave_counts_and_not_the_whole_version(store, evaluated) -> None:
    run = run_on(store, same_version(store))
    ids = datasets.rows_of(store, same_version(store)).row_id
    pl.DataFrame({"row_id": ids[:10]}).write_parquet(runs.folder(store, run.id) / "rows.parquet")
    done = compare_runs(store, 1, run.id)
    assert done.rows is not None
    assert len(done.rows.removed) == len(ids) - 10


def test_rows_that_are_sealed_by_now_are_counted_and_not_shown(store, evaluated) -> None:
    first = datasets.listed(store, "desk")[0]  # from before the freeze: it holds the golden rows
    run_on(store, first)
    done = compare_runs(store, 1, 2)
    sealed = set(goldens.listed(store, "desk")[-1].ids("sealed"))
    assert done.rows is not None
    assert done.sealed == len(sealed)
    assert not sealed & set(done.rows.after.row_id)


def test_two_evaluations_on_the_same_golden_rows_are_named_to_be_compared(store, evaluated) -> None:
    run = run_on(store, same_version(store))
    assert "Run 2 is not evaluated yet" in compare_runs(store, 1, 2).notes[-1]
    other = evaluations.add(store, run.id, evaluated.golden_id, {}, "Ann")
    evaluations.finish(store, other.id, evaluations.answers_of(store, 1), dict(evaluated.summary))
    assert compare_runs(store, 1, 2).evaluations == (1, other.id)


def test_evaluations_of_different_parts_are_never_set_side_by_side(store, evaluated) -> None:
    run = run_on(store, same_version(store))
    other = evaluations.add(store, run.id, evaluated.golden_id, {}, "Ann")
    evaluations.finish(store, other.id, [], {**evaluated.summary, "part": "sealed"})
    done = compare_runs(store, 1, 2)
    assert done.evaluations is None
    assert "Evaluate both on one golden version" in done.notes[-1]


def test_a_run_that_had_to_take_smaller_batches_is_told(store, evaluated) -> None:
    run = run_on(store, same_version(store))
    note_attempt(runs.folder(store, run.id), step=0, batch_size=8, accumulation=1)
    note_attempt(runs.folder(store, run.id), step=3, batch_size=2, accumulation=4)
    assert any("batches of 2 instead of 8" in note for note in compare_runs(store, 1, 2).notes)


def test_the_doctor_speaks_of_both_and_all_of_it_stands_in_lines(store, evaluated) -> None:
    run_on(store, same_version(store), rank=8)
    done = compare_runs(store, 1, 2)
    assert len(done.findings) == 2
    told = "\n".join(done.lines)
    assert "lora rank" in told
    assert "run 2:" in told


def test_a_run_is_not_compared_with_itself_nor_with_one_that_is_not_there(store, evaluated) -> None:
    with pytest.raises(BadInput, match="itself"):
        compare_runs(store, 1, 1)
    with pytest.raises(NotFound):
        compare_runs(store, 1, 9)
