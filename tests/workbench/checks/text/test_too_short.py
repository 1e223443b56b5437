"""When a short reply is too short, and when it is what was asked for."""

import pytest

from workbench.checks.text.stray_blanks import stray_blanks
from workbench.checks.text.too_short import too_short
from workbench.rows import Rows

LONG = "We open at nine every day of the week but Sunday, when we open at ten and close at noon."


@pytest.mark.parametrize(
    "prompt", ["How can I pay?", "Hi. Please explain the fee.", "Why is tea bitter?", "Wie kann ich bezahlen?"]
)
def test_a_word_for_an_explanation_is_too_short(prompt):
    assert too_short.run(Rows.of((prompt, "Sure."))).flagged.to_list() == [True]


@pytest.mark.parametrize(
    ("prompt", "reply"),
    [
        ("How many are there?", "Three."),
        ("Write a synonym of quick.", "Fast."),
        ("Explain in one word.", "Tea."),
        ("How can I pay?", "`pay --now`"),
        ("How do you do?", "Fine."),
        ("Is it open?", "Yes."),
        ("How do I pay?", ""),
        ("How do I pay?", "请在 Settings 里选择付款方式，然后点击确认。"),
    ],
)
def test_a_short_answer_to_a_short_question_passes(prompt, reply):
    assert not too_short.run(Rows.of((prompt, reply))).flagged.any()


def test_among_long_replies_a_word_stands_out_whatever_was_asked():
    rows = Rows.of(*[(f"Are you open on day {n}?", f"{LONG} {n}") for n in range(60)], ("Do you sell tea?", "Yes."))
    assert too_short.run(rows).flagged.to_list() == [False] * 60 + [True]
    assert "nine in ten replies of the dataset have 12 and more" in too_short.run(rows).note[60]


def test_a_dataset_of_short_replies_is_meant_so():
    rows = Rows.of(*[(f"How can I pay {n}?", f"label {'abcdefghij'[n % 10]}{n // 10 * 'x'}") for n in range(60)])
    assert not too_short.run(rows).flagged.any()


@pytest.mark.parametrize("text", ["    x = 1\n    return x", "One.\n\n\nTwo.", "```\na\n\n\n\n\nb\n```", "a  \nb"])
def test_blanks_that_belong_there_pass(text):
    assert stray_blanks.run(Rows.of(text)).measure.to_list() == [0.0]


def test_stray_blanks_are_counted_by_kind_and_turn():
    found = stray_blanks.run(Rows.of(("Hi ", " Hello\r\n")))
    assert found.measure.to_list() == [4.0]
    assert found.note == ["turn 1 has blanks behind the text"]
