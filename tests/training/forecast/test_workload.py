"""The batches of a run, known before it."""

from __future__ import annotations

from training.forecast.workload import Batch, typical, workload
from training.plan import TrainingPlan


def test_rows_of_unlike_length_are_padded_as_the_run_pads_them() -> None:
    plan = TrainingPlan(batch_size=2, epochs=1)
    found = workload(plan, [(100, 10), (90, 9), (40, 4), (30, 3)], device="cuda")
    assert sorted(found.batches, key=lambda one: -one.longest) == [Batch(2, 100, 190, 19), Batch(2, 40, 70, 7)]
    assert found.tokens == 260
    assert found.padded == 280
    assert round(found.padding_share, 3) == 0.071


def test_a_processor_computes_a_batch_in_parts_of_a_thousand_tokens() -> None:
    found = workload(TrainingPlan(batch_size=4, epochs=1), [(600, 60)] * 4)
    assert [batch.rows for batch in found.batches] == [1, 1, 1, 1]


def test_epochs_and_most_steps_decide_how_much_is_read() -> None:
    rows = [(50, 5)] * 20
    assert workload(TrainingPlan(batch_size=4, epochs=3), rows).tokens == 3000
    short = workload(TrainingPlan(batch_size=4, epochs=3, max_steps=7), rows)
    assert (short.steps, short.tokens) == (7, 1400)


def test_evaluations_are_counted_with_the_untuned_model() -> None:
    found = workload(TrainingPlan(batch_size=4, epochs=3), [(50, 5)] * 20, [(50, 5)] * 3)
    assert found.evaluations == 4
    assert found.saves == 3


def test_one_epoch_stands_for_all_of_very_many_rows() -> None:
    found = workload(TrainingPlan(batch_size=8, epochs=3), [(10, 2)] * 100_000, device="cuda")
    assert found.tokens == 3_000_000
    assert len(found.batches) == 12_500


def test_totals_alone_make_a_workload_of_the_same_size() -> None:
    found = typical(TrainingPlan(epochs=1, validation_share=0), rows=10, tokens=505, trained_share=0.4, longest=80)
    assert max(batch.longest for batch in found.batches) == 80
    assert found.rows == 10
