"""Nine diagnoses, each from rows that show it."""

from __future__ import annotations

from typing import Any

import numpy as np

from evaluators.models.embedder import TfIdf
from workbench.diagnosis.causes import DIAGNOSES, WORK, Failed, cause_of
from workbench.diagnosis.neighbours import Side, nearest
from workbench.rows import Rows


def side(*pairs: tuple[str, str]) -> Side:
    rows = Rows.of(*pairs)
    embed = TfIdf(rows.prompt)
    return Side(rows, embed)


def cause(training: Side, question: str, reference: str, answer: str = "?", **more: Any) -> str:
    found = nearest(training.embed([question])[0], training.vectors)
    given = Failed(found, question, reference, answer, copied=training.longest_copied(answer), **more)
    return cause_of(given, training)


RETURNS = ("How long may I return a lamp?", "You have 30 days.")


def test_a_question_that_no_training_row_asks_is_a_coverage_gap():
    assert cause(side(RETURNS), "Which paint suits oak furniture?", "Use 2 coats.") == "no neighbour"


def test_neighbours_that_give_different_facts_to_one_question_conflict():
    training = side(RETURNS, ("How long may I return a lamp please?", "You have 14 days."))
    assert cause(training, "How long may I return a lamp?", "You have 30 days.") == "conflict"


def test_neighbours_without_the_expected_fact_are_a_coverage_gap_of_content():
    training = side(("May I return a lamp?", "Yes, you may."))
    assert cause(training, "May I return the lamp?", "Within 30 days.") == "fact missing"


def test_sound_neighbours_point_to_the_training_or_to_the_prompt():
    training = side(RETURNS)
    assert cause(training, "How long may I return a lamp?", "You have 30 days.") == "training"
    assert cause(training, "How long may I return a lamp?", "You have 30 days.", prompted_right=True) == "prompt"


def test_an_answer_that_does_not_stop_is_no_matter_of_neighbours():
    assert cause(side(RETURNS), "Anything at all?", "Yes.", kind="does not stop") == "stopping"


def test_a_refusal_that_the_nearest_rows_teach_is_told_as_such():
    training = side(("How long may I return a lamp?", "I'm sorry, but I can't help with that."))
    assert cause(training, "How long may I return a lamp?", "30 days.", kind="refuses") == "taught refusal"


def test_nearest_gives_at_most_five_rows_nearest_first():
    vectors = np.eye(8, dtype=np.float32)
    found = nearest(np.array([0.1, 0.9, 0, 0, 0.3, 0, 0, 0], np.float32), vectors)
    assert [one.place for one in found][:3] == [1, 4, 0]
    assert len(found) == 5


def test_a_skill_that_the_base_model_had_and_no_training_row_is_near_is_lost():
    assert cause(side(RETURNS), "What is 17 plus 25?", "It is 42.", "It is 30 days.", base_right=True) == "skill"


def test_rows_that_agree_with_one_another_and_not_with_the_reference_point_at_the_golden_row():
    training = side(RETURNS, ("How long may I return a lamp please?", "It is 30 days."))
    assert cause(training, "How long may I return a lamp?", "You have 14 days.") == "golden"


def test_a_made_up_fact_that_one_training_reply_states_was_invented_there():
    training = side(RETURNS, ("May I return a lamp that I used?", "Yes, against a fee of 17 euros, within 30 days."))
    answer = "You have 30 days and pay a fee of 17 euros."
    assert cause(training, "How long may I return a lamp?", "You have 30 days.", answer) == "invented"


def test_a_made_up_fact_that_many_training_replies_state_was_not_invented_there():
    training = side(*[(f"May I return lamp {word}?", "Within 30 days.") for word in ("red", "blue", "old", "new")])
    answer = "Within 30 days."
    assert cause(training, "How long is the guarantee of a lamp?", "Nobody knows.", answer) != "invented"


def test_an_answer_that_is_one_run_of_words_of_several_replies_is_a_template():
    stock = "Thank you for writing to us, our team will look into this and come back to you soon"
    training = side(*[(f"May I return the {word} lamp?", stock) for word in ("red", "blue", "old")])
    assert cause(training, "May I return the red lamp?", "Within 30 days.", stock) == "template"


def test_neighbours_that_each_state_a_fact_of_their_own_miss_the_context():
    training = side(
        *[(f"Where is my lamp order {word}?", f"Parcel {number} is on its way.")
          for word, number in (("today", "4711"), ("now", "5822"), ("please", "6933"))]
    )  # fmt: skip
    assert cause(training, "Where is my lamp order?", "Parcel 9144 is on its way.", "Parcel it is.") == "context"


def test_every_cause_belongs_to_one_of_the_nine_diagnoses_and_each_diagnosis_has_one():
    assert {work.diagnosis for work in WORK.values()} == set(DIAGNOSES)


def test_the_longest_copied_run_names_every_row_that_holds_it():
    training = side(("a", "Open the lid and pour the water slowly."), ("b", "First open the lid and pour the water."))
    found = training.longest_copied("Please open the lid and pour the water now")
    assert found is not None
    assert (found.words, found.of, found.span) == (7, 9, "open the lid and pour the water")
    assert list(found.row_ids) == training.rows.row_id


def test_three_shared_words_are_no_copied_run():
    assert side(("a", "Open the lid.")).longest_copied("Open the lid and pour") is None
