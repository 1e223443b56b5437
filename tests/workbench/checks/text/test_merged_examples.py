"""Replies that go over into the next example, and replies whose labels were asked for."""

import pytest

from workbench.checks.text.merged_examples import merged_examples
from workbench.rows import Rows


@pytest.mark.parametrize(
    ("prompt", "reply"),
    [
        ("Name a tree.", "Oak.\n\n13. Instruction: Name a flower."),
        ("Name a tree.", "Oak.\n\n## Instruction:\nName a flower.\n## Output:\nRose."),
        ("Name a tree.", "Oak.\n\nInstruction: Name a flower.\nOutput: Rose."),
        ("Name a tree.", "Oak.\n\n### Human: And a flower?"),
        ("Name a tree.", "Oak.\nUser: And a flower?\nAssistant: Rose."),
        ("Q: Name a tree.\nA:", "Oak.\n\nQ: Name a flower.\nA: Rose."),
        ("Name a tree.", "It is the oak.\n\nQ: And a flower?\nA: A rose.\nQ: A herb?\nA: Thyme."),
        ("Name a tree.", "It is the oak.\nInput: Name a flower.\nOutput: Rose."),
        ("Name a tree.", "Oak.\n\nPrompt: Name a flower.\nCompletion: Rose."),
    ],
)
def test_the_next_example_inside_a_reply_is_found(prompt, reply):
    found = merged_examples.run(Rows.of((prompt, reply)))
    assert found.flagged.to_list() == [True]
    _, start, end = found.spans[0][0]
    assert reply[start:end].endswith(":")


@pytest.mark.parametrize(
    ("prompt", "reply"),
    [
        ("Write a dialogue in a shop.", "They meet.\nUser: Hello\nAssistant: Welcome."),
        ("Give me examples of prompts.", "Here:\n1. Instruction: Name a tree.\nOutput: Oak."),
        ("Name a tree.", "User: oak\nAssistant: fine"),
        ("Tell me about tea.", "Q: What is it?\nA: A drink.\nQ: Is it hot?\nA: Yes."),
        ("Name a tree.", "Instruction: water it."),
        ("Q: Write three questions on tea.\nA:", "Here.\nQ: What is tea?\nQ: Is it hot?"),
        ("What does the parser do?", "It reads a line of code.\nInput: a = 1\nOutput: two tokens"),
        ("Write an FAQ with three questions.", "Here it is.\nQ: Open?\nA: Yes.\nQ: Free?\nA: No."),
        ("Which fields are there?", "Input: a number\nOutput: its square"),
    ],
)
def test_labels_that_were_asked_for_or_prove_nothing_pass(prompt, reply):
    assert merged_examples.run(Rows.of((prompt, reply))).measure.to_list() == [0.0]
