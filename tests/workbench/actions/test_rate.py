"""Blind rating: what raters see, what is stored, and what a closed round says."""

from __future__ import annotations

from dataclasses import replace

import pytest

from workbench.actions import rate
from workbench.actions.close_round import close_round, result
from workbench.actions.open_round import open_round, plan_round
from workbench.blind.cards import BlindCard, left_of, words_in
from workbench.blind.plan import Design
from workbench.blind.told import told
from workbench.errors import BadInput, Refused
from workbench.records import Card, Evaluation, Round
from workbench.store import Store, evaluations, goldens, ratings

PLAIN = Design(raters=5, repeats=0.0, known=0.0)
ROUND = Round(1, 1, ("base", "tuned"), 3, False, "")


@pytest.fixture
def opened(store: Store, evaluated: Evaluation) -> Round:
    return open_round(store, evaluated.id, seed=7, design=PLAIN)


def pairs(store: Store, this: Round, rater: str = "Ann") -> list[BlindCard]:
    """All cards that a rater would see, in his order."""
    seen: list[BlindCard] = []
    while found := rate.next_cards(store, this.id, rater, [one.key for one in seen]).cards:
        seen += found
    return seen


def row_of(store: Store, this: Round, card: BlindCard) -> str:
    return next(one.row_id for one in ratings.cards_of(store, this.id) if one.key == card.key)


def tuned_is_a(store: Store, this: Round, card: BlindCard) -> bool:
    said = {a.row_id: a.output.strip() for a in evaluations.answers_of(store, this.evaluation_id, "tuned")}
    return card.a == said[row_of(store, this, card)]


def card_for(row: str, arms: tuple[str, str] = ("base", "tuned"), kind: str = "pair") -> Card:
    return Card(1, 1, f"key-{row}", row, arms, kind, "", "", "", 10, 1, 1, 1)  # type: ignore[arg-type]


def test_each_side_shows_each_arm_in_half_of_ten_thousand_draws():
    left = sum(left_of(ROUND, card_for(f"row-{n}"), f"rater-{n % 7}") == "tuned" for n in range(10_000))
    assert 4_850 < left < 5_150  # three standard deviations are 150


def test_with_three_arms_the_sides_of_the_pairs_of_a_row_are_independent():
    this = replace(ROUND, arms=("base", "prompted", "tuned"))
    first = [left_of(this, card_for(f"r{n}"), "Ann") == "tuned" for n in range(10_000)]
    other = [left_of(this, card_for(f"r{n}", ("prompted", "tuned")), "Ann") == "tuned" for n in range(10_000)]
    assert 4_850 < sum(first) < 5_150
    assert 4_850 < sum(other) < 5_150
    assert 4_850 < sum(a == b for a, b in zip(first, other, strict=True)) < 5_150


def test_a_raters_order_puts_each_of_a_hundred_cards_first_about_as_often():
    from workbench.blind.cards import order_for

    cards = [card_for(f"row-{n}") for n in range(100)]
    firsts = [min(cards, key=order_for(ROUND, f"rater-{n}")).row_id for n in range(10_000)]
    counts = [firsts.count(card.row_id) for card in cards]
    assert min(counts) > 60  # 100 expected, standard deviation 10
    assert max(counts) < 140


def test_the_sides_of_a_row_are_the_same_on_every_call_and_differ_between_raters_and_seeds():
    cards = [card_for(f"row-{n}") for n in range(60)]
    ann = [left_of(ROUND, card, "Ann") for card in cards]
    assert ann == [left_of(ROUND, card, "Ann") for card in cards]
    assert ann != [left_of(ROUND, card, "Ben") for card in cards]
    assert ann != [left_of(replace(ROUND, seed=4), card, "Ann") for card in cards]


def test_a_repeat_shows_the_other_side_and_a_guess_the_same():
    for n in range(20):
        left = left_of(ROUND, card_for(f"row-{n}"), "Ann")
        assert left_of(ROUND, card_for(f"row-{n}", kind="repeat"), "Ann") != left
        assert left_of(ROUND, card_for(f"row-{n}", kind="guess"), "Ann") == left


def test_a_seed_that_nobody_gave_is_drawn_by_chance(store, evaluated):
    first = open_round(store, evaluated.id)
    second = open_round(store, evaluated.id, arms=("prompted", "tuned"))
    assert first.seed != second.seed


