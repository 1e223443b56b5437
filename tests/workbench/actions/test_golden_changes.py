"""Errata, retirement and sign-off of golden rows."""

import pytest

from workbench import history
from workbench.actions.edit_golden import edit_golden
from workbench.actions.freeze_golden import freeze_golden
from workbench.actions.refresh_golden import refresh_golden
from workbench.actions.restore import restore
from workbench.actions.sign_golden import read_sealed, sign_golden
from workbench.actions.undo import undo
from workbench.errors import BadInput, NotFound, Refused
from workbench.records import Golden
from workbench.rows import Rows
from workbench.store import Store, datasets, evaluations, goldens, runs
from workbench.store.golden_signatures import states, summed


@pytest.fixture
def desk(store: Store, fifty_rows: Rows, monkeypatch: pytest.MonkeyPatch) -> Store:
    monkeypatch.setenv("GOLDLOOP_USER", "Ann")
    history.commit(store, None, fifty_rows, dataset="desk", verb="import", settings={})
    return store


@pytest.fixture
def golden(desk: Store) -> Golden:
    frozen = freeze_golden(desk, share=0.2, sealed=0.5).golden
    assert frozen is not None
    return frozen


def look_at(store: Store, golden: Golden) -> None:
    run = runs.add(store, datasets.version(store), golden, {"model": "toy"}, "Ann", None)
    goldens.add_look(store, golden, evaluations.add(store, run.id, golden.id, {}, "Ann").id)


def test_the_parts_of_the_first_freeze_stand_after_the_second(desk: Store) -> None:
    first = freeze_golden(desk, share=0.1, sealed=0.4).golden
    second = freeze_golden(desk, share=0.2, sealed=0.5).golden
    assert first is not None
    assert second is not None
    assert {row: second.parts[row] for row in first.parts} == dict(first.parts)
    assert len(second.ids("sealed")) == 5


def test_an_erratum_makes_the_next_golden_version_and_leaves_the_older_one(desk: Store, golden: Golden) -> None:
    row = golden.ids("dev")[0]
    done = edit_golden(desk, row, reply="Forty days, at counter 3.", reason="the rule changed in May")
    assert done.golden is not None
    assert (done.golden.number, done.golden.parts) == (2, golden.parts)
    assert goldens.rows_of(desk, done.golden).having([row]).reply == ["Forty days, at counter 3."]
    assert goldens.rows_of(desk, golden).having([row]).reply == done.before.reply
    assert done.golden.change["edited"][row]["reason"] == "the rule changed in May"
    assert datasets.version(desk, "desk").number == 2


def test_an_erratum_needs_a_reason(desk: Store, golden: Golden) -> None:
    with pytest.raises(BadInput, match="needs a reason"):
        edit_golden(desk, golden.ids("dev")[0], reply="Forty.", reason=" ")


def test_an_erratum_cannot_take_a_rows_question(desk: Store, golden: Golden) -> None:
    with pytest.raises(BadInput, match="would have lost one"):
        edit_golden(desk, golden.ids("dev")[0], question="", reason="blank")


def test_a_sealed_row_is_put_right_only_by_who_read_it_before_the_first_look(desk: Store, golden: Golden) -> None:
    row, other = golden.ids("sealed")[:2]
    with pytest.raises(Refused, match="Only who has read it"):
        edit_golden(desk, row, reply="Forty days.", reason="wrong", who="Bob")
    read_sealed(desk, golden, row, who="Bob")
    read_sealed(desk, golden, other, who="Bob")
    assert edit_golden(desk, row, reply="Forty days.", reason="wrong", who="Bob").golden is not None
    look_at(desk, golden)
    with pytest.raises(Refused, match="Retire it to training"):
        edit_golden(desk, other, reply="Forty days.", reason="wrong", who="Bob")


def test_retired_rows_come_to_training_in_the_same_step_as_the_next_golden_version(desk: Store, golden: Golden) -> None:
    row = golden.ids("sealed")[0]
    done = refresh_golden(desk, retire=[row], reason="needed in training")
    assert done.golden is not None
    assert done.version is not None
    rows = datasets.rows_of(desk, done.version)
    assert row in rows.row_id
    assert row not in done.golden.groups
    assert len(done.golden.groups) == len(golden.groups)
    assert done.golden.change["retired"] == [row]
    assert not set(done.fresh) & set(rows.row_id)
    assert done.golden.parts[done.fresh[0]] == "sealed"
    assert history.taken_for_golden(desk, "desk") == set(done.golden.groups)
    assert set(rows.row_id) | set(done.golden.groups) == set(
        datasets.rows_of(desk, datasets.version(desk, "desk@1")).row_id
    )


def test_no_row_of_the_training_side_repeats_a_golden_one_after_a_refresh(desk: Store, golden: Golden) -> None:
    done = refresh_golden(desk, retire=[golden.ids("dev")[0]])
    assert done.version is not None
    assert history.like_golden(desk, "desk", datasets.rows_of(desk, done.version)) == set()


