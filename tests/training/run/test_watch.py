"""When a run is evaluated, and how time is told."""

from __future__ import annotations

import pytest

from training.run.watch import evaluation_steps, in_words


@pytest.mark.parametrize(
    ("per_epoch", "evaluations", "steps", "due"),
    [
        (6, 1, 18, {6, 12, 18}),
        (6, 2, 12, {3, 6, 9, 12}),
        (6, 1, 10, {6, 10}),
        (3, 10, 6, {1, 2, 3, 4, 5, 6}),
        (1, 1, 1, {1}),
        (7, 2, 14, {4, 7, 10, 14}),
    ],
)
def test_the_validation_loss_is_measured_evenly_and_at_the_end(
    per_epoch: int, evaluations: int, steps: int, due: set[int]
) -> None:
    assert evaluation_steps(per_epoch, evaluations, steps) == due


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(4.4, "4 s"), (59, "59 s"), (125, "2 min"), (3 * 3600 + 20 * 60, "3 h 20 min"), (None, "some time")],
)
def test_time_is_told_in_words(seconds: float | None, said: str) -> None:
    assert in_words(seconds) == said