def test_what_a_rater_gets_holds_the_answers_and_no_name_of_an_arm(store, opened, evaluated):
    said: dict[str, set[str]] = {}
    for arm in opened.arms:
        for one in evaluations.answers_of(store, evaluated.id, arm):
            said.setdefault(one.row_id, set()).add(one.output.strip())
    for pair in pairs(store, opened):
        assert {pair.a, pair.b} == said[row_of(store, opened, pair)]
        assert set(vars(pair)) == {"key", "prompt", "a", "b", "reference"}
        assert row_of(store, opened, pair) not in pair.key


def test_the_prompt_is_the_golden_question_without_its_reply(store, opened):
    pair = pairs(store, opened)[0]
    assert pair.prompt.startswith("May I ")
    assert "the desk allows" not in pair.prompt
    assert "the desk allows" in pair.reference


def test_special_tokens_of_a_template_are_not_shown():
    from workbench.blind.cards import shown_text

    assert shown_text("  Yes.<|im_end|>\n<|endoftext|></s> ") == "Yes."


def test_answers_that_differ_in_case_only_are_not_shown_and_count_as_even(store, opened):
    shown = pairs(store, opened)
    assert len(shown) == 9
    rate.vote(store, opened.id, "Ann", shown[0].key, "tie")
    found = close_round(store, opened.id).deciding
    assert (found.identical, found.rows, found.rate.ties) == (1, 10, 2)


def test_the_sides_that_a_rater_saw_are_stored_with_the_vote(store, opened):
    pair = pairs(store, opened)[0]
    rate.vote(store, opened.id, "Ann", pair.key, "a")
    stored = ratings.votes_of(store, opened.id)[0]
    for arm, text in ((stored.left, pair.a), (stored.right, pair.b)):
        said = {a.row_id: a.output for a in evaluations.answers_of(store, opened.evaluation_id, arm)}
        assert said[stored.row_id].strip() == text


def test_an_undone_vote_comes_back_and_does_not_count_and_nothing_is_deleted(store, opened):
    key = pairs(store, opened)[0].key
    assert rate.vote(store, opened.id, "Ann", key, "a").done == 1
    assert rate.last_card(store, opened.id, "Ann").key == key
    assert rate.vote(store, opened.id, "Ann", key, "undo").done == 0
    assert key in [one.key for one in pairs(store, opened)]
    assert [vote.choice for vote in ratings.votes_of(store, opened.id)] == ["a", "undo"]
    assert ratings.card_of(store, opened.id, key).missing == 5


def test_a_vote_sent_twice_with_one_nonce_counts_once(store, opened):
    key = pairs(store, opened)[0].key
    for _ in range(2):
        reached = rate.vote(store, opened.id, "Ann", key, "b", nonce="1-2-3-4")
    assert reached.done == 1
    assert len(ratings.votes_of(store, opened.id)) == 1


def test_a_skipped_pair_is_done_for_its_rater_and_decides_nothing(store, opened):
    first, second = pairs(store, opened)[:2]
    rate.vote(store, opened.id, "Ann", first.key, "skip")
    assert rate.vote(store, opened.id, "Ann", second.key, "bad").done == 2
    assert ratings.card_of(store, opened.id, first.key).missing == 5
    found = close_round(store, opened.id).deciding
    assert (found.rated, found.rate.both_bad, found.raters[0].skipped) == (1, 1, 1)


def test_the_result_of_an_open_round_is_refused(store, opened):
    rate.vote(store, opened.id, "Ann", pairs(store, opened)[0].key, "a")
    with pytest.raises(Refused, match="still open"):
        result(store, opened.id)


def test_a_closed_round_takes_no_vote_and_shows_no_pairs(store, opened):
    key = pairs(store, opened)[0].key
    rate.vote(store, opened.id, "Ann", key, "a")
    close_round(store, opened.id)
    with pytest.raises(Refused, match="takes no more votes"):
        rate.vote(store, opened.id, "Ann", key, "b")
    with pytest.raises(Refused, match="takes no more votes"):
        rate.next_cards(store, opened.id, "Ann")


def test_a_round_in_which_nobody_voted_can_be_withdrawn_and_a_new_one_opened(store, opened):
    assert close_round(store, opened.id).raters == ()
    assert told(store, opened.evaluation_id) is None
    again = open_round(store, opened.evaluation_id, design=Design(raters=1))
    assert (again.id, again.closed) == (opened.id + 1, False)


