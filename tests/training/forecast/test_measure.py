"""Timing some steps: the line through them, what is kept, and a real measurement of a tiny model."""

from __future__ import annotations

import os
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl
import psutil
import pytest

from training.errors import TrainingError
from training.forecast.estimate import estimate
from training.forecast.line import Line, line_through
from training.forecast.measure import Measured, Timed, chosen_rows, keep, kept, kept_at, measure, read, remove_leftovers
from training.forecast.sizes import size_of
from training.forecast.workload import Batch, measures_of, workload
from training.plan import TrainingPlan
from training.tokens.encode import encode
from training.tokens.template import tokenizer_for


def timed(seconds: float, cpu: float, tokens: int = 100) -> Timed:
    return Timed((Batch(1, tokens, tokens, tokens // 2),), seconds, cpu)


def measured(*steps: Timed, others: float = 0.0) -> Measured:
    return Measured(
        when="2026-01-01T00:00:00+00:00", device="cpu", machine="CPU, 2 threads", precision="bf16", threads=2, cores=2,
        seconds_loading=10.0, steps=steps, evaluations=(), optimizer_seconds=0.0, beginning_seconds=0.0,
        checkpoint_seconds=1.0, checkpoint_bytes=1000, ending_seconds=0.0, memory_libraries=500_000_000,
        memory_peak=2_000_000_000, memory_evaluation=0, largest=(Batch(1, 100, 100, 50),), others_share=others,
    )  # fmt: skip


def test_two_sizes_of_batch_give_what_a_batch_costs_besides_its_work() -> None:
    assert line_through([(1, 10, 3.0), (1, 30, 7.0)]) == Line(fixed=1.0, by_work=0.2)


def test_one_size_of_batch_gives_time_in_proportion_to_the_work() -> None:
    assert line_through([(1, 10, 2.0), (1, 10, 4.0)]) == Line(fixed=0.0, by_work=0.3)


def test_noise_that_makes_the_line_fall_is_not_believed() -> None:
    found = line_through([(1, 10, 5.0), (1, 30, 3.0)], overhead=10)
    assert found.by_work == pytest.approx(8 / 60)
    assert found.fixed == pytest.approx(10 * 8 / 60)


def test_a_busy_machine_is_told_with_the_time_it_would_take_alone() -> None:
    found = measured(timed(10.0, 3.8), others=0.6)
    assert found.busy
    assert found.free_share() == pytest.approx(0.2)  # 3.8 s of processors, two at 95 %, instead of 10


def test_a_free_machine_is_believed_by_its_clock() -> None:
    found = measured(timed(10.0, 12.0), others=0.02)
    assert not found.busy
    assert found.free_share() == 1.0


def test_the_clock_of_a_busy_machine_does_not_bend_the_line() -> None:
    """By the clock the small batch took as long as the large one; by the processors' own time it did not."""
    plan, size = TrainingPlan(validation_share=0), size_of_tiny()
    steady = measured(timed(10.0, 1.0, 100), timed(10.0, 2.0, 200))
    work = workload(plan, [(100, 50)] * 8)
    cost = estimate(plan, size, rows=8, tokens=800, work=work, measured=steady)
    jumpy = measured(timed(4.0, 1.0, 100), timed(16.0, 2.0, 200))
    assert cost.times.training == estimate(plan, size, rows=8, tokens=800, work=work, measured=jumpy).times.training


def test_a_checkpoint_that_needs_more_memory_than_a_step_is_the_peak() -> None:
    plan, work = TrainingPlan(), workload(TrainingPlan(), [(100, 50)] * 8)
    saving = replace(measured(timed(1.0, 1.0)), memory_evaluation=2_700_000_000)
    least = estimate(plan, size_of_tiny(), rows=8, tokens=800, work=work, measured=measured(timed(1.0, 1.0)))
    cost = estimate(plan, size_of_tiny(), rows=8, tokens=800, work=work, measured=saving)
    assert least.memory.value < 2_500_000_000
    assert cost.memory.value == pytest.approx(2_700_000_000)


def test_the_longest_rows_that_a_run_tries_first_count_for_its_memory() -> None:
    lengths = [(130, 60), (128, 60), *[(20, 10)] * 30]
    work = workload(TrainingPlan(batch_size=2, validation_share=0), lengths)
    assert [(one.rows, one.longest) for one in work.tried] == [(2, 130)]


def size_of_tiny() -> Any:
    from training.forecast.sizes import ModelSize

    return ModelSize(30_000, 2, 32, 64, 300, 16)


def test_a_measurement_is_found_again_for_the_same_knobs_only(tmp_path: Path) -> None:
    plan, found = TrainingPlan(), measured(timed(1.0, 1.0))
    keep(plan, found, tmp_path)
    assert kept(plan, tmp_path) == found
    assert kept(plan.model_copy(update={"epochs": 9.0}), tmp_path) == found  # epochs do not change a step
    assert kept(plan.model_copy(update={"batch_size": 2}), tmp_path) is None


def test_a_torn_measurement_counts_as_none(tmp_path: Path) -> None:
    kept_at(TrainingPlan(), tmp_path).write_text('{"steps": [')
    assert kept(TrainingPlan(), tmp_path) is None


def test_the_measured_rows_hold_the_longest_and_batches_of_like_length(few_rows: pl.DataFrame, chatml: Any) -> None:
    rows = encode(few_rows, chatml, max_length=512).rows
    plan = TrainingPlan(batch_size=4)
    longest = sorted((len(row.ids) for row in rows), reverse=True)
    chosen = chosen_rows(plan, rows, longest[0])
    taken = [len(chosen.rows[place].ids) for place in chosen.order]
    assert taken[:4] == longest[4:8]  # to warm up on
    assert taken[12:16] == longest[:4]  # the third timed step: new shapes, as in a run
    assert (chosen.size, chosen.steps, len(taken)) == (4, 16, 64)
    assert chosen.evaluate[:2] == (chosen.order[4:8], chosen.order[8:12])
    timed_tokens = [sum(taken[at : at + 4]) for at in range(4, 64, 4)]
    assert timed_tokens[0] < timed_tokens[3] < timed_tokens[1] < timed_tokens[2]  # small, middle, large, the largest


def test_the_longest_rows_that_are_tried_first_are_those_of_the_run(few_rows: pl.DataFrame, chatml: Any) -> None:
    """They stood among the measured rows two and three times over, and what was tried was larger than any batch."""
    rows = encode(few_rows, chatml, max_length=512).rows
    longest = sorted((len(row.ids) for row in rows), reverse=True)
    chosen = chosen_rows(TrainingPlan(batch_size=4), rows, longest[0])
    assert len({row.row_id for row in chosen.rows}) == len(chosen.rows)
    assert sorted((len(row.ids) for row in chosen.rows), reverse=True)[:4] == longest[:4]


def test_a_plan_that_accumulates_is_measured_with_two_batches_a_step(few_rows: pl.DataFrame, chatml: Any) -> None:
    rows = encode(few_rows, chatml, max_length=512).rows
    longest = sorted((len(row.ids) for row in rows), reverse=True)
    chosen = chosen_rows(TrainingPlan(batch_size=4, accumulation=8), rows, longest[0])
    assert (chosen.size, chosen.accumulation, len(chosen.order)) == (4, 2, 16 * 8)
    assert chosen.evaluate[0] == chosen.order[8:12]  # the first batch of the second step
    assert kept_at(TrainingPlan(accumulation=2), Path()) == kept_at(TrainingPlan(accumulation=8), Path())
    assert kept_at(TrainingPlan(accumulation=1), Path()) != kept_at(TrainingPlan(accumulation=8), Path())


def test_what_a_killed_measurement_left_on_the_disk_is_removed_by_a_later_one(tmp_path: Path) -> None:
    old, young = tmp_path / "goldloop-measure-old", tmp_path / "goldloop-measure-young"
    for one in (old, young):
        one.mkdir()
    os.utime(old, (time.time() - 3600, time.time() - 3600))
    remove_leftovers(tmp_path)
    assert [one.name for one in tmp_path.iterdir()] == ["goldloop-measure-young"]


def test_real_steps_are_timed_in_a_process_of_their_own(
    tiny_model: Path, few_rows: pl.DataFrame, tmp_path: Path
) -> None:
    plan = TrainingPlan(model=str(tiny_model), batch_size=4, accumulation=3)
    rows = encode(few_rows, tokenizer_for(tiny_model), max_length=512).rows
    said: list[str] = []
    found = measure(plan, rows, 10_000, report=lambda done, line: said.append(line), on_disk_of=tmp_path)
    assert list(tmp_path.iterdir()) == []
    assert len(found.steps) >= 3
    assert all(step.seconds > 0 and sum(part.rows for part in step.parts) == 8 for step in found.steps)
    assert found.beginning_seconds > 0
    assert found.checkpoint_seconds
    assert found.ending_seconds > 0
    assert found.memory_libraries < found.memory_peak
    assert found.checkpoint_bytes
    assert "starting the measurement" in said
    cost = estimate(
        plan, size_of(tiny_model), rows=24, tokens=0, work=workload(plan, measures_of(rows)), measured=found
    )
    assert cost.parts.measured
    assert cost.memory.value == pytest.approx(found.memory_peak, rel=0.05)
    assert cost.seconds.value > found.seconds_loading


def test_a_measurement_that_is_not_wanted_any_more_ends_its_process(tiny_model: Path, few_rows: pl.DataFrame) -> None:
    class Enough(Exception):
        pass

    def report(done: float, line: str) -> None:
        if done > 0.015:
            raise Enough

    rows = encode(few_rows, tokenizer_for(tiny_model), max_length=512).rows
    before = {one.pid for one in psutil.Process().children()}
    with pytest.raises(Enough):
        measure(TrainingPlan(model=str(tiny_model), batch_size=4), rows, 10_000, report=report)
    assert {one.pid for one in psutil.Process().children()} <= before


def test_why_no_step_could_be_measured_is_told(tmp_path: Path, tiny_model: Path, few_rows: pl.DataFrame) -> None:
    rows = encode(few_rows, tokenizer_for(tiny_model), max_length=512).rows
    with pytest.raises(TrainingError, match="no step could be measured"):
        measure(TrainingPlan(model=str(tmp_path / "nothing"), batch_size=4), rows, 100)


def test_what_is_no_measurement_is_refused() -> None:
    with pytest.raises(KeyError):
        read({"steps": []})
