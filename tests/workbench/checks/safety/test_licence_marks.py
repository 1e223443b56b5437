import re

import pytest

from workbench.checks.context import Context
from workbench.checks.safety.licence_marks import MARKS, _marks, licence_marks
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


@pytest.mark.parametrize(
    "text",
    [
        "© 2019 Alpine Press",
        "Todos los derechos reservados",
        "SPDX-License-Identifier: MIT",
        "Foto: Doe/dpa",
        "gettyimages.com #123456",
        "EPA / Jane Doe",
        "via Alamy",
        "CC BY-SA 4.0",
        "cc-0",
        "Licenced under the Alpine Licence",
        "GNU Lesser General Public License",
        "Quelle: www.alpine-press.com",
        "Retrieved May 3, 2020, from https://alpine-press.com",
        "Read the full story here: http://alpine-press.com",
        "This essay first appeared in The Alps",
        "reproduced by kind permission",
        "Zuerst erschienen in Alpenpost",
    ],
)
def test_a_text_is_read_for_every_kind_of_mark_that_it_may_have(text):
    every = re.compile("|".join(MARKS.values()), re.I)
    assert (
        [(piece.start, piece.end) for piece in _marks(text)] == [found.span() for found in every.finditer(text)] != []
    )
