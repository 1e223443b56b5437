"""What a loss curve says."""

from __future__ import annotations

from typing import Any

from training.doctor import diagnose


def curve(losses: list[float | None], validation: dict[int, float] | None = None) -> list[dict[str, Any]]:
    """Metric lines of steps 1, 2, ... with these losses, and a line 0 when it has a validation loss."""
    measured = validation or {}
    lines: list[dict[str, Any]] = [{"step": 0, "loss": None, "eval_loss": measured[0]}] if 0 in measured else []
    return lines + [{"step": n, "loss": loss, "eval_loss": measured.get(n)} for n, loss in enumerate(losses, start=1)]


FALLING = [4.0, 3.5, 3.1, 2.8, 2.5, 2.2, 2.0, 1.8, 1.6, 1.5, 1.4, 1.3]


def kinds(lines: list[dict[str, Any]]) -> list[tuple[str, int]]:
    return [(finding.kind, finding.step) for finding in diagnose(lines)]


def test_a_falling_curve_is_well() -> None:
    assert kinds(curve(FALLING, {0: 4.0, 6: 2.4, 12: 2.35})) == []


def test_a_loss_that_is_no_number_is_all_that_is_said() -> None:
    assert kinds(curve([4.0, 3.0, None], {0: 1.0, 2: 2.0})) == [("not a number", 3)]


def test_an_infinite_loss_is_no_number() -> None:
    assert kinds(curve([4.0, float("inf")])) == [("not a number", 2)]


def test_a_flat_noisy_loss_does_not_fall_once_the_run_is_over() -> None:
    lines = curve([4.0, 4.2, 3.9, 4.1, 4.0, 3.9, 4.2, 4.0, 4.1, 3.95, 4.05, 4.0])
    assert [finding.kind for finding in diagnose(lines, result={"best_step": 12})] == ["does not fall"]
    assert diagnose(lines) == []  # twelve steps of a run that goes on say nothing yet


def test_a_rising_loss_is_diverging_from_its_lowest_step() -> None:
    assert kinds(curve(FALLING[::-1])) == [("diverging", 1)]


def test_a_few_steps_make_no_trend() -> None:
    assert kinds(curve([4.0, 4.0, 4.0])) == []


def test_validation_turning_up_while_training_falls_is_learning_by_heart_from_its_lowest_step() -> None:
    # The validation losses of the measured run that was split by fact: best after one epoch.
    losses = [4.0, 3.0, 2.47, 1.9, 1.5, 1.2, 0.9, 0.5, 0.3, 0.1, 0.05, 0.01]
    validation = {0: 4.0, 2: 2.03, 4: 2.55, 6: 2.89, 8: 2.99, 10: 3.13, 12: 3.05}
    assert kinds(curve(losses, validation)) == [("overfitting", 2)]


def test_learning_by_heart_is_told_with_both_losses() -> None:
    losses = [4.0, 3.0, 2.47, 1.9, 1.5, 1.2, 0.9, 0.5, 0.3, 0.1, 0.05, 0.01]
    told = diagnose(curve(losses, {2: 2.03, 12: 3.05}))[0].text
    assert told.startswith(
        "From step 2 on the model learns the training rows by heart: their loss still falls, to 0.05, while the "
        "validation loss rises from 2.03 to 3.05."
    )


def test_validation_rising_with_the_training_loss_is_not_learning_by_heart() -> None:
    assert ("overfitting", 2) not in kinds(curve([2.0, 2.0, 3.0, 3.1], {2: 2.0, 4: 3.0}))


def test_a_validation_loss_above_that_of_the_untuned_model_is_no_gain() -> None:
    assert kinds(curve(FALLING, {0: 2.0, 12: 2.1})) == [("no gain", 12)]


def test_a_validation_loss_that_still_falls_asks_for_another_epoch() -> None:
    assert kinds(curve(FALLING, {0: 4.0, 6: 2.4, 12: 1.6})) == [("unfinished", 12)]


def test_a_sudden_jump_is_named_with_its_step() -> None:
    losses = [2.0, 1.5, 1.0, 0.8, 0.6, 0.5, 6.0, 0.5, 0.4, 0.3, 0.3, 0.3]
    assert kinds(curve(losses)) == [("jump", 7)]


def test_an_empty_run_has_no_findings() -> None:
    assert diagnose([]) == []
