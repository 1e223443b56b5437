"""Agreement, votes under watch, judges corrected by people, three arms, and length."""

import numpy as np
import pytest

from evaluators.errors import BadRequest, Unpaired
from evaluators.statistics.cohen_kappa import cohen_kappa, kappa_with_interval, observed_agreement
from evaluators.statistics.confidence_sequence import confidence_sequence
from evaluators.statistics.davidson import davidson, strengths
from evaluators.statistics.e_value import e_value, may_stop
from evaluators.statistics.gwet_ac1 import gwet_ac1
from evaluators.statistics.kendall_tau import kendall_tau
from evaluators.statistics.krippendorff_alpha import krippendorff_alpha
from evaluators.statistics.length_fair import length_fair
from evaluators.statistics.looks import alpha_of_look
from evaluators.statistics.ppi import ppi, trust

# 18 of 20 alike, and nearly all say yes: each rater says no once, to another thing
FIRST = ["yes"] * 18 + ["no", "yes"]
SECOND = ["yes"] * 18 + ["yes", "no"]


def test_kappa_falls_below_zero_where_one_answer_prevails_and_ac1_does_not():
    assert observed_agreement(FIRST, SECOND) == pytest.approx(0.90)
    assert cohen_kappa(FIRST, SECOND) == pytest.approx(-0.0526, abs=1e-4)
    assert gwet_ac1(FIRST, SECOND) == pytest.approx(0.8895, abs=1e-4)


def test_a_near_miss_counts_less_with_weights():
    first, second = [1, 2, 3, 4, 5, 5], [1, 2, 3, 4, 4, 4]
    far = [1, 2, 3, 4, 1, 1]
    assert cohen_kappa(first, second) == pytest.approx(cohen_kappa(first, second, weights="none"))
    assert cohen_kappa(first, second, weights="quadratic") > 0.85
    assert cohen_kappa(first, far, weights="quadratic") < cohen_kappa(first, far, weights="none")


def test_kappa_of_one_value_only_is_not_defined():
    assert cohen_kappa(["yes"] * 5, ["yes"] * 5) is None
    assert cohen_kappa([], []) is None
    assert gwet_ac1(["yes"] * 5, ["yes"] * 5) == 1.0


def test_kappa_has_an_interval_that_holds_the_value():
    found = kappa_with_interval(["a", "b", "c"] * 12, ["a", "b", "b"] * 12, draws=200)
    assert found.low < found.value < found.high


def test_raters_of_different_things_are_refused():
    with pytest.raises(Unpaired):
        cohen_kappa(["a"], ["a", "b"])
    with pytest.raises(Unpaired):
        gwet_ac1(["a"], ["a", "b"])


def test_grades_one_step_apart_agree_better_than_grades_far_apart():
    near, far = [[1, 2], [2, 3], [3, 4], [4, 5], [5, 5]], [[1, 5], [2, 4], [3, 1], [4, 2], [5, 5]]
    assert krippendorff_alpha(near, ordinal=True) > krippendorff_alpha(near) > 0
    assert krippendorff_alpha(far, ordinal=True) < krippendorff_alpha(near, ordinal=True)
    assert krippendorff_alpha([[3, 3], [3, 3]], ordinal=True) is None


def test_evidence_of_votes():
    assert e_value(0, 0) == pytest.approx(1.0)
    assert e_value(16, 4) == pytest.approx(10.306, abs=1e-3)
    assert e_value(17, 3) == pytest.approx(43.800, abs=1e-3)
    assert (may_stop(16, 4), may_stop(17, 3)) == (False, True)
    assert e_value(3, 17) == pytest.approx(e_value(17, 3))


def test_an_interval_that_may_be_read_after_every_vote():
    found = confidence_sequence(16, 4)
    assert (found.low, found.value, found.high) == pytest.approx((0.474, 0.80, 0.970), abs=1e-3)
    assert (confidence_sequence(0, 0).low, confidence_sequence(0, 0).high) == (0.0, 1.0)
    clean = confidence_sequence(30, 0)
    assert clean.high == 1.0
    assert 0.7 < clean.low < 0.9


