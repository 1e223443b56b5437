"""The expert's queue: everybody gets a row of their own, every decision is saved once, and the end is one version."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from workbench import history
from workbench.actions.apply_fix import apply_fix
from workbench.actions.close_queue import close_queue
from workbench.actions.edit_row import edit_row
from workbench.actions.open_queue import open_queue
from workbench.actions.run_checks import run_checks
from workbench.actions.set_sheet import set_sheet
from workbench.actions.work_queue import agreement, decide, disagreements, item, next_item, progress, renew
from workbench.errors import BadInput, Conflict, NotFound, Refused
from workbench.records import Queue
from workbench.rows import Rows, message
from workbench.sheet import Sheet
from workbench.store import Store, datasets, leases, queues
from workbench.store import decisions as kept

ROWS = Rows.of(*[f"This is reply {number}." for number in range(1, 11)])


def said(reply: str) -> list[dict]:
    return [message("user", "Question"), message("assistant", reply)]


@pytest.fixture
def desk(store: Store) -> Store:
    history.commit(store, None, ROWS, dataset="desk", verb="import", settings={})
    return store


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> Callable[[float], None]:
    """`later(minutes)` puts the clock by which leases end that much forward."""
    passed, real = [0.0], leases.clock
    monkeypatch.setattr(leases, "clock", lambda connection: real(connection) + sum(passed) * 60)
    return passed.append


@pytest.fixture
def queue(desk: Store) -> Queue:
    return open_queue(desk, "first look", where="all")


def all_by(store: Store, queue: Queue, who: str, **decision: object) -> list[str]:
    """Decides every row that the person gets, all alike; gives the row ids in order."""
    seen = []
    while (found := next_item(store, queue.id, who)) is not None:
        decide(store, queue.id, found.row_id, who, nonce=f"{who}-{found.row_id}", **{"action": "keep", **decision})
        seen.append(found.row_id)
    return seen


def test_two_people_get_different_rows_and_the_same_one_again_after_a_reload(desk: Store, queue: Queue) -> None:
    ann, bob = next_item(desk, queue.id, "ann"), next_item(desk, queue.id, "bob")
    assert (ann.row_id, ann.place, ann.of) == ("row-1", 1, 10)
    assert bob.row_id == "row-2"
    assert next_item(desk, queue.id, "ann").row_id == "row-1"
    assert next_item(desk, queue.id, "ann", have=["row-1"]).row_id == "row-3"


def test_a_queue_is_worked_through_and_then_nothing_is_left(desk: Store, queue: Queue) -> None:
    assert all_by(desk, queue, "ann") == ROWS.row_id
    done = progress(desk, queue.id)
    assert (done.done, done.total, done.mine, done.leased, done.per_hour) == (10, 10, {"ann": 10}, {}, 10.0)
    assert next_item(desk, queue.id, "bob") is None


def test_an_expired_lease_gives_the_row_to_the_next_and_renewing_keeps_it(
    desk: Store, later: Callable[[float], None]
) -> None:
    queue = open_queue(desk, "quick", where="row=row-1", lease_minutes=30)
    first = next_item(desk, queue.id, "ann")
    assert next_item(desk, queue.id, "bob") is None
    later(20)
    assert renew(desk, queue.id, "row-1", "ann") > first.leased_until
    later(20)
    assert next_item(desk, queue.id, "bob") is None
    later(20)
    assert next_item(desk, queue.id, "bob").row_id == "row-1"
    assert renew(desk, queue.id, "row-1", "ann") is None


def test_what_was_typed_under_an_expired_lease_is_still_saved(desk: Store, later: Callable[[float], None]) -> None:
    queue = open_queue(desk, "quick", where="row=row-1", lease_minutes=30)
    next_item(desk, queue.id, "ann")
    later(31)
    assert next_item(desk, queue.id, "bob").row_id == "row-1"
    done = decide(desk, queue.id, "row-1", "ann", nonce="late", action="edit", messages=said("Typed for long."))
    assert (done.done, done.mine) == (1, {"ann": 1})


def test_who_comes_second_sees_both_texts_and_loses_nothing(desk: Store, queue: Queue) -> None:
    decide(desk, queue.id, "row-1", "bob", nonce="b", action="edit", messages=said("Bob's."))
    for _ in range(2):  # the browser tries again: the same answer, no second line
        with pytest.raises(Conflict, match="bob decided this row meanwhile") as told:
            decide(desk, queue.id, "row-1", "ann", nonce="a", action="edit", messages=said("Ann's."))
    texts = [turns[1]["content"] for turns in (told.value.mine, told.value.theirs, told.value.base)]
    assert texts == ["Ann's.", "Bob's.", "This is reply 1."]
    (row,) = disagreements(desk, queue.id)
    assert [(one.who, one.state) for one in row.decisions] == [("bob", "stands"), ("ann", "late")]
    decide(desk, queue.id, "row-1", "ann", nonce="a2", action="edit", messages=said("Merged."), settles=True)
    assert disagreements(desk, queue.id) == []
    assert datasets.rows_of(desk, close_queue(desk, queue.id).after).reply[0] == "Merged."


def test_a_nonce_counts_once(desk: Store, queue: Queue) -> None:
    for action in ("drop", "keep"):
        done = decide(desk, queue.id, "row-1", "ann", nonce="same", action=action)
    assert done.mine == {"ann": 1}
    assert [one.action for one in kept.of_queue(desk, queue.id)[0]] == ["drop"]


def test_a_skipped_row_goes_to_others_and_does_not_come_again(desk: Store) -> None:
    queue = open_queue(desk, "two", where="row=row-1+row-2")
    first = next_item(desk, queue.id, "ann")
    decide(desk, queue.id, first.row_id, "ann", nonce="s", action="skip")
    assert all_by(desk, queue, "ann") == ["row-2"]
    assert progress(desk, queue.id).done == 1
    assert all_by(desk, queue, "bob") == ["row-1"]
    assert progress(desk, queue.id).done == 2


def test_undo_goes_back_decision_by_decision_and_puts_the_row_in_front_again(desk: Store, queue: Queue) -> None:
    for row in ("row-1", "row-2"):
        decide(desk, queue.id, row, "ann", nonce=row, action="drop")
    decide(desk, queue.id, "row-3", "bob", nonce="b", action="keep")
    done = decide(desk, queue.id, "", "ann", nonce="u1", action="undo")
    assert (done.given_back, done.done, done.leased) == ("row-2", 2, {"ann": 1})
    assert decide(desk, queue.id, "", "ann", nonce="u1", action="undo").mine == {"ann": 1, "bob": 1}  # a replay
    assert next_item(desk, queue.id, "ann").row_id == "row-2"
    assert decide(desk, queue.id, "", "ann", nonce="u2", action="undo").given_back == "row-1"
    with pytest.raises(Refused, match="nothing left to take back"):
        decide(desk, queue.id, "", "ann", nonce="u3", action="undo")
    assert progress(desk, queue.id).mine == {"ann": 0, "bob": 1}


def test_a_second_thought_replaces_the_first_and_undo_brings_the_first_back(desk: Store, queue: Queue) -> None:
    decide(desk, queue.id, "row-1", "ann", nonce="1", action="keep")
    decide(desk, queue.id, "row-1", "ann", nonce="2", action="drop")
    assert progress(desk, queue.id).mine == {"ann": 1}
    decide(desk, queue.id, "row-1", "ann", nonce="3", action="undo")
    assert item(desk, queue.id, "row-1", "ann").mine.action == "keep"
    assert progress(desk, queue.id).done == 1


def test_a_row_comes_with_its_tags_and_why_it_is_flagged(desk: Store) -> None:
    rows = ROWS.edit({"row-4": said("")}).tagged({"row-4": ["topic:desk"]})
    history.commit(desk, datasets.version(desk), rows, verb="edit", settings={})
    run_checks(desk, only=["missing_reply", "empty_turn"])
    queue = open_queue(desk, "flagged")
    assert queue.size == 1
    found = next_item(desk, queue.id, "ann")
    assert (found.row_id, found.tags) == ("row-4", ("topic:desk",))
    assert {check for check, _, _ in found.flags} <= {"missing_reply", "empty_turn"}
    assert all(note for _, note, _ in found.flags)


def test_overlap_rows_are_drawn_by_seed_and_seen_by_two(desk: Store) -> None:
    queue = open_queue(desk, "twice", where="all", overlap=2, overlap_share=0.3, seed=1)
    twice = [one.row_id for one in queues.rows(desk, queue.id) if one.wanted == 2]
    assert len(twice) == 3
    assert twice == [one.row_id for one in queues.rows(desk, open_queue(
        desk, "again", where="all", overlap=2, overlap_share=0.3, seed=1).id) if one.wanted == 2]  # fmt: skip
    assert len(all_by(desk, queue, "ann")) == 10
    assert progress(desk, queue.id).done == 7
    assert all_by(desk, queue, "bob") == twice
    assert all_by(desk, queue, "cat") == []
    assert progress(desk, queue.id).done == 10


def test_agreement_is_counted_on_rows_that_two_decided(desk: Store) -> None:
    queue = open_queue(desk, "twice", where="all", overlap=2, overlap_share=1.0)
    dropped = {"ann": {"row-1", "row-2"}, "bob": {"row-2", "row-3"}}
    for who, drops in dropped.items():
        for row in ROWS.row_id[:4]:
            decide(desk, queue.id, row, who, nonce=who + row, action="drop" if row in drops else "keep")
    found = agreement(desk, queue.id)
    assert (found.rows, found.percent, found.pairs) == (4, 50.0, {("ann", "bob"): (4, 50.0)})
    # 4 keeps and 4 drops among 8, pairs (d,k) (d,d) (k,d) (k,k): 1 - 7 * 4 / 32
    assert found.krippendorff_alpha == pytest.approx(0.125)
    assert [row.row_id for row in disagreements(desk, queue.id)] == ["row-1", "row-3"]


def test_two_edits_agree_that_it_must_change_and_still_differ_in_the_text(desk: Store) -> None:
    queue = open_queue(desk, "twice", where="row=row-1", overlap=2, overlap_share=1.0)
    for who in ("ann", "bob"):
        decide(desk, queue.id, "row-1", who, nonce=who, action="edit", messages=said(who))
    found = agreement(desk, queue.id)
    assert (found.percent, found.krippendorff_alpha, found.same_text, found.both_changed) == (100.0, None, 0, 1)
    assert close_queue(desk, queue.id, preview=True).disagreed == ("row-1",)


def test_closing_makes_one_version_of_what_was_decided(desk: Store, queue: Queue) -> None:
    decide(desk, queue.id, "row-1", "ann", nonce="1", action="edit", messages=said("Edited."))
    decide(desk, queue.id, "row-2", "ann", nonce="2", action="drop")
    decide(desk, queue.id, "row-3", "bob", nonce="3", action="tag", tags=["good", "good", ""])
    decide(desk, queue.id, "row-4", "bob", nonce="4", action="flag", note="ask the lawyer")
    shown = close_queue(desk, queue.id, preview=True)
    assert shown.after is None
    assert shown.difference.counts == {"added": 0, "removed": 1, "changed": 2}
    done = close_queue(desk, queue.id)
    rows = datasets.rows_of(desk, done.after)
    assert (rows.reply[0], len(rows), rows.tags[1]) == ("Edited.", 9, ["good"])
    assert done.counts == {"change": 1, "drop": 1, "keep": 1, "flag": 1}
    assert (done.flagged, len(done.undecided)) == (("row-4",), 6)
    assert done.after.change.verb == "queue"
    assert done.after.change.settings["people"] == ["ann", "bob"]
    assert (done.queue.state, done.queue.closed_as) == ("closed", "desk@2")
    for refused in (lambda: close_queue(desk, queue.id), lambda: next_item(desk, queue.id, "ann")):
        with pytest.raises(Refused, match="closed"):
            refused()
    with pytest.raises(Refused, match="closed"):
        decide(desk, queue.id, "row-5", "ann", nonce="5", action="keep")
    assert decide(desk, queue.id, "row-2", "ann", nonce="2", action="drop").done == 4  # a replay is no news


def test_closing_carries_the_decisions_over_what_others_changed_meanwhile(desk: Store, queue: Queue) -> None:
    decide(desk, queue.id, "row-1", "ann", nonce="1", action="edit", messages=said("Ann's."))
    decide(desk, queue.id, "row-2", "ann", nonce="2", action="edit", messages=said("Ann's two."))
    edit_row(desk, "row-2", said("Meanwhile two."))
    edit_row(desk, "row-3", said("Meanwhile three."))
    done = close_queue(desk, queue.id)
    assert datasets.rows_of(desk, done.after).reply[:3] == ["Ann's.", "Meanwhile two.", "Meanwhile three."]
    assert [one.row_id for one in done.collided] == ["row-2"]


def test_a_queue_that_changes_nothing_closes_without_a_version(desk: Store, queue: Queue) -> None:
    all_by(desk, queue, "ann")
    assert close_queue(desk, queue.id).after is None
    assert datasets.version(desk).number == 1
    assert queues.get(desk, queue.id).state == "closed"


def test_decisions_that_would_leave_no_row_do_not_close(desk: Store) -> None:
    queue = open_queue(desk, "away", where="all")
    all_by(desk, queue, "ann", action="drop")
    with pytest.raises(Refused, match="without any row"):
        close_queue(desk, queue.id)
    assert queues.get(desk, queue.id).state == "open"


def test_a_fix_mends_one_row_of_the_queue(desk: Store) -> None:
    mailed = ROWS.edit({"row-1": said("Write to ada.lovelace@lovelace-mills.co.uk at any time.")})
    history.commit(desk, datasets.version(desk), mailed, verb="edit", settings={})
    queue = open_queue(desk, "names", where="row=row-1+row-2")
    decide(desk, queue.id, "row-1", "ann", nonce="1", action="fix", fix="mask_personal_data")
    with pytest.raises(Refused, match="finds nothing to change in this row"):
        decide(desk, queue.id, "row-2", "ann", nonce="2", action="fix", fix="mask_personal_data")
    assert datasets.rows_of(desk, close_queue(desk, queue.id).after).reply[0] == "Write to [EMAIL] at any time."


def test_the_guidelines_are_those_of_the_sheet_unless_others_are_given(desk: Store) -> None:
    set_sheet(desk, "desk", Sheet(guidelines="Be kind."))
    assert open_queue(desk, "a", where="all").guidelines == "Be kind."
    assert open_queue(desk, "b", where="all", guidelines="Be short.").guidelines == "Be short."


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"name": " "}, "needs a name"),
        ({"overlap": 0}, "people on one row"),
        ({"overlap_share": 1.5}, "share of overlap"),
        ({"lease_minutes": 0}, "minutes"),
        ({"where": "tag=nothing"}, "nothing to decide"),
        ({"where": "nonsense"}, "is no filter"),
    ],
)
def test_a_queue_that_cannot_be_says_why(desk: Store, wrong: dict, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        open_queue(desk, **{"name": "q", "where": "all", **wrong})


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"action": "burn"}, BadInput),
        ({"nonce": ""}, BadInput),
        ({"nonce": "x" * 81}, BadInput),
        ({"action": "edit", "messages": []}, BadInput),
        ({"action": "edit", "messages": [{"role": "user", "content": 3}]}, BadInput),
        ({"action": "fix", "fix": "no_such"}, NotFound),
        ({"action": "tag"}, BadInput),
        ({"row_id": "row-99"}, NotFound),
        ({"who": " "}, BadInput),
        ({"queue_id": 99}, NotFound),
    ],
)
def test_a_decision_that_is_none_is_refused_and_nothing_is_saved(
    desk: Store, queue: Queue, wrong: dict, error: type[Exception]
) -> None:
    given = {"queue_id": queue.id, "row_id": "row-1", "who": "ann", "nonce": "n", "action": "keep", **wrong}
    with pytest.raises(error):
        decide(desk, **given)
    assert kept.of_queue(desk, queue.id)[0] == []


def test_hostile_text_is_kept_and_nul_and_half_characters_do_no_harm(desk: Store, queue: Queue) -> None:
    text = "'; drop table decisions; -- \x00 \ud800 <script>"
    decide(desk, queue.id, "row-1", "ann", nonce="1", action="edit", messages=said(text), note=text, tags=[text])
    held = item(desk, queue.id, "row-1", "ann").mine
    assert held.messages[1]["content"] == "'; drop table decisions; --  ? <script>"
    assert close_queue(desk, queue.id).after is not None


WORK = """
import sys, uuid
from workbench.actions.work_queue import decide, next_item
from workbench.store import Store
store, queue, who = Store.open(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
while (found := next_item(store, queue, who)) is not None:
    decide(store, queue, found.row_id, who, nonce=uuid.uuid4().hex, action="keep", note=who)
"""


def start(store: Store, code: str, *arguments: object) -> subprocess.Popen:
    return subprocess.Popen([sys.executable, "-c", code, str(store.root), *map(str, arguments)])


def test_people_in_processes_of_their_own_share_a_queue_without_doing_a_row_twice(store: Store) -> None:
    rows = Rows.of(*[f"This is reply {number}." for number in range(40)])
    history.commit(store, None, rows, dataset="desk", verb="import", settings={})
    queue = open_queue(store, "many", where="all", overlap=2, overlap_share=0.25)
    people = [start(store, WORK, queue.id, who) for who in ("ann", "bob", "cat")]
    assert [person.wait() for person in people] == [0, 0, 0]
    done = progress(store, queue.id)
    assert (done.done, sum(done.mine.values()), done.leased) == (40, 50, {})
    by_row: dict[str, set[str]] = {}
    for one in kept.of_queue(store, queue.id)[0]:
        by_row.setdefault(one.row_id, set()).add(one.who)
    assert sorted(map(len, by_row.values())) == [1] * 30 + [2] * 10


KILLED = """
import os, signal, sys
from sqlalchemy import event
from workbench.actions.close_queue import close_queue
from workbench.actions.work_queue import decide
from workbench.rows import message
from workbench.store import Store
store, queue, what, after = Store.open(sys.argv[1]), int(sys.argv[2]), sys.argv[3], int(sys.argv[4])
written = 0
@event.listens_for(store.engine, "after_cursor_execute")
def _(connection, cursor, statement, parameters, context, executemany):
    global written
    if statement.startswith(("INSERT", "UPDATE", "DELETE")):
        written += 1
        if written == after:
            os.kill(os.getpid(), signal.SIGKILL)
if what == "decide":
    turns = [message("user", "Q"), message("assistant", "Edited.")]
    decide(store, queue, "row-1", "ann", nonce="n", action="edit", messages=turns)
else:
    close_queue(store, queue)
"""


@pytest.mark.parametrize("after", [1, 2, 3])
def test_killed_in_the_middle_of_a_decision_it_is_not_there_and_the_browser_saves_it_again(
    desk: Store, queue: Queue, after: int
) -> None:
    assert start(desk, KILLED, queue.id, "decide", after).wait() == -9
    assert kept.of_queue(desk, queue.id)[0] == []
    assert progress(desk, queue.id).done == 0
    assert decide(desk, queue.id, "row-1", "ann", nonce="n", action="drop").done == 1


@pytest.mark.parametrize("after", [1, 2, 3])
def test_killed_in_the_middle_of_closing_the_queue_is_open_and_closes_again(
    desk: Store, queue: Queue, after: int
) -> None:
    decide(desk, queue.id, "row-1", "ann", nonce="1", action="drop")
    assert start(desk, KILLED, queue.id, "close", after).wait() == -9
    assert datasets.version(desk).number == 1
    assert queues.get(desk, queue.id).state == "open"
    assert close_queue(desk, queue.id).after.size == 9


DECIDE_WHILE_CLOSING = """
import sys
from workbench.actions.work_queue import decide
from workbench.errors import Refused
from workbench.store import Store
store, queue = Store.open(sys.argv[1]), int(sys.argv[2])
saved = 0
try:
    for number in range(1, 41):
        decide(store, queue, f"row-{number}", "ann", nonce=str(number), action="drop")
        saved += 1
except Refused:
    pass
print(saved)
"""


def test_every_decision_that_was_confirmed_before_the_close_is_in_the_version(store: Store) -> None:
    rows = Rows.of(*[f"This is reply {number}." for number in range(60)])
    history.commit(store, None, rows, dataset="desk", verb="import", settings={})
    queue = open_queue(store, "race", where="all")
    arguments = [sys.executable, "-c", DECIDE_WHILE_CLOSING, str(store.root), str(queue.id)]
    person = subprocess.Popen(arguments, stdout=subprocess.PIPE, text=True)
    while progress(store, queue.id).done < 3:
        time.sleep(0.01)
    done = close_queue(store, queue.id)
    saved = int(person.communicate()[0])
    assert len(done.difference.removed) == saved == progress(store, queue.id).done


def test_an_edit_outside_and_a_fix_do_not_disturb_an_open_queue(desk: Store, queue: Queue, tmp_path: Path) -> None:
    apply_fix(desk, "drop_rows", where="row=row-1")
    assert next_item(desk, queue.id, "ann").messages[1]["content"] == "This is reply 1."
    decide(desk, queue.id, "row-1", "ann", nonce="1", action="drop")
    assert close_queue(desk, queue.id).after is None


def test_a_fix_in_the_queue_knows_the_terms_on_the_sheet(store: Store) -> None:
    rows = Rows.of("Open kiln cloud first.")
    history.commit(store, None, rows, dataset="desk", verb="import", settings={})
    set_sheet(store, "desk", Sheet(terms={"Kiln Cloud": ("kiln cloud",)}))
    queue = open_queue(store, "terms", where="all")
    decide(store, queue.id, "row-1", "ann", nonce="1", action="fix", fix="use_right_terms")
    closed = close_queue(store, queue.id)
    assert datasets.rows_of(store, closed.after).reply == ["Open Kiln Cloud first."]


def test_the_nonce_of_another_decision_saves_nothing_and_says_so(desk: Store, queue: Queue) -> None:
    other = open_queue(desk, "second look", where="all")
    decide(desk, queue.id, "row-1", "ann", nonce="1", action="drop")
    for number, row, who in ((queue.id, "row-2", "ann"), (queue.id, "row-1", "bob"), (other.id, "row-1", "ann")):
        with pytest.raises(Conflict, match="the nonce of another decision"):
            decide(desk, number, row, who, nonce="1", action="keep")
    assert (progress(desk, queue.id).done, progress(desk, other.id).done) == (1, 0)
