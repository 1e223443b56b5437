"""Running the catalogue: one broken check stops no other, a stop stops all, and the JSON keeps its shape."""

import json
from dataclasses import replace

import pytest

from workbench.checks import run as running
from workbench.checks.advice import count_advice
from workbench.checks.check import above, check_named
from workbench.checks.run import Result, as_json, flagged_by, run_catalogue
from workbench.errors import BadInput, Cancelled, NotFound, NotRun
from workbench.rows import Rows, message

ROWS = Rows.of(("Hello", ""), ("When do you open?", "We open at nine."), [message("user", "Hello?")])


def result_of(run) -> Result:
    return running.run_one(replace(check_named("missing_reply"), run=run), ROWS, None, {})


def test_only_the_named_checks_run_in_the_order_asked():
    results = run_catalogue(ROWS, only=["missing_reply", "empty_turn"])
    assert [(r.check.name, r.flagged, r.not_run) for r in results] == [("missing_reply", 1, ""), ("empty_turn", 1, "")]


def test_a_check_that_breaks_is_reported_as_not_run_with_its_own_words():
    def broken(rows):
        raise ZeroDivisionError("no words to divide by")

    assert result_of(broken).not_run == "it broke on this input (ZeroDivisionError: no words to divide by)"
    assert result_of(broken).flagged == 0


def test_a_check_that_cannot_run_says_why():
    def absent(rows):
        raise NotRun("There is no model here.")

    assert result_of(absent).not_run == "There is no model here."


def test_a_check_that_measures_too_few_rows_is_not_believed():
    assert result_of(lambda rows: above([1.0], 0)).not_run == "it measured 1 of 3 rows"


def test_a_stop_asked_for_by_report_stops_the_run():
    def report(done, line):
        if done > 0:
            raise Cancelled

    with pytest.raises(Cancelled):
        run_catalogue(ROWS, only=["missing_reply", "empty_turn"], report=report)


def test_progress_is_told_before_each_check_and_at_the_end():
    told = []
    run_catalogue(ROWS, only=["missing_reply", "empty_turn"], report=lambda done, line: told.append((done, line)))
    assert told == [
        (0.0, "Checking: Conversation without a final reply"),
        (0.5, "Checking: Turn without any text"),
        (1.0, "2 checks done"),
    ]


def test_knobs_reach_their_check_and_unknown_ones_are_refused():
    assert run_catalogue(ROWS, only=["empty_turn"], knobs={"empty_turn": {"most": 1}})[0].flagged == 0
    with pytest.raises(BadInput, match="no knob"):
        run_catalogue(ROWS, only=["empty_turn"], knobs={"empty_turn": {"least": 1}})
    with pytest.raises(NotFound):
        run_catalogue(ROWS, only=["penmanship"])


@pytest.mark.parametrize(
    ("check", "knob", "value", "told"),
    [
        ("repetition", "most", "abc", 'takes a finite number, for instance 0.3, not "abc".'),
        ("repetition", "most", float("nan"), "takes a finite number, for instance 0.3, not NaN."),
        ("repetition", "most", 10**400, "takes a finite number, for instance 0.3, not Infinity."),
        ("repetition", "size", 2.5, "takes a whole number, for instance 4, not 2.5."),
        ("repetition", "size", True, "takes a whole number, for instance 4, not true."),
        ("too_long", "model", ["a"], 'takes a text, for instance "", not ["a"].'),
    ],
)
def test_a_knob_of_the_wrong_type_is_the_users_mistake_and_no_check_that_did_not_run(check, knob, value, told):
    with pytest.raises(BadInput) as refused:
        run_catalogue(ROWS, only=[check], knobs={check: {knob: value}})
    assert str(refused.value) == f"The knob {knob} of the check {check} {told}"


def test_a_whole_number_will_do_for_a_number():
    assert run_catalogue(ROWS, only=["repetition"], knobs={"repetition": {"most": 1}})[0].not_run == ""


def test_rows_flagged_by_any_of_some_checks():
    assert flagged_by(ROWS, ["missing_reply", "empty_turn"]).to_list() == [True, False, True]
    assert flagged_by(ROWS, []).to_list() == [False, False, False]


def test_the_json_has_the_shape_that_others_script_against():
    results = run_catalogue(ROWS, only=["missing_reply", "role_order"])
    broken = replace(results[1], findings=None, not_run="There is no model here.")
    assert as_json(ROWS, [*results, broken], ["Add rows."]) == {
        "rows": 3,
        "findings": [
            {
                "check": "missing_reply",
                "family": "structure",
                "severity": "error",
                "flagged": 1,
                "limit": 0.5,
                "about": [],
                "rows": [{"row": 2, "measure": 1.0, "note": "ends with the user", "spans": []}],
            },
            {
                "check": "role_order",
                "family": "structure",
                "severity": "error",
                "flagged": 0,
                "limit": 0.0,
                "about": [],
                "rows": [],
            },
            {
                "check": "role_order",
                "family": "structure",
                "severity": "error",
                "flagged": 0,
                "limit": None,
                "about": [],
                "rows": [],
                "not_run": "There is no model here.",
            },
        ],
        "advice": ["Add rows."],
    }


def test_the_json_of_the_whole_catalogue_is_json_without_infinities():
    json.dumps(as_json(ROWS, run_catalogue(ROWS), []), allow_nan=False)


def test_advice_tells_where_the_rows_stand_for_each_task():
    said = count_advice(Rows.of(*(f"Reply {n} here" for n in range(60))))
    assert said[0] == "For a tone or style, 50 to 100 rows are usual; you have 60, which is enough to begin with."
    assert said[1] == "For a simple automation, 100 to 500 rows are usual; you have 60, 40 short of that."
    assert said[2].startswith("For complex questions and answers or new knowledge, 500 to 1,000 rows and more are ")
    assert said[-1].startswith("Quality before quantity")
    assert len(said) == 4


def test_advice_for_one_task_counts_only_rows_with_a_reply():
    said = count_advice(ROWS, "style")
    assert said[0] == "2 rows of 3 without a reply: they teach nothing and do not count."
    assert said[1] == "For a tone or style, 50 to 100 rows are usual; you have 1, 49 short of that."
    with pytest.raises(BadInput):
        count_advice(ROWS, "poetry")


def test_advice_says_mend_before_adding_when_many_rows_have_findings():
    said = count_advice(ROWS, "style", run_catalogue(ROWS, only=["missing_reply", "empty_turn"]))
    assert said[-2] == (
        '67% of the rows have findings: mend these before you add any row; begin with "Turn without any text" (1 row).'
    )
