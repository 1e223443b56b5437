"""Fixes: shown first, applied as a version, taken back by undo."""

import pytest

from workbench import history
from workbench.actions.apply_fix import apply_fix
from workbench.actions.edit_row import edit_row
from workbench.actions.run_checks import run_checks
from workbench.actions.undo import undo
from workbench.errors import BadInput, Conflict, NotFound, Refused
from workbench.rows import Rows, message
from workbench.store import Store, datasets

ROWS = Rows.of(
    ("How do I reach you?", "Write to ada.lovelace@lovelace-mills.co.uk at any time of the day."),
    ("Is the shop open?", "Yes, it is open from nine to five."),
    ("And on Sundays?", "No, Sundays are quiet here."),
)


@pytest.fixture
def desk(store: Store) -> Store:
    history.commit(store, None, ROWS, dataset="desk", verb="import", settings={})
    return store


def test_a_preview_shows_the_difference_and_makes_no_version(desk: Store) -> None:
    done = apply_fix(desk, "mask_personal_data", preview=True)
    assert done.after is None
    assert list(done.difference.changed) == ["row-1"]
    assert len(datasets.listed(desk)) == 1


def test_a_fix_makes_the_next_version_and_undo_brings_the_rows_back(desk: Store) -> None:
    done = apply_fix(desk, "mask_personal_data", why="no names")
    assert done.after is not None
    assert "[EMAIL]" in datasets.rows_of(desk, done.after).reply[0]
    assert (done.after.change.verb, done.after.change.why) == ("fix mask_personal_data", "no names")
    assert datasets.rows_of(desk, undo(desk).version) == ROWS


def test_a_fix_without_anything_to_mend_makes_no_version(desk: Store) -> None:
    with pytest.raises(Refused, match="finds nothing to change in desk@1"):
        apply_fix(desk, "repair_mojibake")


def test_the_last_row_cannot_be_dropped(desk: Store) -> None:
    with pytest.raises(Refused, match="without any row"):
        apply_fix(desk, "drop_rows", where="all")


@pytest.mark.parametrize(
    ("where", "left"),
    [
        ("row=row-2", ["row-1", "row-3"]),
        ("row=row-1+row-3", ["row-2"]),
        ("text~(?i)sunday", ["row-1", "row-2"]),
        ("check=personal_data", ["row-2", "row-3"]),
        ("check=personal_data,text~Write", ["row-2", "row-3"]),
    ],
)
def test_a_filter_chooses_the_rows(desk: Store, where: str, left: list[str]) -> None:
    done = apply_fix(desk, "drop_rows", where=where)
    assert done.after is not None
    assert datasets.rows_of(desk, done.after).row_id == left


@pytest.mark.parametrize("where", ["nonsense", "tag~x", "text=x", "text~(", "row=row-9"])
def test_a_filter_that_is_none_is_told(desk: Store, where: str) -> None:
    with pytest.raises(BadInput):
        apply_fix(desk, "drop_rows", where=where)


def test_unknown_fixes_and_checks_are_told_with_what_there_is(desk: Store) -> None:
    with pytest.raises(NotFound, match="keep_best_copy"):
        apply_fix(desk, "make_good")
    with pytest.raises(NotFound, match="personal_data"):
        apply_fix(desk, "drop_rows", where="check=ugly")


def test_findings_measured_before_are_used_and_not_measured_again(desk: Store) -> None:
    run_checks(desk, only=["personal_data"])
    assert apply_fix(desk, "mask_personal_data", preview=True).chosen == 1


def test_an_edit_by_hand_is_a_change_like_any_other(desk: Store) -> None:
    turns = [message("user", "Is the shop open?"), message("assistant", "Yes, from eight to six.")]
    done = edit_row(desk, "row-2", turns, why="new hours")
    assert done.after is not None
    assert done.after.change.counts == {"added": 0, "removed": 0, "changed": 1}
    assert datasets.rows_of(desk, undo(desk).version) == ROWS


def test_an_edit_of_a_row_that_was_changed_meanwhile_is_a_conflict_with_all_three_texts(desk: Store) -> None:
    apply_fix(desk, "mask_personal_data")
    with pytest.raises(Conflict, match="changed row row-1 after desk@1") as told:
        edit_row(desk, "row-1", [message("user", "Q"), message("assistant", "A")], version="desk@1")
    conflict = told.value
    assert conflict.mine is not None
    assert conflict.theirs is not None
    assert conflict.base is not None
    assert conflict.mine[1]["content"] == "A"
    assert conflict.theirs[1]["content"] == "Write to [EMAIL] at any time of the day."
    assert conflict.base[1]["content"] == "Write to ada.lovelace@lovelace-mills.co.uk at any time of the day."
    assert len(datasets.listed(desk)) == 2


@pytest.mark.parametrize("turns", [[], [{"role": "", "content": "x"}], [{"role": "user", "content": 3}]])
def test_an_edit_that_is_no_conversation_is_refused(desk: Store, turns: list[dict[str, object]]) -> None:
    with pytest.raises(BadInput):
        edit_row(desk, "row-2", turns)
