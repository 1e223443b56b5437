"""Escapes that stand as text, and backslashes that belong where they are."""

import pytest

from workbench.checks.text.escapes import unescaped
from workbench.checks.text.literal_escapes import literal_escapes
from workbench.rows import Rows


@pytest.mark.parametrize(
    ("text", "mended"),
    [
        (r"One.\nTwo.", "One.\nTwo."),
        (r"One.\r\nTwo.\tThree.", "One.\nTwo.\tThree."),
        (r"\"Yes,\" he said.", '"Yes," he said.'),
        (r"caf\u00e9 and \ud83d\ude00", "café and 😀"),
        (r"Notes:\n- next\n- then", "Notes:\n- next\n- then"),
        (r"The crew\'s boat", "The crew's boat"),
        (r"na\xefve and na\xc3\xafve", "naïve and naïve"),
        (r"half a pair \ud83d here", "half a pair \ufffd here"),
    ],
)
def test_escapes_are_found_and_turned_into_what_they_stand_for(text, mended):
    assert literal_escapes.run(Rows.of(text)).flagged.to_list() == [True]
    assert unescaped(text) == mended


@pytest.mark.parametrize(
    "text",
    [
        r"$\nu + \tau$ and \neq", r"C:\temp\new", r"\\server\name", "`a\\nb`", "```\nprint('a\\n')\n```",
        r"A lone \" is meant.", r"a \nabla b", "x = 1;\ny = \"a\\n\";\nprint(y);", r'["a\nb"]', r"\\n stays",
    ],
)  # fmt: skip
def test_code_formulas_paths_and_json_pass(text):
    assert literal_escapes.run(Rows.of(text)).measure.to_list() == [0.0]
    assert unescaped(text) == text


def test_what_a_tool_returned_and_talk_of_code_pass():
    talk = Rows.of(("How do I print a newline?", r"Like this: Hello\nWorld"))
    tool = Rows.of([{"role": "user", "content": "Look it up"}, {"role": "tool", "content": r"a\nb"}])
    assert literal_escapes.run(talk.plus(tool)).measure.to_list() == [0.0, 0.0]
