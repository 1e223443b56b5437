"""What the report is told of people's votes, and votes as preference pairs."""

from __future__ import annotations

import json

import pytest

from workbench.actions import rate
from workbench.actions.close_round import close_round
from workbench.actions.export_preferences import export_preferences
from workbench.actions.open_round import open_round
from workbench.blind.plan import Design
from workbench.blind.results import verdicts
from workbench.blind.told import told
from workbench.errors import Refused
from workbench.store import evaluations, ratings

PLAIN = Design(raters=2, repeats=0, known=0)


def rated(store, evaluated, wins: int = 6, rater: str = "Ann"):
    """A round in which the tuned answer won on so many rows, then one was called bad, then ties."""
    this = open_round(store, evaluated.id, seed=4, design=PLAIN)
    tuned = {a.row_id: a.output.strip() for a in evaluations.answers_of(store, evaluated.id, "tuned")}
    for place, card in enumerate(rate.next_cards(store, this.id, rater, most=20).cards):
        row = ratings.card_of(store, this.id, card.key).row_id
        choice = ("a" if card.a == tuned[row] else "b") if place < wins else "bad" if place == wins else "tie"
        rate.vote(store, this.id, rater, card.key, choice, milliseconds=20_000)
    return this


def test_before_anybody_has_rated_and_while_a_round_is_open_nothing_is_told(store, evaluated):
    assert told(store, evaluated.id) is None
    rated(store, evaluated)
    assert told(store, evaluated.id) == {"open": 1, "rounds": []}


def test_a_closed_round_is_told_with_its_counts_and_as_json(store, evaluated):
    this = rated(store, evaluated)
    close_round(store, this.id)
    found = json.loads(json.dumps(told(store, evaluated.id)))
    [one] = found["rounds"]
    pair = one["pairs"][one["deciding"]]
    assert (pair["wins"], pair["losses"], pair["ties"], pair["both_bad"]) == (6, 0, 3, 1)
    assert pair["net"]["value"] == 0.6
    assert pair["identical"] == 1
    assert one["flagged"] == []
    assert one["without_flagged"] is None
    assert one["agreement"]["cards"] == 0
    assert one["metrics"]["exact_match"]["n"] > 0


def test_verdicts_of_people_are_there_for_judging_a_judge(store, evaluated):
    this = rated(store, evaluated)
    assert verdicts(store, evaluated.id, ("base", "tuned")) == {}
    close_round(store, this.id)
    found = verdicts(store, evaluated.id, ("base", "tuned"))
    assert sorted(found.values()) == ["bad", "tie", "tie", *["tuned"] * 6]


def test_preferences_are_pairs_of_turns_marked_as_made_of_golden_rows(store, evaluated, tmp_path):
    this = rated(store, evaluated)
    with pytest.raises(Refused, match="decided a row"):
        export_preferences(store, evaluated.id, tmp_path / "p.jsonl")
    close_round(store, this.id)
    done = export_preferences(store, evaluated.id, tmp_path / "p.jsonl")
    lines = [json.loads(line) for line in done.path.read_text(encoding="utf-8").splitlines()]
    assert (done.pairs, done.left_out, len(lines)) == (6, 3, 6)
    said = {(a.row_id, a.arm): a.output.strip() for a in evaluations.answers_of(store, evaluated.id)}
    for line in lines:
        [mark] = line["tags"]
        row = mark.removeprefix("derived_from:")
        assert line["chosen"] == [{"role": "assistant", "content": said[row, "tuned"]}]
        assert line["rejected"] == [{"role": "assistant", "content": said[row, "base"]}]
        assert line["prompt"][-1]["role"] == "user"


def test_a_rater_who_presses_without_reading_is_flagged_and_the_result_is_given_without_him_too(store, evaluated):
    this = rated(store, evaluated)
    for card in rate.next_cards(store, this.id, "Ben", most=20).cards:
        rate.vote(store, this.id, "Ben", card.key, "a", milliseconds=300)
    found = close_round(store, this.id)
    assert found.flagged == ("Ben",)
    assert found.deciding.votes == 18
    [without] = found.without
    assert (without.votes, without.rate.wins) == (9, 6)
