"""The verdict over three arms: ship only what is better than base and prompt, and breaks no guard."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from evaluators.conclusion import conclude
from evaluators.sample import Sample, Score, catalogue

ROWS = 120  # 59 rows that all agree are the fewest that show a guard no worse by 5 points
SAMPLES = [Sample(id=f"r{n}", prompt=({"role": "user", "content": "?"},), output=None, reference="In 7 days.",
                  tags=(f"topic:{'ab'[n % 2]}",)) for n in range(ROWS)]  # fmt: skip


def concluded(base: float, prompted: float, tuned: float, **tuned_guards: float) -> dict[str, Any]:
    """A summary in which nearly every row of an arm has its fact_recall, and the guards of tuned are as given."""
    means = {"base": base, "prompted": prompted, "tuned": tuned}
    scores = {
        arm: {
            name: {
                one.id: Score(
                    (mean + (0.1 if n % 4 == 0 else 0)) if name == "fact_recall"
                    else (tuned_guards.get(name, 0.0) if arm == "tuned" else 0.0) + (0.01 * (n % 3))
                )
                for n, one in enumerate(SAMPLES)
            }
            for name in catalogue()
        }
        for arm, mean in means.items()
    }  # fmt: skip
    scores["tuned"]["fact_recall"]["r0"] = Score(means["base"])
    return conclude(scores, SAMPLES, "fact_recall", "set before")


def test_better_than_base_and_prompt_without_a_broken_guard_is_to_be_shipped() -> None:
    said = concluded(0.1, 0.2, 0.7)["verdict"]
    assert (said["against_base"], said["against_prompted"], said["ship"]) == ("better", "better", True)
    assert said["recommendation"].startswith("Use the tuned model")


def test_better_than_base_but_not_than_the_prompt_is_not_shipped() -> None:
    said = concluded(0.1, 0.7, 0.7)["verdict"]
    assert (said["against_base"], said["ship"]) == ("better", False)
    assert "a better prompt" in said["recommendation"]


def test_a_broken_guard_stops_the_shipping_and_is_named() -> None:
    said = concluded(0.1, 0.2, 0.7, unsupported_facts=2.0)["verdict"]
    assert said["ship"] is False
    assert said["broken_guards"] == [catalogue()["unsupported_facts"].title]
    assert said["broken_guards"][0] in said["recommendation"]


def test_a_guard_lost_on_every_single_row_is_broken() -> None:
    arms = {arm: {name: {one.id: Score(float(name == "fact_recall" and arm == "tuned" and one.id != "r0"))
                         for one in SAMPLES} for name in catalogue()} for arm in
            ("base", "prompted", "tuned")}  # fmt: skip
    assert conclude(arms, SAMPLES, "fact_recall", "set before")["verdict"]["ship"] is True
    for arm, stops in {"base": 1.0, "prompted": 1.0, "tuned": 0.0}.items():
        arms[arm]["stopped"] = {one.id: Score(stops) for one in SAMPLES}
    said = conclude(arms, SAMPLES, "fact_recall", "set before")["verdict"]
    assert (said["ship"], said["broken_guards"]) == (False, [catalogue()["stopped"].title])


def test_worse_is_said_plainly() -> None:
    said = concluded(0.7, 0.2, 0.1)["verdict"]
    assert said["against_base"] == "worse"
    assert "it is worse" in said["recommendation"]


def test_the_same_everywhere_is_never_better() -> None:
    said = concluded(0.5, 0.5, 0.5)["verdict"]
    assert (said["against_base"], said["ship"]) == ("no worse", False)


def test_two_useless_models_are_not_certified_by_twenty_rows() -> None:
    few = SAMPLES[:20]
    arms = {arm: {name: {one.id: Score(0.0) for one in few} for name in catalogue()} for arm in
            ("base", "prompted", "tuned")}  # fmt: skip
    said = conclude(arms, few, "fact_recall", "set before")["verdict"]
    assert (said["against_base"], said["against_prompted"], said["ship"]) == ("can't tell", "can't tell", False)
    assert "no difference showed" in said["sentence"]


def test_a_guard_of_which_nobody_can_tell_blocks_the_shipping_and_says_how_many_rows_would() -> None:
    few = SAMPLES[:40]
    arms = {arm: {name: {one.id: Score(float(name == "fact_recall" and arm == "tuned" and one.id != "r0"))
                         for one in few} for name in catalogue()} for arm in
            ("base", "prompted", "tuned")}  # fmt: skip
    said = conclude(arms, few, "fact_recall", "set before", margins={"refusal": 0.05})
    assert (said["verdict"]["against_base"], said["verdict"]["against_prompted"]) == ("better", "better")
    assert said["verdict"]["ship"] is False
    assert said["verdict"]["guards_not_shown"] == [catalogue()["refusal"].title]
    assert "not shown to be no worse on" in said["verdict"]["recommendation"]
    assert "Roughly 59 golden rows would show it" in said["verdict"]["recommendation"]


def test_a_guard_that_could_not_be_judged_is_never_a_pass() -> None:
    arms = {arm: {name: {one.id: Score(float(name == "fact_recall" and arm == "tuned" and one.id != "r0"))
                         for one in SAMPLES} for name in catalogue()} for arm in
            ("base", "prompted", "tuned")}  # fmt: skip
    for by_name in arms.values():
        by_name["refusal"] = {one.id: Score(None) for one in SAMPLES}
    said = conclude(arms, SAMPLES, "fact_recall", "set before")
    assert said["verdict"]["ship"] is False
    assert said["verdict"]["guards_not_shown"] == [catalogue()["refusal"].title]
    guard = next(one for one in said["guards"] if one["scorer"] == "refusal")
    assert guard["words"] == "can't tell (margin 5 points): no row was judged in both"


def test_the_margins_stated_decide_and_stand_in_the_summary() -> None:
    arms = {arm: {name: {one.id: Score(float(name == "fact_recall" and arm == "tuned" and one.id != "r0"))
                         for one in SAMPLES} for name in catalogue()} for arm in
            ("base", "prompted", "tuned")}  # fmt: skip
    for arm in arms:
        worse = 4 if arm == "tuned" else 0
        arms[arm]["stopped"] = {one.id: Score(0.0 if n < worse else 1.0) for n, one in enumerate(SAMPLES)}
    strict = conclude(arms, SAMPLES, "fact_recall", "set before", margins={"stopped": 0.02})
    wide = conclude(arms, SAMPLES, "fact_recall", "set before", margins={"stopped": 0.12})
    assert [one["verdict"] for one in strict["guards"]] == ["can't tell"]
    assert [(one["verdict"], one["margin"]) for one in wide["guards"]] == [("no worse", 0.12)]
    assert wide["verdict"]["ship"] is True


def test_a_smallest_useful_gain_that_is_not_shown_stops_the_shipping() -> None:
    arms = {arm: {name: {one.id: Score(0.3 + 0.01 * (n % 3) if name == "fact_recall" and arm == "tuned" else 0.0)
                         for n, one in enumerate(SAMPLES)} for name in catalogue()} for arm in
            ("base", "prompted", "tuned")}  # fmt: skip
    said = [conclude(arms, SAMPLES, "fact_recall", "set before", useful=useful)["verdict"] for useful in (0.2, 0.5)]
    assert [(one["useful"], one["ship"]) for one in said] == [(True, True), (False, False)]
    assert "called useful beforehand" in said[1]["recommendation"]


def test_a_sealed_look_has_wider_intervals_and_no_small_slices() -> None:
    arms = {arm: {name: {one.id: Score(((n * 7 + len(arm)) % 10) / 10) for n, one in enumerate(SAMPLES)}
                  for name in catalogue()} for arm in ("base", "prompted", "tuned")}  # fmt: skip
    few = {one.id: ("rare",) if n < 5 else ("common",) for n, one in enumerate(SAMPLES)}
    dev = conclude(arms, SAMPLES, "fact_recall", "set before", slices=few)
    sealed = conclude(arms, SAMPLES, "fact_recall", "set before", slices=few, alpha=0.01, sealed=True)
    assert {one["tag"] for one in dev["slices"]} == {"rare", "common"}
    assert {one["tag"] for one in sealed["slices"]} == {"common"}
    widths = [one["comparisons"][0]["high"] - one["comparisons"][0]["low"] for one in (dev, sealed)]
    assert widths[1] > 1.25 * widths[0]
    assert "99 % interval" in sealed["verdict"]["sentence"]


def test_a_metric_that_judged_nothing_is_left_out() -> None:
    arms = {arm: {name: {one.id: Score(None if name == "chrf" else 0.0) for one in SAMPLES} for name in catalogue()}
            for arm in ("base", "prompted", "tuned")}  # fmt: skip
    said = conclude(arms, SAMPLES, "fact_recall", "set before")
    assert "chrf" not in said["means"]["base"]
    assert "chrf" not in {one["scorer"] for one in said["comparisons"]}


def test_a_continuous_metric_has_a_bootstrap_interval_beside_its_own() -> None:
    line = next(one for one in concluded(0.1, 0.2, 0.7)["comparisons"] if one["primary"])
    assert line["bootstrap"]["method"] == "BCa"
    assert line["bootstrap"]["low"] == pytest.approx(line["low"], abs=0.02)
    assert line["net"]["value"] == pytest.approx(118 / 120)


@pytest.mark.parametrize(
    ("primary", "grouped", "most"),
    # 5 % of 200 is 10, and 16 is the upper 97.5 % point of that count; exact tests of pass/fail stay below 10
    [("exact_match", False, 10), ("fact_recall", False, 16), ("fact_recall", True, 16)],
)
def test_the_same_model_twice_is_not_called_better_or_worse(primary: str, grouped: bool, most: int) -> None:
    """A/A: three draws of the same noisy model, 200 seeds through the whole conclusion."""
    samples = [Sample(**{**vars(one), "group": str(n // 3) if grouped else None}) for n, one in
               enumerate(SAMPLES[:60])]  # fmt: skip
    unjudged = {name: {one.id: Score(None) for one in samples} for name in catalogue()}
    decided = shipped = broken = 0
    for seed in range(200):
        rng = np.random.default_rng(seed)
        arms: dict[str, Any] = {}
        for arm in ("base", "prompted", "tuned"):
            shared = np.repeat(rng.normal(0, 0.2, 20), 3) if grouped else np.zeros(60)
            recall = np.clip(np.round(rng.normal(0.5, 0.3, 60) + shared, 1), 0, 1)
            drawn = {primary: recall > 0.5 if primary == "exact_match" else recall,
                     "refusal": rng.random(60) < 0.05, "stopped": rng.random(60) < 0.95}  # fmt: skip
            arms[arm] = unjudged | {
                name: {one.id: Score(float(value)) for one, value in zip(samples, values, strict=True)}
                for name, values in drawn.items()
            }
        said = conclude(arms, samples, primary, "set before", margins={"refusal": 0.05, "stopped": 0.05},
                        slices={}, draws=0)["verdict"]  # fmt: skip
        decided += said["against_base"] in ("better", "worse")
        shipped += said["ship"]
        broken += bool(said["broken_guards"])
    assert decided <= most
    assert shipped == 0
    assert broken <= 10


def test_every_metric_is_compared_in_three_pairs_and_the_primary_is_marked() -> None:
    found = concluded(0.1, 0.2, 0.7)
    assert len(found["comparisons"]) == 3 * len(catalogue())
    assert {one["scorer"] for one in found["comparisons"] if one["primary"]} == {"fact_recall"}
    assert found["means"]["base"]["fact_recall"] == pytest.approx(0.125)
    assert found["judged"]["tuned"]["fact_recall"] == ROWS


def test_slices_are_there_for_both_rivals_of_tuned() -> None:
    found = concluded(0.1, 0.2, 0.7)["slices"]
    assert {(one["a"], one["b"], one["tag"]) for one in found} == {
        ("base", "tuned", "topic:a"), ("base", "tuned", "topic:b"),
        ("prompted", "tuned", "topic:a"), ("prompted", "tuned", "topic:b"),
    }  # fmt: skip


def test_a_metric_that_judged_no_row_is_left_out_and_never_shown_as_zero() -> None:
    silent = {one.id: Score(None) for one in SAMPLES}
    arms = {arm: {name: silent if name == "nll" else {one.id: Score(0.5) for one in SAMPLES} for name in catalogue()}
            for arm in ("base", "prompted", "tuned")}  # fmt: skip
    found = conclude(arms, SAMPLES, "fact_recall", "set before")
    assert "nll" not in {one["scorer"] for one in found["comparisons"]}
    assert "nll" not in found["means"]["tuned"]
    assert "nll" not in found["judged"]["tuned"]


def test_the_slices_given_are_the_slices_judged() -> None:
    arms = {arm: {name: {one.id: Score(0.5) for one in SAMPLES} for name in catalogue()} for arm in
            ("base", "prompted", "tuned")}  # fmt: skip
    found = conclude(arms, SAMPLES, "fact_recall", "set before", slices={"r0": ("language: de",)})
    assert {one["tag"] for one in found["slices"]} == {"language: de"}
