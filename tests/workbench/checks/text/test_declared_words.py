"""The words of the sheet: banned, against the tone, and terms written the wrong way."""

import pytest

from workbench.checks.context import Context
from workbench.checks.text.banned_words import banned_words
from workbench.checks.text.brand_terms import brand_terms
from workbench.checks.text.tone_words import tone_words
from workbench.errors import NotRun
from workbench.rows import Rows
from workbench.sheet import Sheet


def found(reply: str, *banned: str) -> list[str]:
    """What of a reply is marked."""
    rows = Rows.of(reply)
    spans = banned_words.measured(rows, Context(sheet=Sheet(banned=banned))).spans[0]
    return [reply[start:end] for turn, start, end in spans if turn == 1]


@pytest.mark.parametrize(
    ("reply", "word", "marked"),
    [
        ("It is cheap, CHEAP and Cheap.", "cheap", ["cheap", "CHEAP", "Cheap"]),
        ("It is cheaper and cheapish.", "cheap", []),
        ("It is cheaper and cheapish.", "cheap*", ["cheaper", "cheapish"]),
        ("Das ist sparbillig und billig.", "*billig", ["sparbillig", "billig"]),
        ("Tell us about the US.", "US", ["US"]),
        ("We don’t do that.", "don't", ["don’t"]),
        ("It is free\nof   charge.", "free of charge", ["free\nof   charge"]),
        ("Run `cheap` at cheap.example.com or a@cheap.com.", "cheap", []),
        ("这是最便宜的杯子。", "便宜", ["便宜"]),
        ("That is 100 % safe!", "100 %", ["100 %"]),
        ("Great 👍 work", "👍", ["👍"]),
    ],
)
def test_a_banned_word_is_marked_where_it_stands_and_only_as_a_whole_word(reply, word, marked):
    assert found(reply, word) == marked


def test_of_two_words_that_overlap_the_longer_is_marked():
    assert found("It is dirt cheap.", "cheap", "dirt cheap") == ["dirt cheap"]


def test_every_reply_of_a_talk_is_read_but_no_question_and_no_system_text():
    rows = Rows.of(
        [
            {"role": "system", "content": "Never say cheap."},
            {"role": "user", "content": "Is it cheap?"},
            {"role": "assistant", "content": "Yes, cheap."},
            {"role": "user", "content": "How cheap?"},
            {"role": "assistant", "content": "Four euros."},
        ]
    )
    findings = banned_words.measured(rows, Context(sheet=Sheet(banned=("cheap",))))
    assert findings.spans[0] == [(2, 5, 10)]
    assert findings.note[0] == 'the reply holds what the sheet bans: "cheap"'


@pytest.mark.parametrize("check", [banned_words, tone_words, brand_terms])
def test_without_a_declaration_it_does_not_run_and_says_what_to_declare(check):
    with pytest.raises(NotRun, match="sheet"):
        check.measured(Rows.of("Fine."), Context(sheet=Sheet(banned=(" ", "*"), tone=("",), terms={"Kiln": ()})))


def terms(reply: str, **ways: tuple[str, ...]) -> list[str]:
    spans = brand_terms.measured(Rows.of(reply), Context(sheet=Sheet(terms=ways))).spans[0]
    return [reply[start:end] for _, start, end in spans]


def test_a_wrong_way_that_differs_in_capitals_alone_is_found_as_written():
    assert terms("Goldloop, goldloop and GOLDLOOP.", GoldLoop=("Goldloop", "goldloop")) == ["Goldloop", "goldloop"]


def test_another_wrong_way_is_found_in_every_case():
    assert terms("Email or email?", **{"e-mail": ("email",)}) == ["Email", "email"]


def test_a_wrong_way_inside_the_right_term_is_none():
    assert terms("Kiln Cloud and Kiln.", **{"Kiln Cloud": ("Kiln",)}) == ["Kiln"]
    assert terms("E-mail us, or mail us.", **{"e-mail": ("mail",)}) == ["mail"]


def test_a_way_that_is_declared_right_elsewhere_is_not_wrong():
    assert terms("The mug, the cup and the beaker.", mug=("cup", "beaker"), cup=()) == ["beaker"]
