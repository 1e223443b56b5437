"""The power law through losses at growing sizes, and what it lets be said."""

import numpy as np
import pytest

from evaluators.errors import BadRequest
from evaluators.statistics.learning_curve import learning_curve

SIZES = (100, 200, 400)


def cube(means, *, rows=60, seeds=2, noise=0.01, seed=0):
    """(sizes, seeds, rows): rows with levels of their own around these means, and noise of training."""
    rng = np.random.default_rng(seed)
    level = rng.normal(0, 0.5, rows)
    level -= level.mean()
    runs = rng.normal(0, noise, (len(means), seeds, 1))
    return np.asarray(means)[:, None, None] + level + runs


def test_a_clean_power_law_is_found_and_followed_to_twice_the_data():
    # 0.6 * (D / 400) ** -0.5 + 0.5
    found = learning_curve(SIZES, cube([1.7, 1.3485281, 1.1], noise=0.0))
    assert found.state == "fitted"
    assert found.curve.beta == pytest.approx(0.5, abs=0.02)
    assert found.curve.floor == pytest.approx(0.5, abs=0.05)
    assert found.doubling.value == pytest.approx(0.1757, abs=0.003)
    assert found.last.value == pytest.approx(0.2485, abs=0.001)


def test_the_interval_of_doubling_grows_with_the_chance_of_training():
    calm = learning_curve(SIZES, cube([1.7, 1.35, 1.1], noise=0.005))
    wild = learning_curve(SIZES, cube([1.7, 1.35, 1.1], noise=0.05))
    assert calm.doubling.half_width < wild.doubling.half_width


def test_a_flat_curve_is_not_followed():
    found = learning_curve(SIZES, cube([1.0, 1.003, 0.999], noise=0.02))
    assert found.state == "can't tell"
    assert found.doubling.value is None
    assert found.band == ()
    assert "may as well be flat" in found.why


def test_a_loss_that_rises_with_the_data_is_not_followed():
    found = learning_curve(SIZES, cube([1.0, 1.2, 1.5]))
    assert found.state == "can't tell"
    assert found.beta.high < 0


def test_two_sizes_tell_the_last_step_and_no_more():
    found = learning_curve((100, 200), cube([1.5, 1.2], noise=0.0))
    assert found.state == "two sizes"
    assert found.last.value == pytest.approx(0.3)
    assert found.curve is None


def test_fewer_than_six_groups_of_rows_are_no_verdict():
    losses = cube([1.7, 1.35, 1.1], rows=20, noise=0.0)
    found = learning_curve(SIZES, losses, ["a", "b", "c", "d"] * 5)
    assert found.state == "can't tell"
    assert "at least 6" in found.why


def test_nothing_is_told_beyond_twice_the_largest_size():
    found = learning_curve(SIZES, cube([1.7, 1.35, 1.1], noise=0.0))
    assert found.band[-1][0] == pytest.approx(800)


def test_one_seed_is_marked_as_such():
    assert learning_curve(SIZES, cube([1.7, 1.35, 1.1], seeds=1)).seeds_unknown


def test_the_same_seed_gives_the_same_interval():
    losses = cube([1.7, 1.35, 1.1])
    assert learning_curve(SIZES, losses, seed=3) == learning_curve(SIZES, losses, seed=3)


@pytest.mark.parametrize(
    ("sizes", "losses"),
    [((100,), np.ones((1, 2, 5))), ((200, 100), np.ones((2, 2, 5))), ((1, 2), np.full((2, 1, 3), np.nan))],
)
def test_what_is_no_curve_is_refused(sizes, losses):
    with pytest.raises(BadRequest):
        learning_curve(sizes, losses)


def test_the_interval_holds_the_true_gain_in_nineteen_of_twenty_cases():
    rng = np.random.default_rng(1)
    truth, held, told = 0.6 * (1 - 2**-0.5), 0, 0
    for turn in range(60):
        level = rng.normal(0, 0.6, 40)
        profit = rng.normal(1, 0.3, 40)
        fall = 0.6 * (np.array(SIZES) / 400.0) ** -0.5
        losses = fall[:, None, None] * profit + 0.5 + level + rng.normal(0, 0.02, (3, 2, 1))
        found = learning_curve(SIZES, losses, draws=300, seed=turn)
        if found.state == "fitted":
            told += 1
            held += found.doubling.low <= truth <= found.doubling.high
    assert told >= 55
    assert held / told >= 0.85  # 95 % wanted; below 51 of 60 has a chance of 1 in 2,000


def held_by(fall, gain, *, rows, turns=120, seeds=2, noise=0.03):
    """(times it was told, times its interval held the gain) over curves with these means and noisy seeds."""
    rng = np.random.default_rng(4)
    held, told = 0, 0
    for turn in range(turns):
        profit = rng.normal(1, 0.35, rows)
        losses = np.asarray(fall)[:, None, None] * profit + 0.5 + rng.normal(0, noise, (3, seeds, 1))
        found = learning_curve(SIZES, losses, draws=150, seed=turn)
        if found.doubling.value is not None:
            told += 1
            held += found.doubling.low <= gain <= found.doubling.high
    return told, held


def test_a_curve_that_is_nearly_straight_over_doublings_has_an_interval_that_reaches_far_enough():
    # 2 * r ** -0.05: with the draws that bend the wrong way cut off, 87 to 93 in 100 held it
    told, held = held_by([2.1435, 2.0705, 2.0], 0.0681, rows=50, seeds=3)
    assert told >= 100
    assert held / told >= 0.93


def test_six_rows_have_a_wider_interval_than_percentiles_alone():
    told, held = held_by([1.2, 0.8485, 0.6], 0.1757, rows=6, noise=0.005)
    assert told >= 110
    assert held / told >= 0.92  # 95 % wanted; percentiles without the stretch hold it in 85 of 100


def test_a_loss_that_falls_faster_the_more_data_there_are_is_not_followed():
    found = learning_curve(SIZES, cube([1.5, 1.49, 1.2], noise=0.005))
    assert found.state == "can't tell"
    assert "faster the more data" in found.why
    assert found.last.value == pytest.approx(0.29, abs=0.02)


def test_a_loss_that_turns_up_at_the_last_step_is_not_followed():
    found = learning_curve(SIZES, cube([1.7, 1.0, 1.3], noise=0.005))
    assert found.state == "can't tell"
    assert "made the loss worse" in found.why
