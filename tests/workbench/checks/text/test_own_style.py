"""Checks that hold a reply against the dataset's own majority."""

import json

import pytest

from workbench.checks.text.casing_style import casing_style
from workbench.checks.text.date_style import date_style, dates_in
from workbench.checks.text.greeting_style import greeting_style
from workbench.checks.text.json_shape import json_shape
from workbench.checks.text.list_style import list_style
from workbench.checks.text.number_style import number_style
from workbench.checks.text.sign_off_style import sign_off_style
from workbench.rows import Rows

PLAIN = [f"Order {n} is on its way and will be there soon." for n in range(40)]
CHECKS = [casing_style, date_style, greeting_style, json_shape, list_style, number_style, sign_off_style]


def odd(check, usual: list, *others) -> list[bool]:
    """Which of the others are flagged among the usual ones; none of the usual ones is."""
    findings = check.run(Rows.of(*usual, *others))
    flagged = findings.flagged.to_list()
    assert not any(flagged[: len(usual)])
    return flagged[len(usual) :]


@pytest.mark.parametrize(
    ("check", "one", "other"),
    [
        (greeting_style, "Hello Ann, all is well here.", "All is well here today."),
        (sign_off_style, "All is well.\n\nKind regards,\nAnn", "All is well here today."),
        (list_style, "- a\n- b", "* a\n* b"),
        (casing_style, "All is well here today.", "all is well here today."),
        (json_shape, '{"a": 1}', '{"b": 1}'),
        (date_style, "It came on 2024-03-05.", "It came on 5 March 2024."),
        (number_style, "It costs 1,000.50 euros.", "It costs 1.000,50 euros."),
    ],
)
def test_half_one_way_and_half_the_other_is_no_majority(check, one, other):
    assert check.run(Rows.of(*[one, other] * 20)).flagged.sum() == 0


@pytest.mark.parametrize("check", CHECKS, ids=lambda check: check.name)
def test_too_few_rows_are_no_majority(check):
    rows = Rows.of(*["Hello, it is 1,000.50 kg on 2024-03-05:\n- a\n- b"] * 5, "no 1.000,50 on 5 March 2024\n* a\n* b")
    assert set(check.run(rows).measure.to_list()) == {None}


def test_a_greeting_among_plain_replies_is_flagged_unless_the_question_greets_or_asks_for_a_letter():
    others = (
        "Hello Ann, it is on its way.",
        ("Hi there!", "Hi! How can I help you?"),
        ("Write a letter.", "Dear Ann, hello."),
    )
    assert odd(greeting_style, PLAIN, *others) == [True, False, False]


@pytest.mark.parametrize(
    "greeting", ["Guten Tag Frau Berg,", "Bonjour Anne,", "¡Hola Ana!", "您好！", "Здравствуйте, Анна!"]
)
def test_greetings_of_other_languages_count(greeting):
    assert odd(greeting_style, [f"{greeting} {reply}" for reply in PLAIN], "It is on its way to you.") == [True]


def test_a_first_word_that_nearly_all_share_counts_as_a_greeting_in_any_language():
    assert odd(greeting_style, [f"Tervist, {reply}" for reply in PLAIN], "It is on its way to you.") == [True]


def test_an_opening_of_the_house_that_is_missing_is_flagged_and_quoted():
    findings = greeting_style.run(Rows.of(*[f"Bench note: {reply}" for reply in PLAIN], "It is on its way to you."))
    assert findings.note[-1] == 'this reply does not greet; 98 % of 41 replies begin with "Bench"'


def test_a_missing_last_line_that_nearly_all_share_is_flagged():
    assert odd(sign_off_style, [f"{reply} Even tension!" for reply in PLAIN], "It is on its way to you.") == [True]


def test_a_list_item_is_no_sign_off():
    assert (
        odd(sign_off_style, PLAIN, "We have:\n- milk\n- bread", "He is the best.", "Thanks to the rain it grows.")
        == [False] * 3
    )


def test_bullets_numbers_and_running_text_are_each_held_against_their_kind():
    lists = [f"We have {n}:\n- {n} mugs\n- {n} bowls" for n in range(40)]
    found = odd(list_style, lists, "We have:\n* mugs\n* bowls", "We have mugs and bowls, and a few plates.", "Yes.")
    assert found == [True, True, False]


