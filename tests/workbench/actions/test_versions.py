"""Undo and redo at any depth, restore, names, the tree, merging, and two people at work at once."""

from __future__ import annotations

import subprocess
import sys

import pytest

from workbench import history
from workbench.actions.apply_fix import apply_fix, rows_affected
from workbench.actions.edit_row import edit_row
from workbench.actions.freeze_golden import freeze_golden
from workbench.actions.merge_datasets import merge_datasets
from workbench.actions.name_version import name_version
from workbench.actions.redo import redo
from workbench.actions.restore import restore
from workbench.actions.rule_out import rule_out
from workbench.actions.set_sheet import set_sheet
from workbench.actions.undo import undo
from workbench.errors import BadInput, Conflict, NotFound, Refused
from workbench.rows import Rows, message
from workbench.sheet import Sheet
from workbench.store import Store, datasets, goldens, rulings, sheets

ROWS = Rows.of("One.", "Two.", "Three.")


def said(reply: str) -> list[dict]:
    return [message("user", "Question"), message("assistant", reply)]


def edit(store: Store, reply: str, row: str = "row-1", **more: object) -> object:
    return edit_row(store, row, said(reply), **more)


def first_reply(store: Store) -> str:
    return datasets.rows_of(store, datasets.version(store, "desk")).reply[0]


@pytest.fixture
def desk(store: Store) -> Store:
    history.commit(store, None, ROWS, dataset="desk", verb="import", settings={})
    return store


def test_redo_brings_back_as_many_changes_as_were_undone(desk: Store) -> None:
    for reply in ("A.", "B.", "C."):
        edit(desk, reply)
    assert [undo(desk) and first_reply(desk) for _ in range(3)] == ["B.", "A.", "One."]
    assert [redo(desk) and first_reply(desk) for _ in range(2)] == ["A.", "B."]
    undo(desk)
    assert first_reply(desk) == "A."
    assert [redo(desk) and first_reply(desk) for _ in range(2)] == ["B.", "C."]
    with pytest.raises(Refused, match="nothing to redo"):
        redo(desk)
    assert datasets.version(desk).change.verb == "redo"


def test_a_new_change_ends_what_can_be_redone(desk: Store) -> None:
    edit(desk, "A.")
    undo(desk)
    edit(desk, "Other.")
    with pytest.raises(Refused, match="nothing to redo"):
        redo(desk)
    assert undo(desk).taken_back.number == 4


def test_undo_after_somebody_else_changed_the_dataset_is_told_and_changes_nothing(desk: Store) -> None:
    edit(desk, "A.")
    edit(desk, "B.", row="row-2")
    with pytest.raises(Conflict, match="changed by somebody else after version 2"):
        undo(desk, "desk@2")
    assert datasets.version(desk).number == 3


def test_restore_goes_back_as_a_change_that_undo_takes_back(desk: Store) -> None:
    edit(desk, "A.")
    edit(desk, "B.")
    shown = restore(desk, "desk@1", preview=True)
    assert (shown.after, shown.difference.changed) == (None, ("row-1",))
    done = restore(desk, "desk@1")
    assert (first_reply(desk), done.after.change.verb, done.after.change.settings["restored"]) == ("One.", "restore", 1)
    with pytest.raises(Refused, match="holds the rows of desk@1 already"):
        restore(desk, "desk@1")
    undo(desk)
    assert first_reply(desk) == "B."


def test_restore_leaves_out_what_was_frozen_since(store: Store, fifty_rows: Rows) -> None:
    history.commit(store, None, fifty_rows, dataset="desk", verb="import", settings={})
    frozen = freeze_golden(store, "desk", share=0.2)
    apply_fix(store, "drop_rows", where=f"row={datasets.rows_of(store, frozen.version).row_id[0]}")
    done = restore(store, "desk@1")
    assert done.held_back == len(frozen.golden_rows)
    golden = goldens.rows_of(store, goldens.newest(store, "desk"))
    assert not set(datasets.rows_of(store, done.after).row_id) & set(golden.row_id)
    undo(store)  # the restore
    undo(store)  # the drop
    with pytest.raises(Refused, match="stays frozen"):
        undo(store)


def test_the_tree_shows_what_came_of_what_and_what_stands(desk: Store) -> None:
    edit(desk, "A.")  # 2
    edit(desk, "B.")  # 3
    undo(desk)  # 4, as 2
    edit(desk, "C.")  # 5
    drawn = [
        (one.version.number, one.parent, one.children, one.stands, one.same_as) for one in history.tree(desk, "desk")
    ]
    assert drawn == [
        (1, None, (2,), True, None),
        (2, 1, (3, 5), True, None),
        (3, 2, (), False, None),
        (4, 2, (), False, 2),
        (5, 2, (), True, None),
    ]  # fmt: skip
    with pytest.raises(NotFound, match="no dataset"):
        history.tree(desk, "shop")


