"""One interval for the chance of rows and of training."""

import numpy as np
import pytest

from evaluators.errors import Unpaired
from evaluators.statistics.over_seeds import difference_over_seeds
from evaluators.statistics.paired_difference import paired_difference


def test_one_seed_is_the_paired_t_interval_and_says_so():
    a, b = [0.1, 0.4, 0.2, 0.9, 0.5], [0.3, 0.5, 0.1, 1.0, 0.9]
    found, p = difference_over_seeds([a], [b])
    plain = paired_difference(a, b)
    assert (found.value, found.low, found.high) == pytest.approx((plain.value, plain.low, plain.high))
    assert "one seed" in found.method
    assert 0 < p < 1


def test_seeds_that_disagree_widen_the_interval():
    rows = np.linspace(0, 1, 20)
    b = rows + np.random.default_rng(0).normal(0.1, 0.05, 20)
    alike = difference_over_seeds([rows, rows], [b, b + 0.001])[0]
    apart = difference_over_seeds([rows, rows], [b - 0.1, b + 0.1])[0]
    assert apart.half_width > 3 * alike.half_width
    assert apart.low < 0 < alike.low


def test_an_equal_difference_everywhere_has_no_interval():
    found, p = difference_over_seeds([[1.0, 2.0]] * 2, [[2.0, 3.0]] * 2)
    assert (found.value, found.low, p) == (1.0, None, None)


def test_other_shapes_are_refused():
    with pytest.raises(Unpaired):
        difference_over_seeds([[1.0, 2.0]], [[1.0]])


def test_equals_are_told_apart_in_no_more_than_five_of_a_hundred_cases_with_two_seeds():
    rng, told = np.random.default_rng(0), 0
    for _ in range(600):
        a, b = (rng.normal(0, 0.02, (2, 1)) + rng.normal(0, 0.1, (2, 100)) for _ in "ab")
        found, p = difference_over_seeds(a, b)
        assert (p < 0.05) == (found.low > 0 or found.high < 0)
        told += p < 0.05
    assert told <= 36  # 5 %, and 1 % for the error of 600; 10 % with degrees of freedom after Satterthwaite
