"""Within what the card expects the time to be."""

from __future__ import annotations

import pytest

from training.forecast.band import TimeParts, band_of, one_more
from training.forecast.line import Line, spread_around
from training.forecast.measure import Measured, Timed
from training.forecast.workload import Batch, Workload, workload
from training.plan import TrainingPlan

ONE = (Batch(1, 100, 100, 50),)


def measured(steps: int, *, cpu: float = 2.0, others: float = 0.0) -> Measured:
    return Measured(
        when="2026-01-01T00:00:00+00:00", device="cpu", machine="CPU, 2 threads", precision="bf16", threads=2, cores=2,
        seconds_loading=0.0, steps=(Timed(ONE, 1.0, cpu),) * steps, evaluations=(), optimizer_seconds=0.0,
        beginning_seconds=0.0, checkpoint_seconds=0.0, checkpoint_bytes=0, ending_seconds=0.0, memory_libraries=1,
        memory_peak=1, memory_evaluation=0, largest=ONE, others_share=others,
    )  # fmt: skip


def work(steps: int, soonest: int | None = None) -> Workload:
    return Workload(steps, 1, ONE * steps, 1.0, (), 0, steps, 0, soonest=soonest)


def test_the_spread_is_that_of_single_steps_around_their_line() -> None:
    points = [(1.0, 10.0, 9.0), (1.0, 10.0, 11.0), (1.0, 10.0, 9.0), (1.0, 10.0, 11.0)]
    assert spread_around(Line(0.0, 1.0), points) == (pytest.approx(0.1414, abs=1e-4), 2.92)  # root of 4 / 2, of 10


def test_more_steps_measured_and_trained_make_the_range_narrower() -> None:
    few = band_of(TimeParts(0, 100, 0, 0), work(4), measured(4), 0.1, 2.92)
    many = band_of(TimeParts(0, 100, 0, 0), work(400), measured(16), 0.1, 1.76)
    assert few.high == pytest.approx(120.6, abs=0.1)  # 100 s and 2.92 x 10 % x the root of 1/4 + 1/4
    assert many.high == pytest.approx(105.0)  # never nearer than 5 %
    assert "Within 21%, nine times in ten" in few.told


def test_a_busy_machine_may_become_free_or_get_one_program_more() -> None:
    busy = measured(5, cpu=0.95, others=0.5)  # half of what two processors give
    assert one_more(busy) == pytest.approx(1.25)  # 2 threads beside 2 others, then beside 3
    found = band_of(TimeParts(0, 100, 0, 0), work(400), busy, 0.0, 2.0)
    assert found.low == pytest.approx(50 / 1.05)
    assert found.high == pytest.approx(100 * 1.05 * 1.25)
    assert "cannot be told" in found.told
    jumpy = band_of(TimeParts(0, 100, 0, 0), work(400), busy, 2.0, 2.0, alone=0.01)
    assert jumpy.low == found.low  # by the clock steps jump with the others' programs, by processor time they do not


def test_a_run_that_patience_may_end_is_told_with_the_time_of_its_soonest_end() -> None:
    found = band_of(TimeParts(10, 80, 0, 0, 10), work(40, soonest=10), measured(5), 0.0, 2.0)
    assert found.low == pytest.approx((10 + 10 + 80 / 4) / 1.05)
    assert "Patience may end the run from step 10 on." in found.told


def test_patience_can_end_a_run_at_the_evaluations_that_follow_its_first() -> None:
    plan = TrainingPlan(batch_size=1, epochs=2, evaluations_per_epoch=2, patience=2)
    assert workload(plan, [(100, 50)] * 10, [(90, 40)]).soonest == 15  # evaluated after 5, 10, 15 and 20
    assert workload(plan, [(100, 50)] * 10).soonest is None
    assert workload(plan.model_copy(update={"patience": 9}), [(100, 50)] * 10, [(90, 40)]).soonest is None
