"""Error analysis: notes, their kinds and counts."""

from __future__ import annotations

import pytest

from workbench.actions.find_gaps import find_gaps
from workbench.actions.note_failure import analysis, name_kind, note_failure, propose_kinds, told
from workbench.errors import BadInput, Refused
from workbench.store import evaluations, failure_notes, goldens


def ids(store, evaluated) -> list[str]:
    return goldens.readable(store, goldens.by_id(store, evaluated.golden_id)).row_id


def test_a_persons_last_note_on_a_row_counts_and_an_empty_one_takes_it_back(store, evaluated):
    row = ids(store, evaluated)[0]
    note_failure(store, evaluated.id, row, "gives the wrong number of days")
    note_failure(store, evaluated.id, row, "gives days where hours are asked for")
    assert [one.note for one in failure_notes.listed(store, evaluated.id)] == ["gives days where hours are asked for"]
    assert note_failure(store, evaluated.id, row, "") is None
    assert failure_notes.listed(store, evaluated.id) == []


def test_two_people_keep_notes_of_their_own_on_one_row(store, evaluated, monkeypatch):
    row = ids(store, evaluated)[0]
    for who in ("Ann", "Bob"):
        monkeypatch.setenv("GOLDLOOP_USER", who)
        note_failure(store, evaluated.id, row, f"{who} says wrong days", "wrong days")
    assert [one.who for one in failure_notes.listed(store, evaluated.id)] == ["Ann", "Bob"]
    assert analysis(store, evaluated.id).counted[0].rows == 1  # of rows, not of notes


def test_an_unknown_row_takes_no_note(store, evaluated):
    with pytest.raises(BadInput, match='asks no golden row "nobody"'):
        note_failure(store, evaluated.id, "nobody", "wrong")


def test_nobody_notes_anything_on_an_evaluation_of_sealed_rows(store, evaluated):
    said = evaluations.answers_of(store, evaluated.id)
    evaluations.finish(store, evaluated.id, said, {**evaluated.summary, "part": "sealed"})
    with pytest.raises(Refused, match="sealed"):
        note_failure(store, evaluated.id, ids(store, evaluated)[0], "wrong")
    with pytest.raises(BadInput, match="sealed rows"):
        find_gaps(store, evaluated.id)


def test_kinds_are_counted_with_an_interval_and_by_slice(store, evaluated):
    rows = ids(store, evaluated)[:4]
    for row in rows:
        note_failure(store, evaluated.id, row, "wrong number", "wrong days" if row != rows[3] else "too long")
    found = analysis(store, evaluated.id)
    assert (found.read, found.without_kind) == (4, 0)
    assert [(one.kind, one.rows) for one in found.counted] == [("wrong days", 3), ("too long", 1)]
    assert found.counted[0].share.value == 0.75
    assert found.counted[0].share.low == pytest.approx(0.3006, abs=1e-4)  # Wilson, 3 of 4
    assert sum(count for _, count, _ in found.counted[0].slices) == 3
    assert told(store, evaluated.id)["kinds"][0]["kind"] == "wrong days"


def test_reading_is_enough_after_fifteen_notes_without_a_new_kind(store, evaluated):
    rows = ids(store, evaluated)
    note_failure(store, evaluated.id, rows[0], "x", "wrong days")
    assert not analysis(store, evaluated.id).saturated
    for row in rows[1:8]:
        note_failure(store, evaluated.id, row, "x", "wrong days")
    assert analysis(store, evaluated.id).since_new == 7


def test_notes_that_sound_alike_are_proposed_as_one_kind(store, evaluated):
    rows = ids(store, evaluated)
    for row, note in zip(rows, ("wrong number of days", "the wrong number of days", "rude tone"), strict=False):
        note_failure(store, evaluated.id, row, note)
    assert [set(one.row_ids) for one in propose_kinds(store, evaluated.id)] == [{rows[0], rows[1]}, {rows[2]}]


def test_a_named_kind_becomes_a_gap_of_its_own(store, evaluated):
    rows = ids(store, evaluated)[:2]
    for row in rows:
        note_failure(store, evaluated.id, row, "promises a refund")
    assert name_kind(store, evaluated.id, tuple(rows), "promises too much") == 2
    found = [gap for gap in find_gaps(store, evaluated.id) if gap.failure == "promises too much"]
    assert sorted(row for gap in found for row in gap.golden_rows) == sorted(rows)
    assert [one.note for one in failure_notes.listed(store, evaluated.id)] == ["promises a refund"] * 2


def test_a_row_without_a_note_cannot_be_grouped(store, evaluated):
    with pytest.raises(BadInput, match="Nobody noted"):
        name_kind(store, evaluated.id, (ids(store, evaluated)[0],), "wrong days")
