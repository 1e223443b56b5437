import pytest

from evaluators.statistics.adjusted_p import benjamini_hochberg, holm
from evaluators.statistics.smallest_detectable import (
    before_the_run,
    mcnemar_power,
    rows_needed,
    smallest_mean,
    smallest_rate,
)


def test_holm():
    assert holm([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.06, 0.06])


def test_benjamini_hochberg():
    assert benjamini_hochberg([0.01, 0.04, 0.03]) == pytest.approx([0.03, 0.04, 0.04])


@pytest.mark.parametrize("adjust", [holm, benjamini_hochberg])
def test_no_p_values_give_none_back(adjust):
    assert adjust([]) == []


def test_an_adjusted_p_never_exceeds_one():
    assert holm([1.0, 0.9]) == [1.0, 1.0]


@pytest.mark.parametrize(
    ("n", "points"),
    [
        (20, [None, None, None, 0.385, 0.435]),
        (50, [None, 0.18, 0.22, 0.255, 0.29]),
        (100, [0.09, 0.13, 0.16, 0.185, 0.205]),
    ],
)
def test_the_smallest_detectable_rates_before_the_run(n, points):
    assert list(before_the_run(n).rates.values()) == points


@pytest.mark.parametrize(("n", "sds"), [(20, 0.66), (50, 0.40), (100, 0.28), (200, 0.20), (400, 0.14)])
def test_the_smallest_detectable_mean_in_standard_deviations(n, sds):
    assert before_the_run(n).in_sds == pytest.approx(sds, abs=0.005)


def test_the_smallest_mean_grows_with_the_error():
    assert smallest_mean(0.1, 99) == pytest.approx(0.28295, abs=1e-5)


def test_power_falls_to_the_level_or_below_without_a_difference():
    assert mcnemar_power(100, 0.2, 0.0) <= 0.05


def test_one_row_can_show_nothing():
    assert before_the_run(1).in_sds is None
    assert smallest_rate(1, 0.5) is None


def test_half_the_effect_takes_four_times_the_rows():
    assert rows_needed(50, 0.2, 0.1) == 200
    assert rows_needed(50, 0.2, 0.0) is None


def test_no_difference_is_called_detectable_that_is_larger_than_the_share_of_rows_that_differ():
    assert smallest_rate(21, 3 / 21) is None  # 14.3 %: a grid in half points must not round it up to 14.5
    assert smallest_rate(400, 0.004) is None
    assert smallest_rate(121, 15 / 121) == 0.095
