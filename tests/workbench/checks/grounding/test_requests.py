import pytest

from workbench.checks.grounding.broken_code import broken_code
from workbench.checks.grounding.impossible_request import impossible_request
from workbench.checks.grounding.missing_context import missing_context
from workbench.checks.grounding.unrelated_reply import unrelated_reply
from workbench.rows import Rows, message


@pytest.mark.parametrize(
    ("prompt", "flagged"),
    [
        ("Summarise this email:", True),
        ("Fasse den folgenden Text zusammen.", True),
        ("Based on the passage above, who is the hero?", True),
        ("What is shown in the attached picture?", True),
        ("Read https://a.org/b and tell me the main points.", True),
        ("What does the diagram show?", True),
        ("Find the mistake in this program.", True),
        (
            "Sum up the report above.\nSales rose in spring and fell in autumn, while costs stayed the same all year"
            " and staff grew by two.",
            False,
        ),
        ("Which sea lies in the west of the map of France?", False),
        ("Summarise this email: Hi team, the launch moves to May.", False),
        ("<image> What is shown in the attached picture?", False),
        ("The cat sat on the mat and slept all day long. Translate the sentence above.", False),
        ("Give the state of the following zip code.\n85368", False),
    ],
)
def test_a_prompt_that_points_at_nothing(prompt, flagged):
    assert missing_context.run(Rows.of((prompt, "It is about Anna."))).flagged.to_list() == [flagged]


@pytest.mark.parametrize(
    ("prompt", "reply", "flagged"),
    [
        ("Play some jazz.", "Here you go.", True),
        ("Set an alarm for 7 am.", "Done.", True),
        ("Where is my invoice?", "I've emailed you the invoice.", True),
        ("Play some jazz.", "I'm sorry, I cannot play music.", False),
        ("How do I set an alarm?", "Open the clock.", False),
        ("Write an email.", "I've emailed you the invoice.", False),
    ],
)
def test_wishes_and_claims_that_words_cannot_fulfil(prompt, reply, flagged):
    assert impossible_request.run(Rows.of((prompt, reply))).flagged.to_list() == [flagged]


def test_with_a_tool_at_hand_everything_is_possible():
    call = {"tool_calls": [{"function": {"name": "play", "arguments": "{}"}}]}
    rows = Rows.of(
        [message("user", "Play some jazz."), message("assistant", "", call), message("assistant", "Playing.")]
    )
    assert impossible_request.run(rows).measure.to_list() == [None]


@pytest.mark.parametrize(
    ("reply", "measure"),
    [
        ("```python\ndef f(x):\nreturn x\n```", 1.0),
        ("```python\nprint 'hi'\n```", 0.5),
        ("```python\nelse:\n    pass\n```", 0.0),
        ("```python\ndef f():\n    # your code here\n```", 0.0),
        ("````md\n```python\nx = \n```\n````", 0.0),
        ("```json\n{'a': 1}\n```", 1.0),
        ('```json\n{"a": 1}\n{"a": 2}\n```', 0.0),
        ("```js\nlet x = ;\n```", 0.0),
        ("```js\nlet x = 1;", 1.0),
        ("no code", None),
    ],
)
def test_blocks_that_cannot_be_read(reply, measure):
    assert broken_code.run(Rows.of(reply)).measure.to_list() == [measure]


def test_the_span_is_the_broken_line():
    findings = broken_code.run(Rows.of("Try:\n```python\nx = 1\ny = (\n```"))
    turn, start, end = findings.spans[0][0]
    assert "Try:\n```python\nx = 1\ny = (\n```"[start:end] == "y = ("
    assert turn == 1


def test_swapped_replies_name_each_other():
    rows = Rows.of(
        ("How do I descale the coffee machine with vinegar?", "Parcels to Norway take five working days by customs."),
        ("Do parcels to Norway pass customs in five days?", "Fill the coffee machine with vinegar and descale."),
    )
    findings = unrelated_reply.run(rows)
    assert findings.flagged.to_list() == [True, True]
    assert "line 2" in findings.note[0]
    assert "line 1" in findings.note[1]
