"""Copies: who is flagged, who stays, and what the note points at."""

import pytest

from workbench.checks.check import check_named
from workbench.checks.duplicates.conflicting_replies import conflicting_replies
from workbench.checks.duplicates.exact_copy import exact_copy
from workbench.checks.duplicates.near_copy import near_copy
from workbench.rows import Rows, message

TRACK = "How can I track my parcel?"
LONG, SHORT = "Open your orders, choose the parcel and press track.", "Open your orders, choose parcel and press track."


def test_later_copies_are_flagged_and_name_the_first_by_its_line():
    findings = exact_copy.run(Rows.of(("A?", "Yes."), ("B?", "No."), ("a?", "yes"), (" A? ", "Yes")))
    assert findings.flagged.to_list() == [False, False, True, True]
    assert findings.note == ["", "", "copies line 1", "copies line 1"]


def test_another_system_text_or_tool_call_makes_another_conversation():
    plain, answer = message("user", "A?"), message("assistant", "Yes.")
    other = message("assistant", "Yes.", {"tool_calls": [{"function": {"name": "a"}}]})
    rows = Rows.of([plain, answer], [message("system", "Be kind."), plain, answer], [plain, other])
    assert exact_copy.run(rows).flagged.sum() == 0


def test_the_file_is_named_where_there_are_several():
    messages = [message("user", "A?"), message("assistant", "Yes.")]
    rows = Rows.from_records(
        [
            {"messages": messages, "source": "one.jsonl", "line": 7},
            {"messages": messages, "source": "two.jsonl", "line": 3},
        ]
    )
    assert exact_copy.run(rows).note == ["", "copies line 7 of one.jsonl"]


def test_the_longest_reply_of_near_copies_passes_and_the_others_are_flagged():
    findings = near_copy.run(Rows.of((TRACK, SHORT), ("B?", "No."), (TRACK, LONG)))
    assert findings.flagged.to_list() == [True, False, False]
    assert findings.note == ["97% like line 3", "", ""]
    assert findings.measure.to_list() == [pytest.approx(0.97, abs=0.01), None, None]


def test_exact_copies_are_left_to_the_other_check():
    rows = Rows.of((TRACK, LONG), (TRACK, LONG), (TRACK, SHORT), (TRACK, SHORT))
    assert near_copy.run(rows).flagged.to_list() == [False, False, True, False]
    assert exact_copy.run(rows).flagged.to_list() == [False, True, False, True]


def test_a_long_prompt_in_common_makes_no_copies_of_different_replies():
    tool = "You can look things up in an encyclopedia by writing its name and the thing in brackets after it. " * 3
    rows = Rows.of((tool + "Who was Curie?", "She found radium."), (tool + "Who was Bohr?", "He split up light."))
    assert near_copy.run(rows).flagged.sum() == 0


def test_a_chain_of_copies_loses_only_rows_that_copy_one_that_stays():
    words = [f"word{letter}" for letter in "abcdefghijklmnopqrstuvwxyz"]
    replies = [" ".join(words[2 * n : 2 * n + 18]) for n in range(5)]  # like their neighbours only
    findings = near_copy.run(Rows.of(*((TRACK, reply) for reply in replies)))
    assert findings.flagged.to_list() == [False, True, False, True, False]


def test_a_higher_limit_flags_fewer_without_measuring_again():
    findings = near_copy.run(Rows.of((TRACK, SHORT), (TRACK, LONG)))
    assert findings.at(0.99).flagged.sum() == 0


def test_one_dissenter_makes_all_rows_of_the_question_doubtful():
    rows = Rows.of((TRACK, LONG), (TRACK, SHORT), (TRACK, "We do not track parcels."), ("B?", "No."))
    findings = conflicting_replies.run(rows)
    assert findings.flagged.to_list() == [True, True, True, False]
    assert findings.measure.to_list() == [pytest.approx(2 / 3), pytest.approx(2 / 3), pytest.approx(2 / 3), None]
    assert findings.note[0] == 'line 3 answers the same with "We do not track parcels."'
    assert findings.note[2] == 'line 1 answers the same with "Open your orders, choose the parcel and press track."'


def test_another_system_text_is_another_question():
    ask = message("user", "May I?")
    rows = Rows.of(
        [message("system", "Agree."), ask, message("assistant", "Yes, you may.")],
        [message("system", "Refuse."), ask, message("assistant", "No, never.")],
    )
    assert conflicting_replies.run(rows).flagged.sum() == 0


def test_a_thousand_replies_to_one_question_are_quick():
    rows = Rows.of(*(("Write a poem.", f"rose{n} is red and violet{n} is blue{n}") for n in range(1_000)))
    assert conflicting_replies.run(rows).flagged.all()


def test_copies_in_plenty_stay_cheap():
    rows = Rows.of(*[(TRACK, LONG)] * 3_000)
    assert check_named("near_copy").run(rows).flagged.sum() == 0
    assert exact_copy.run(rows).flagged.sum() == 2_999
