"""Pass rates of rows in groups, and p values by flipping signs."""

import numpy as np
import pytest

from evaluators.errors import MissingGroup
from evaluators.statistics.bonett_price import bonett_price
from evaluators.statistics.clustered_rates import clustered_rates, design
from evaluators.statistics.sign_flip import sign_flip

TWELVE_FOUR = np.r_[np.ones(12), -np.ones(4), np.zeros(84)]


def test_rows_that_stand_alone_have_nearly_the_interval_without_groups():
    alone, grouped = bonett_price(12, 4, 100), clustered_rates(TWELVE_FOUR, list(range(100)))
    assert grouped.value == pytest.approx(alone.value)
    # the t quantile of 99 degrees of freedom, 1.984, instead of 1.960
    assert (grouped.low, grouped.high) == pytest.approx((alone.low, alone.high), abs=0.002)
    assert (grouped.n, grouped.clusters) == (100, 100)


def test_rows_alike_within_groups_of_five_are_worth_a_fifth():
    found = design(np.repeat([1.0, -1.0, 0.0, 1.0] * 5, 5), np.repeat(np.arange(20), 5).tolist())
    assert found.effect == pytest.approx(5.2, abs=0.1)  # 5, and C/(C-1) of twenty groups
    assert found.worth == pytest.approx(19.2, abs=0.4)


def test_where_no_row_differs_every_group_counts_as_one_row():
    found = clustered_rates(np.zeros(100), np.repeat(np.arange(20), 5).tolist())
    assert design(np.zeros(100), np.repeat(np.arange(20), 5).tolist()).worth == 20
    assert found.low == pytest.approx(-found.high)
    assert found.high == pytest.approx(2.093 * np.sqrt(2 / 22 / 22), abs=1e-3)


def test_groups_never_make_the_evidence_larger():
    opposed = np.tile([1.0, -1.0], 20)  # within every group the two rows cancel
    assert design(opposed, np.repeat(np.arange(20), 2).tolist()).effect == 1.0


def test_one_group_has_no_interval_and_a_missing_one_is_refused():
    assert clustered_rates(TWELVE_FOUR, ["a"] * 100).low is None
    with pytest.raises(MissingGroup):
        clustered_rates(TWELVE_FOUR, [None] * 100)


@pytest.mark.parametrize(
    ("difference", "p"),
    [([1, 1, 1, 1, 1], 0.0625), ([1] * 6, 0.03125), ([1, 1, 1, -1, 0, 0], 0.625), ([0, 0], 1.0), ([3, 1, -1], 0.75)],
)
def test_flipping_signs_is_exact_for_few_rows(difference, p):
    assert sign_flip(np.array(difference, float)) == pytest.approx(p)


def test_signs_of_whole_groups_are_flipped():
    assert sign_flip(np.ones(30), np.repeat(np.arange(5), 6).tolist()) == pytest.approx(0.0625)


def test_many_rows_are_drawn_and_p_is_never_zero():
    assert sign_flip(np.ones(200)) == pytest.approx(1 / 10_001)
    assert sign_flip(TWELVE_FOUR) == pytest.approx(0.0768, abs=0.01)  # McNemar's exact p
