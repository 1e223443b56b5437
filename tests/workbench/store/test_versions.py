"""Versions only ever grow, and nobody's change is lost."""

import subprocess
import sys
from pathlib import Path

import pytest

from workbench import history
from workbench.errors import BadInput, Conflict, NotFound, Refused, StoreError
from workbench.records import Version
from workbench.rows import Rows
from workbench.store import Store, datasets


def first(store: Store, name: str = "desk") -> Version:
    version, _ = history.commit(store, None, Rows.of("One.", "Two."), dataset=name, verb="import", settings={})
    return version


def test_a_version_remembers_who_when_verb_settings_and_counts(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GOLDLOOP_USER", "ada")
    head = first(store)
    history.commit(store, head, Rows.of("One."), verb="fix drop_rows", settings={"where": "all"}, why="copies")
    found = datasets.version(store, "desk")
    assert (found.number, found.parent, found.size) == (2, 1, 1)
    assert (found.change.who, found.change.verb, found.change.why) == ("ada", "fix drop_rows", "copies")
    assert found.change.settings == {"where": "all"}
    assert found.change.counts == {"added": 0, "removed": 1, "changed": 0}
    assert found.change.when.endswith("+00:00")


@pytest.mark.parametrize("reference", ["desk@1", "1", "v1", 1])
def test_an_older_version_can_be_named_in_several_ways(store: Store, reference: str | int) -> None:
    head = first(store)
    history.commit(store, head, Rows.of("One."), verb="edit", settings={})
    assert datasets.version(store, reference).number == 1


def test_without_a_reference_the_dataset_touched_last_is_meant(store: Store) -> None:
    first(store, "old")
    first(store, "new")
    assert datasets.version(store).dataset == "new"
    assert datasets.version(store, "old").dataset == "old"


def test_an_unknown_version_is_named_with_what_there_is(store: Store) -> None:
    first(store)
    with pytest.raises(NotFound, match="desk has no version 7; it has 1 to 1"):
        datasets.version(store, "desk@7")
    with pytest.raises(NotFound, match="The datasets are: desk"):
        datasets.version(store, "shop")


def test_an_empty_store_says_how_to_begin(store: Store) -> None:
    with pytest.raises(NotFound, match="goldloop import FILE"):
        datasets.version(store)


@pytest.mark.parametrize("name", ["", "3", "v12", "../up", "a/b", " pad", "x" * 200, "desk@2"])
def test_a_name_that_could_be_mistaken_or_leave_the_folder_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="cannot be the name of a dataset"):
        datasets.check_name(name)


def test_a_change_on_an_outdated_version_is_a_conflict_and_changes_nothing(store: Store) -> None:
    head = first(store)
    history.commit(store, head, Rows.of("Mine."), verb="edit", settings={})
    with pytest.raises(Conflict, match="changed by somebody else after version 1"):
        history.commit(store, head, Rows.of("Theirs."), verb="edit", settings={})
    assert datasets.rows_of(store, datasets.version(store, "desk")).reply == ["Mine."]


def test_undo_goes_back_change_by_change_and_never_forth(store: Store) -> None:
    from workbench.actions.undo import undo

    head = first(store)
    second, _ = history.commit(store, head, Rows.of("Second."), verb="edit", settings={})
    history.commit(store, second, Rows.of("Third."), verb="edit", settings={})
    assert datasets.rows_of(store, undo(store).version).reply == ["Second."]
    assert datasets.rows_of(store, undo(store).version).reply == ["One.", "Two."]
    with pytest.raises(Refused, match="nothing left to undo"):
        undo(store)
    assert [one.number for one in datasets.listed(store, "desk")] == [1, 2, 3, 4, 5]


def test_after_an_undo_and_a_new_change_undo_takes_back_the_new_change(store: Store) -> None:
    from workbench.actions.undo import undo

    head = first(store)
    history.commit(store, head, Rows.of("Second."), verb="edit", settings={})
    undone = undo(store).version
    history.commit(store, undone, Rows.of("Other."), verb="edit", settings={})
    assert datasets.rows_of(store, undo(store).version).reply == ["One.", "Two."]


EDIT_MANY = """
import sys
from workbench import history
from workbench.errors import Conflict
from workbench.rows import Rows
from workbench.store import Store, datasets
store, mark = Store.open(sys.argv[1]), sys.argv[2]
for number in range(15):
    while True:
        head = datasets.version(store, "desk")
        rows = datasets.rows_of(store, head).plus(Rows.of(f"{mark} {number}").renamed([f"{mark}-{number}"]))
        try:
            history.commit(store, head, rows, verb="edit", settings={})
            break
        except Conflict:
            continue
"""


def test_processes_that_write_at_once_lose_no_change(store: Store) -> None:
    first(store)
    writers = [subprocess.Popen([sys.executable, "-c", EDIT_MANY, str(store.root), mark]) for mark in ("a", "b", "c")]
    assert [writer.wait() for writer in writers] == [0, 0, 0]
    head = datasets.version(store, "desk")
    assert (head.number, head.size) == (46, 47)


def test_a_rows_file_that_was_tampered_with_is_noticed(store: Store) -> None:
    head = first(store)
    Rows.of("Forged.").frame.write_parquet(store.row_files.path(head.digest))
    with pytest.raises(StoreError, match="no longer holds the rows that it was locked with"):
        store.row_files.verified(head.digest)


def test_a_folder_that_cannot_be_used_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(StoreError, match="Choose another with --store"):
        Store.open(tmp_path / "file" / "store")


@pytest.mark.parametrize("address", ["foo", "nosuch://x/y"])
def test_an_address_that_is_none_is_told_in_words(tmp_path: Path, address: str) -> None:
    with pytest.raises(StoreError, match="GOLDLOOP_DATABASE"):
        Store.open(tmp_path, address)


def test_a_damaged_database_is_told_and_left_alone(tmp_path: Path) -> None:
    database = tmp_path / "goldloop.db"
    database.write_bytes(b"this is no database, " * 400)
    with pytest.raises(StoreError, match="damaged"):
        Store.open(tmp_path)
    assert database.read_bytes() == b"this is no database, " * 400


def test_a_store_of_a_newer_edition_is_refused_unchanged(tmp_path: Path) -> None:
    store = Store.open(tmp_path)
    with store.write() as connection:
        connection.exec_driver_sql("update alembic_version set version_num = '9999'")
    with pytest.raises(StoreError, match="newer Goldloop"):
        Store.open(tmp_path)


def test_the_migrations_make_exactly_the_tables_that_the_code_knows(store: Store) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    from workbench.store.tables import metadata

    with store.read() as connection:
        assert compare_metadata(MigrationContext.configure(connection), metadata) == []
