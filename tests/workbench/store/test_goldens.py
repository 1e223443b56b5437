"""Parts, looks and errata of a golden set, as the store remembers them."""

import pytest

from workbench import history
from workbench.actions.edit_golden import edit_golden
from workbench.actions.freeze_golden import freeze_golden
from workbench.actions.refresh_golden import refresh_golden
from workbench.errors import BadInput, Refused
from workbench.records import Golden
from workbench.rows import Rows
from workbench.store import Store, datasets, evaluations, goldens, runs


@pytest.fixture
def desk(store: Store, fifty_rows: Rows) -> Store:
    history.commit(store, None, fifty_rows, dataset="desk", verb="import", settings={})
    return store


@pytest.fixture
def golden(desk: Store) -> Golden:
    frozen = freeze_golden(desk, share=0.2, sealed=0.5, looks=2).golden
    assert frozen is not None
    return frozen


def evaluation(store: Store, golden: Golden) -> int:
    run = runs.add(store, datasets.version(store), golden, {"model": "toy"}, "Ann", None)
    return evaluations.add(store, run.id, golden.id, {}, "Ann").id


def test_what_may_be_read_is_all_but_the_sealed_rows(desk: Store, golden: Golden) -> None:
    assert len(goldens.rows_in(desk, golden, "sealed")) == 5
    assert set(goldens.readable(desk, golden).row_id) == set(golden.groups) - set(golden.ids("sealed"))


def test_a_set_without_parts_is_dev_as_a_whole(desk: Store) -> None:
    frozen = freeze_golden(desk, share=0.2).golden
    assert frozen is not None
    assert frozen.ids("dev") == frozen.ids()


def test_each_sealed_evaluation_is_a_numbered_look(desk: Store, golden: Golden) -> None:
    first = goldens.add_look(desk, golden, evaluation(desk, golden))
    second = goldens.add_look(desk, golden, evaluation(desk, golden))
    assert [(one.number, one.budget, one.over) for one in (first, second)] == [(1, 2, False), (2, 2, False)]


def test_a_resumed_evaluation_counts_once(desk: Store, golden: Golden) -> None:
    key = evaluation(desk, golden)
    assert goldens.add_look(desk, golden, key).id == goldens.add_look(desk, golden, key).id
    assert len(goldens.looks(desk, golden)) == 1


def test_past_the_budget_a_look_needs_a_signed_reason_and_is_marked(desk: Store, golden: Golden) -> None:
    for _ in range(2):
        goldens.add_look(desk, golden, evaluation(desk, golden))
    with pytest.raises(Refused, match="The 2 looks at the sealed rows of desk golden 1 are spent"):
        goldens.may_look(desk, golden)
    with pytest.raises(Refused, match="sign a reason"):
        goldens.add_look(desk, golden, evaluation(desk, golden), " ")
    third = goldens.add_look(desk, golden, evaluation(desk, golden), "the release was held back by a bug")
    assert (third.number, third.over, third.why) == (3, True, "the release was held back by a bug")


def test_a_set_without_sealed_rows_cannot_be_looked_at(desk: Store) -> None:
    frozen = freeze_golden(desk, share=0.2).golden
    assert frozen is not None
    with pytest.raises(BadInput, match="has no sealed rows"):
        goldens.may_look(desk, frozen)


def test_the_best_look_is_the_newest_that_improved_on_the_same_metric(desk: Store, golden: Golden) -> None:
    looks = [goldens.add_look(desk, golden, evaluation(desk, golden), "again") for _ in range(3)]
    assert goldens.best_look(desk, golden) is None
    goldens.finish_look(desk, looks[0].id, "fact_recall", {"a": 0.5}, 0.5, True)
    goldens.finish_look(desk, looks[1].id, "fact_recall", {"a": 0.4}, 0.4, False)
    goldens.finish_look(desk, looks[2].id, "nll", {"a": 0.1}, 0.1, True)
    best = goldens.best_look(desk, golden, "fact_recall")
    assert best is not None
    assert (best.id, best.mean, best.per_row) == (looks[0].id, 0.5, {"a": 0.5})


def test_an_erratum_renews_no_budget_and_a_best_does_not_cross_it(desk: Store, golden: Golden) -> None:
    look = goldens.add_look(desk, golden, evaluation(desk, golden))
    goldens.finish_look(desk, look.id, "fact_recall", {"a": 0.5}, 0.5, True)
    edited = edit_golden(desk, golden.ids("dev")[0], reply="Forty days, at counter 3.", reason="wrong days").golden
    assert edited is not None
    assert len(goldens.looks(desk, edited)) == 1
    assert goldens.best_look(desk, edited) is None


def test_fresh_sealed_rows_renew_the_budget(desk: Store, golden: Golden) -> None:
    goldens.add_look(desk, golden, evaluation(desk, golden))
    renewed = refresh_golden(desk, retire=golden.ids("sealed")[:2]).golden
    assert renewed is not None
    assert goldens.looks(desk, renewed) == []


def test_what_an_edited_row_said_before_stays_barred(desk: Store, golden: Golden) -> None:
    row = golden.ids("dev")[0]
    old = goldens.rows_of(desk, golden).having([row]).reply[0]
    edited = edit_golden(desk, row, reply="Forty days, at counter 3.", reason="wrong days").golden
    assert edited is not None
    assert {old, "Forty days, at counter 3."} <= set(goldens.barred(desk, edited).reply)
    assert old not in goldens.rows_of(desk, edited).reply


def test_an_older_run_may_be_evaluated_on_a_set_that_was_only_edited(desk: Store, golden: Golden) -> None:
    edited = edit_golden(desk, golden.ids("dev")[0], reply="Forty days, at counter 3.", reason="wrong days").golden
    refresh_golden(desk, retire=[golden.ids("dev")[1]])
    assert goldens.with_errata(desk, golden) == edited


def test_looks_at_a_later_set_of_the_same_sealed_rows_count_for_the_older_one(desk: Store, golden: Golden) -> None:
    later = edit_golden(desk, golden.ids("dev")[0], reply="Forty days, at counter 3.", reason="wrong").golden
    assert later is not None
    goldens.add_look(desk, later, evaluation(desk, later))
    assert len(goldens.looks(desk, golden)) == 1
    assert goldens.add_look(desk, golden, evaluation(desk, golden)).number == 2


def test_a_later_freeze_keeps_the_budget_of_looks_and_cannot_raise_it_once_some_were_taken(desk: Store) -> None:
    first = freeze_golden(desk, share=0.1, sealed=0.5, looks=2).golden
    assert first is not None
    goldens.add_look(desk, first, evaluation(desk, first))
    with pytest.raises(Refused, match="allows 2 looks and 1 was taken"):
        freeze_golden(desk, share=0.2, sealed=0.5, looks=5)
    second = freeze_golden(desk, share=0.2, sealed=0.5).golden
    assert second is not None
    assert second.budget == 2


def test_a_look_that_is_resumed_after_it_was_finished_stands_against_the_best_before_it(
    desk: Store, golden: Golden
) -> None:
    first, second = (goldens.add_look(desk, golden, evaluation(desk, golden)) for _ in range(2))
    for look in (first, second):
        goldens.finish_look(desk, look.id, "fact_recall", {"a": 0.5}, 0.5, True)
    best = goldens.best_look(desk, golden, "fact_recall", but=second.id)
    assert best is not None
    assert best.id == first.id