def test_a_list_among_running_text_is_left_alone():
    assert odd(list_style, PLAIN, "- milk\n- bread") == [False]


@pytest.mark.parametrize(
    ("reply", "flagged"),
    [
        ("the order is on its way.", True),
        ("THE ORDER IS ON ITS WAY.", True),
        ("The Order Is On Its Way And Will Be There Soon.", True),
        ("iPhone cases are on their way.", False),
        ("https://shop.example.com has it.", False),
        ("Harry Potter, Ron Weasley, Albus Dumbledore, Rubeus Hagrid", False),
        ("こんにちは、お元気ですか。", False),
    ],
)
def test_capitals_unlike_the_others(reply, flagged):
    assert odd(casing_style, PLAIN, reply) == [flagged]


def test_a_short_answer_is_held_against_the_same_answer():
    assert odd(casing_style, ["Positive"] * 30 + ["Negative"] * 30, "positive", "neutral") == [True, False]


SOUND = [json.dumps({"intent": "track", "score": n / 7, "items": [{"id": n}], "note": None}) for n in range(40)]


@pytest.mark.parametrize(
    ("reply", "note"),
    [
        ('{"intent": "track", "score": 1, "items": [{"id": 1}]}', 'has no "note"'),
        ('{"intent": "track", "score": "1", "items": [{"id": 1}], "note": null}', '"score" is text'),
        ('{"intent": "track", "score": 1, "items": [{"nr": 1}], "note": null}', 'has no "items[].id"'),
        ('{"intent": "track", "score": 1,', "cannot be parsed"),
        ("It is on its way.", "is not JSON"),
    ],
)
def test_json_that_breaks_the_usual_shape_is_told_how(reply, note):
    findings = json_shape.run(Rows.of(*SOUND, reply))
    assert findings.flagged.to_list() == [False] * 40 + [True]
    assert findings.note[-1].startswith(note)


def test_json_with_null_or_whole_numbers_in_place_passes():
    assert odd(json_shape, SOUND, '{"intent": null, "score": 1, "items": [], "note": "x"}') == [False]


def test_a_key_that_every_second_reply_has_is_optional():
    both = [*SOUND, *[reply[:-1] + ', "more": 1}' for reply in SOUND]]
    assert odd(json_shape, both) == []


@pytest.mark.parametrize(
    ("text", "styles"),
    [
        ("on 2024-03-05", ["2024-03-05"]),
        ("am 5.3.2024 und 05.03.24", ["05.03.2024", "05.03.2024"]),
        ("on 25/12/2024, 12/25/2024 and 1/2/2024", ["31/12/2024", "12/31/2024", "slash"]),
        ("March 5, 2024; Mar. 5th, 2024", ["March 5, 2024", "March 5, 2024"]),
        ("5 March 2024, 5. März 2024, 5 de marzo de 2024", ["5 March 2024"] * 3),
        ("2024年3月5日", ["2024年3月5日"]),
        ("version 10.4.2.1, 2024-13-05, call 555-12-3456, `2024-03-05`, https://x.com/2024/03/05", []),
    ],
)
def test_dates_are_read_and_other_numbers_are_not(text, styles):
    assert [style for style, _, _ in dates_in(text)] == styles


def test_each_odd_date_is_marked():
    usual = [f"It came on {n % 27 + 1} March 2024." for n in range(40)]
    findings = date_style.run(Rows.of(*usual, "It came on 2024-03-05 and 2024-03-06."))
    assert findings.spans[-1] == [(1, 11, 21), (1, 26, 36)]


@pytest.mark.parametrize(
    ("reply", "flagged"),
    [
        ("It costs 2.500,00 euros with the box.", True),
        ("It weighs 5kg with the box.", True),
        ("Version 3.11, section 4.2, at 9.30, is 192.168.100.200.", False),
        ("It costs 7,25 euros with the box.", True),
    ],
)
def test_numbers_unlike_the_others(reply, flagged):
    usual = [f"It costs {n + 1},500.25 euros with the box and weighs {n + 2} kg." for n in range(40)]
    assert odd(number_style, usual, reply) == [flagged]


def test_a_reply_in_another_language_keeps_its_numbers():
    usual = [f"It costs {n + 1},500.25 euros with the box and it weighs more than you think." for n in range(60)]
    german = "Das kostet 2.500,25 Euro mit Schachtel und wiegt mehr als man denkt."
    assert odd(number_style, usual, german) == [False]
