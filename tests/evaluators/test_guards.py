"""Guards: margins as they are given, rows that one arm lacks, counts, and what each verdict takes."""

import pytest

from evaluators.compare import compare
from evaluators.errors import BadRequest
from evaluators.guards import DEFAULT_MARGINS, judge_guard, margins_of, read_margins
from evaluators.sample import Score, catalogue

STOPPED, FACTS, NLL = (catalogue()[name] for name in ("stopped", "unsupported_facts", "nll"))


def scores(values):
    return {str(n): Score(None if value is None else float(value)) for n, value in enumerate(values)}


def guarded(scorer, base, tuned, margin=0.05, **more):
    a, b = scores(base), scores(tuned)
    return judge_guard(compare(a, b, scorer, names=("base", "tuned")), margin, scorer, base=a, tuned=b, **more)


def test_margins_are_the_defaults_changed_joined_and_taken_away():
    found = margins_of(read_margins(["refusal=2%", "stopped=off", "nll=0.1"]), catalogue())
    assert (found["refusal"], found["nll"]) == (0.02, 0.1)
    assert "stopped" not in found
    assert found["repetition"] == DEFAULT_MARGINS["repetition"]


@pytest.mark.parametrize("text", ["refusal", "=0.1", "refusal="])
def test_a_margin_without_a_name_or_a_value_is_refused(text):
    with pytest.raises(BadRequest, match="Write METRIC=VALUE"):
        read_margins([text])


@pytest.mark.parametrize("value", ["-0.1", "1", "nan", "much", "inf"])
def test_a_margin_outside_what_there_can_be_is_refused(value):
    with pytest.raises(BadRequest):
        margins_of({"refusal": value}, catalogue())


@pytest.mark.parametrize(("rows", "word"), [(58, "can't tell"), (59, "no worse")])
def test_rows_that_all_agree_pass_a_margin_of_five_points_from_fifty_nine_on(rows, word):
    found = guarded(STOPPED, [1] * rows, [1] * rows)
    assert found.verdict == word
    assert found.rows_needed == (59 if word == "can't tell" else None)


def test_rows_that_tuned_could_not_be_judged_on_count_as_lost():
    whole = guarded(STOPPED, [1] * 120, [1] * 120)
    lacking = guarded(STOPPED, [1] * 120, [1] * 110 + [None] * 10)
    assert (whole.verdict, lacking.verdict, lacking.missing) == ("no worse", "can't tell", 10)
    assert lacking.low == pytest.approx((-0.0269 * 110 - 10) / 120, abs=1e-3)


def test_a_small_measurable_loss_within_the_margin_is_no_worse_and_says_so():
    found = guarded(STOPPED, [1] * 1000, [0] * 12 + [1] * 988)
    assert (found.verdict, found.lower) == ("no worse", True)
    assert found.words == "no worse (margin 5 points; measurably lower, but within it)"


def test_a_loss_of_many_rows_is_worse_unless_luck_among_many_metrics_explains_it():
    lost = [0] * 30 + [1] * 70
    assert guarded(STOPPED, [1] * 100, lost).verdict == "worse"
    assert guarded(STOPPED, [1] * 100, lost, p_holm=0.2).verdict == "can't tell"


def test_counts_are_guarded_by_the_share_of_answers_that_have_any():
    found = guarded(FACTS, [0] * 120, [0] * 120)
    assert (found.verdict, found.unit, found.counted) == ("no worse", "0 or 1", True)


def test_a_count_that_grows_where_there_was_one_already_is_worse_too():
    base, tuned = [1 + n % 2 for n in range(120)], [4 + n % 3 for n in range(120)]
    assert guarded(FACTS, base, tuned, p_holm=0.001).verdict == "worse"


def test_a_score_without_a_bound_that_never_differs_cannot_be_told():
    found = guarded(NLL, [2] * 200, [2] * 200)
    assert found.verdict == "can't tell"
    assert "no bound" in found.why


def test_nothing_judged_is_no_pass():
    found = guarded(STOPPED, [None] * 80, [None] * 80)
    assert (found.verdict, found.why, found.rows_needed) == ("can't tell", "no row was judged in both", None)
