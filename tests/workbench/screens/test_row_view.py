"""One row for the eye: reasons marked where they stand, changes since its import, tokens in their kinds."""

import pytest

from workbench.actions.edit_row import edit_row
from workbench.errors import BadInput
from workbench.rows import Rows
from workbench.screens.row_view import changes_of, marked_parts, server_functions, turns_with_marks
from workbench.store import datasets


def add(store, rows, name="small"):
    return datasets.add_version(
        store, name, rows, parent=None, verb="import", settings={}, counts={"added": len(rows)}, who="test"
    )


def test_a_text_is_cut_at_the_marks_and_the_pieces_make_the_text():
    pieces = marked_parts("say it now", [(4, 6, 0), (5, 10, 1)])
    assert pieces == [("say ", []), ("i", [0]), ("t", [0, 1]), (" now", [1])]
    assert "".join(text for text, _ in pieces) == "say it now"


@pytest.mark.parametrize("mark", [(-5, 2, 0), (0, 99, 0), (9, 3, 0), (4, 4, 0)])
def test_marks_outside_of_a_text_break_nothing(mark):
    assert "".join(text for text, _ in marked_parts("abcd", [mark])) == "abcd"


def test_marks_count_characters_and_not_bytes():
    assert marked_parts("😀😀 né", [(3, 5, 0)]) == [("😀😀 ", []), ("né", [0])]


def test_only_turns_with_a_reason_are_cut():
    messages = [
        {"role": "user", "content": "Hi", "more": None},
        {"role": "assistant", "content": None, "more": None},
        {"role": "assistant", "content": "Bye", "more": None},
    ]
    reasons = [{"spans": [[2, 0, 3], [1, 0, 4], [7, 0, 1]]}]
    shown = turns_with_marks(messages, reasons)
    assert [turn.get("parts") for turn in shown] == [None, None, [("Bye", [0])]]


def test_a_row_is_compared_with_how_it_came_in_and_with_the_version_before(store):
    version = add(store, Rows.of("Old words.", "Other."))
    one = [{"role": "user", "content": "Question 1"}, {"role": "assistant", "content": "New words."}]
    two = [{"role": "user", "content": "Question 1"}, {"role": "assistant", "content": "New words here."}]
    after = edit_row(store, "row-1", one, version=version.label).after
    after = edit_row(store, "row-1", two, version=after.label).after
    since = changes_of(store, after, "row-1", "import")
    assert since["said"] == "Against version 1 (import)."
    assert since["turns"][1]["parts"][:2] == [["delete", "Old"], ["insert", "New"]]
    last = changes_of(store, after, "row-1", "parent")
    assert [kind for kind, _ in last["turns"][1]["parts"]] == ["equal", "insert", "equal"]
    assert changes_of(store, after, "row-2", "import")["turns"] == []


def test_a_removed_turn_is_told_as_removed_and_the_others_are_paired_by_their_text(store):
    talk = [{"role": role, "content": text} for role, text in (("user", "Hi"), ("user", "Hm"), ("assistant", "Bye"))]
    version = add(store, Rows.of(talk))
    after = edit_row(store, "row-1", [talk[0], talk[2]], version=version.label).after
    turns = changes_of(store, after, "row-1", "import")["turns"]
    assert [turn["role"] for turn in turns] == ["user", "assistant", "user"]
    assert turns[2]["gone"] is True
    assert turns[1]["parts"] == [["equal", "Bye"]]


def test_an_unknown_comparison_is_refused(store):
    version = add(store, Rows.of("Old."))
    with pytest.raises(BadInput):
        changes_of(store, version, "row-1", "1; drop table")


@pytest.mark.parametrize("sent", [None, [], {}, {"id": 5, "version": "small@1"}, {"id": "row-1", "version": "no@9"}])
def test_the_browsers_nonsense_is_answered_in_words(store, sent):
    add(store, Rows.of("Old."))
    assert all(set(ask(sent)) == {"error"} for ask in server_functions(store))


def test_a_model_that_is_not_fetched_is_told_in_words(store, tmp_path, monkeypatch):
    monkeypatch.setenv("GOLDLOOP_MODELS", str(tmp_path))
    version = add(store, Rows.of("Old."))
    _, tokens = server_functions(store)
    assert "smollm2" in tokens({"id": "row-1", "version": version.label})["error"]
