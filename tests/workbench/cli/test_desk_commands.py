"""The commands on versions, the sheet, rulings and the queue, as a person types them."""

from __future__ import annotations

import json
from pathlib import Path

import click
import pytest
from click.testing import CliRunner

from workbench import history
from workbench.cli import queue, sheet, versions
from workbench.cli.terminal import Faults
from workbench.rows import Rows, message
from workbench.store import Store, datasets

ROWS = Rows.of(("Who?", "Ann."), ("Where?", "Here."), ("When?", "At nine."))


@click.group(cls=Faults)
@click.option("--store", "folder")
@click.pass_context
def main(context: click.Context, folder: str) -> None:
    context.obj = folder


for command in (
    versions.versions,
    versions.diff,
    versions.undo,
    versions.redo,
    versions.restore,
    versions.name,
    versions.merge,
    sheet.sheet,
    sheet.rule_out,
    sheet.rulings,
    queue.queue,
):
    main.add_command(command)


class Desk:
    """A store with the dataset "desk" and a person who types commands."""

    def __init__(self, store: Store) -> None:
        self.store = store
        history.commit(store, None, ROWS, dataset="desk", verb="import", settings={})
        edited = ROWS.edit({"row-1": [message("user", "Who?"), message("assistant", "Bob.")]})
        history.commit(store, datasets.version(store), edited, verb="edit", settings={})

    def run(self, *words: str, code: int = 0, typed: str | None = None) -> str:
        done = CliRunner().invoke(main, ["--store", str(self.store.root), *words], input=typed)
        assert done.exit_code == code, done.output
        return done.output


@pytest.fixture
def desk(store: Store) -> Desk:
    return Desk(store)


def test_undo_redo_restore_and_the_tree_that_shows_them(desk: Desk) -> None:
    assert "desk@3: took back version 2 (edit)" in desk.run("undo")
    assert "desk@4: brought back version 2 (edit)" in desk.run("redo")
    assert "nothing to redo" in desk.run("redo", code=2)
    assert "Nothing was changed" in desk.run("restore", "desk@1", "--preview")
    assert "desk@5: as desk@1, 1 row changed" in desk.run("restore", "desk@1")
    assert 'desk@1 is called "as imported"' in desk.run("name", "desk@1", "as imported", "--note", "untouched")
    tree = desk.run("versions", "--tree").splitlines()
    assert tree[0].startswith('* 1 "as imported": import, +3 -0 ~0, 3 rows')
    assert tree[1].startswith("* 2: edit, +0 -0 ~1, 3 rows")
    assert tree[1].endswith("(again as 4)")
    assert tree[2].startswith("* 5: restore")
    assert "untouched" in desk.run("versions")
    assert "[-Ann-]{+Bob+}" in desk.run("diff", "desk@1", "desk@2")


def test_two_datasets_are_put_together(desk: Desk) -> None:
    history.commit(desk.store, None, Rows.of(("who?", "bob")), dataset="shop", verb="import", settings={})
    assert "Nothing was made" in desk.run("merge", "desk", "shop", "--name", "both", "--preview")
    said = desk.run("merge", "desk", "shop", "--name", "both", "--copies", "drop_exact")
    assert "both@1: 3 rows, 1 exact copies left out." in said


def test_the_sheet_is_set_from_a_file_and_by_fields_and_shown_as_it_can_be_set_again(
    desk: Desk, tmp_path: Path
) -> None:
    file = tmp_path / "sheet.json"
    file.write_text(json.dumps({"languages": ["en"], "edge_cases": [{"name": "returns", "words": ["return"]}]}))
    desk.run("sheet", "set", "desk", "--from", str(file), "refusal_share=0.05", "guidelines=Be kind.")
    shown = json.loads(desk.run("sheet", "show"))
    assert (shown["languages"], shown["refusal_share"], shown["guidelines"]) == (["en"], 0.05, "Be kind.")
    assert shown["edge_cases"][0]["name"] == "returns"
    assert "refusal_share" in desk.run("sheet", "set", "desk", "refusal_share=many", code=2)
    assert "Its fields are: languages" in desk.run("sheet", "set", "desk", "colour=red", code=2)
    assert "Say what to set" in desk.run("sheet", "set", "desk", code=2)
    assert json.loads(desk.run("sheet", "show")) == shown


