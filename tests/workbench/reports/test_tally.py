"""Counting a round of votes."""

from __future__ import annotations

from workbench.records import Answer, Round, Vote
from workbench.reports.tally import majority, paired, preferred, tally

ROUND = Round(1, 1, ("base", "tuned"), 0, True, "")


def vote(row: str, choice: str, left: str = "tuned", rater: str = "Ann", reason: str = "") -> Vote:
    return Vote(1, rater, row, left, choice, reason, 5000, "")  # type: ignore[arg-type]


def test_a_choice_of_the_left_side_prefers_the_arm_that_stood_there():
    assert preferred(ROUND, vote("r", "a", left="base")) == "base"
    assert preferred(ROUND, vote("r", "b", left="base")) == "tuned"
    assert preferred(ROUND, vote("r", "tie")) == "tie"


def test_both_bad_is_kept_apart_from_ties():
    found = tally(ROUND, [vote("1", "bad"), vote("2", "tie"), vote("3", "a")], shown=3, identical=())
    assert (found.rate.both_bad, found.rate.ties, found.rate.wins) == (1, 1, 1)
    assert found.rows_bad == ("1",)


def test_one_win_one_loss_and_a_bad_call_on_a_row_are_even():
    assert majority(ROUND, ["base", "tuned", "bad"]) == "tie"
    assert majority(ROUND, ["bad", "bad", "tuned"]) == "bad"


def test_six_wins_of_six_show_that_tuned_is_better_with_its_interval():
    found = tally(ROUND, [vote(str(n), "a") for n in range(6)], shown=6, identical=())
    assert found.sentence == (
        "Rated blind by 1 person on 6 of 6 golden rows, tuned is better than base: 6 won, 0 lost, 0 even, 0 both bad "
        "(net win rate +100 points, 95 % interval +29 to +100; tuned has 100% of the decided rows, 61% to 100%)."
    )


def test_five_wins_of_five_are_too_few_to_tell():
    assert "can't be told" in tally(ROUND, [vote(str(n), "a") for n in range(5)], shown=5, identical=()).sentence


def test_only_ties_prefer_nothing():
    assert "no answer was preferred" in tally(ROUND, [vote("1", "tie")], shown=1, identical=()).sentence


def test_the_share_of_left_choices_leaves_imported_votes_without_a_side_out():
    found = tally(ROUND, [vote("1", "a"), vote("2", "b"), vote("3", "a", left="?tuned")], shown=3, identical=())
    assert found.left_share.value == 0.5
    assert found.rate.wins == 2


def test_rows_with_the_same_answer_but_for_case_and_blanks_are_identical():
    def said(arm: str, **texts: str) -> list[Answer]:
        return [Answer(row, arm, text, {}, {}, {}) for row, text in texts.items()]

    shown, same = paired(said("base", x="Yes,  it is.", y="No"), said("tuned", x="yes, it is.", y="Yes"))
    assert same == ("x",)
    assert shown == {"y": {"base": "No", "tuned": "Yes"}}


def test_seven_wins_and_a_loss_are_not_called_better_since_the_exact_test_does_not_find_them():
    # the interval of the net rate begins at +.10, and 7 of 8 have an exact p of .070
    found = tally(ROUND, [vote(str(n), "a" if n else "b") for n in range(8)], shown=8, identical=())
    assert found.rate.net.low > 0.1
    assert round(found.rate.p, 3) == 0.07
    assert "whether tuned is better than base can't be told: 7 won, 1 lost" in found.sentence


def test_one_of_three_who_prefers_an_arm_is_no_majority():
    assert majority(ROUND, ["tuned", "tie", "tie"]) == "tie"
    assert majority(ROUND, ["tuned", "bad", "bad", "base", "tuned"]) == "tuned"
    assert majority(ROUND, ["tuned", "tie"]) == "tuned"


def test_a_round_that_was_watched_is_judged_by_the_interval_that_allows_for_looking():
    from evaluators.statistics.confidence_sequence import confidence_sequence

    votes = [vote(str(n), "a" if n < 9 else "b") for n in range(10)]  # exact p .021, e-value 9.3 of 20
    assert tally(ROUND, votes, shown=10, identical=()).verdict == "better"
    watched = tally(ROUND, votes, shown=10, identical=(), anytime=confidence_sequence(9, 1))
    assert watched.verdict == "can't tell"
    assert "tuned has 90% of the decided first votes, 95% interval at any look 45% to 100%" in watched.sentence
