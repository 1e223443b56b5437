"""The difference of two versions: every row is accounted for, and the words can be put together again."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.diff import diff, word_changes
from workbench.rows import Rows, message

ROWS = Rows.of(("One?", "Eins."), ("Two?", "Zwei."), ("Three?", "Drei."), ("Four?", "Vier."))


def test_rows_are_sorted_into_removed_changed_and_added():
    new = ROWS.without(["row-1", "row-4"]).edit({"row-2": [message("user", "Two?"), message("assistant", "Deux.")]})
    nine = [message("user", "Nine?"), message("assistant", "Neun.")]
    more = Rows.from_records([{"row_id": "row-9", "messages": nine}])
    found = diff(ROWS, new.plus(more))
    assert (found.removed, found.changed, found.added) == (("row-1", "row-4"), ("row-2",), ("row-9",))
    assert found.before.row_id == ["row-1", "row-2", "row-4"]
    assert found.after.reply == ["Deux.", "Neun."]
    assert found.counts == {"added": 1, "removed": 2, "changed": 1}
    assert found.summary == "2 rows dropped, 1 added, 1 changed"


@pytest.mark.parametrize(
    ("new", "summary"),
    [
        (ROWS, "nothing changed"),
        (ROWS.without(["row-3"]), "1 row dropped"),
        (Rows(ROWS.frame.reverse()), "same rows in another order"),
    ],
)
def test_the_summary_is_one_short_line(new, summary):
    assert diff(ROWS, new).summary == summary
    assert bool(diff(ROWS, new)) == (summary != "nothing changed")


def test_a_changed_tag_is_a_change():
    old = {"row_id": "row-1", "messages": ROWS.messages[0], "source": "example"}
    tagged = Rows.from_records([{**old, "tags": ["new"]}])
    assert diff(ROWS.having(["row-1"]), tagged).changed == ("row-1",)


def test_only_the_words_that_differ_are_marked():
    assert word_changes("Open the lid, please.", "Open the red lid.") == [
        ("equal", "Open the "),
        ("insert", "red "),
        ("equal", "lid"),
        ("delete", ", please"),
        ("equal", "."),
    ]


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="ab ,\n", max_size=40), st.text(alphabet="ab ,\n", max_size=40))
def test_the_pieces_make_both_texts(before, after):
    pieces = word_changes(before, after)
    assert "".join(text for kind, text in pieces if kind != "insert") == before
    assert "".join(text for kind, text in pieces if kind != "delete") == after


def test_very_long_texts_are_compared_by_lines():
    line = "word " * 10 + "\n"
    assert word_changes(line * 1_500, line * 1_500 + "One more word here\n") == [
        ("equal", line * 1_500),
        ("insert", "One more word here\n"),
    ]


def test_what_went_stands_before_what_came():
    assert word_changes("call 112 now", "call HIM now") == [
        ("equal", "call "),
        ("delete", "112"),
        ("insert", "HIM"),
        ("equal", " now"),
    ]