def test_a_judge_that_agrees_with_people_narrows_the_interval_and_one_that_does_not_is_set_aside():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 250).astype(float)
    noise = rng.integers(0, 2, 250).astype(float)
    alone = ppi(truth[:50], np.zeros(50), np.zeros(0))
    good, useless = ppi(truth[:50], truth[:50], truth[50:]), ppi(truth[:50], noise[:50], noise[50:])
    assert trust(truth[:50], truth[:50], truth[50:]) == pytest.approx(0.8, abs=0.02)
    assert good.half_width < 0.7 * alone.half_width
    assert useless.half_width == pytest.approx(alone.half_width, rel=0.1)
    assert good.value == pytest.approx(truth.mean(), abs=0.02)


def test_a_judge_that_always_says_yes_does_not_move_the_figure():
    found = ppi([1, 0, 1, 0] * 10, [1.0] * 40, [1.0] * 160)
    assert found.value == pytest.approx(0.5)


def test_a_judge_and_people_on_other_rows_are_refused_and_one_row_has_no_interval():
    with pytest.raises(Unpaired):
        ppi([1, 0], [1], [1])
    assert ppi([1], [1], [1, 0]).low is None
    assert ppi([], [], [1]).value is None


def test_three_arms_with_ties_are_recovered():
    truth, nu = np.array([0.0, 0.4, 1.0]), 0.8
    wins, ties = np.zeros((3, 3)), np.zeros((3, 3))
    for i in range(3):
        for j in range(i + 1, 3):
            a, b = np.exp(truth[i]), np.exp(truth[j])
            total = a + b + nu * np.sqrt(a * b)
            wins[i, j], wins[j, i], ties[i, j] = (1e5 * x / total for x in (a, b, nu * np.sqrt(a * b)))
    found, tie = davidson(wins, ties)
    assert found == pytest.approx(truth, abs=1e-3)
    assert tie == pytest.approx(nu, abs=1e-3)


def test_a_clean_sweep_has_finite_strengths_with_intervals():
    votes = [(row, "base", "tuned", "tuned") for row in range(20)]
    found = strengths(votes, ("base", "tuned"), draws=20)
    assert found.strength[0].value == 0.0
    assert 3 < found.strength[1].value < 12
    assert found.chance("tuned", "base")[0] > 0.97


def test_votes_with_ties_give_the_chances_seen():
    votes = [(n, "a", "b", ("a", "b", None, "a")[n % 4]) for n in range(80)]
    win, tie = strengths(votes, ("a", "b"), draws=20).chance("a", "b")
    assert (win, tie) == pytest.approx((0.5, 0.25), abs=0.01)


def test_wins_by_length_alone_are_no_wins_at_equal_length():
    rng = np.random.default_rng(1)
    longer = rng.normal(20, 40, 400)
    won = (rng.random(400) < 1 / (1 + np.exp(-3 * np.tanh(longer / longer.std())))).astype(float)
    found = length_fair(won, longer, draws=100)
    assert found.raw > 0.6
    assert found.fair.low < 0.5 < found.fair.high
    assert found.slope.low > 1


def test_answers_of_equal_length_leave_the_rate_as_it_is():
    found = length_fair([1.0] * 12 + [0.5] * 4 + [0.0] * 4, [0] * 20, draws=50)
    assert found.fair.value == pytest.approx(found.raw, abs=0.005) == 0.70
    assert length_fair([1.0] * 9, [1] * 9) is None


def test_constant_scores_rank_nothing():
    assert kendall_tau([1, 2, 3, 4], [1, 2, 4, 3]) == pytest.approx(2 / 3)
    assert kendall_tau([1, 1, 1], [1, 2, 3]) is None


def test_five_looks_share_the_level():
    assert alpha_of_look(5) == pytest.approx(0.01)
    with pytest.raises(BadRequest, match="at least 1"):
        alpha_of_look(0)
