"""The queue's desk as a browser asks it: rows, decisions, a way back, and nonsense answered in words."""

import pytest

from workbench.actions import work_queue
from workbench.actions.open_queue import open_queue
from workbench.actions.run_checks import run_checks
from workbench.errors import BadInput
from workbench.rows import Rows
from workbench.screens import queue as screen
from workbench.screens.address import Look
from workbench.screens.queue_desk import server_functions
from workbench.screens.queue_review import agreement_words, review_of, settled
from workbench.store import datasets, queues

ROWS = Rows.of(("Hello?", "<p>Hi <b>there</b></p>"), "Two.", "Three.", "Four.")


@pytest.fixture
def version(store):
    made = datasets.add_version(
        store, "small", ROWS, parent=None, verb="import", settings={}, counts={"added": 4}, who="test"
    )
    run_checks(store, made.label, only=["leftover_markup"])
    return made


@pytest.fixture
def queue(store, version):
    return open_queue(store, "all", version=version.label, where="all", overlap=2, overlap_share=1.0)


def desk(store, queue, who="anna"):
    """The desk's server functions by name, for one person."""
    return {
        ask.__name__: lambda ask=ask, **sent: ask({"queue": queue.id, "who": who, **sent})
        for ask in server_functions(store)
    }


def decided(store, queue, who, row, nonce, action="keep", **more):
    return desk(store, queue, who)["decide"](row=row, action=action, nonce=nonce, **more)


def test_a_desk_gets_as_many_rows_as_it_wants_with_the_reasons_marked(store, queue):
    got = desk(store, queue)["next_rows"](have=[], want=2)
    assert [row["id"] for row in got["rows"]] == ["row-1", "row-2"]
    first = got["rows"][0]
    assert first["reasons"][0]["check"] == "leftover_markup"
    assert first["turns"][1]["parts"][0] == ("<p>", [0])
    assert first["fixes"] == [{"fix": "strip_markup", "title": first["fixes"][0]["title"]}]


def test_a_decision_counts_once_however_often_it_is_sent(store, queue):
    for _ in range(3):
        got = decided(store, queue, "anna", "row-1", "n-1")
    assert got["progress"]["mine"] == 1


def test_an_edit_is_saved_with_the_turns_that_were_typed(store, queue):
    turns = [{"role": "user", "content": "Hello?", "from": 0}, {"role": "assistant", "content": "Hi.", "from": 1}]
    decided(store, queue, "anna", "row-1", "n-1", action="edit", turns=turns)
    assert work_queue.item(store, queue.id, "row-1", "anna").mine.messages[1]["content"] == "Hi."


def test_an_undo_without_a_row_says_which_one_it_gave_back(store, queue):
    decided(store, queue, "anna", "row-2", "n-1")
    assert decided(store, queue, "anna", "", "n-2", action="undo")["given_back"] == "row-2"


@pytest.mark.parametrize(
    "sent",
    [
        {"action": "explode"},
        {"row": 5},
        {"row": "row-99"},
        {"nonce": ""},
        {"nonce": "a" * 200},
        {"action": "edit"},
        {"action": "edit", "turns": [{"role": "king", "content": "a"}]},
        {"action": "tag", "tags": "billing"},
        {"action": "tag", "tags": ["x"] * 500},
        {"action": "fix", "fix": "rm"},
        {"who": " "},
        {"queue": "1"},
        {"queue": 77},
    ],
)
def test_a_decision_of_nonsense_is_answered_in_words_and_changes_nothing(store, queue, sent):
    got = server_functions(store)[1](
        {"queue": queue.id, "who": "anna", "row": "row-1", "action": "keep", "nonce": "n-1", **sent}
    )
    assert set(got) == {"error"}
    assert queues.progress(store, queue.id).mine == {}


@pytest.mark.parametrize("sent", [None, [], "x", {}, {"queue": True, "who": "anna"}])
def test_every_server_function_answers_nonsense_in_words(store, queue, sent):
    assert [set(ask(sent)) for ask in server_functions(store)] == [{"error"}] * 6


def test_nobody_fetches_more_rows_than_a_browser_holds(store, queue):
    assert set(desk(store, queue)["next_rows"](have=[], want=1000)) == {"error"}


def test_people_who_differ_are_shown_and_one_decision_is_made_to_count(store, queue):
    decided(store, queue, "anna", "row-2", "n-1", action="drop")
    decided(store, queue, "ben", "row-2", "n-2")
    shown = review_of(store, queue)
    assert [(one["who"], one["said"]) for one in shown["differ"][0]["said"]] == [
        ("anna", "drop it"),
        ("ben", "keep it"),
    ]
    event = {"queue": queue.id, "row": "row-2", "who": "ben", "nonce": "n-3"}
    settled(store, Look({"who": "carl"}), event)
    assert review_of(store, queue)["differ"] == []


def test_a_settlement_of_nonsense_is_refused(store, queue):
    for event in ({}, {"queue": queue.id, "row": "row-1", "who": "anna", "nonce": "n"}):
        with pytest.raises(BadInput):
            settled(store, Look(), event)


def test_agreement_says_what_its_number_means(store, queue):
    assert "No overlap row" in agreement_words(work_queue.agreement(store, queue.id), queue)
    for number, (who, action) in enumerate((("anna", "keep"), ("ben", "keep"))):
        decided(store, queue, who, "row-1", f"a-{number}", action=action)
    decided(store, queue, "anna", "row-2", "b-1", action="drop")
    decided(store, queue, "ben", "row-2", "b-2", action="drop")
    words = agreement_words(work_queue.agreement(store, queue.id), queue)
    assert words == (
        "On 2 overlap rows people chose the same in 100 % of the pairs. Krippendorff's alpha 1.00 (reliable)."
    )


def test_a_queue_is_opened_from_filters_and_closed_with_a_preview_into_one_version(store, version):
    given = ("Markup", "leftover_markup", "", "", 1, 0.1, 15, "Be kind.")
    *_, said, address = screen.opened(store, Look({"dataset": "small"}), *given)
    assert "is open with 1 row" in said
    made = queues.listed(store, "small")[0]
    assert (made.size, made.guidelines, address) == (1, "Be kind.", f"/queue?dataset=small&queue={made.id}")
    decided(store, made, "anna", "row-1", "n-1", action="fix", fix="strip_markup")
    look = Look({"dataset": "small", "queue": str(made.id)})
    _, asks = screen.ask_close(store, look)
    assert "&lt;p&gt;" in asks
    assert datasets.version(store, "small").number == 1
    screen.close(store, look)
    assert datasets.rows_of(store, datasets.version(store, "small")).reply[0] == "Hi there"


@pytest.mark.parametrize(
    "given",
    [
        ("", "", "", "", 1, 0.1, 15, ""),
        ("x", "", "", "", "many", 0.1, 15, ""),
        ("x", "errors", "", "", 1, 0.1, 15, ""),
        ("x", "", "", "zzz", 1, 0.1, 15, ""),
    ],
)
def test_a_queue_that_cannot_be_is_told_in_words(store, version, given):
    with pytest.raises(BadInput):
        screen.opened(store, Look({"dataset": "small"}), *given)
    assert queues.listed(store) == []
