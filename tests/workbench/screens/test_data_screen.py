"""The data screen: the tree of versions, names, going back, merging."""

import pytest

from workbench import history
from workbench.actions.edit_row import edit_row
from workbench.actions.undo import undo
from workbench.errors import BadInput, NotFound
from workbench.rows import Rows
from workbench.screens import data as screen
from workbench.screens.address import Look
from workbench.screens.data_versions import lanes_of, merging_html, name_it, restoring_html, versions_of
from workbench.store import datasets

LOOK = Look({"dataset": "small"})


def turns(reply):
    return [{"role": "user", "content": "Question 1"}, {"role": "assistant", "content": reply}]


@pytest.fixture
def grown(store):
    """v1 imported, v2 edited, v3 took v2 back, v4 edited from v1."""
    add(store, Rows.of("One.", "Two."))
    edit_row(store, "row-1", turns("Second."))
    undo(store, "small")
    edit_row(store, "row-1", turns("Fourth."))


def add(store, rows, name="small"):
    return datasets.add_version(
        store, name, rows, parent=None, verb="import", settings={}, counts={"added": len(rows)}, who="test"
    )


def test_what_was_taken_back_stands_in_a_lane_of_its_own(store, grown):
    assert lanes_of(history.tree(store, "small")) == {1: 0, 2: 1, 3: 0, 4: 0}
    lines = versions_of(store, LOOK)["versions"]
    assert [(line["number"], line["stands"], line["said"]) for line in lines][::-1] == [
        (1, True, ""),
        (2, False, ""),
        (3, False, "the rows of v1"),
        (4, True, "made from v1"),
    ]


def test_only_versions_with_other_rows_can_be_gone_back_to(store, grown):
    lines = versions_of(store, LOOK)["versions"]
    assert [line["number"] for line in lines if line["restorable"]] == [3, 2, 1]


def test_going_back_shows_the_difference_first_and_makes_a_version(store, grown):
    label = "small@2"
    assert "<ins>Second</ins>" in restoring_html(store, label)
    assert datasets.version(store, "small").number == 4
    screen.restored(store, LOOK, 2)
    assert datasets.rows_of(store, datasets.version(store, "small")).reply[0] == "Second."


def test_a_version_gets_a_name_and_a_note(store, grown):
    name_it(store, LOOK, {"number": 2, "name": "first try", "note": "too long"})
    line = next(one for one in versions_of(store, LOOK)["versions"] if one["number"] == 2)
    assert (line["name"], line["note"]) == ("first try", "too long")


@pytest.mark.parametrize("event", [{}, {"number": "2", "name": "x", "note": ""}, {"number": 2, "name": 5, "note": ""}])
def test_a_name_of_nonsense_is_refused(store, grown, event):
    with pytest.raises(BadInput):
        name_it(store, LOOK, event)


def test_an_unknown_version_is_not_gone_back_to(store, grown):
    with pytest.raises(NotFound):
        screen.restored(store, LOOK, 77)


def test_a_merge_tells_its_counts_before_it_makes_a_dataset(store, grown):
    add(store, Rows.of("One.", "Other."), name="second")
    told = merging_html(store, "small", "second", "both", "drop_exact")
    assert "both would have 4 rows" in told
    assert datasets.names(store) == ["second", "small"]
    _, address = screen.merges(store, LOOK, "second", "both", "keep")
    assert (datasets.version(store, "both").size, address) == (4, "/rows?dataset=both")


def test_a_merge_with_nothing_is_refused_in_words(store, grown):
    with pytest.raises(BadInput, match="another one"):
        screen.merges(store, LOOK, None, "both", "keep")