def test_what_an_edited_row_said_before_may_not_come_back_to_training(desk: Store, golden: Golden) -> None:
    done = edit_golden(
        desk, golden.ids("dev")[0], question="Who opens the gate?", reply="The guard at the gate does.", reason="new"
    )
    assert history.like_golden(desk, "desk", done.before.renamed(["back"])) == {"back"}
    assert history.like_golden(desk, "desk", done.after.renamed(["back"])) == {"back"}


def test_a_refresh_cannot_be_undone(desk: Store, golden: Golden) -> None:
    refresh_golden(desk, retire=[golden.ids("dev")[0]])
    with pytest.raises(Refused, match="refreshed its golden set"):
        undo(desk)


def test_going_back_to_an_old_version_brings_retired_rows_but_no_golden_ones(desk: Store, golden: Golden) -> None:
    done = refresh_golden(desk, retire=[golden.ids("dev")[0]])
    assert done.golden is not None
    back = restore(desk, "desk@1", preview=True)
    assert back.held_back == done.golden.size
    assert set(done.golden.groups) & set(back.difference.after.row_id) == set()


def test_a_quarter_of_each_part_retires_oldest_first(desk: Store) -> None:
    first = freeze_golden(desk, share=0.1, sealed=0.4).golden
    freeze_golden(desk, share=0.2, sealed=0.5)
    done = refresh_golden(desk, share=0.25, preview=True)
    assert first is not None
    assert set(done.retired) <= set(first.groups)
    assert len(done.retired) == 2
    assert done.golden is None


def test_at_least_half_of_the_rows_stay_as_the_anchor(desk: Store, golden: Golden) -> None:
    with pytest.raises(Refused, match="At least half must stay"):
        refresh_golden(desk, retire=golden.ids()[:6])
    with pytest.raises(BadInput, match=r"at most 0\.5"):
        refresh_golden(desk, share=0.7)


def test_an_unknown_row_is_named(desk: Store, golden: Golden) -> None:
    with pytest.raises(NotFound, match="has no row nobody"):
        refresh_golden(desk, retire=["nobody"])


def test_who_froze_a_row_cannot_sign_it_off_and_another_can(desk: Store, golden: Golden) -> None:
    row = golden.ids("dev")[0]
    with pytest.raises(Refused, match="Ann froze it"):
        sign_golden(desk, golden, [row], who="Ann")
    (state,) = sign_golden(desk, golden, [row], who="Bob")
    assert (state.state, state.by) == ("signed", "Bob")


def test_an_objection_needs_a_note_and_outweighs_a_signature(desk: Store, golden: Golden) -> None:
    row = golden.ids("dev")[0]
    with pytest.raises(BadInput, match="needs a note"):
        sign_golden(desk, golden, [row], who="Bob", objects=True)
    sign_golden(desk, golden, [row], who="Bob", objects=True, note="the rule is 30 days")
    (state,) = sign_golden(desk, golden, [row], who="Eve")
    assert (state.state, state.by, state.note) == ("objected", "Bob", "the rule is 30 days")
    assert sign_golden(desk, golden, [row], who="Bob")[0].state == "signed"


def test_an_edit_takes_a_rows_signature_and_leaves_the_others(desk: Store, golden: Golden) -> None:
    row, other = golden.ids("dev")[:2]
    sign_golden(desk, golden, [row, other], who="Bob")
    edited = edit_golden(desk, row, reply="Forty days.", reason="wrong", who="Eve").golden
    assert edited is not None
    found = states(desk, edited)
    assert (found[row].state, found[other].state) == ("unsigned", "signed")
    with pytest.raises(Refused, match="Eve edited it"):
        sign_golden(desk, edited, [row], who="Eve")


def test_a_sealed_row_is_read_once_before_the_first_look_and_its_reader_is_recorded(
    desk: Store, golden: Golden
) -> None:
    row, other = golden.ids("sealed")[:2]
    with pytest.raises(Refused, match="has not read it"):
        sign_golden(desk, golden, [row], who="Bob")
    assert read_sealed(desk, golden, row, who="Bob").row_id == [row]
    assert sign_golden(desk, golden, [row], who="Bob")[0].readers == ("Bob",)
    look_at(desk, golden)
    with pytest.raises(Refused, match="from then on nobody reads them"):
        read_sealed(desk, golden, other, who="Bob")


def test_the_sum_of_the_sign_off_names_who_signed_and_who_read_sealed_rows(desk: Store, golden: Golden) -> None:
    read_sealed(desk, golden, golden.ids("sealed")[0], who="Bob")
    sign_golden(desk, golden, golden.ids("dev"), who="Bob")
    told = summed(states(desk, golden))
    assert (told["rows"], told["signed"], told["unsigned"], told["objected"]) == (10, 5, 5, 0)
    assert (told["signers"], told["readers_of_sealed"]) == (["Bob"], ["Bob"])
    assert told["by_part"] == {"dev": {"signed": 5}, "sealed": {"unsigned": 5}}
