"""Bootstrap intervals: by rows, by groups, and where there is no spread to draw from."""

import numpy as np
import pytest
from scipy import stats

from evaluators.errors import BadRequest, MissingGroup
from evaluators.statistics.bootstrap import bootstrap_mean, bootstrap_over

SKEWED = np.random.default_rng(3).exponential(1.0, 40) - 0.7


@pytest.mark.parametrize("kind", ["percentile", "BCa"])
def test_constant_differences_have_no_interval_and_no_nan(kind):
    assert bootstrap_mean(np.full(30, 0.4), kind=kind) is None
    assert bootstrap_mean(np.full(30, 0.0), [n // 5 for n in range(30)], kind=kind) is None


@pytest.mark.parametrize("kind", ["percentile", "BCa"])
def test_one_row_alone_differs_and_the_interval_is_still_numbers(kind):
    low, high = bootstrap_mean(np.r_[1.0, np.zeros(29)], kind=kind)
    assert 0 <= low < high <= 0.2


def test_bca_over_rows_is_that_of_scipy_within_the_noise_of_drawing():
    ours = bootstrap_mean(SKEWED, draws=40_000)
    theirs = stats.bootstrap(
        (SKEWED,), np.mean, method="BCa", n_resamples=40_000, rng=np.random.default_rng(9), batch=2_000
    ).confidence_interval
    assert ours == pytest.approx((theirs.low, theirs.high), abs=0.02)  # the interval is .63 wide


def test_bca_leans_to_the_long_tail_and_the_percentile_less():
    percentile, bca = (bootstrap_mean(SKEWED, kind=kind) for kind in ("percentile", "BCa"))
    assert bca[0] > percentile[0]
    assert bca[1] > percentile[1]


@pytest.mark.parametrize("kind", ["percentile", "BCa"])
def test_whole_groups_are_drawn_so_copies_of_rows_do_not_narrow_the_interval(kind):
    once = bootstrap_mean(SKEWED, list(range(40)), kind=kind)
    five_times = bootstrap_mean(np.repeat(SKEWED, 5), np.repeat(np.arange(40), 5).tolist(), kind=kind)
    assert five_times == pytest.approx(once, abs=1e-12)


def test_the_level_widens_the_interval():
    low, high = bootstrap_mean(SKEWED)
    lower, higher = bootstrap_mean(SKEWED, alpha=0.01)
    assert lower < low < high < higher


def test_an_unknown_kind_and_a_missing_group_are_refused():
    with pytest.raises(BadRequest, match="percentile and BCa"):
        bootstrap_mean(SKEWED, kind="studentised")
    with pytest.raises(MissingGroup, match="1 of 40 rows have no group id"):
        bootstrap_mean(SKEWED, [None, *range(39)])


def test_any_figure_can_be_drawn_and_an_undefined_one_has_no_interval():
    low, high = bootstrap_over(lambda at: float(np.median(SKEWED[at])), 40)
    assert low < np.median(SKEWED) < high
    assert bootstrap_over(lambda at: None, 40) is None
    assert bootstrap_over(lambda at: 1.0, 1) is None