def test_a_second_design_for_an_open_round_is_refused_and_the_same_one_goes_on(store, opened):
    assert open_round(store, opened.evaluation_id, design=PLAIN).id == opened.id
    assert open_round(store, opened.evaluation_id).id == opened.id
    with pytest.raises(Refused, match="goldloop rate close 1"):
        open_round(store, opened.evaluation_id, design=Design(raters=1, grades=("tone",)))


def test_two_who_open_at_once_get_one_round(store, evaluated):
    first = ratings.open_round(store, evaluated.id, ("base", "tuned"), 1, "Ann", PLAIN.as_values())
    assert ratings.open_round(store, evaluated.id, ("base", "tuned"), 2, "Ben", PLAIN.as_values()).id == first.id
    brought = ratings.open_round(store, evaluated.id, ("base", "tuned"), 3, "Ben")  # votes of another tool
    assert brought.id != first.id


def test_each_character_of_a_chinese_answer_is_a_word_to_read():
    assert words_in("请在三天之内寄回") == 8


@pytest.mark.parametrize(("key", "choice"), [("no-such-card", "a"), (None, "better"), (None, "")])
def test_a_vote_that_makes_no_sense_is_refused(store, opened, key, choice):
    with pytest.raises(BadInput):
        rate.vote(store, opened.id, "Ann", key or pairs(store, opened)[0].key, choice)


def test_wins_are_counted_by_arm_whatever_side_it_stood_on(store, opened, evaluated):
    for pair in pairs(store, opened)[:7]:
        rate.vote(store, opened.id, "Ann", pair.key, "a" if tuned_is_a(store, opened, pair) else "b", milliseconds=900)
    found = close_round(store, opened.id)
    assert (found.deciding.rate.wins, found.deciding.rate.losses) == (7, 0)
    assert found.raters[0].too_fast == 7
    assert found.flagged == ("Ann",)
    assert "tuned is better than base: 7 won, 0 lost, 1 even" in found.deciding.sentence


def test_three_raters_of_one_row_make_one_verdict_and_their_agreement_is_told(store, opened, evaluated):
    key = pairs(store, opened)[0].key
    for rater, wanted in (("Ann", True), ("Ben", False), ("Cleo", True)):
        pair = next(one for one in pairs(store, opened, rater) if one.key == key)
        rate.vote(store, opened.id, rater, key, "a" if tuned_is_a(store, opened, pair) == wanted else "b")
    found = close_round(store, opened.id)
    assert (found.deciding.rate.wins, found.deciding.rate.losses, found.deciding.votes) == (1, 0, 3)
    assert (found.agreement.agreed.value, found.agreement.agreed.n) == (1 / 3, 3)
    [disputed] = found.disputed
    assert disputed.said == {"Ann": "tuned", "Ben": "base", "Cleo": "tuned"}


def test_rows_that_others_rated_least_come_first(store, opened):
    first = pairs(store, opened, "Ann")[0].key
    rate.vote(store, opened.id, "Ann", first, "a")
    assert pairs(store, opened, "Ben")[-1].key == first


def test_the_first_rows_are_rated_by_two_and_come_first_the_others_by_one(store, evaluated):
    this = open_round(store, evaluated.id, seed=1, design=Design(raters=2, overlap_rows=4, repeats=0, known=0))
    twice = {card.key for card in ratings.cards_of(store, this.id) if card.wanted == 2}
    ann = [one.key for one in pairs(store, this, "Ann")]
    assert set(ann[: len(twice)]) == twice
    assert len(ann) == 9
    for key in ann:
        rate.vote(store, this.id, "Ann", key, "a")
    assert {one.key for one in pairs(store, this, "Ben")} == twice
    assert rate.next_cards(store, this.id, "Ann").over == "rated"


def test_a_card_that_needs_one_rater_is_in_front_of_one_person_until_the_lock_ends(store, evaluated):
    this = open_round(store, evaluated.id, seed=1, design=Design(raters=1, repeats=0, known=0, lock_minutes=30))
    ann = {one.key for one in rate.next_cards(store, this.id, "Ann", most=9).cards}
    assert len(ann) == 9
    assert rate.next_cards(store, this.id, "Ben").over == "held"
    from sqlalchemy import update

    from workbench.store.tables import rating_locks

    with store.write() as connection:  # 31 minutes later, by the database's own clock
        connection.execute(update(rating_locks).values(until=rating_locks.c.until - 31 * 60))
    assert {one.key for one in rate.next_cards(store, this.id, "Ben", most=9).cards} == ann


