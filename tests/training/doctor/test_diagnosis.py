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


def test_a_validation_loss_above_that_before_training_is_no_gain() -> None:
    assert kinds(curve(FALLING, {0: 2.0, 12: 2.1})) == [("no gain", 12)]


def test_a_validation_loss_that_still_falls_asks_for_another_epoch() -> None:
    assert kinds(curve(FALLING, {0: 4.0, 6: 2.4, 12: 1.6})) == [("unfinished", 12)]


def test_a_sudden_jump_is_named_with_its_step() -> None:
    losses = [2.0, 1.5, 1.0, 0.8, 0.6, 0.5, 6.0, 0.5, 0.4, 0.3, 0.3, 0.3]
    assert kinds(curve(losses)) == [("jump", 7)]


def test_an_empty_run_has_no_findings() -> None:
    assert diagnose([]) == []


def with_norms(lines: list[dict[str, Any]], norms: list[float], per_epoch: int = 100) -> list[dict[str, Any]]:
    """The same lines with gradients, epochs and a rate of 1e-3."""
    steps = [line for line in lines if line["step"] > 0]
    for line, norm in zip(steps, norms, strict=True):
        line |= {"grad_norm": norm, "lr": 1e-3, "epoch": line["step"] / per_epoch}
    return lines


def told(lines: list[dict[str, Any]], **knobs: Any) -> list[tuple[str, str]]:
    return [(one.kind, one.severity) for one in diagnose(lines, knobs, {"best_step": 0})]


def test_a_run_that_only_recovers_from_its_rate_is_not_told_to_take_another_epoch() -> None:
    # SmolLM2-135M on the demo's rows at ten times its learning rate
    losses = [5.21, 6.02, 4.53, 6.15, 7.18, 9.89, 12.88, 13.36, 14.57, 15.69, 15.47, 13.4, 15.64, 12.5, 10.97, 10.24,
              11.03, 9.53, 9.4, 9.04, 8.64, 9.2, 9.08, 8.11, 8.16, 7.93, 8.01, 7.85, 8.18, 7.56]  # fmt: skip
    norms = [1.59, 1.78, 2.1, 9.84, 22.09, 57.12, 25.81, 69.04, 281.53, 12.36, 7.34, 4.16, 16.62, 10.25, 4.61, 7.69,
             9.02, 5.04, 3.38, 5.47, 3.92, 7.82, 8.69, 5.18, 3.64, 4.82, 2.6, 1.9, 2.18, 2.32]  # fmt: skip
    lines = with_norms(curve(losses, {0: 4.95, 10: 15.46, 21: 8.79, 30: 7.63}), norms, per_epoch=21)
    assert told(lines) == [("diverging", "error")]


HARDER = [2.0, 2.1, 1.9, 2.0, 2.1, 1.9, 2.0, 2.1, 2.5, 2.6, 2.4, 2.5, 2.6, 2.4, 2.5, 2.6]  # its second half


def test_harder_rows_at_the_end_are_not_called_diverging_while_the_gradients_stay() -> None:
    assert told(with_norms(curve(HARDER), [1.0] * 16)) == [("rises", "warning")]


def test_a_rise_with_growing_gradients_is_diverging() -> None:
    assert told(with_norms(curve(HARDER), [1.0] * 8 + [4.0] * 8)) == [("diverging", "error")]


def test_a_rise_while_the_validation_loss_falls_is_a_hint_about_the_rows() -> None:
    assert told(with_norms(curve(HARDER, {0: 2.5, 8: 2.3, 16: 2.2}), [1.0] * 16)) == [("rises", "hint")]


def test_a_loss_that_fell_and_rises_again_below_its_start_is_told() -> None:
    losses = [4.0, 3.5, 3.0, 2.5, 2.0, 1.6, 1.3, 1.1, 1.0, 1.0, 1.0, 1.1, 2.6, 2.8, 3.0, 3.1]
    assert told(with_norms(curve(losses), [1.0] * 12 + [5.0] * 4)) == [("diverging", "error")]


def test_ten_steps_of_which_the_third_shoots_up_with_its_gradient_are_a_rate_too_high() -> None:
    losses = [2.33, 2.58, 9.04, 7.45, 4.75, 4.37, 3.59, 3.44, 3.44, 3.24]  # a real run at a rate of .2
    norms = [1.04, 1.71, 72.97, 29.29, 10.68, 2.14, 0.14, 0.17, 0.13, 0.32]
    assert ("rate too high", "warning") in told(with_norms(curve(losses), norms)) or (
        "diverging", "error") in told(with_norms(curve(losses), norms))  # fmt: skip


def test_a_loss_that_climbs_in_every_epoch_and_falls_back_is_rows_read_from_easy_to_hard() -> None:
    first = [2.0, 2.05, 2.1, 2.2, 2.3, 2.4, 2.5, 2.6, 2.7, 2.8, 2.9, 3.0]
    lines = with_norms(curve([*first, *(one - 0.1 for one in first)]), [1.0] * 24, per_epoch=12)
    assert told(lines) == [("order", "warning")]


def test_rows_read_twenty_times_are_known_by_heart_at_a_loss_where_they_are_given_back() -> None:
    losses = [2.2, 1.4, 0.9, 0.6, 0.4, 0.3, 0.25, 0.2, 0.2, 0.2]
    lines = curve([*losses, *[0.2] * 10])
    assert told(with_norms(lines, [1.0] * 20, per_epoch=4)) == []  # read five times
    assert told(with_norms(lines, [1.0] * 20, per_epoch=1)) == [("by heart", "warning")]


def test_overfitting_from_the_first_look_on_says_that_no_step_is_worth_taking() -> None:
    losses = [4.0, 3.0, 2.47, 1.9, 1.5, 1.2, 0.9, 0.5, 0.3, 0.1, 0.05, 0.01]
    found = diagnose(curve(losses, {0: 2.0, 2: 2.03, 4: 2.55, 12: 3.05}))[0]
    assert found.kind == "overfitting"
    assert found.advice.startswith("No step is better on the validation rows than the model was before training (2.00)")


def test_a_validation_loss_that_falls_evenly_and_little_is_a_rate_too_low() -> None:
    losses = [4.0 - 0.005 * step for step in range(24)]
    even = {0: 4.0, 8: 3.96, 16: 3.92, 24: 3.88}
    bent = {0: 4.0, 8: 3.90, 16: 3.885, 24: 3.88}
    assert ("rate too low", "warning") in told(with_norms(curve(losses, even), [1.0] * 24))
    assert told(with_norms(curve(losses, bent), [1.0] * 24)) == []


def test_no_gain_so_far_is_a_hint_while_the_run_goes_on() -> None:
    lines = curve(FALLING, {0: 2.0, 12: 2.1})
    assert [(one.kind, one.severity) for one in diagnose(lines)] == [("no gain", "hint")]
    assert told(lines) == [("no gain", "warning")]