def test_a_version_has_a_name_and_a_note_and_a_name_stands_once(desk: Store) -> None:
    edit(desk, "A.")
    done = name_version(desk, "desk@1", "as imported", "before anybody touched it")
    assert (done.name, done.note, done.digest) == ("as imported", "before anybody touched it", done.digest)
    with pytest.raises(BadInput, match='desk@1 is called "as imported" already'):
        name_version(desk, "desk@2", "as imported")
    assert name_version(desk, "desk@1").name == ""
    assert name_version(desk, "desk@2", "as imported").name == "as imported"


def test_a_version_may_be_called_by_any_line_of_words(desk: Store) -> None:
    assert name_version(desk, "desk@1", "An die Rechtsabteilung (3. März): v2, geprüft").name.startswith("An die")
    with pytest.raises(BadInput, match="one line of at most 100 characters"):
        name_version(desk, "desk@1", "two\nlines")


def test_two_edits_of_different_rows_from_one_screenful_are_both_there(
    desk: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOLDLOOP_USER", "bob")
    edit(desk, "Bob's.", row="row-2", version="desk@1")
    monkeypatch.setenv("GOLDLOOP_USER", "ann")
    done = edit(desk, "Ann's.", version="desk@1")
    assert (done.carried_over, done.by, done.before.label, done.after.label) == (True, ("bob",), "desk@2", "desk@3")
    assert datasets.rows_of(desk, done.after).reply == ["Ann's.", "Bob's.", "Three."]


def test_a_fix_lands_beside_an_edit_of_another_row_and_collides_with_one_of_the_same(desk: Store) -> None:
    edit(desk, "Edited.", row="row-2")
    done = apply_fix(desk, "drop_rows", version="desk@1", where="row=row-1")
    assert done.carried_over
    assert datasets.rows_of(desk, done.after).reply == ["Edited.", "Three."]
    with pytest.raises(Conflict, match="changed row row-2") as told:
        apply_fix(desk, "drop_rows", version="desk@1", where="row=row-2+row-3")
    assert (told.value.mine, told.value.theirs[1]["content"], told.value.rows) == (None, "Edited.", ("row-2",))


def test_an_edit_of_a_row_that_somebody_took_out_is_a_conflict(desk: Store) -> None:
    apply_fix(desk, "drop_rows", where="row=row-1")
    with pytest.raises(Conflict, match="took out row row-1") as told:
        edit(desk, "Mine.", version="desk@1")
    assert told.value.theirs is None


def test_the_same_edit_by_two_people_makes_one_version(desk: Store) -> None:
    edit(desk, "Same.")
    with pytest.raises(Refused, match="made the very same change"):
        edit(desk, "Same.", version="desk@1")


EDIT = """
import sys
from workbench.actions.edit_row import edit_row
from workbench.rows import message
from workbench.store import Store
store, who = Store.open(sys.argv[1]), sys.argv[2]
for number in range(4):
    turns = [message("user", "Q"), message("assistant", f"{who} {number}")]
    edit_row(store, f"row-{who}-{number}", turns, version="desk@1")
"""


def test_people_who_edit_their_own_rows_at_once_all_find_their_edits(store: Store) -> None:
    ids = [f"row-{who}-{number}" for who in "abc" for number in range(4)]
    rows = Rows.of(*["Text."] * 12).renamed(ids)
    history.commit(store, None, rows, dataset="desk", verb="import", settings={})
    people = [subprocess.Popen([sys.executable, "-c", EDIT, str(store.root), who]) for who in "abc"]
    assert [person.wait() for person in people] == [0, 0, 0]
    head = datasets.version(store)
    assert head.number == 13
    assert datasets.rows_of(store, head).reply == [f"{who} {number}" for who in "abc" for number in range(4)]


def test_an_unsafe_fix_on_many_rows_asks_and_a_safe_one_or_named_rows_do_not(desk: Store) -> None:
    affected = rows_affected(desk, "drop_rows", "text~o")
    assert (affected.safe, affected.asks, affected.removed, affected.changed, affected.of) == (False, True, 3, 0, 3)
    with pytest.raises(Refused, match="touch 2 of 3 rows of desk@1"):
        apply_fix(desk, "drop_rows", where="text~T")
    assert apply_fix(desk, "drop_rows", where="row=row-1+row-2").after.size == 1
    undo(desk)
    assert apply_fix(desk, "drop_rows", where="text~T", confirm=True).after.size == 1


def test_merging_keeps_both_as_they_are_and_gives_clashing_ids_another_ending(desk: Store) -> None:
    history.commit(desk, None, Rows.of("Uno."), dataset="shop", verb="import", settings={})
    done = merge_datasets(desk, "desk", "shop", name="both")
    assert datasets.rows_of(desk, done.version).reply == ["One.", "Two.", "Three.", "Uno."]
    assert datasets.rows_of(desk, done.version).row_id == ["row-1", "row-2", "row-3", "row-1-2"]
    assert (done.renamed, done.version.label, done.version.change.settings["second"]) == (1, "both@1", "shop@1")
    assert [datasets.version(desk, name).number for name in ("desk", "shop")] == [1, 1]
    with pytest.raises(BadInput, match='a dataset "both" already'):
        merge_datasets(desk, "desk", "shop", name="both")


def test_merging_can_leave_out_what_repeats_word_for_word(desk: Store) -> None:
    history.commit(desk, None, Rows.of("one", "Quattro."), dataset="shop", verb="import", settings={})
    kept = merge_datasets(desk, "desk", "shop", name="kept", preview=True)
    assert (len(kept.rows), kept.dropped, kept.version) == (5, 0, None)
    done = merge_datasets(desk, "desk", "shop", name="once", copies="drop_exact")
    assert (done.dropped, datasets.rows_of(desk, done.version).reply) == (1, ["One.", "Two.", "Three.", "Quattro."])


def test_merging_takes_over_the_sheet_and_the_rulings_and_leaves_golden_texts_out(
    store: Store, fifty_rows: Rows
) -> None:
    history.commit(store, None, fifty_rows, dataset="desk", verb="import", settings={})
    frozen = freeze_golden(store, "desk", share=0.2)
    history.commit(store, None, fifty_rows, dataset="again", verb="import", settings={})
    left = datasets.rows_of(store, frozen.version).row_id[0]
    rule_out(store, "cut_off", [left], version="desk", reason="meant so")
    set_sheet(store, "desk", Sheet(languages=("en",)))
    done = merge_datasets(store, "desk", "again", name="both", copies="drop_exact")
    assert (len(done.rows), done.golden, done.dropped) == (40, 10, 40)
    assert sheets.sheet_of(store, "both").languages == ("en",)
    assert [one.reason for one in rulings.listed(store, "both")] == ["meant so"]


def _frozen_with_a_copy_that_was_edited_before(store: Store, rows: Rows) -> str:
    """The id of a golden row of which version 1 holds a copy, called "copy"; it was given another text in version 2."""
    history.commit(store, None, rows, dataset="try", verb="import", settings={})
    golden_id = freeze_golden(store, "try", share=0.2, preview=True).split.golden_ids[0]
    copy = rows.having([golden_id]).renamed(["copy"])
    history.commit(store, None, rows.plus(copy), dataset="desk", verb="import", settings={})
    edit(store, "Something else altogether, about a matter of its own.", row="copy", version="desk@1")
    for seed in range(50):
        if golden_id in freeze_golden(store, "desk", share=0.2, seed=seed, preview=True).split.golden_ids:
            freeze_golden(store, "desk", share=0.2, seed=seed)
            return golden_id
    raise AssertionError("no seed draws that row")


def test_restore_brings_back_no_copy_of_a_golden_row(store: Store, fifty_rows: Rows) -> None:
    golden_id = _frozen_with_a_copy_that_was_edited_before(store, fifty_rows)
    done = restore(store, "desk@1")
    golden = goldens.rows_of(store, goldens.newest(store, "desk"))
    assert golden_id in golden.row_id
    assert done.held_back == len(golden) + 1
    assert "copy" not in datasets.rows_of(store, done.after).row_id
    assert not history.like_golden(store, "desk", datasets.rows_of(store, done.after))


def test_merging_an_old_version_brings_in_no_golden_row_by_its_older_text(store: Store, fifty_rows: Rows) -> None:
    first, _ = history.commit(store, None, fifty_rows, dataset="desk", verb="import", settings={})
    backwards = fifty_rows.map_content(lambda text: " ".join(reversed(text.split())), [True] * len(fifty_rows))
    history.commit(store, first, backwards, verb="edit", settings={})
    frozen = freeze_golden(store, "desk", share=0.2)
    history.commit(store, None, ROWS, dataset="shop", verb="import", settings={})
    merged = merge_datasets(store, "desk@1", "shop", name="both")
    assert not set(merged.rows.row_id) & set(frozen.golden_rows.row_id)
    assert merged.golden == len(fifty_rows) - len(datasets.rows_of(store, frozen.version))
