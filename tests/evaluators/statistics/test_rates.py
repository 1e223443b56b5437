"""Known values: statsmodels (McNemar, Wilson) and the published formulas, computed once and written out."""

import pytest

from evaluators.statistics.bonett_price import bonett_price
from evaluators.statistics.mcnemar import mcnemar
from evaluators.statistics.wilson import highest_unseen_rate, wilson
from evaluators.statistics.win_rate import win_rate


def test_bonett_price_of_12_gained_and_4_lost_in_100():
    found = bonett_price(12, 4, 100)
    assert (found.value, found.n) == (0.08, 100)
    assert (found.low, found.high) == pytest.approx((-0.0017, 0.1585), abs=5e-5)


def test_bonett_price_keeps_an_interval_where_nothing_differs():
    found = bonett_price(0, 0, 20)
    assert found.value == 0
    assert found.low == pytest.approx(-0.1260, abs=1e-3)
    assert found.high == pytest.approx(-found.low)


def test_bonett_price_stays_within_minus_one_and_one():
    assert bonett_price(3, 0, 3).high == 1.0


def test_bonett_price_of_too_few_rows_has_no_interval():
    assert bonett_price(1, 0, 1).low is None
    assert bonett_price(0, 0, 0).value is None


def test_mcnemar_of_12_and_4():
    found = mcnemar(12, 4)
    assert (found.exact, found.mid_p) == pytest.approx((0.0768, 0.0490), abs=5e-5)


@pytest.mark.parametrize(("gained", "lost", "exact"), [(1, 6, 0.125), (1, 11, 0.00635), (0, 0, 1.0), (3, 3, 1.0)])
def test_mcnemar_exact(gained, lost, exact):
    assert mcnemar(gained, lost).exact == pytest.approx(exact, abs=5e-5)


def test_mid_p_never_exceeds_one():
    assert mcnemar(3, 3).mid_p == 1.0


def test_wilson_of_8_in_10():
    found = wilson(8, 10)
    assert (found.value, found.low, found.high) == pytest.approx((0.8, 0.4902, 0.9433), abs=5e-5)


@pytest.mark.parametrize(("n", "rate"), [(20, 0.139), (50, 0.058), (100, 0.030), (200, 0.015), (400, 0.007)])
def test_a_failure_never_seen_may_still_be_this_common(n, rate):
    assert highest_unseen_rate(n) == pytest.approx(rate, abs=6e-4)


def test_ties_and_both_bad_stand_in_the_denominator_of_the_net_rate_only():
    found = win_rate(12, 4, ties=50, both_bad=34)
    assert (found.net.value, found.net.n, found.share.value, found.share.n) == (0.08, 100, 0.75, 16)
    assert (found.share.low, found.share.high) == pytest.approx((0.5050, 0.8982), abs=5e-5)
    assert found.p == pytest.approx(0.0768, abs=5e-5)
    assert (found.ties, found.both_bad) == (50, 34)


def test_only_ties_decide_nothing():
    found = win_rate(0, 0, ties=9)
    assert found.net.value == 0
    assert found.share.value is None
    assert found.p == 1.0


def test_no_comparison_at_all_gives_no_number():
    assert win_rate(0, 0).net.value is None
