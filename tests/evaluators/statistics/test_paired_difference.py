import numpy as np
import pytest

from evaluators.errors import BadRequest, MissingGroup, Unpaired
from evaluators.statistics.paired_difference import paired_difference, spread


def test_the_t_interval_of_known_numbers():
    # differences 1, 2, 1, 3: mean 1.75, sd .957427, t(3, .975) = 3.182446
    found = paired_difference([1, 2, 3, 4], [2, 4, 4, 7])
    assert (found.value, found.n, found.method, found.clusters) == (1.75, 4, "t", None)
    assert found.low == pytest.approx(0.226520, abs=1e-6)
    assert found.high == pytest.approx(3.273480, abs=1e-6)


def test_the_clustered_interval_of_known_numbers():
    # group sums of the residuals are -.5 and +.5; error = sqrt((.25 + .25) * 2/1) / 4 = .25; t(1, .975) = 12.706205
    found = paired_difference([1, 2, 3, 4], [2, 4, 4, 7], groups=["x", "x", "y", "y"])
    assert found.clusters == 2
    assert found.units == 2
    assert found.method == "t, clustered"
    assert found.low == pytest.approx(1.75 - 0.25 * 12.706205, abs=1e-5)


def test_groups_of_one_row_change_nothing():
    plain, grouped = (paired_difference([1, 2, 3, 4], [2, 4, 4, 7], groups=g) for g in (None, [1, 2, 3, 4]))
    assert (plain.low, plain.high) == pytest.approx((grouped.low, grouped.high))


@pytest.mark.parametrize("method", ["t", "BCa", "percentile"])
def test_equal_differences_have_a_value_and_no_interval_of_their_own(method):
    found = paired_difference([0.1] * 5, [0.3] * 5, method=method)
    assert found.value == pytest.approx(0.2)
    assert (found.low, found.high) == (None, None)
    assert found.method == f"{method}, no spread"


def test_one_row_has_a_value_and_no_interval():
    found = paired_difference([1], [3])
    assert (found.value, found.low, found.high, found.n, found.half_width) == (2, None, None, 1, None)


def test_one_group_has_no_interval():
    assert paired_difference([1, 2], [3, 5], groups=["a", "a"]).low is None


def test_no_rows_have_no_value():
    assert paired_difference([], []).value is None


def test_unequal_lengths_are_refused():
    with pytest.raises(Unpaired, match="3 scores against 2"):
        paired_difference([1, 2, 3], [1, 2])


def test_a_missing_score_is_refused():
    with pytest.raises(Unpaired, match="missing"):
        paired_difference([1, float("nan")], [1, 2])


def test_a_missing_group_is_refused():
    with pytest.raises(MissingGroup, match="1 of 2 rows"):
        paired_difference([1, 2], [1, 2], groups=["a", None])


def test_an_unknown_method_is_refused():
    with pytest.raises(BadRequest, match="magic"):
        paired_difference([1, 2], [1, 3], method="magic")


def test_the_bootstrap_is_repeatable_and_close_to_t_on_many_rows():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, 1, 200), rng.normal(0.5, 1, 200)
    first, again = (paired_difference(a, b, method="bootstrap", draws=2000) for _ in range(2))
    assert first == again
    assert first.low == pytest.approx(paired_difference(a, b).low, abs=0.03)


def test_the_clustered_bootstrap_draws_whole_groups():
    # two groups whose rows are all alike: draws of whole groups reach both ends, draws of rows would not
    found = paired_difference(
        [0] * 20, [0] * 10 + [1] * 10, groups=["x"] * 10 + ["y"] * 10, method="bootstrap", draws=500
    )
    assert (found.low, found.high) == (0.0, 1.0)


def test_p_agrees_with_the_interval():
    assert spread(np.array([1.0, 2, 1, 3])).p == pytest.approx(0.035353, abs=1e-5)


def test_the_clustered_interval_covers_where_the_naive_one_does_not():
    """20 groups of 5 rows, half of the variance between groups, no true difference: 95 % against some 72 %."""
    rng, groups = np.random.default_rng(1), [i // 5 for i in range(100)]
    naive = clustered = 0
    for _ in range(300):
        d = np.repeat(rng.normal(size=20), 5) + rng.normal(size=100)
        for given in (None, groups):
            found = paired_difference(np.zeros(100), d, groups=given)
            covers = found.low <= 0 <= found.high
            naive, clustered = naive + (covers and given is None), clustered + (covers and given is not None)
    assert clustered / 300 >= 0.92
    assert naive / 300 <= 0.85
