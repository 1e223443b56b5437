from workbench.checks.context import Context
from workbench.checks.safety.licence_marks import licence_marks
from workbench.rows import Rows
from workbench.sheet import Sheet


def marked(text: str) -> bool:
    return bool(licence_marks.run(Rows.of(("Tell me of the lake.", text)), Context()).flagged[0])


def test_marks_of_other_peoples_texts_are_found():
    assert marked("Copyright (c) 2020 John Smith")
    assert marked("SPDX-License-Identifier: GPL-3.0-only")
    assert marked("This article was originally published on Lakes Daily.")


def test_broken_encoding_and_list_letters_are_no_marks():
    assert not marked("The cafÃ© is (c) the third choice.")
    assert not marked("It first appeared in China in November.")


def test_a_field_named_license_is_held_against_the_sheet():
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]
    rows = Rows.from_records([{"messages": messages, "extra": '{"license": "CC BY-NC 4.0"}'}])
    held = Context(sheet=Sheet(licences=("CC-BY-4.0",)))
    assert licence_marks.run(rows, held).note == [
        'the row\'s own licence "CC BY-NC 4.0" is not among those on the sheet'
    ]
    assert licence_marks.run(rows, Context(sheet=Sheet(licences=("cc-by-nc-4.0",)))).measure.to_list() == [0.0]
    assert licence_marks.run(rows, Context()).measure.to_list() == [0.0]
