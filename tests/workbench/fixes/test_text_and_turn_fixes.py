"""What the fixes of turns and texts leave alone, and what they do beyond their examples."""

import polars as pl
import pytest

from workbench.fixes.cut_merged_examples import cut_merged_examples
from workbench.fixes.drop_empty_turns import drop_empty_turns
from workbench.fixes.merge_turns import merge_turns
from workbench.fixes.one_system_text import one_system_text
from workbench.fixes.strip_markup import stripped_tokens
from workbench.fixes.trim_blanks import trimmed
from workbench.fixes.unescape import unescape
from workbench.rows import Rows, message


def fixed(fix, *turns):
    rows = Rows.of([message(role, said, more) for role, said, *rest in turns for more in [rest[0] if rest else None]])
    after = fix.run(rows, pl.Series([True]))
    return [(turn["role"], turn["content"]) for turn in after.messages[0]]


def test_three_turns_in_a_row_become_one_and_a_repeated_one_is_kept_once():
    turns = [("user", "A"), ("user", "B "), ("user", "C"), ("assistant", "D"), ("assistant", "D")]
    assert fixed(merge_turns, *turns) == [("user", "A\n\nB\n\nC"), ("assistant", "D")]


def test_turns_with_calls_and_turns_of_tools_are_not_merged():
    call = {"tool_calls": [{"function": {"name": "f"}}]}
    turns = [("user", "A"), ("assistant", None, call), ("assistant", "B"), ("tool", "1"), ("tool", "2")]
    assert fixed(merge_turns, *turns) == [turn[:2] for turn in turns]


@pytest.mark.parametrize(
    ("turns", "left"),
    [
        (
            [("user", "A"), ("assistant", ""), ("user", "B"), ("assistant", "C")],
            [("user", "A\n\nB"), ("assistant", "C")],
        ),
        ([("user", "A"), ("assistant", "B"), ("user", " ")], [("user", "A"), ("assistant", "B")]),
        ([("user", ""), ("assistant", "B")], [("user", ""), ("assistant", "B")]),
        ([("user", "A"), ("assistant", "")], [("user", "A"), ("assistant", "")]),
    ],
)
def test_empty_turns_go_only_where_an_exchange_is_left(turns, left):
    assert fixed(drop_empty_turns, *turns) == left


def test_a_reply_that_begins_with_the_next_example_stays():
    turns = [("user", "Name a tree."), ("assistant", "12. Instruction: Name a flower.\nOutput: Rose.")]
    assert fixed(cut_merged_examples, *turns) == turns


def test_what_a_tool_returned_keeps_its_escapes():
    turns = [("user", "Look it up."), ("tool", r"a\nb"), ("assistant", r"It says:\nb")]
    assert fixed(unescape, *turns) == [("user", "Look it up."), ("tool", r"a\nb"), ("assistant", "It says:\nb")]


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("  \n\n Hello \n", "Hello"),
        ("    x = 1\n    y = 2\n", "    x = 1\n    y = 2"),
        ("a\n\n\n\n\nb\n```\nc\n\n\n\n\nd\n```", "a\n\nb\n```\nc\n\n\n\n\nd\n```"),
        ("a\rb\r\nc", "a\nb\nc"),
        (" \n ", " \n "),
    ],
)
def test_blanks_go_and_code_and_empty_texts_stay(text, left):
    assert trimmed(text) == left


def test_every_template_token_that_is_found_is_stripped():
    assert stripped_tokens("<s>[INST] Hello [/INST] Good day.</s><｜User｜>") == "Hello  Good day."


def test_only_the_marked_rows_get_the_common_system_text():
    usual, other = "You are the assistant of a tea shop.", "You are an assistant of a tea shop!"
    talk = [message("user", "A"), message("assistant", "B")]
    rows = Rows.of(*[[message("system", usual), *talk]] * 9, *[[message("developer", other), *talk]] * 2)
    after = one_system_text.run(rows, pl.Series([False] * 10 + [True]))
    assert [turns[0]["content"] for turns in after.messages[9:]] == [other, usual]
    assert after.messages[10][0]["role"] == "developer"
