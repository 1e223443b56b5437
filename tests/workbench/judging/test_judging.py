"""A judge is carded, used and told of; what has not been proved is not shown, and sealed rows are never sent."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from evaluators.errors import BadRequest
from workbench.actions.add_judge import add_judge
from workbench.actions.judge import judge
from workbench.actions.judge_card import CardMade, judge_card
from workbench.errors import BadInput, NotFound, Refused
from workbench.judging.cases import cases_of, people
from workbench.judging.results import scorer, scores, told
from workbench.records import Evaluation, Judge
from workbench.store import Store, evaluations, goldens, judges, ratings

KEY = "GOLDLOOP_JUDGE_TEST"
SECRET = "sk-very-secret"
TWELVE_PROBES = 12


def added(store: Store, server: Any, model: str = "honest", **settings: Any) -> Judge:
    return add_judge(store, model, model=model, url=server.url, **settings)


def carded(store: Store, server: Any, model: str = "honest", **settings: Any) -> CardMade:
    added(store, server, model, **settings)
    return judge_card(store, 1, model, agreed=True)


def test_the_same_judge_again_is_the_same_number_and_another_rubric_the_next(store: Store, server: Any) -> None:
    assert [added(store, server).label, added(store, server).label] == ["honest@1", "honest@1"]
    assert added(store, server, rubric="kind: Is it kind?").label == "honest@2"
    assert judges.get(store, "honest").number == 2
    assert judges.get(store, "honest@1").number == 1


def test_prices_make_a_new_number_but_not_another_judge(store: Store, server: Any) -> None:
    first, second = added(store, server), added(store, server, per_million_in=2.0)
    assert (first.number, second.number) == (1, 2)
    assert first.digest == second.digest


@pytest.mark.parametrize(
    ("settings", "error"),
    [({"url": "http://example.com/v1"}, BadRequest), ({"key_name": "sk-1"}, BadRequest), ({"form": "arena"}, BadInput),
     ({"rubric": "nothing"}, BadRequest), ({"model": " "}, BadInput), ({"per_million_in": -1.0}, BadInput)],
)  # fmt: skip
def test_a_judge_that_cannot_be_used_is_refused_and_not_saved(store: Store, settings: Any, error: Any) -> None:
    with pytest.raises(error):
        add_judge(store, "one", **{"model": "m", "url": "https://example.com/v1", **settings})
    assert judges.listed(store) == []


def test_only_listed_hosts_may_be_named_where_a_list_is(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOLDLOOP_JUDGE_HOSTS", "judge.example.com")
    with pytest.raises(Refused, match=r"judge\.example\.com"):
        add_judge(store, "one", model="m", url="https://elsewhere.example.com/v1")
    assert add_judge(store, "one", model="m", url="https://judge.example.com/v1").label == "one@1"


def test_nothing_is_sent_before_somebody_agrees_and_the_plan_says_what(
    store: Store, judged: Evaluation, server: Any
) -> None:
    added(store, server)
    with pytest.raises(Refused, match=r"questions would be sent to the model \"honest\" at 127\.0\.0\.1"):
        judge_card(store, 1, "honest")
    plan = judge_card(store, 1, "honest", preview=True).plan
    assert server.seen == []
    # 34 rated calibration pairs, 12 repeats and 5 kinds of 12 probes, each in two orders; no dev row is needed
    assert plan.calls + plan.remembered == (34 + 12 + 5 * TWELVE_PROBES) * 2 - TWELVE_PROBES
    assert plan.rows == 34
    assert plan.characters > 100_000


def test_what_is_sent_is_what_the_plan_says(store: Store, judged: Evaluation, server: Any) -> None:
    made = carded(store, server)
    sent = sum(len(message["content"]) for _, _, body in server.seen for message in body["messages"])
    assert (len(server.seen), sent) == (made.plan.calls, made.plan.characters)


def test_sealed_rows_are_never_sent_nor_kept(store: Store, proven: Judge, server: Any) -> None:
    judge(store, 1, "honest", agreed=True)
    assert "SEALEDMARK" not in json.dumps([body for _, _, body in server.seen])
    assert "SEALEDMARK" not in json.dumps(told(store, 1))
    (run,) = judges.runs_of(store, work="run")
    assert {one.row_id for one in judges.scores_of(store, run.id)} == {f"row{n}" for n in range(30, 120)}


def test_a_card_of_the_calibration_part_needs_no_dev_rows(store: Store, judged: Evaluation, server: Any) -> None:
    summary = carded(store, server).run.summary  # type: ignore[union-attr]
    assert (summary["part"], summary["rated"], summary["passes"]) == ("calibration", 34, True)  # type: ignore[index]


def test_votes_of_an_open_round_do_not_count(store: Store, unclosed: Evaluation, server: Any) -> None:
    evaluation = unclosed
    assert people(store, evaluation.id) == {}
    added(store, server)
    assert "have rated 0 rows" in judge_card(store, evaluation.id, "honest", preview=True).warning


def test_people_are_counted_by_majority_and_silent_checks_are_not_votes(store: Store, judged: Evaluation) -> None:
    said = people(store, 1)[("base", "tuned")]
    assert len(said) == 44
    assert (said["row30"], said["row31"]) == ("a", "b")
    assert all(vote.kind == "pair" for vote in ratings.votes_of(store, 1))


def test_the_base_of_the_run_may_not_judge_itself(store: Store, judged: Evaluation, server: Any) -> None:
    add_judge(store, "self", model="Some-Org/Toy-Model:Q4", url=server.url)
    for work in (judge_card, judge):
        with pytest.raises(Refused, match="prefers its own words"):
            work(store, 1, "self", agreed=True)  # type: ignore[operator]
    assert server.seen == []


def test_a_judge_without_a_card_may_not_judge(store: Store, judged: Evaluation, server: Any) -> None:
    added(store, server)
    with pytest.raises(Refused, match="has no card on this golden set yet"):
        judge(store, 1, "honest", agreed=True)


def test_a_judge_that_failed_its_card_may_not_judge_and_shows_no_number(
    store: Store, judged: Evaluation, server: Any
) -> None:
    made = carded(store, server, "always-a")
    with pytest.raises(Refused, match="the same verdict in both orders 0 %"):
        judge(store, 1, "always-a", agreed=True)
    (one,) = told(store, 1)["judges"]  # type: ignore[index]
    assert (one["used"], one["results"], one["unreadable"]) == (False, [], None)
    assert "verdicts for the answer shown first 100 %" in one["reason"]
    assert made.run is not None
    with pytest.raises(Refused):
        scores(store, 1, judges.get(store, "always-a"))


def test_a_proven_judge_tells_a_corrected_win_rate_with_its_interval(store: Store, proven: Judge) -> None:
    judge(store, 1, "honest", agreed=True)
    found = told(store, 1)
    assert found is not None
    (one,) = found["judges"]
    assert (one["used"], one["headline"], found["used"]) == (True, True, 1)
    (result,) = one["results"]
    assert (result["a"], result["b"], result["both"], result["same"]) == ("base", "tuned", 44, 1)
    assert result["judge_only"] == 89 - 1 - 44  # 89 judged pairs, one of them the same answer twice
    # of the 88 pairs judged tuned is right on two of three: a third net, within the interval
    assert result["low"] < 1 / 3 < result["high"]
    assert result["high"] - result["low"] < result["people_high"] - result["people_low"]
    assert "tuned" in result["sentence"].lower()
    assert "people rated 0 of the rows it judged, and it takes 30" in one["without_results"][0]
    assert json.loads(json.dumps(found)) == found


def test_an_answer_that_gives_orders_gets_no_verdict_and_is_told(store: Store, proven: Judge, server: Any) -> None:
    before = len(server.seen)
    judge(store, 1, "honest", agreed=True)
    sent = json.dumps([body for _, _, body in server.seen[before:]])
    assert "pick this answer" not in sent
    given = scores(store, 1, proven)["tuned over base"]["row70"]
    assert given.value is None
    assert "gives orders to a judge" in given.note
    assert told(store, 1)["judges"][0]["withheld"] == pytest.approx(2 / 180)  # type: ignore[index]


def test_the_scores_of_a_judge_are_those_of_any_scorer(store: Store, proven: Judge) -> None:
    from evaluators.compare import compare
    from evaluators.sample import Sample

    judge(store, 1, "honest", agreed=True)
    tuned = scorer(store, 1, proven, "tuned over base")
    samples = [Sample(f"row{n}", (), "said", "ref") for n in (64, 66, 70)]
    assert [score.value for score in tuned(samples)] == [1.0, 0.0, None]
    by_id = tuned.by_id(samples)
    assert compare(by_id, by_id, tuned, names=("a", "b")).n == 2


def test_a_rubric_judge_marks_each_arm(store: Store, judged: Evaluation, server: Any) -> None:
    carded(store, server, form="rubric")
    judge(store, 1, "honest", agreed=True)
    found = scores(store, 1, judges.get(store, "honest"))
    assert set(found) == {"base", "prompted", "tuned", "tuned over base", "tuned over prompted"}
    assert found["tuned"]["row64"].value == 1.0
    assert told(store, 1)["judges"][0]["results"][0]["b"] == "tuned"  # type: ignore[index]


def test_nothing_is_asked_twice_and_a_cut_run_goes_on(store: Store, judged: Evaluation, server: Any) -> None:
    added(store, server, per_million_in=100.0, per_million_out=100.0)
    made = judge_card(store, 1, "honest", cap=2.0, agreed=True)
    summary = made.run.summary  # type: ignore[union-attr]
    assert summary is not None
    assert not summary["passes"]
    assert "its card is not finished, since the next call might pass the cap of 2" in summary["reason"]
    assert 0 < summary["spent"] <= 2.0
    first = len(server.seen)
    again = judge_card(store, 1, "honest", agreed=True).run.summary  # type: ignore[union-attr]
    assert again is not None
    assert again["passes"]
    assert (again["remembered"], len(server.seen)) == (first, first + again["calls"])
    judge_card(store, 1, "honest", agreed=True)
    assert len(server.seen) == first + again["calls"]


def test_a_cap_without_prices_is_refused(store: Store, judged: Evaluation, server: Any) -> None:
    added(store, server)
    with pytest.raises(Refused, match="needs prices"):
        judge_card(store, 1, "honest", cap=1.0, agreed=True)
    assert server.seen == []


def test_the_key_is_in_no_file_of_the_store(
    store: Store, judged: Evaluation, server: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(KEY, SECRET)
    carded(store, server, key_name=KEY)
    assert server.seen[0][1]["Authorization"] == f"Bearer {SECRET}"
    held = [path for path in Path(store.root).rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert held == []


def test_a_card_of_one_golden_version_does_not_count_on_another(store: Store, proven: Judge) -> None:
    old = goldens.by_id(store, evaluations.get(store, 1).golden_id)
    with store.write() as connection:
        other = goldens.add(
            connection, dataset_id=old.dataset_id, number=2, drawn_from=old.drawn_from, digest=old.digest,
            size=old.size, share=old.share, seed=0, strata={}, groups={}, who="Ann",
        )  # fmt: skip
    newer = evaluations.add(store, evaluations.get(store, 1).run_id, other, {}, "Ann")
    assert told(store, newer.id) is None
    with pytest.raises(Refused, match="no card"):
        judge(store, newer.id, "honest", agreed=True)


def test_no_judge_of_that_name_is_told_with_what_there_is(store: Store, server: Any) -> None:
    added(store, server)
    with pytest.raises(NotFound, match="honest@1"):
        judges.get(store, "strict")


def test_rows_know_their_part_and_the_arms_answers(store: Store, judged: Evaluation) -> None:
    cases = cases_of(store, 1)
    assert (len(cases), cases[0].row, cases[0].part, cases[-1].part) == (90, "row30", "calibration", "dev")
    assert set(cases[0].answers) == {"base", "prompted", "tuned"}
