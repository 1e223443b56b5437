"""Blind rating: what raters see, what is stored, and what a closed round says."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.actions import rate
from workbench.errors import BadInput, Refused
from workbench.records import Evaluation, Round
from workbench.store import Store, evaluations, ratings


@pytest.fixture
def opened(store: Store, evaluated: Evaluation) -> Round:
    return rate.open_round(store, evaluated.id, seed=7)


def pairs(store: Store, this: Round, rater: str = "Ann") -> list[rate.BlindPair]:
    """All pairs that a rater would see, in his order."""
    seen: list[rate.BlindPair] = []
    while found := rate.next_pairs(store, this.id, rater, [one.row_id for one in seen]):
        seen += found
    return seen


def test_each_side_shows_each_arm_in_half_of_ten_thousand_draws():
    this = Round(1, 1, ("base", "tuned"), 3, False, "")
    left = sum(rate.left_arm(this, f"row-{n}", f"rater-{n % 7}") == "tuned" for n in range(10_000))
    assert 4_850 < left < 5_150  # three standard deviations are 150


def test_the_sides_of_a_row_are_the_same_on_every_call_and_differ_between_raters_and_seeds():
    this, other = Round(1, 1, ("base", "tuned"), 3, False, ""), Round(1, 1, ("base", "tuned"), 4, False, "")
    rows = [f"row-{n}" for n in range(60)]
    ann = [rate.left_arm(this, row, "Ann") for row in rows]
    assert ann == [rate.left_arm(this, row, "Ann") for row in rows]
    assert ann != [rate.left_arm(this, row, "Ben") for row in rows]
    assert ann != [rate.left_arm(other, row, "Ann") for row in rows]


def test_a_seed_that_nobody_gave_is_drawn_by_chance(store, evaluated):
    first = rate.open_round(store, evaluated.id)
    second = rate.open_round(store, evaluated.id, arms=("prompted", "tuned"))
    assert first.seed != second.seed


def test_what_a_rater_gets_holds_the_answers_and_no_name_of_an_arm(store, opened, evaluated):
    said: dict[str, set[str]] = {}
    for arm in opened.arms:
        for one in evaluations.answers_of(store, evaluated.id, arm):
            said.setdefault(one.row_id, set()).add(one.output.strip())
    for pair in pairs(store, opened):
        assert {pair.a, pair.b} == said[pair.row_id]
        assert set(vars(pair)) == {"row_id", "prompt", "a", "b"}


def test_the_prompt_is_the_golden_question_without_its_reply(store, opened):
    pair = pairs(store, opened)[0]
    assert pair.prompt.startswith("May I ")
    assert "the desk allows" not in pair.prompt


def test_answers_that_differ_in_case_only_are_not_shown_and_count_as_even(store, opened):
    shown = pairs(store, opened)
    assert len(shown) == 9
    rate.vote(store, opened.id, "Ann", shown[0].row_id, "tie")
    found = rate.close(store, opened.id)
    assert (found.identical, found.rows, found.rate.ties) == (1, 10, 2)


def test_the_side_that_a_rater_saw_is_stored_with_the_vote(store, opened):
    pair = pairs(store, opened)[0]
    rate.vote(store, opened.id, "Ann", pair.row_id, "a")
    stored = ratings.votes_of(store, opened.id)[0]
    tuned = {a.row_id: a.output for a in evaluations.answers_of(store, opened.evaluation_id, stored.left)}
    assert tuned[pair.row_id].strip() == pair.a


def test_an_undone_vote_comes_back_and_does_not_count(store, opened):
    row = pairs(store, opened)[0].row_id
    assert rate.vote(store, opened.id, "Ann", row, "a").done == 1
    assert rate.vote(store, opened.id, "Ann", row, "undo").done == 0
    assert row in [one.row_id for one in pairs(store, opened)]


def test_a_vote_sent_twice_with_one_nonce_counts_once(store, opened):
    row = pairs(store, opened)[0].row_id
    for _ in range(2):
        reached = rate.vote(store, opened.id, "Ann", row, "b", nonce="1-2-3-4")
    assert reached.done == 1
    assert len(ratings.votes_of(store, opened.id)) == 1


def test_a_skipped_pair_is_done_and_decides_nothing(store, opened):
    first, second = pairs(store, opened)[:2]
    rate.vote(store, opened.id, "Ann", first.row_id, "skip")
    assert rate.vote(store, opened.id, "Ann", second.row_id, "bad").done == 2
    found = rate.close(store, opened.id)
    assert (found.rated, found.rate.both_bad, found.raters[0].skipped) == (1, 1, 1)


def test_the_result_of_an_open_round_is_refused(store, opened):
    rate.vote(store, opened.id, "Ann", pairs(store, opened)[0].row_id, "a")
    with pytest.raises(Refused, match="still open"):
        rate.result(store, opened.id)


def test_a_closed_round_takes_no_vote_and_shows_no_pairs(store, opened):
    row = pairs(store, opened)[0].row_id
    rate.vote(store, opened.id, "Ann", row, "a")
    rate.close(store, opened.id)
    with pytest.raises(Refused, match="takes no more votes"):
        rate.vote(store, opened.id, "Ann", row, "b")
    with pytest.raises(Refused, match="takes no more votes"):
        rate.next_pairs(store, opened.id, "Ann")


def test_a_round_without_a_vote_cannot_be_closed(store, opened):
    with pytest.raises(Refused, match="Nobody has voted"):
        rate.close(store, opened.id)


@pytest.mark.parametrize(("row", "choice"), [("no-such-row", "a"), (None, "better"), (None, "")])
def test_a_vote_that_makes_no_sense_is_refused(store, opened, row, choice):
    with pytest.raises(BadInput):
        rate.vote(store, opened.id, "Ann", row or pairs(store, opened)[0].row_id, choice)


def test_wins_are_counted_by_arm_whatever_side_it_stood_on(store, opened, evaluated):
    tuned = {a.row_id: a.output.strip() for a in evaluations.answers_of(store, evaluated.id, "tuned")}
    for pair in pairs(store, opened)[:7]:
        rate.vote(store, opened.id, "Ann", pair.row_id, "a" if pair.a == tuned[pair.row_id] else "b", milliseconds=900)
    found = rate.close(store, opened.id)
    assert (found.rate.wins, found.rate.losses) == (7, 0)
    assert found.raters[0].too_fast == 7
    assert "tuned is better than base: 7 won, 0 lost, 1 even" in found.sentence


def test_two_raters_of_one_row_make_one_verdict_and_their_agreement_is_told(store, opened, evaluated):
    tuned = {a.row_id: a.output.strip() for a in evaluations.answers_of(store, evaluated.id, "tuned")}
    row = pairs(store, opened)[0].row_id
    for rater, wanted in (("Ann", True), ("Ben", False), ("Cleo", True)):
        pair = next(one for one in pairs(store, opened, rater) if one.row_id == row)
        rate.vote(store, opened.id, rater, row, "a" if (pair.a == tuned[row]) == wanted else "b")
    found = rate.close(store, opened.id)
    assert (found.rate.wins, found.rate.losses, found.votes) == (1, 0, 3)
    assert (found.agreed, found.pairs) == (1, 3)


def test_rows_that_others_rated_least_come_first(store, opened):
    first = pairs(store, opened, "Ann")[0].row_id
    rate.vote(store, opened.id, "Ann", first, "a")
    assert pairs(store, opened, "Ben")[-1].row_id == first


def votes_file(tmp_path: Path, lines: list[dict[str, object]]) -> Path:
    path = tmp_path / "votes.jsonl"
    path.write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_votes_by_arm_name_are_imported_as_a_closed_round(store, evaluated, tmp_path):
    rows = [a.row_id for a in evaluations.answers_of(store, evaluated.id, "tuned")]
    lines = [{"row": row, "rater": "Ann", "choice": "tuned" if place else "tie"} for place, row in enumerate(rows[:4])]
    lines.append({"row": "x", "rater": "A", "choice": "tie"})
    done = rate.import_votes(store, evaluated.id, votes_file(tmp_path, lines))
    assert (done.imported, done.refused, done.result.rate.wins) == (4, 1, 3)
    assert done.reasons == ('line 5: the evaluation has no answers to a row "x"',)
    assert done.result.left_share.value is None  # nobody knows which side the answers stood on


def test_votes_by_side_from_a_csv_need_the_arm_on_side_a(store, evaluated, tmp_path):
    row = evaluations.answers_of(store, evaluated.id, "tuned")[0].row_id
    path = tmp_path / "votes.csv"
    path.write_text(f"row,rater,choice,left\n{row},Ann,b,tuned\n")
    assert rate.import_votes(store, evaluated.id, path).result.rate.losses == 1
    path.write_text(f"row,rater,choice\n{row},Ann,b\n")
    with pytest.raises(BadInput, match=r'line 2 of votes\.csv chooses "b" but not which arm'):
        rate.import_votes(store, evaluated.id, path)


def test_a_bad_line_keeps_nothing_and_the_same_file_is_taken_once(store, evaluated, tmp_path):
    row = evaluations.answers_of(store, evaluated.id, "tuned")[0].row_id
    good = {"row": row, "rater": "Ann", "choice": "tuned"}
    with pytest.raises(BadInput, match=r'line 2 of votes\.jsonl has no "rater"'):
        rate.import_votes(store, evaluated.id, votes_file(tmp_path, [good, {"row": row, "choice": "tie"}]))
    assert ratings.rounds_of(store, evaluated.id) == []
    rate.import_votes(store, evaluated.id, votes_file(tmp_path, [good]))
    with pytest.raises(Refused, match="was brought in already"):
        rate.import_votes(store, evaluated.id, votes_file(tmp_path, [good]))
