"""What the intervals promise, tried on made-up evaluations of which the truth is known; the whole is in benchmarks/."""

import numpy as np
import pytest

from evaluators.compare import compare
from evaluators.guards import judge_guard
from evaluators.sample import Score, catalogue
from evaluators.statistics.e_value import e_value

RUNS = 200  # a rate of 95 % is known to 1.5 points; limits stand three such steps away
STOPPED, NLL = catalogue()["stopped"], catalogue()["nll"]


def arms(d: np.ndarray) -> list[dict[str, Score]]:
    """Scores of two arms whose row differences are d."""
    return [{str(n): Score(float(max(0.0, sign * x))) for n, x in enumerate(d)} for sign in (-1, 1)]


@pytest.mark.parametrize("grouped", [False, True])
def test_intervals_of_passes_and_fails_hold_the_truth(grouped):
    rng, groups = np.random.default_rng(1), {str(n): str(n // 5) for n in range(100)} if grouped else None
    held = 0
    for _ in range(RUNS):
        d = rng.choice([-1.0, 0.0, 1.0], 100, p=[0.1, 0.7, 0.2])
        if grouped:
            theirs = np.repeat(rng.choice([-1.0, 0.0, 1.0], 20, p=[0.1, 0.7, 0.2]), 5)
            d = np.where(rng.random(100) < 0.7, theirs, d)
        one = compare(*arms(d), STOPPED, names=("a", "b"), groups=groups).difference
        held += one.low <= 0.1 <= one.high
    assert held >= 0.905 * RUNS


def test_intervals_of_a_continuous_metric_in_groups_hold_the_truth_and_those_of_single_rows_do_not():
    rng, groups = np.random.default_rng(2), {str(n): str(n // 5) for n in range(100)}
    held = {"groups": 0, "rows": 0}
    for _ in range(RUNS):
        d = np.repeat(rng.normal(size=20), 5) + rng.normal(size=100) - 0.2
        a = {str(n): Score(float(x)) for n, x in enumerate(d)}  # lower is better: b is better by d
        b = {str(n): Score(0.0) for n in range(100)}
        for name, known in (("groups", groups), ("rows", None)):
            one = compare(a, b, NLL, names=("a", "b"), groups=known).difference
            held[name] += one.low <= -0.2 <= one.high
    assert held["groups"] >= 0.905 * RUNS
    assert held["rows"] <= 0.82 * RUNS


def test_a_guard_lost_by_its_whole_margin_is_seldom_called_no_worse():
    rng, called = np.random.default_rng(3), 0
    for _ in range(RUNS):
        base, tuned = arms(rng.choice([-1.0, 0.0, 1.0], 100, p=[0.175, 0.7, 0.125]))
        found = compare(base, tuned, STOPPED, names=("a", "b"))
        called += judge_guard(found, 0.05, STOPPED, base=base, tuned=tuned).verdict == "no worse"
    assert called <= 0.06 * RUNS


def test_looking_after_every_vote_by_the_e_value_finds_no_winner_where_there_is_none():
    rng, found = np.random.default_rng(4), 0
    for _ in range(RUNS):
        wins = (rng.random(100) < 0.5).cumsum()
        found += any(e_value(int(w), n + 1 - int(w)) >= 20 for n, w in enumerate(wins))
    assert found <= 0.06 * RUNS
