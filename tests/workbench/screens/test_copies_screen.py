"""The copies screen: groups under a limit, a choice per group, and what goes by it."""

import pytest

from workbench.actions.find_copies import find_copies
from workbench.errors import BadInput
from workbench.rows import Rows
from workbench.screens import copies as screen
from workbench.screens.address import Look
from workbench.store import datasets

LONG = "The parcel goes to the counter beside the door, where a clerk weighs it and writes the number on the label"
ROWS = Rows.of(
    ("Where does the parcel go?", f"{LONG}."),
    ("Where does the parcel go?", f"{LONG}."),
    ("Where does the parcel go?", f"{LONG} today."),
    ("Which day is the market?", "It is held on Tuesdays, in the square behind the town hall, from eight to noon."),
    ("Which day is the market?", "It is held on Tuesdays, in the square behind the town hall, from eight to noon."),
    ("Is there a bus?", "Two lines stop there."),
)


@pytest.fixture
def version(store):
    made = datasets.add_version(
        store, "small", ROWS, parent=None, verb="import", settings={}, counts={"added": 6}, who="test"
    )
    find_copies(store, made.label)
    return made


def asked(of, **changed):
    return {"version": of.label, "field": "both", "against": "", "limit": 0.7, "page": 1, "keep": {}, "leave": [],
            **changed}  # fmt: skip


def left(store):
    return datasets.rows_of(store, datasets.version(store, "small")).row_id


def test_groups_come_largest_first_with_the_row_that_stays_on_top(store, version):
    shown = screen._at(store)(asked(version))
    assert [group["size"] for group in shown["groups"]] == [3, 2]
    first = shown["groups"][0]["rows"]
    assert [row["stays"] for row in first] == [True, False, False]
    assert shown["goes"] == 3


def test_another_limit_measures_nothing_again(store, version):
    assert screen._at(store)(asked(version, limit=1.0))["goes"] == 2


def test_a_group_that_is_left_alone_loses_no_row(store, version):
    leader = screen._at(store)(asked(version))["groups"][0]["leader"]
    assert screen._at(store)(asked(version, leave=[leader]))["goes"] == 1
    screen.dropped(store, Look({"dataset": "small"}), asked(version, leave=[leader]))
    assert datasets.rows_of(store, datasets.version(store, "small")).row_id == [
        "row-1",
        "row-2",
        "row-3",
        "row-4",
        "row-6",
    ]


def test_the_row_that_a_person_chose_stays(store, version):
    screen.dropped(store, Look({"dataset": "small"}), asked(version, keep={"row-4": "row-5"}, leave=["row-1"]))
    assert datasets.rows_of(store, datasets.version(store, "small")).row_id == [
        "row-1",
        "row-2",
        "row-3",
        "row-5",
        "row-6",
    ]


@pytest.mark.parametrize(
    "changed",
    [{"version": 5}, {"field": "secrets"}, {"limit": "1"}, {"limit": 0.1}, {"keep": []}, {"leave": [5]}, {"page": "2"}],
)
def test_nonsense_from_a_browser_is_answered_in_words(store, version, changed):
    assert set(screen._at(store)(asked(version, **changed))) == {"error"}


def test_a_drop_of_nonsense_makes_no_version(store, version):
    with pytest.raises(BadInput):
        screen.dropped(store, Look(), {"version": version.label})
    assert datasets.version(store, "small").number == 1


def test_copies_against_another_version_name_the_row_they_repeat(store, version):
    other = datasets.add_version(
        store, "other", Rows.of(ROWS.messages[3]), parent=None, verb="import", settings={}, counts={}, who="test"
    )
    find_copies(store, version.label, against=other.label)
    shown = screen._at(store)(asked(version, against=other.label))
    assert [group["rows"][0]["other"] for group in shown["groups"]] == ["row 1 of other@1"] * 2
