"""Curves as numbers: read as they grow, thinned without losing a peak, smoothed over all steps, with marks."""

from __future__ import annotations

import json
import time
from pathlib import Path

import polars as pl
import pytest

from training.result import append_metrics, keep_metrics
from training.run.attempts import note_attempt, read_attempts
from workbench.reports.curves import (
    SCHEMA,
    as_columns,
    figures_now,
    marks_of,
    read_after,
    read_all,
    sparkline,
    thinned,
    with_smooth,
)

LONG = 100_000


def line(step: int, **more: object) -> dict[str, object]:
    return {"step": step, "epoch": step / 10, "loss": None if step == 0 else 2.0, "eval_loss": None, **more}


def written(folder: Path, *lines: dict[str, object]) -> Path:
    for one in lines:
        append_metrics(folder, one)
    return folder / "metrics.jsonl"


@pytest.fixture(scope="module")
def long_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A metrics file of 100,001 lines with one peak and one pit."""
    path = tmp_path_factory.mktemp("long") / "metrics.jsonl"
    usual = (
        '{{"step": {0}, "epoch": {1}, "loss": {2}, "eval_loss": {3}, "grad_norm": 1.0, "tokens_per_second": 300.0}}\n'
    )
    with path.open("w") as file:
        for step in range(LONG + 1):
            loss = 20.5 if step == 77_777 else 0.25 if step == 33_333 else 2.0 + step % 7 / 100
            measured = 1.0 if step == 50_000 else 1.5 if step % 1000 == 0 else "null"
            file.write(usual.format(step, step / 1000, "null" if step == 0 else loss, measured))
    return path


def test_a_second_look_brings_only_what_came_since_the_first(tmp_path: Path) -> None:
    path = written(tmp_path, line(0), line(1))
    first = read_after(path)
    assert (first.whole, first.lines["step"].to_list()) == (True, [0, 1])
    written(tmp_path, line(2), line(3))
    second = read_after(path, first.mark)
    assert (second.whole, second.lines["step"].to_list()) == (False, [2, 3])
    third = read_after(path, second.mark)
    assert (third.whole, third.lines.height) == (False, 0)


def test_a_line_that_is_only_half_written_is_read_when_it_is_whole(tmp_path: Path) -> None:
    path = written(tmp_path, line(0))
    whole = json.dumps(line(1))
    with path.open("a") as file:
        file.write(whole[:20])
    first = read_after(path)
    assert first.lines["step"].to_list() == [0]
    with path.open("a") as file:
        file.write(whole[20:] + "\n")
    assert read_after(path, first.mark).lines["step"].to_list() == [1]


def test_a_torn_line_in_the_middle_is_left_out_and_the_rest_is_read(tmp_path: Path) -> None:
    path = written(tmp_path, line(0), line(1))
    with path.open("a") as file:
        file.write('{"step": 2, "lo\n')
    written(tmp_path, line(3))
    assert read_all(path)["step"].to_list() == [0, 1, 3]


def test_a_resumed_run_whose_lines_went_back_is_read_whole_again(tmp_path: Path) -> None:
    path = written(tmp_path, *(line(step) for step in range(6)))
    first = read_after(path)
    keep_metrics(tmp_path, 3)
    written(tmp_path, line(4, loss=9.0))
    again = read_after(path, first.mark)
    assert again.whole
    assert again.lines["step"].to_list() == [0, 1, 2, 3, 4]
    assert again.lines["loss"].to_list()[-1] == 9.0


def test_a_mark_that_makes_no_sense_gives_the_whole_curve(tmp_path: Path) -> None:
    path = written(tmp_path, line(0), line(1))
    for mark in ("x", "1:2", "1:99999999:3", "-1:-1:-1", "9" * 40 + ":0:0"):
        assert read_after(path, mark).whole, mark
        assert read_after(path, mark).lines.height == 2


def test_a_run_without_a_step_has_no_lines(tmp_path: Path) -> None:
    assert read_after(tmp_path / "metrics.jsonl").lines.height == 0
    assert figures_now(tmp_path / "metrics.jsonl") == {}


def test_lines_of_an_older_goldloop_without_memory_are_read(tmp_path: Path) -> None:
    path = written(tmp_path, {"step": 0, "loss": None}, {"step": 1, "loss": 2.5})
    assert read_all(path)["memory"].to_list() == [None, None]
    assert "memory" not in as_columns(read_all(path))


def test_thinning_keeps_the_peak_the_pit_both_ends_and_the_lowest_evaluation(long_run: Path) -> None:
    lines = thinned(read_all(long_run))
    assert lines.height < 3_000
    assert lines["loss"].max() == 20.5
    assert lines["loss"].min() == 0.25
    assert (lines["step"].min(), lines["step"].max()) == (0, LONG)
    assert lines["eval_loss"].min() == 1.0
    assert lines["step"].is_sorted()


def test_a_run_of_a_hundred_thousand_steps_is_read_and_thinned_within_three_seconds(long_run: Path) -> None:
    begun = time.process_time()
    sent = as_columns(thinned(with_smooth(read_all(long_run))))
    assert time.process_time() - begun < 3  # .25 s on a free core
    assert len(json.dumps(sent)) < 400_000


def test_the_next_piece_of_a_long_run_does_not_read_it_again(long_run: Path, tmp_path: Path) -> None:
    mark = read_after(long_run).mark
    begun = time.process_time()
    for _ in range(50):
        assert read_after(long_run, mark).lines.height == 0
    assert time.process_time() - begun < 1


def test_the_smoothed_loss_begins_at_the_first_loss_and_follows_the_formula(tmp_path: Path) -> None:
    path = written(tmp_path, line(0), line(1, loss=4.0), line(2, loss=2.0), line(3, loss=2.0))
    assert with_smooth(read_all(path), 0.5)["smooth"].to_list() == [None, 4.0, 3.0, 2.5]


def test_epochs_resumes_halved_batches_and_the_kept_step_are_marked(tmp_path: Path) -> None:
    path = written(tmp_path, *(line(step, eval_loss={10: 1.5, 20: 1.2}.get(step)) for step in range(25)))
    note_attempt(tmp_path, step=0, batch_size=8, accumulation=1)
    note_attempt(tmp_path, step=4, batch_size=4, accumulation=2)
    note_attempt(tmp_path, step=15, batch_size=4, accumulation=2)
    marks = marks_of(read_all(path), attempts=read_attempts(tmp_path))
    assert [(mark.step, mark.kind) for mark in marks] == [
        (4, "smaller batch"), (10, "epoch"), (15, "resumed"), (20, "epoch"), (20, "kept"),
    ]  # fmt: skip
    assert "batches of 4 instead of 8" in marks[0].words


def test_a_loss_that_is_no_number_and_a_run_that_was_stopped_are_marked(tmp_path: Path) -> None:
    path = written(tmp_path, line(0), line(1), line(2, loss=None))
    result = {"best_step": 1, "ended": "stopped early", "steps": 2}
    marks = marks_of(read_all(path), result=result)
    assert [(mark.step, mark.kind) for mark in marks] == [(1, "kept"), (2, "nan"), (2, "end")]


def test_the_figures_of_now_are_not_those_of_a_short_last_step(tmp_path: Path) -> None:
    lines = [
        {"step": step, "loss": 0.1 if step == 20 else 1.1, "tokens_per_second": 66.0 if step == 20 else 300.0}
        for step in range(1, 21)
    ]
    now = figures_now(written(tmp_path, *lines))
    assert now["tokens_per_second"] == 300
    assert now["loss"] == pytest.approx(1.0)
    assert now["step"] == 20


def test_a_sparkline_falls_with_the_loss_and_needs_values() -> None:
    assert sparkline([4.0, 3.0, 2.0, 1.0]) == "█▆▃▁"
    assert sparkline([1.0, 1.0]) == "▁▁"
    assert sparkline([None, float("nan")]) == ""


def test_numbers_are_sent_with_six_digits_and_never_as_nan() -> None:
    lines = pl.DataFrame({"step": [1, 2], "loss": [1.23456789, float("nan")]}, schema_overrides=SCHEMA)
    assert as_columns(lines) == {"step": [1, 2], "loss": [1.23457, None]}


def test_attempts_of_an_old_run_are_none_and_a_torn_one_is_left_out(tmp_path: Path) -> None:
    assert read_attempts(tmp_path) == []
    note_attempt(tmp_path, step=-1, batch_size=8, accumulation=1)
    with (tmp_path / "attempts.jsonl").open("a") as file:
        file.write('{"step": 3, "ba')
    assert read_attempts(tmp_path) == [{"step": 0, "batch_size": 8, "accumulation": 1}]
