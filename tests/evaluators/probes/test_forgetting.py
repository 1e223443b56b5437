"""Verdicts on forgetting: forgot, no sign of it, can't tell."""

import random
from math import log

import pytest

from evaluators.errors import Unpaired
from evaluators.probes.choices import Scored
from evaluators.probes.forgetting import CANT_TELL, FORGOT, NO_SIGN, compared
from evaluators.probes.items import ChoiceItem
from evaluators.probes.passed import passed
from evaluators.probes.proposals import overall, proposals


def scored(place: int, right: float, tier: str = "facts") -> Scored:
    """A question whose right answer has this probability among two choices."""
    item = ChoiceItem(f"q{place}", tier, f"Question {place}?", ("a", "bbb"), 0)
    return Scored(item, (log(right), log(1 - right)))


def arms(n: int, change, tiers: int = 2, seed: int = 0) -> tuple[list[Scored], list[Scored]]:
    chance = random.Random(seed)
    before = [chance.uniform(0.3, 0.9) for _ in range(n)]
    base = [scored(i, p, f"tier {i % tiers}") for i, p in enumerate(before)]
    return base, [scored(i, change(p, chance), f"tier {i % tiers}") for i, p in enumerate(before)]


def test_the_right_choice_is_the_likeliest_and_by_length_the_likeliest_a_letter():
    one = Scored(ChoiceItem("q", "facts", "?", ("a", "bbb"), 1), (-2.0, -3.0))
    assert not one.right
    assert one.right_by_length  # -1 nat a letter against -2
    assert one.raw == -3.0
    assert one.among_choices == pytest.approx(-1.3133, abs=1e-4)


def test_a_model_that_lost_much_forgot_in_all_and_in_each_tier():
    lines = compared(*arms(120, lambda p, chance: p * chance.uniform(0.3, 0.8)))
    assert [one["area"] for one in lines] == ["all", "tier 0", "tier 1"]
    assert {one["verdict"] for one in lines} == {FORGOT}
    assert lines[0]["accuracy"]["lost"] > lines[0]["accuracy"]["gained"]


def test_a_model_that_hardly_moved_shows_no_sign_and_says_which_drop_would_have_shown():
    line = compared(*arms(120, lambda p, chance: p + chance.uniform(-0.02, 0.02)))[0]
    assert line["verdict"] == NO_SIGN
    assert "would have seen right answers become 1 % less likely or accuracy fall by" in line["sentence"].replace(
        "1%", "1 %"
    )


def test_few_questions_that_moved_both_ways_cannot_tell():
    line = compared(*arms(12, lambda p, chance: chance.uniform(0.1, 0.9), tiers=1))[0]
    assert line["verdict"] == CANT_TELL
    assert "can't tell with 12 questions" in line["sentence"]


def test_the_same_model_twice_shows_no_sign_of_forgetting():
    base, _ = arms(40, lambda p, chance: p)
    lines = compared(base, base)
    assert {one["verdict"] for one in lines} == {NO_SIGN}
    assert lines[0]["accuracy"]["p"] == 1.0


def test_a_model_without_a_change_is_seldom_called_forgetful():
    called = 0
    for seed in range(200):
        lines = compared(*arms(60, lambda p, chance: min(0.97, max(0.03, p + chance.gauss(0, 0.1))), seed=seed))
        called += any(one["verdict"] == FORGOT for one in lines[1:])
    assert called <= 200 * 0.08  # nominal: half of 5 % in this direction, after Holm over all tiers


def test_what_the_base_model_only_guessed_cannot_be_forgotten():
    base = [scored(i, 0.6 if i % 2 else 0.4) for i in range(60)]  # right in half of the cases, of two choices
    tuned = [scored(i, 0.1) for i in range(60)]
    line = compared(base, tuned)[0]
    assert line["verdict"] == CANT_TELL
    assert "no better than guessing, so there was nothing to forget" in line["sentence"]


def test_drift_alone_is_no_forgetting():
    base, _ = arms(60, lambda p, chance: p)
    shifted = [Scored(one.item, tuple(nats - 5 for nats in one.log_p)) for one in base]
    line = compared(base, shifted)[0]
    assert line["drift"]["difference"] == pytest.approx(-5)
    assert line["verdict"] == NO_SIGN


