"""The verdict over three arms: ship only what is better than base and prompt, and breaks no guard."""

from __future__ import annotations

from typing import Any

import pytest

from evaluators.conclusion import conclude
from evaluators.sample import Sample, Score, catalogue

ROWS = 20
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
    assert said["against_base"] == "can't tell"
    assert said["ship"] is False


def test_two_useless_models_are_not_certified() -> None:
    arms = {arm: {name: {one.id: Score(0.0) for one in SAMPLES} for name in catalogue()} for arm in
            ("base", "prompted", "tuned")}  # fmt: skip
    said = conclude(arms, SAMPLES, "fact_recall", "set before")["verdict"]
    assert (said["against_base"], said["against_prompted"], said["ship"]) == ("can't tell", "can't tell", False)
    assert "no difference showed" in said["sentence"]


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
