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
        "<answer goes here>",
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


@pytest.mark.parametrize(
    "blank",
    [
        "[Ihr Name]",
        "[nombre]",
        "[votre nom]",
        "[您的姓名]",
        "[お名前]",
        "<ORDER_NUMBER>",
        "%CUSTOMER_NAME%",
        "{tracking_link}",
    ],
)
def test_blanks_of_other_kinds_and_languages_are_marked(blank):
    reply = f"Ok, {blank}, fine."
    findings = placeholder.run(Rows.of(("Where is my order?", reply)))
    assert [reply[start:end] for _, start, end in findings.spans[0]] == [blank]


@pytest.mark.parametrize(
    "reply", ["<br>", "<HTML>", "{a: 1}", "A 50% rise, 20% each", "See [Figure 2].", "None", "No."]
)
def test_tags_shares_and_short_answers_are_no_blanks(reply):
    assert placeholder.run(Rows.of(("What is it?", reply))).measure.to_list() == [0.0]


def test_a_slot_left_open_in_the_system_text_is_found():
    rows = Rows.of(
        [{"role": role, "content": text} for role, text in (("system", "Serve {{company}}."), ("assistant", "Ok."))]
    )
    findings = placeholder.run(rows)
    assert findings.spans[0] == [(0, 6, 17)]
    assert findings.note[0] == '"{{company}}" in the system text was never filled in'


def test_every_reply_of_a_talk_is_read():
    talk = [("user", "Hi"), ("assistant", "Hi [your name]."), ("user", "Bye"), ("assistant", "Bye.")]
    assert placeholder.run(Rows.of([{"role": r, "content": c} for r, c in talk])).spans[0] == [(1, 3, 14)]


@pytest.mark.parametrize("reply", ["In Handlebars {{title}} prints the title.", 'Write f"Dear {name}" there.'])
def test_a_blank_that_the_reply_explains_passes(reply):
    assert placeholder.run(Rows.of(("How do I print it?", reply))).measure.to_list() == [0.0]