def test_a_vote_counts_though_the_lock_has_ended_and_somebody_else_voted(store, evaluated):
    this = open_round(store, evaluated.id, seed=1, design=Design(raters=1, repeats=0, known=0))
    key = rate.next_cards(store, this.id, "Ann", most=1).cards[0].key
    rate.vote(store, this.id, "Ben", key, "tie")
    rate.vote(store, this.id, "Ann", key, "bad")
    assert len(ratings.standing(ratings.votes_of(store, this.id))) == 2


def test_three_arms_are_asked_about_as_all_three_pairs(store, evaluated):
    this = open_round(store, evaluated.id, ("tuned", "base", "prompted"), seed=1, design=PLAIN)
    assert this.arms == ("base", "prompted", "tuned")
    for card in pairs(store, this):
        rate.vote(store, this.id, "Ann", card.key, "a")
    found = close_round(store, this.id)
    assert [one.arms for one in found.pairs] == [("base", "prompted"), ("base", "tuned"), ("prompted", "tuned")]
    assert found.deciding.arms == ("base", "tuned")
    assert found.strengths is not None
    assert all(one.rated + one.identical == 10 for one in found.pairs)


def test_silent_checks_come_among_the_cards_and_are_no_votes(store, evaluated):
    this = open_round(store, evaluated.id, seed=3, design=Design(raters=1, repeats=0.12, known=0.12))
    seen = []
    while cards := rate.next_cards(store, this.id, "Ann", most=1).cards:
        for card in cards:
            seen.append(next(one for one in ratings.cards_of(store, this.id) if one.key == card.key))
            rate.vote(store, this.id, "Ann", card.key, "a")
    kinds = [one.kind for one in seen]
    assert sorted(kinds) == ["known", *["pair"] * 9, "repeat"]
    assert kinds[-1] != "pair" or kinds[0] == "pair"
    reached = rate.progress(store, this.id, "Ann")
    assert (reached.done, reached.total) == (11, 11)
    [ann] = close_round(store, this.id).raters
    assert (ann.choices, ann.known, ann.repeats) == (9, 1, 1)
    assert ann.repeated_alike == 0  # he pressed the same key, and the sides had changed


def test_a_repeat_for_which_the_browser_held_too_many_cards_comes_at_the_end(store, evaluated):
    this = open_round(store, evaluated.id, seed=3, design=Design(raters=1, known=0, repeats=0.12))
    for card in rate.next_cards(store, this.id, "Ann", most=20).cards:
        rate.vote(store, this.id, "Ann", card.key, "a")
    last = rate.next_cards(store, this.id, "Ann")
    assert [ratings.card_of(store, this.id, one.key).kind for one in last.cards] == ["repeat"]
    assert last.over == ""
    rate.vote(store, this.id, "Ann", last.cards[0].key, "a")
    assert rate.next_cards(store, this.id, "Ann").over == "rated"


def test_a_known_pair_shows_the_golden_reply_beside_that_of_another_row(store, evaluated):
    this = open_round(store, evaluated.id, seed=3, design=Design(known=0.12, repeats=0))
    [card] = [one for one in ratings.cards_of(store, this.id) if one.kind == "known"]
    golden = goldens.rows_of(store, goldens.by_id(store, evaluated.golden_id))
    replies = dict(zip(golden.row_id, golden.reply, strict=True))
    from workbench.blind.cards import Texts

    shown = Texts.of(store, evaluated.id, this.arms).on(card, "reference")
    assert shown == (replies[card.row_id], replies[card.other_row])
    assert card.row_id != card.other_row


def test_at_the_end_each_rater_is_asked_which_was_the_tuned_one(store, opened):
    for card in pairs(store, opened):
        rate.vote(store, opened.id, "Ann", card.key, "tie")
    asked = rate.guess_cards(store, opened.id, "Ann")
    assert len(asked) == 5
    for card in asked[:4]:
        rate.vote(store, opened.id, "Ann", card.key, "a" if tuned_is_a(store, opened, card) else "b")
    assert [one.key for one in rate.guess_cards(store, opened.id, "Ann")] == [asked[4].key]
    rate.vote(store, opened.id, "Ann", asked[4].key, "tie")
    found = close_round(store, opened.id)
    assert found.guessed is not None
    assert (found.guessed.right.value, found.guessed.right.n) == (1.0, 4)
    assert found.deciding.rate.ties == 10  # a guess is no vote


