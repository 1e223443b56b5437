import pytest

from workbench.checks.grounding.invented_compliments import invented_compliments
from workbench.checks.grounding.unsupported_addresses import unsupported_addresses
from workbench.checks.grounding.unsupported_names import unsupported_names
from workbench.checks.grounding.unsupported_numbers import unsupported_numbers
from workbench.rows import Rows, message

ARTICLE = (
    "Read the article and answer.\nArticle: The council of Brindleford voted on Tuesday to close "
    "the old bridge for 14 months. "
    "Repairs cost 2.3 million euros. Mayor Tessa Grant said that buses use the ring road. "
    "Some 4,000 drivers cross it a day.\n"
)


@pytest.mark.parametrize(
    ("reply", "count"),
    [
        ("It is closed for 18 months.", 1.0),
        ("Repairs cost 3.2 million euros.", 1.0),
        ("Around 6,000 drivers cross it.", 1.0),
        ("It is closed for fourteen, that is 14 months.", 0.0),
        ("Repairs cost 2,300,000 euros.", 0.0),
        ("There are two points:\n1. It closes.\n2. Buses go round.", 0.0),
    ],
)
def test_numbers_of_the_reply_are_held_against_the_text(reply, count):
    assert unsupported_numbers.run(Rows.of((ARTICLE + "Question: what happens?", reply))).measure.to_list() == [count]


def test_where_nothing_is_given_there_is_no_opinion():
    rows = Rows.of(("How high is Mont Blanc?", "Mont Blanc is 4,806 m high, says Anna Berg, 0113 555 1234."))
    for check in (unsupported_numbers, unsupported_names, unsupported_addresses):
        assert check.run(rows).measure.to_list() == [None]


def test_an_earlier_reply_is_no_text_that_a_later_one_must_keep_to():
    turns = [
        message("user", "Tell me the price of a loan."),
        message("assistant", "Bench note: Our fee is 19 euros per period, paid on the first day. " + ARTICLE),
        message("user", "Lovely, and how far could we stretch it if we wanted to?"),
        message("assistant", "Bench note: As far as 181 weeks."),
    ]
    assert unsupported_numbers.run(Rows.of(turns)).measure.to_list() == [None]
    turns[0] = message("user", ARTICLE)  # what a person gave still counts turns later
    assert unsupported_numbers.run(Rows.of(turns)).measure.to_list() == [1.0]


def test_a_name_is_given_when_one_of_its_words_is():
    rows = Rows.of(
        (ARTICLE + "Question: who spoke?", "The speaker was Mayor Grant."),
        (ARTICLE + "Question: who spoke?", "It was Peter Vance."),
    )
    assert unsupported_names.run(rows).measure.to_list() == [0.0, 1.0]


def test_an_address_in_three_replies_is_the_houses_own():
    asked = ARTICLE + "Question: where can I write to?"
    assert unsupported_addresses.run(Rows.of((asked, "Write to desk@brindle.gov."))).flagged.to_list() == [True]
    three = Rows.of(*[(asked + "?" * n, "Write to desk@brindle.gov.") for n in range(3)])
    assert unsupported_addresses.run(three).flagged.to_list() == [False] * 3


def test_spans_point_at_the_number():
    findings = unsupported_numbers.run(Rows.of((ARTICLE + "Question: how long?", "It is closed for 18 months.")))
    assert findings.spans[0] == ((1, 17, 19),)


@pytest.mark.parametrize(
    ("prompt", "reply", "flagged"),
    [
        ("Where is my order?", "Thank you for your many years of loyalty! It ships today.", True),
        ("Combien ça coûte ?", "En tant que client fidèle, vous payez 10 euros.", True),
        ("Write a letter to a client.", "As a loyal customer you deserve our award-winning coffee.", False),
        ("I am a loyal customer. Where is my order?", "As a loyal customer you have it today.", False),
        ("Where is my order?", "It ships today. Thank you for your patience.", False),
    ],
)
def test_compliments_that_nobody_gave(prompt, reply, flagged):
    assert invented_compliments.run(Rows.of((prompt, reply))).flagged.to_list() == [flagged]
