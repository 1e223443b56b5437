"""Gaps: which rows fail, what may be the reason, and that no golden text gets out."""

from __future__ import annotations

import numpy as np
import pytest

from evaluators.models.embedder import TfIdf
from evaluators.sample import catalogue
from workbench.actions import find_gaps as action
from workbench.actions import rate
from workbench.actions.find_gaps import Side, cause_of, failures, find_gaps, nearest, settle_gap
from workbench.errors import BadInput
from workbench.records import Answer
from workbench.rows import Rows
from workbench.store import datasets, evaluations, gaps, goldens, ratings

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


def side(*pairs: tuple[str, str]) -> Side:
    rows = Rows.of(*pairs)
    embed = TfIdf(rows.prompt)
    return Side(rows, embed(rows.prompt), action.NEAR_IN_WORDS, embed)


def cause(
    training: Side, question: str, reference: str, answer: str = "?", prompted: bool = False, kind: str = ""
) -> str:
    found = nearest(training.embed([question])[0], training.vectors)
    return cause_of(found, reference, answer, prompted, training, kind)


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
    assert cause(training, "How long may I return a lamp?", "You have 30 days.", prompted=True) == "prompt"


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


def test_gaps_group_the_failures_by_slice_and_kind_and_are_saved(store, evaluated):
    found = find_gaps(store, evaluated.id)
    assert gaps.listed(store, evaluated.id) == list(found)
    assert len({(gap.slice, gap.failure) for gap in found}) == len(found)
    assert all(gap.slice.startswith("topic:") and gap.golden_rows for gap in found)
    assert all("TF-IDF" in gap.evidence["compared_by"] for gap in found)


def test_no_golden_text_stands_in_a_gap(store, evaluated):
    golden = goldens.rows_of(store, goldens.by_id(store, evaluated.golden_id))
    training = " ".join(datasets.rows_of(store, datasets.version(store, "desk@2")).text)
    told = " ".join(
        f"{gap.cause} {gap.action} {gap.evidence} {gap.neighbours}" for gap in find_gaps(store, evaluated.id)
    )
    checked = 0
    for text in (*golden.prompt, *golden.reply):
        words = text.split()
        for run in (" ".join(words[i : i + 4]) for i in range(len(words) - 3)):
            if run not in training:  # the toy rows share a template; only what is golden's own may not get out
                checked += 1
                assert run not in told
    assert checked > 50
    assert not any(row in told for row in golden.row_id)


def test_a_row_that_lost_in_a_closed_round_becomes_a_gap_and_an_open_round_tells_nothing(store, evaluated):
    this = rate.open_round(store, evaluated.id, seed=1)
    tuned = {a.row_id: a.output.strip() for a in evaluations.answers_of(store, evaluated.id, "tuned")}
    pair = rate.next_pairs(store, this.id, "Ann")[0]
    rate.vote(store, this.id, "Ann", pair.row_id, "b" if pair.a == tuned[pair.row_id] else "a")
    assert not any(gap.failure == "rated worse" for gap in find_gaps(store, evaluated.id))
    ratings.close_round(store, this.id)
    rated = [gap for gap in find_gaps(store, evaluated.id) if gap.failure == "rated worse"]
    assert [gap.golden_rows for gap in rated] == [(pair.row_id,)]


def test_a_settled_gap_stays_settled_when_gaps_are_looked_for_again(store, evaluated):
    first = find_gaps(store, evaluated.id)[0]
    settle_gap(store, first.id, "done", "twelve rows written")
    again = find_gaps(store, evaluated.id)
    assert [(gap.state, gap.note) for gap in again if gap.id == first.id] == [("done", "twelve rows written")]
    assert sum((gap.slice, gap.failure) == (first.slice, first.failure) for gap in again) == 1


def test_a_gap_takes_only_known_states(store, evaluated):
    gap = find_gaps(store, evaluated.id)[0]
    with pytest.raises(BadInput, match="one of: open, done, dismissed"):
        settle_gap(store, gap.id, "finished")
