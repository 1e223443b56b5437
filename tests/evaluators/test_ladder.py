"""The Ladder tells a new best only where a step is larger than its own noise."""

import numpy as np
import pytest

from evaluators.ladder import improves

ROWS = [f"r{n}" for n in range(100)]


def scores(values) -> dict[str, float]:
    return dict(zip(ROWS, map(float, values), strict=False))


def test_the_first_look_stands_with_its_own_figure() -> None:
    step = improves({"a": 1.0, "b": 0.0}, None)
    assert (step.improved, step.published, step.step) == (True, 0.5, None)


def test_a_step_within_one_standard_error_repeats_the_old_figure() -> None:
    # differences 1, 0, 0, 0: mean .25, sd .5, step .25: not more than the step
    step = improves({"a": 1.0, "b": 0.0, "c": 0.0, "d": 0.0}, {"a": 0.0, "b": 0.0, "c": 0.0, "d": 0.0})
    assert (step.ahead, step.step, step.improved, step.published) == (0.25, 0.25, False, 0.0)
    assert "the old figure stands" in step.sentence


def test_a_step_beyond_one_standard_error_is_a_new_best() -> None:
    # differences 1, 1, 0, 0: mean .5, sd .577, step .289
    step = improves({"a": 1.0, "b": 1.0, "c": 0.0, "d": 0.0}, {"a": 0.0, "b": 0.0, "c": 0.0, "d": 0.0})
    assert step.improved
    assert step.published == 0.5
    assert round(step.step or 0, 3) == 0.289


def test_the_same_scores_again_are_no_new_best() -> None:
    assert not improves({"a": 1.0, "b": 0.5}, {"a": 1.0, "b": 0.5}).improved


def test_rows_that_only_one_evaluation_scored_are_not_compared() -> None:
    step = improves({"a": 1.0, "b": 1.0, "c": 9.0}, {"a": 0.0, "b": 0.0})
    assert (step.n, step.ahead) == (2, 1.0)


def test_evaluations_without_common_rows_are_refused() -> None:
    with pytest.raises(ValueError, match="share 0 scored rows"):
        improves({"a": 1.0, "b": 1.0}, {"x": 0.0, "y": 0.0})


def test_fifty_variants_without_effect_publish_less_luck_than_the_best_of_fifty() -> None:
    def gain(seed: int) -> tuple[float, float]:
        chance = np.random.default_rng(seed)
        tries = chance.choice([-1, 0, 1], p=[0.15, 0.7, 0.15], size=(50, 100))  # 30 % discordant, no effect
        best, told = None, 0.0
        for one in tries:
            step = improves(scores(one), best)
            if step.improved:
                best, told = scores(one), step.published
        return told, float(tries.mean(axis=1).max())

    told, luckiest = np.mean([gain(seed) for seed in range(40)], axis=0)
    assert round(luckiest, 2) == 0.12  # the notes' table: 12.3 points at n = 100, K = 50
    assert told < luckiest
