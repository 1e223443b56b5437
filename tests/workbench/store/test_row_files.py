"""Rows files: a version that differs little is kept as the difference, and reads back as the whole."""

from pathlib import Path

import polars as pl
import pytest

from workbench.errors import StoreError
from workbench.rows import Rows, message
from workbench.store.row_files import WORTH_IT, RowFiles

MANY = Rows.from_records(
    {"row_id": f"r{number}", "messages": [message("user", "Q"), message("assistant", f"Answer {number}.")]}
    for number in range(WORTH_IT + 100)
)


@pytest.fixture
def files(tmp_path: Path) -> RowFiles:
    made = RowFiles(tmp_path)
    made.save(MANY)
    return made


def afresh(files: RowFiles) -> RowFiles:
    """The same folder, opened by somebody who has read nothing yet."""
    return RowFiles(files.folder)


def edited(rows: Rows, row_id: str, reply: str) -> Rows:
    return rows.edit({row_id: [message("user", "Q"), message("assistant", reply)]})


def test_an_edit_among_many_rows_writes_a_small_file_that_reads_back_whole(files: RowFiles) -> None:
    rows = edited(MANY, "r5", "Other.")
    digest = files.save(rows, like=MANY.digest)
    assert not files.path(digest).exists()
    assert files.changes_path(digest).stat().st_size < 10_000
    read = afresh(files).load(digest)
    assert read.reply[4:7] == ["Answer 4.", "Other.", "Answer 6."]
    assert Rows(read.frame).digest == digest
    assert afresh(files).verified(digest) == rows


def test_a_difference_rests_on_a_whole_file_never_on_another_difference(files: RowFiles) -> None:
    once = edited(MANY, "r5", "Once.")
    files.save(once, like=MANY.digest)
    twice = edited(once, "r9", "Twice.").without(["r7"]).plus(Rows.of("New.").renamed(["new"]))
    digest = files.save(twice, like=once.digest)
    files.changes_path(once.digest).unlink()
    assert afresh(files).verified(digest) == twice


@pytest.mark.parametrize("position", [0, 5, 6, 7, 8, WORTH_IT + 97, WORTH_IT + 98])
def test_one_row_is_found_at_its_place_in_a_difference(files: RowFiles, position: int) -> None:
    rows = edited(MANY, "r9", "Other.").without(["r7", "r20"]).plus(Rows.of("New.").renamed(["new"]))
    digest = files.save(rows, like=MANY.digest)
    assert afresh(files).at(digest, position).row_id == [rows.row_id[position]]
    assert afresh(files).at(digest, position).reply == [rows.reply[position]]


def test_a_large_change_another_order_and_few_rows_are_written_whole(files: RowFiles) -> None:
    for rows in (MANY.keep([place % 2 == 0 for place in range(len(MANY))]), Rows(MANY.frame.reverse())):
        assert files.path(files.save(rows, like=MANY.digest)).exists()
    few = Rows.of("One.", "Two.")
    files.save(few)
    assert files.path(files.save(edited(few, "row-1", "Other."), like=few.digest)).exists()


def test_a_tampered_difference_and_a_tampered_file_under_it_are_noticed(files: RowFiles) -> None:
    rows = edited(MANY, "r5", "Other.")
    digest = files.save(rows, like=MANY.digest)
    edited(MANY, "r6", "Forged.").frame.write_parquet(files.path(MANY.digest))
    with pytest.raises(StoreError, match="no longer holds"):
        files.verified(digest)


def test_digests_kept_in_a_file_are_not_believed_when_it_is_verified(files: RowFiles) -> None:
    path = files.path(MANY.digest)
    held = pl.read_parquet(path)
    forged = held.with_columns(source=pl.lit("forged"))
    forged.write_parquet(path)
    with pytest.raises(StoreError, match="no longer holds"):
        files.verified(MANY.digest)


def test_a_missing_file_under_a_difference_is_named(files: RowFiles) -> None:
    digest = files.save(edited(MANY, "r5", "Other."), like=MANY.digest)
    files.path(MANY.digest).unlink()
    with pytest.raises(StoreError, match="is missing"):
        afresh(files).load(digest)


def test_a_file_of_the_first_edition_is_known_by_its_old_digest(tmp_path: Path) -> None:
    rows = Rows.of(("Why?", "Därum."))
    files = RowFiles(tmp_path)
    rows.frame.write_parquet(files.path(rows.first_digest))
    assert files.verified(rows.first_digest) == rows
