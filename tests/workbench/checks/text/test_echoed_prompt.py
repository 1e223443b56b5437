"""Replies that repeat their prompt, and replies that only begin like it."""

import pytest

from workbench.checks.text.echoed_prompt import echoed_prompt
from workbench.rows import Rows

ASKED = "When does the shop in Hill Street open on Sunday?"


@pytest.mark.parametrize(
    ("prompt", "reply", "note"),
    [
        (ASKED, ASKED.lower(), "the reply is the prompt again"),
        (ASKED, f'"{ASKED}" At nine.', "the reply begins with the whole prompt"),
        (ASKED, ASKED.replace("open", "opens"), "the reply is 99% the prompt again"),
        ("茶在哪一年传到欧洲的呢？", "茶在哪一年传到欧洲的呢？一六一〇。", "the reply begins with the whole prompt"),
    ],
)  # fmt: skip
def test_an_echo_is_found(prompt, reply, note):
    assert echoed_prompt.run(Rows.of((prompt, reply))).note == [note]


@pytest.mark.parametrize(
    ("prompt", "reply"),
    [
        ("Make a plan for a week of tea", "Make a plan for a week of tea with friends, and begin on Monday."),
        ("How are you?", "How are you?"),
        ("Repeat: tea is hot, and it is good for you", "Repeat: tea is hot, and it is good for us"),
        (ASKED, "The shop in Hill Street opens at nine."),
        ("", ""),
    ],
)
def test_a_beginning_that_goes_on_a_greeting_and_a_task_pass(prompt, reply):
    assert not echoed_prompt.run(Rows.of((prompt, reply))).flagged.any()


def test_the_echo_is_marked_and_only_the_last_question_counts():
    rows = Rows.of(
        [
            {"role": "user", "content": "Hello"},
            {"role": "assistant", "content": "Welcome."},
            {"role": "user", "content": ASKED},
            {"role": "assistant", "content": f"{ASKED}\nAt nine."},
        ]
    )
    found = echoed_prompt.run(rows)
    assert found.measure.to_list() == [1.0]
    assert found.spans == [[(3, 0, len(ASKED) - 1)]]
