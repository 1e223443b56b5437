"""The flat file beside the rows: what it holds, that it follows findings and versions, and that it may be deleted."""

import shutil

import pytest

from workbench.actions.edit_row import edit_row
from workbench.actions.rule_out import rule_out
from workbench.actions.run_checks import run_checks
from workbench.actions.undo import undo
from workbench.errors import NotFound
from workbench.rows import Rows
from workbench.store import datasets
from workbench.store.row_index import KEPT_FILES, excerpts_at, flags_of, place_of, row_of, rows_at, rows_index

TWICE = "do it now " * 9
TURNS = [{"role": "user", "content": "New?"}, {"role": "assistant", "content": "New."}]


def add(store, rows, name="small"):
    return datasets.add_version(
        store, name, rows, parent=None, verb="import", settings={}, counts={"added": len(rows)}, who="test"
    )


def test_the_flat_columns_are_those_of_the_rows_in_their_order(store):
    talk = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "Über WOLLE?"},
        {"role": "assistant", "content": "Ja."},
        {"role": "user", "content": "Sure?"},
        {"role": "assistant", "content": "Yes."},
    ]
    version = add(store, Rows.of(talk, [{"role": "user", "content": "No reply"}], []))
    flat = rows_index(store, version).collect()
    assert flat["row_id"].to_list() == ["row-1", "row-2", "row-3"]
    assert flat["prompt"].to_list() == ["Über WOLLE?\nJa.\nSure?", "No reply", ""]
    assert flat["reply"].to_list() == ["Yes.", "", ""]
    assert flat["turns"].to_list() == [5, 1, 0]
    assert flat["text"].to_list()[0] == "be brief.\nüber wolle?\nja.\nsure?\nyes."


def test_rows_without_role_or_text_are_held_too(store):
    odd = [{"role": None, "content": None}, {"role": "assistant", "content": "a\x00b"}]
    version = add(store, Rows.of(odd))
    assert rows_index(store, version).collect()["reply"].to_list() == ["a\x00b"]


def test_rows_are_found_by_id_and_by_place(store):
    version = add(store, Rows.of("One.", "Two.", "Three."))
    assert place_of(store, version, "row-3") == 2
    assert place_of(store, version, "row-9") is None
    assert row_of(store, version, "row-2").reply == ["Two."]
    assert rows_at(store, version, [2, 0]).reply == ["Three.", "One."]
    assert len(rows_at(store, version, [])) == 0
    with pytest.raises(NotFound):
        row_of(store, version, "row-9")


def test_a_version_that_was_not_checked_has_the_findings_of_its_unchanged_rows(store):
    version = add(store, Rows.of("Fine.", TWICE, TWICE + "please"))
    run_checks(store, version.label, only=["repetition"])
    after = edit_row(store, "row-2", TURNS, version=version.label).after
    flags = flags_of(store, after)
    assert flags.of == version
    assert flags.counts() == {"repetition": 1}
    assert flags.of_check("repetition")["place"].to_list() == [2]


def test_an_undo_brings_the_findings_of_the_very_same_rows_back(store):
    version = add(store, Rows.of("Fine.", TWICE))
    run_checks(store, version.label, only=["repetition"])
    after = edit_row(store, "row-2", TURNS, version=version.label).after
    run_checks(store, after.label, only=["repetition"])
    back = undo(store, "small").version
    assert flags_of(store, back).counts() == {"repetition": 1}


def test_a_row_that_was_only_tagged_keeps_its_findings(store):
    rows = Rows.of("Fine.", TWICE)
    version = add(store, rows)
    run_checks(store, version.label, only=["repetition"])
    tagged = Rows.from_records(
        [{"row_id": one, "messages": m, "tags": ["seen"]} for one, m in zip(rows.row_id, rows.messages, strict=True)]
    )
    after = datasets.add_version(
        store, "small", tagged, parent=version, verb="tag", settings={}, counts={"changed": 2}, who="test"
    )
    assert flags_of(store, after).counts() == {"repetition": 1}


def test_a_ruling_shows_at_once(store):
    version = add(store, Rows.of("Fine.", TWICE))
    run_checks(store, version.label, only=["repetition"])
    assert flags_of(store, version).counts() == {"repetition": 1}
    rule_out(store, "repetition", ["row-2"], version=version.label, reason="a chant")
    assert flags_of(store, version).counts() == {}


def test_a_version_kept_as_a_difference_reads_as_if_it_had_a_file_of_its_own(store, monkeypatch):
    monkeypatch.setattr("workbench.store.row_files.WORTH_IT", 2)
    monkeypatch.setattr("workbench.store.row_files.MOST_CHANGED", 1.0)
    rows = Rows.of("One.", "Two.", "Three.", "Four.")
    version = add(store, rows)
    other = rows.edit({"row-3": TURNS}).without(["row-1"]).plus(Rows.of("Five.").renamed(["row-5"]))
    after = datasets.add_version(
        store, "small", other, parent=version, verb="mixed", settings={}, counts={"changed": 1}, who="test"
    )
    assert store.row_files.changes_path(after.digest).exists()
    flat = rows_index(store, after)
    assert flat.select("row_id", "reply").collect().rows() == [
        ("row-2", "Two."), ("row-3", "New."), ("row-4", "Four."), ("row-5", "Five."),
    ]  # fmt: skip
    assert flat.slice(1, 2).collect()["text"].to_list() == ["new?\nnew.", "question 4\nfour."]
    assert place_of(store, after, "row-5") == 3
    assert excerpts_at(store, after, [3, 0, 1])["reply"].to_list() == ["Five.", "Two.", "New."]
    assert excerpts_at(store, after, [2])["row_id"].to_list() == ["row-4"]
    assert rows_at(store, after, [3, 1]).reply == ["Five.", "New."]
    assert len(list((store.root / "index").glob("rows-*.parquet"))) == 1


def test_findings_move_with_their_rows_when_others_are_dropped_edited_or_tagged(store, monkeypatch):
    monkeypatch.setattr("workbench.store.row_files.WORTH_IT", 2)
    monkeypatch.setattr("workbench.store.row_files.MOST_CHANGED", 1.0)
    rows = Rows.of("One.", TWICE, "Three.", f"{TWICE}a", f"{TWICE}b")
    version = add(store, rows)
    run_checks(store, version.label, only=["repetition"])
    tagged = [{**one, "tags": ["seen"]} if one["row_id"] == "row-5" else one for one in rows.frame.to_dicts()]
    other = Rows.from_records(tagged).edit({"row-4": TURNS}).without(["row-1"]).plus(Rows.of(TWICE).renamed(["new"]))
    after = datasets.add_version(
        store, "small", other, parent=version, verb="mixed", settings={}, counts={"changed": 1}, who="test"
    )
    assert store.row_files.changes_path(after.digest).exists()
    assert flags_of(store, after).of_check("repetition")["place"].to_list() == [0, 3]  # row-2 and row-5


def test_the_files_may_be_deleted_at_any_time(store):
    version = add(store, Rows.of("Fine.", TWICE))
    run_checks(store, version.label, only=["repetition"])
    flags_of(store, version)
    rows_index(store, version)
    shutil.rmtree(store.root / "index")
    assert flags_of(store, version).counts() == {"repetition": 1}
    assert place_of(store, version, "row-2") == 1


def test_files_that_nobody_used_for_long_go(store):
    for number in range(KEPT_FILES + 3):
        rows_index(store, add(store, Rows.of(f"Reply {number}."), name=f"set-{number}x"))
    assert len(list((store.root / "index").glob("rows-*.parquet"))) == KEPT_FILES