def test_a_finding_is_ruled_out_listed_and_taken_back(desk: Desk) -> None:
    assert "1 ruling holds" in desk.run("rule-out", "cut_off", "row-1", "--reason", "meant so")
    assert "2 rulings hold" in desk.run("rule-out", "cut_off", "--where", "text~Whe[nr]", "--reason", "short is fine")
    assert "meant so" in desk.run("rulings")
    assert "Ruling 1 on cut_off is taken back" in desk.run("rulings", "--take-back", "1")
    assert "meant so" not in desk.run("rulings")
    assert "not both" in desk.run("rule-out", "cut_off", "row-1", "--where", "all", "--reason", "x", code=2)


def test_a_queue_from_opening_to_closing(desk: Desk) -> None:
    assert "Queue 1: 3 rows of desk@2" in desk.run("queue", "open", "look", "--where", "all", "--overlap", "2")
    row = json.loads(desk.run("queue", "next", "1", "--who", "ann", "--json"))
    assert (row["row_id"], row["messages"][1]["content"]) == ("row-1", "Bob.")
    assert "yours: 1" in desk.run("queue", "decide", "1", "row-1", "edit", "--reply", "Cat.", "--who", "ann")
    assert "Row row-1 is open again" in desk.run("queue", "decide", "1", "row-1", "undo", "--who", "ann")
    desk.run("queue", "decide", "1", "row-1", "edit", "--reply", "Cat.", "--who", "ann")
    desk.run("queue", "decide", "1", "row-2", "drop", "--who", "ann", "--note", "wrong")
    assert "1 of 3" in desk.run("queue", "list") or "2 of 3" in desk.run("queue", "list")
    assert "ann" in desk.run("queue", "progress", "1")
    assert "No row was decided by two" in desk.run("queue", "agreement", "1")
    assert "Nothing was closed" in desk.run("queue", "close", "1", "--preview")
    said = desk.run("queue", "close", "1")
    assert "left as it was, nobody decided: 1 (row-3)" in said
    assert "desk@3: 1 row dropped, 1 changed" in said
    assert datasets.rows_of(desk.store, datasets.version(desk.store, "desk")).reply == ["Cat.", "At nine."]
    assert "closed as desk@3" in desk.run("queue", "list", "desk")
    assert "is closed" in desk.run("queue", "next", "1", code=2)


def test_a_person_works_through_a_queue_with_one_key_a_row(desk: Desk) -> None:
    desk.run("queue", "open", "look", "--where", "all")
    said = desk.run("queue", "work", "1", "--who", "ann", typed="k\nd\nu\nx\nd\ns\n")
    assert "row row-3, 3 of 3" in said
    assert said.endswith("Nothing is waiting for you just now.\n")
    said = desk.run("queue", "close", "1")
    assert "desk@3: 1 row dropped" in said


def test_disagreements_are_named_and_settled(desk: Desk) -> None:
    desk.run("queue", "open", "look", "--where", "all", "--overlap", "2", "--overlap-share", "1")
    desk.run("queue", "decide", "1", "row-1", "keep", "--who", "ann")
    desk.run("queue", "decide", "1", "row-1", "drop", "--who", "bob")
    said = desk.run("queue", "agreement", "1")
    assert "Decided by several: 1 of the rows, 0 % alike" in said
    assert "row row-1: ann: keep, bob: drop" in said
    desk.run("queue", "decide", "1", "row-1", "keep", "--who", "lead", "--settle")
    assert "row row-1" not in desk.run("queue", "agreement", "1")


def test_terminal_codes_in_a_row_are_not_obeyed(store: Store) -> None:
    rows = Rows.of(("\x1b[2JWho?", "\x1b]0;title\x07Ann.\u202e"))
    history.commit(store, None, rows, dataset="desk", verb="import", settings={})
    run = CliRunner().invoke
    run(main, ["--store", str(store.root), "queue", "open", "look", "--where", "all"])
    said = run(main, ["--store", str(store.root), "queue", "next", "1"]).output
    assert "Who?" in said
    assert "\x1b" not in said
    assert "\u202e" not in said