def test_other_questions_in_the_second_arm_are_refused():
    base, tuned = arms(4, lambda p, chance: p)
    with pytest.raises(Unpaired, match="different questions"):
        compared(base, tuned[::-1])


def test_passing_more_or_less_or_alike_has_a_word_each():
    assert passed([False] * 20, [True] * 10 + [False] * 10)["word"] == "more"
    assert passed([True] * 20, [True] * 10 + [False] * 10)["word"] == "less"
    assert passed([True] * 60, [True] * 60)["word"] == "no change"
    assert passed([True, False], [False, True])["word"] == "can't tell"


def found(verdict: str = FORGOT, ways=()) -> dict:
    area = {"area": "all", "verdict": verdict, "sentence": "all tiers together: so it is."}
    same = {"word": "no change"}
    return {
        "forgetting": {"areas": [area, {**area, "area": "logic"}]},
        "instructions": same,
        "refusals": {"should_refuse": same, "should_answer": same},
        "bleed": same,
        "memorised": same,
        "ways": [way("base", 0.0, 0.0, 5.0), way("tuned", -0.2, -1.0, 2.0), *ways],
    }


def way(name: str, log_p: float, drift: float, held_out: float, scale: float = 1.0) -> dict:
    return {
        "name": name, "scale": scale, "checkpoint": False, "accuracy": 0.5, "verdict": NO_SIGN, "held_out": held_out,
        "log_p": {"difference": log_p}, "drift": {"difference": drift},
    }  # fmt: skip


def told(one: dict) -> list[dict]:
    one["verdict"] = overall(one)
    return proposals(
        one, {"run": 3, "rows": 100, "alpha": 32, "epochs": 4, "steps": 80, "best_step": 20, "learning_rate": 0.002}
    )


def test_a_weaker_adapter_that_keeps_the_gain_is_proposed_first_with_its_figures():
    first = told(found(ways=[way("scale 0.5", -0.02, -0.4, 2.1, 0.5)]))[0]
    assert first["what"] == "use the adapter at scale 0.5"
    assert first["measured"]
    assert "97% of the gain" in first["evidence"]
    assert "a good trade" in first["evidence"]
    assert first["do"] == 'set "lora_alpha" to 16 (now 32) in the adapter\'s adapter_config.json'


def test_a_scale_that_was_not_measured_is_proposed_as_something_to_measure():
    some = next(one for one in told(found()) if "scale" in one["what"])
    assert not some["measured"]
    assert some["do"] == "goldloop probe 3 --scale 0.5 --scale 0.75"


def test_fewer_epochs_lower_rate_and_replay_rows_are_proposed_with_their_numbers():
    what = [one["what"] for one in told(found())]
    assert "train fewer epochs (1 instead of 4)" in what
    assert "lower the learning rate (0.002 to 0.001 or less)" in what
    assert "mix in 5 to 20 general rows (5 to 20 % of 100)" in what


def test_where_nothing_was_lost_nothing_is_proposed():
    assert told(found(NO_SIGN)) == []


def test_the_verdict_names_what_else_went_wrong():
    one = found(NO_SIGN)
    one["bleed"] = {"word": "more"}
    one["memorised"] = {"word": "personal data"}
    assert overall(one)["sentence"].endswith(
        "The tuned model also puts the training's phrases into everyday answers, repeats training replies word for "
        "word and gives out personal data from them."
    )


def test_three_questions_are_no_verdict_however_much_they_fell():
    base = [scored(n, p) for n, p in enumerate((0.9, 0.92, 0.94))]
    tuned = [scored(n, p) for n, p in enumerate((0.09, 0.092, 0.095))]
    line = compared(base, tuned)[0]
    assert line["log_p"]["p"] < 0.01
    assert line["verdict"] == CANT_TELL
    same = [scored(n, p) for n, p in enumerate((0.9001, 0.9201, 0.9402))]
    assert compared(base, same)[0]["verdict"] == CANT_TELL