def test_tags_grades_and_a_look_at_the_reference_are_stored_and_foreign_ones_refused(store, evaluated):
    this = open_round(store, evaluated.id, seed=1, design=replace(PLAIN, grades=("helpful",)))
    key = pairs(store, this)[0].key
    rate.vote(store, this.id, "Ann", key, "a", tags=["tone"], grades={"a": {"helpful": 4}}, reference_opened=True)
    [stored] = ratings.votes_of(store, this.id)
    assert (stored.tags, stored.grades, stored.reference_opened) == (("tone",), {"a": {"helpful": 4}}, True)
    for wrong in ({"tags": ["no such"]}, {"grades": {"a": {"helpful": 6}}}, {"grades": {"c": {"helpful": 3}}}):
        with pytest.raises(BadInput):
            rate.vote(store, this.id, "Ann", key, "a", **wrong)


def test_the_e_value_rule_ends_the_round_when_the_evidence_suffices_and_never_says_who_is_ahead(store, evaluated):
    this = open_round(store, evaluated.id, seed=1, design=replace(PLAIN, stop="e-value"))
    for number, card in enumerate(pairs(store, this)):
        seen = rate.watch(store, this.id)
        assert seen.evidence.enough == (number >= 8)  # 8 wins of 8: 2**8 / 9 = 28 >= 20; 7 of 7: 16
        rate.vote(store, this.id, "Ann", card.key, "a" if tuned_is_a(store, this, card) else "b")
    assert rate.next_cards(store, this.id, "Ben").over == "enough"
    assert "tuned" not in repr(rate.watch(store, this.id))
    assert close_round(store, this.id).sequence.low > 0.5


def test_what_is_seen_of_an_open_round_is_progress_and_agreement_only(store, opened):
    card = pairs(store, opened)[0]
    rate.vote(store, opened.id, "Ann", card.key, "a")
    rate.vote(store, opened.id, "Ben", card.key, "tie")
    seen = rate.watch(store, opened.id)
    assert (seen.rows, seen.all_rows, seen.votes, seen.missing) == (1, 9, 2, 43)
    assert seen.by_rater == {"Ann": 1, "Ben": 1}
    assert (seen.agreement.cards, seen.agreement.agreed.value) == (1, 0.0)
    assert seen.evidence is None


def test_sealed_rows_are_never_asked_about(store, evaluated):
    golden = goldens.by_id(store, evaluated.golden_id)
    rows = goldens.rows_of(store, golden).row_id
    from sqlalchemy import update

    from workbench.store.tables import goldens as table

    with store.write() as connection:
        parts = {row: ("sealed", "dev", "calibration")[at % 3] for at, row in enumerate(rows)}
        connection.execute(update(table).where(table.c.id == golden.id).values(parts=parts))
    this = open_round(store, evaluated.id, seed=1)
    asked = {card.row_id for card in ratings.cards_of(store, this.id)}
    assert asked == {row for row, part in parts.items() if part != "sealed"}


def test_the_plan_says_minutes_and_what_the_rows_can_show_before_the_round_is_opened(store, evaluated):
    plan = plan_round(store, evaluated.id, design=Design(raters=2, overlap_rows=4, repeats=0, known=0))
    assert (plan.rows, plan.same, plan.cards) == (9, 1, 9)
    assert plan.judgements in (12, 13)  # the row with the same answer twice may be among the first four
    assert plan.minutes == 4  # 13 judgements by two people at 35 seconds
    assert plan.shows[0.0] == pytest.approx(0.907, abs=0.005)  # 8 wins of 9 are the first with p < .05
    assert ratings.rounds_of(store, evaluated.id) == []


def test_an_open_round_of_before_there_were_cards_goes_on_with_its_votes(store, evaluated):
    this = ratings.open_round(store, evaluated.id, ("base", "tuned"), 7, "Ann")
    row = evaluations.answers_of(store, evaluated.id, "tuned")[0].row_id
    from sqlalchemy import insert

    from workbench.store.tables import votes

    with store.write() as connection:  # as an earlier Goldloop wrote it
        connection.execute(insert(votes).values(
            nonce="old", round_id=this.id, rater="Ann", row_id=row, left="tuned", choice="a", reason="", milliseconds=9,
            created="then",
        ))  # fmt: skip
    assert rate.progress(store, this.id, "Ann") == rate.Progress(1, 9)
    assert row not in [one.key for one in pairs(store, this)]
    rate.vote(store, this.id, "Ann", row, "undo")
    assert rate.progress(store, this.id, "Ann").done == 0
    rate.vote(store, this.id, "Ben", row, "tie")
    assert close_round(store, this.id).deciding.rate.ties == 2
