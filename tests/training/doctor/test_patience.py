"""What the doctor says while a run goes on: a warning only where the trouble has lasted, or cannot pass."""

from __future__ import annotations

from typing import Any

from training.doctor import diagnose

SHOT = [2.33, 2.58, 9.04, 7.45, 4.75, 4.37, 3.59, 3.44, 3.44, 3.24]  # a real run at a rate of .2
STEEP = [1.04, 1.71, 72.97, 29.29, 10.68, 2.14, 0.14, 0.17, 0.13, 0.32]
SLOWER = [6.5, 6.4, 6.3, 6.2, 6.1, 6.0, 5.9, 5.8, 5.6, 5.3, *[5.1] * 30]


def lines_of(
    losses: list[float], norms: list[float], validation: dict[int, float] | None = None, rate: float = 1e-3
) -> list[dict[str, Any]]:
    """Metric lines of a run that goes on."""
    known = validation or {}
    begun = [{"step": 0, "loss": None, "eval_loss": known[0]}] if 0 in known else []
    return begun + [
        {"step": at, "loss": loss, "grad_norm": norm, "eval_loss": known.get(at), "lr": rate, "epoch": at / 100}
        for at, (loss, norm) in enumerate(zip(losses, norms, strict=True), start=1)
    ]


def told(lines: list[dict[str, Any]], result: dict[str, Any] | None = None) -> list[tuple[str, str]]:
    return [(one.kind, one.severity) for one in diagnose(lines, result=result)]


def test_a_loss_that_has_just_shot_up_is_to_be_watched_and_a_warning_five_steps_later() -> None:
    lines = lines_of([*SHOT, *[3.2] * 3], [*STEEP, *[0.2] * 3])
    first, later = diagnose(lines[:8])[0], diagnose(lines[:13])[0]
    assert (first.kind, first.severity) == ("rate too high", "hint")
    assert first.advice.startswith("Watch it: it may pass. If it lasts: Take a third to a tenth of the learning rate")
    assert (later.kind, later.severity) == ("rate too high", "warning")


def test_a_loss_that_stands_still_is_a_hint_until_the_run_is_over() -> None:
    lines = lines_of([5.5, 5.6, 5.5, *[5.42] * 37], [1.2, 1.0, 2.7, *[0.01] * 37])
    assert told(lines) == [("rate too high", "hint")]
    assert told(lines, {"best_step": 40}) == [("rate too high", "warning")]


def test_a_loss_that_fell_a_fifth_and_stands_still_with_no_gradient_left_may_have_learned_all() -> None:
    lines = lines_of(SLOWER, [40.0] * 10 + [0.3] * 30)
    assert told(lines, {"best_step": 40}) == [("rate too high", "hint")]


def test_one_look_above_the_lowest_is_to_be_watched_and_the_second_is_overfitting() -> None:
    losses = [4.0 - 0.1 * at for at in range(30)]
    looks = {0: 4.0, 6: 2.0, 12: 2.3, 18: 2.4}
    lines = lines_of(losses, [1.0] * 30, looks)
    assert told(lines[:14]) == [("overfitting", "hint")]
    assert told(lines[:20]) == [("overfitting", "warning")]


def test_weights_that_are_being_lost_are_an_error_at_once() -> None:
    losses = [4.0, 3.5, 3.0, 2.5, 2.0, 1.6, 1.3, 1.1, 1.0, 1.0, 1.0, 1.1, 2.6, 2.8, 3.0, 3.1]
    lines = lines_of(losses, [1.0] * 12 + [5.0] * 4)
    assert told(lines) == [("diverging", "error")]


def test_a_rate_that_nobody_tunes_with_is_a_warning_once_thirty_more_steps_say_so() -> None:
    lines = lines_of([4.0, 4.1] * 30, [1.0] * 60, rate=1e-6)
    assert told(lines[:25]) == [("rate too low", "hint")]
    assert told(lines[:55]) == [("rate too low", "warning")]


def test_ten_steps_in_which_the_loss_fell_clearly_are_a_hint_to_take_more() -> None:
    fell = [3.0, 2.9, 2.95, 2.8, 2.7, 2.6, 2.5, 2.4, 2.42, 2.3]
    flat = [3.0, 2.9, 3.1, 3.0, 2.95, 3.05, 3.0, 2.9, 3.1, 2.95]
    assert ("too few steps", "hint") in told(lines_of(fell, [1.0] * 10), {"best_step": 10})
    assert ("too few steps", "warning") in told(lines_of(flat, [1.0] * 10), {"best_step": 10})


def test_a_hint_does_not_hide_a_warning_that_it_would_explain() -> None:
    looks = {0: 5.0, 20: 5.1, 40: 5.1}
    lines = lines_of(SLOWER, [40.0] * 10 + [0.3] * 30, looks)
    assert told(lines, {"best_step": 40}) == [("no gain", "warning"), ("rate too high", "hint")]
