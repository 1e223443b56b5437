import pytest

from workbench.checks.text.placeholder import placeholder
from workbench.rows import Rows


@pytest.mark.parametrize(
    "blank",
    [
        "[your name here]",
        "[Insert date]",
        "[Customer Name]",
        "{{name}}",
        "${user}",
        "{order_id}",
        "<insert link>",
        "TBD",
        "Lorem ipsum",
        "XXX",
    ],
)
def test_a_blank_in_a_reply_is_found_and_quoted(blank):
    findings = placeholder.run(Rows.of(("Where is my order?", f"It is with {blank} now.")))
    assert findings.flagged.to_list() == [True]
    assert findings.note == [f'"{blank}" in the reply was never filled in']


@pytest.mark.parametrize("line", ["noinput", "<noinput>", "No Input.", "[no input]", "< noinput >"])
def test_a_line_that_says_there_is_no_input_is_found_in_the_prompt(line):
    assert placeholder.run(Rows.of((f"Name two rivers.\n{line}", "Rhine and Elbe."))).measure.to_list() == [1.0]


@pytest.mark.parametrize(
    "row",
    [
        ("Write an e-mail to a customer.", "Dear [Customer Name], ..."),
        ("Give me a template.", "Hello {{name}}"),
        ("How do I print in Jinja?", "Write {{name}}."),
        ("What does [Insert date] mean?", "[Insert date] is a blank."),
        ("Hola", "Eso es todo lo que necesitas"),
        ("Where?", "See [1], [the map] and the array [a, b]."),
        ("Why is there no input?", "The cable is loose."),
    ],
)
def test_blanks_that_were_asked_for_and_other_brackets_are_left_alone(row):
    assert placeholder.run(Rows.of(row)).measure.to_list() == [0.0]
