"""What was predicted of a run beside what it took."""

from __future__ import annotations

from workbench.reports.predicted import beside

PREDICTED = {
    "measured": True, "busy": False, "seconds": 110.0, "seconds_low": 99.0, "seconds_high": 126.0,
    "seconds_free": 110.0, "seconds_by_part": {"evaluating": 10.0}, "memory": 3.0e9, "steps": 63, "tokens": 35_388.0,
}  # fmt: skip
RESULT = {
    "seconds": 90.0, "seconds_loading": 10.0, "seconds_evaluating": 9.0, "peak_memory": 2_900_000_000,
    "eval_peak_memory": 1, "steps": 63, "tokens": 35_388, "ended": "finished",
}  # fmt: skip


def test_a_good_prediction_stands_beside_the_fact_with_its_difference() -> None:
    found = beside(PREDICTED, RESULT)
    assert found is not None
    lines = {one.name: (one.off, one.good) for one in found.lines}
    assert lines["time"] == ("+10 %", True)  # 110 s told, 100 s with loading taken
    assert lines["memory"] == ("+3 %", True)
    assert lines["steps"] == ("0 %", True)
    assert found.notes == ()


def test_the_end_of_a_run_is_part_of_its_time() -> None:
    found = beside(PREDICTED, {**RESULT, "seconds_ending": 10.0})  # the last checkpoint and the adapter
    assert found is not None
    assert [one.off for one in found.lines if one.name == "time"] == ["0 %"]


def test_a_miss_is_told() -> None:
    found = beside(PREDICTED, {**RESULT, "seconds": 290.0})
    assert found is not None
    assert [one.good for one in found.lines if one.name == "time"] == [False]
    assert "outside the range" in found.notes[0]


def test_a_busy_machine_and_an_early_end_are_told() -> None:
    found = beside({**PREDICTED, "busy": True, "seconds_free": 40.0}, {**RESULT, "ended": "stopped early"})
    assert found is not None
    assert "free of them the run was expected to take 40 s" in found.notes[0]
    assert "ended before its last step" in found.notes[-1]


def test_without_a_prediction_or_a_result_nothing_is_said() -> None:
    assert beside(None, RESULT) is None
    assert beside(PREDICTED, None) is None
