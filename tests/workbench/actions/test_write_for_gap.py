"""Rows for a gap: kept with their gap, and never too like a golden row."""

from __future__ import annotations

import json

import pytest

from workbench.actions.find_gaps import find_gaps
from workbench.actions.write_for_gap import write_for_gap
from workbench.errors import BadInput, Refused
from workbench.store import datasets, gaps, goldens

FRESH = ("Could a broken loom shuttle go back by post?", "A shuttle goes back by post within 21 days, well wrapped.")


def first_gap(store, evaluated):
    return find_gaps(store, evaluated.id)[0]


def test_rows_for_a_gap_come_as_a_version_with_its_slice_and_number(store, evaluated):
    gap, before = first_gap(store, evaluated), datasets.version(store, "desk")
    done = write_for_gap(store, gap.id, [FRESH])
    assert done.version.size == before.size + 1
    assert done.version.change.verb == "write for gap"
    (row,) = datasets.rows_of(store, done.version).having(gaps.rows_for(store, gap.id)).tags
    assert row == [gap.slice, f"gap:{gap.id}"]


def test_a_row_that_repeats_a_golden_row_is_turned_away_without_saying_which(store, evaluated):
    gap = first_gap(store, evaluated)
    golden = goldens.rows_of(store, goldens.by_id(store, evaluated.golden_id))
    copied = (golden.prompt[0], golden.reply[0])
    done = write_for_gap(store, gap.id, [copied, FRESH], preview=True)
    assert done.turned_away == ((1, "is too like a golden row"),)
    assert done.rows.prompt == [FRESH[0]]
    with pytest.raises(Refused) as refused:
        write_for_gap(store, gap.id, [copied])
    assert golden.row_id[0] not in str(refused.value)
    assert golden.reply[0] not in str(refused.value)


def test_a_row_that_is_there_already_is_turned_away(store, evaluated):
    gap = first_gap(store, evaluated)
    write_for_gap(store, gap.id, [FRESH])
    with pytest.raises(Refused, match="row 1 is in the data already"):
        write_for_gap(store, gap.id, [FRESH])


def test_a_preview_adds_nothing(store, evaluated):
    gap, before = first_gap(store, evaluated), datasets.version(store, "desk")
    assert write_for_gap(store, gap.id, [FRESH], preview=True).version is None
    assert datasets.version(store, "desk").id == before.id
    assert gaps.rows_for(store, gap.id) == []


def test_rows_for_a_gap_may_come_from_a_file(store, evaluated, tmp_path):
    path = tmp_path / "new.jsonl"
    turns = [{"role": "user", "content": FRESH[0]}, {"role": "assistant", "content": FRESH[1]}]
    path.write_text(json.dumps({"messages": turns}) + "\n")
    done = write_for_gap(store, first_gap(store, evaluated).id, file=path)
    assert done.rows.reply == [FRESH[1]]


def test_a_gap_needs_a_question_and_a_reply(store, evaluated):
    with pytest.raises(BadInput, match="nothing to add"):
        write_for_gap(store, first_gap(store, evaluated).id, [("Only a question?", " ")])


def test_a_gap_for_which_rows_were_written_stays_when_gaps_are_looked_for_again(store, evaluated):
    gap = first_gap(store, evaluated)
    write_for_gap(store, gap.id, [FRESH])
    assert gap.id in {one.id for one in find_gaps(store, evaluated.id)}
