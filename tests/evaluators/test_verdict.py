from dataclasses import replace

import pytest

from evaluators.compare import Comparison
from evaluators.statistics.estimate import Estimate
from evaluators.verdict import sentence, verdict

BASE = Comparison(
    "the base model",
    "the tuned model",
    "fact_recall",
    "Facts of the reference that the output states",
    "share",
    True,
    Estimate(0.41, 0.30, 0.52, 39, "t"),
    20,
    15,
    4,
    0.15,
    0.001,
    39,
    0,
    0.20,
    0.61,
)
PROMPT = replace(
    BASE,
    a="the base model with a better prompt",
    difference=Estimate(0.07, -0.05, 0.19, 39, "t"),
    mean_a=0.54,
    smallest_detectable=0.17,
    p=0.24,
)


@pytest.mark.parametrize(
    ("low", "high", "margin", "word"),
    [
        (0.01, 0.2, None, "better"),
        (-0.2, -0.01, None, "worse"),
        (-0.2, -0.01, 0.5, "worse"),
        (-0.02, 0.1, 0.05, "no worse"),
        (-0.05, 0.1, 0.05, "can't tell"),
        (-0.02, 0.1, None, "can't tell"),
        (0.0, 0.1, None, "can't tell"),
        (None, None, 0.05, "can't tell"),
    ],
)
def test_what_an_interval_allows_to_be_said(low, high, margin, word):
    assert verdict(replace(BASE, difference=Estimate(0.05, low, high, 39, "t")), margin=margin) == word


def test_five_rows_that_all_agree_are_no_verdict_and_six_are():
    assert verdict(replace(BASE, difference=Estimate(1.0, 1.0, 1.0, 5, "t"))) == "can't tell"
    assert verdict(replace(BASE, difference=Estimate(1.0, 1.0, 1.0, 6, "t"))) == "better"


def test_five_rows_on_which_the_two_differ_are_no_verdict_among_any_number_of_rows_and_six_are():
    found = replace(BASE, difference=Estimate(0.2, 0.05, 0.35, 40, "Bonett-Price"), losses=0)
    assert verdict(replace(found, wins=5, ties=35)) == "can't tell"
    assert verdict(replace(found, wins=5, ties=35), margin=0.05) == "can't tell"
    assert verdict(replace(found, wins=6, ties=34)) == "better"
    fewer = replace(found, wins=1, ties=39)
    assert (
        sentence(fewer).count("since any verdict takes at least 6 rows on which the two differ, and there is 1;") == 1
    )


def test_many_rows_of_few_groups_are_no_verdict():
    assert verdict(replace(BASE, difference=Estimate(1.0, 0.9, 1.1, 100, "t, clustered", clusters=4))) == "can't tell"


def test_better_than_the_base_but_unclear_against_the_prompt():
    assert sentence(BASE, PROMPT) == (
        "Measured by \u201cfacts of the reference that the output states\u201d on 39 golden rows, the tuned model is "
        "better than the base model (61 % against 20 %; difference +41 points, 95 % interval +30 to +52); but whether "
        "the tuned model is better than the base model with a better prompt can't be told (61 % against 54 %; "
        "difference +7 points, 95 % interval \u22125 to +19), and a difference of that size would take roughly 240 "
        "rows to show."
    )


def test_no_prompt_arm_is_said_openly():
    assert sentence(BASE).endswith("; and it was not compared with a better prompt.")


def test_better_than_both():
    assert "; and the tuned model is better than the base model with a better prompt (" in sentence(
        BASE, replace(PROMPT, difference=BASE.difference)
    )


def test_a_scorer_where_lower_is_better_says_so_and_has_no_percent():
    found = replace(
        BASE,
        title="Surprise at the reference",
        unit="nats per token",
        higher_is_better=False,
        difference=Estimate(2.08, 1.81, 2.34, 39, "t"),
        mean_a=4.02,
        mean_b=1.94,
    )
    assert (
        "the tuned model is better than the base model (1.94 against 4.02 nats per token, lower is better; improvement "
        "+2.08, 95 % interval +1.81 to +2.34)"
    ) in sentence(found)


def test_no_worse_names_its_margin():
    found = replace(BASE, difference=Estimate(0.01, -0.02, 0.04, 200, "t"), mean_b=0.21)
    assert "the tuned model is no worse than the base model (at most 5 points allowed) (21 %" in sentence(
        found, margin=0.05
    )


def test_too_few_rows_are_named():
    found = replace(BASE, n=3, difference=Estimate(0.5, -0.9, 1.0, 3, "t"))
    assert "on 3 golden rows" in sentence(found)
    assert "since any verdict takes at least 6 independent rows, and there are 3" in sentence(found)


def test_a_tiny_difference_names_no_absurd_number_of_rows():
    found = replace(PROMPT, difference=Estimate(0.0005, -0.1, 0.1, 39, "t"))
    assert "would take more than 10,000 rows to show" in sentence(found)


def test_rows_that_were_not_judged_are_counted():
    assert "on 39 golden rows (4 more could not be judged)" in sentence(replace(BASE, not_judged=4))


def test_nothing_judged_has_no_figures():
    found = replace(BASE, n=0, mean_a=None, mean_b=None, difference=Estimate(None, None, None, 0, "t"))
    assert "can't be told (no row was judged in both)" in sentence(found)


def test_no_difference_at_all_is_called_that():
    assert "as no difference showed" in sentence(replace(PROMPT, difference=Estimate(0.0, -0.1, 0.1, 39, "t")))
