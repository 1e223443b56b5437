"""Which rows fail, and in which kind."""

from __future__ import annotations

import pytest

from evaluators.sample import catalogue
from workbench.diagnosis.failures import failures
from workbench.records import Answer

FACTS = catalogue()["fact_recall"]


def said(value: float | None = 1.0, output: str = "30 days", **scores: float) -> Answer:
    return Answer("r", "tuned", output, {}, {"fact_recall": value, **scores}, {})


def one_row(tuned: Answer, base: Answer, against=frozenset(), bad=frozenset()) -> dict[str, tuple[str, ...]]:
    return failures({"tuned": {"r": tuned}, "base": {"r": base}, "prompted": {}}, FACTS, against, bad)


@pytest.mark.parametrize(("tuned", "kind"), [
    (said(0.6, refusal=1.0), "refuses"),
    (said(0.6, stopped=0.0), "does not stop"),
    (said(0.6, unsupported_facts=2.0), "made-up facts"),
    (said(0.2), "misses the point"),
])  # fmt: skip
def test_a_failed_answer_is_put_under_its_kind(tuned, kind):
    assert one_row(tuned, said(0.1))["r"][0] == kind


def test_an_answer_worse_than_the_base_models_is_a_failure_even_above_the_bar():
    assert one_row(said(0.7), said(0.9)) == {"r": ("worse than base",)}


def test_a_row_that_people_voted_against_comes_before_what_the_metric_says():
    assert one_row(said(0.7), said(0.9), against=frozenset({"r"}))["r"] == ("rated worse", "worse than base")


def test_a_sound_answer_is_no_failure():
    assert one_row(said(1.0, stopped=1.0, unsupported_facts=0.0, refusal=0.0), said(1.0)) == {}


def test_a_metric_without_a_bar_only_fails_against_the_base():
    scores = {"tuned": {"r": Answer("r", "tuned", "", {}, {"nll": 9.0}, {})},
              "base": {"r": Answer("r", "base", "", {}, {"nll": 9.5}, {})}, "prompted": {}}  # fmt: skip
    assert failures(scores, catalogue()["nll"], frozenset(), frozenset()) == {}


def test_nobody_is_right_by_a_metric_that_has_no_bar():
    from workbench.diagnosis.failures import right

    answer = Answer("r", "base", "", {}, {"nll": 9.0, "fact_recall": 0.6}, {})
    assert right(answer, FACTS)
    assert not right(answer, catalogue()["nll"])
