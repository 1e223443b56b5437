"""Rows: columns of conversations that never change in place."""

import polars as pl
import pytest

from workbench.rows import Rows, message


def test_prompt_and_reply_are_the_turns_before_and_after_the_last_question() -> None:
    rows = Rows.of(
        [
            message("system", "Be kind."),
            message("user", "One?"),
            message("assistant", "Yes."),
            message("user", "Two?"),
            message("assistant", "No."),
        ]
    )
    assert rows.prompt == ["One?\nYes.\nTwo?"]
    assert rows.reply == ["No."]
    assert rows.system == ["Be kind."]


def test_a_conversation_without_a_final_reply_has_an_empty_reply() -> None:
    rows = Rows.of([message("user", "Anybody there?")])
    assert rows.reply == [""]
    assert rows.prompt == ["Anybody there?"]


def test_a_null_content_counts_as_no_text() -> None:
    rows = Rows.of([message("user", None), message("assistant", None)])
    assert rows.text == ["\n"]


def test_the_digest_does_not_depend_on_how_the_frame_was_made(tmp_path) -> None:
    rows = Rows.of("One.", "Two.")
    rows.frame.write_parquet(tmp_path / "rows.parquet")
    assert Rows.read(tmp_path / "rows.parquet").digest == rows.digest


def test_the_digest_is_what_it_always_was() -> None:
    # a frozen golden set is locked by this hash: if the number changes, every lock in every store breaks
    rows = Rows.of(("Why?", "Därum."))
    assert rows.digest == "f69df25a8ea6b921fe5c0ae10d0ff4a0e8def639092ab401e66e6d17ad1e4260"
    assert rows.first_digest == "01f647b69131291f7d3feb3100384f76afc13e4d62bc339a32446b1b6efec401"


def test_the_digest_tells_a_changed_letter_a_changed_tag_and_a_changed_order_apart() -> None:
    one = Rows.of("One.", "Two.")
    tagged = Rows(one.frame.with_columns(pl.Series("tags", [["a"], []], dtype=pl.List(pl.String))))
    assert len({one.digest, Rows.of("One.", "Two!").digest, tagged.digest, Rows(one.frame.reverse()).digest}) == 4


def test_an_edit_leaves_the_old_rows_as_they_were() -> None:
    rows = Rows.of("One.", "Two.")
    edited = rows.edit({"row-2": [message("user", "Q"), message("assistant", "Changed.")]})
    assert rows.reply == ["One.", "Two."]
    assert edited.reply == ["One.", "Changed."]


def test_an_edit_of_a_row_that_is_not_there_says_which() -> None:
    with pytest.raises(KeyError, match="row-9"):
        Rows.of("One.").edit({"row-9": []})


def test_map_content_touches_only_the_chosen_rows() -> None:
    rows = Rows.of("one", "two").map_content(str.upper, [False, True])
    assert rows.reply == ["one", "TWO"]


def test_lone_surrogates_do_not_break_the_digest() -> None:
    assert len(Rows.of("fine").digest) == 64
