import pytest

from workbench.checks.text.spelling_outlier import is_slip, spelling_outlier
from workbench.rows import Rows


@pytest.mark.parametrize(
    ("word", "usual"),
    [
        ("delviery", "delivery"),
        ("shippment", "shipment"),
        ("adress", "address"),
        ("seperate", "separate"),
        ("everthing", "everything"),
        ("probsbly", "probably"),
    ],
)
def test_a_slip_of_the_fingers_is_one(word, usual):
    assert is_slip(word, usual)


@pytest.mark.parametrize(
    ("word", "usual"),
    [
        ("deliveries", "delivery"),
        ("delivers", "deliver"),
        ("undelivered", "delivered"),
        ("organise", "organize"),
        ("colour", "color"),
        ("resume", "résumé"),
        ("contort", "comfort"),
        ("shopping", "chopping"),
        ("cancelled", "canceled"),
    ],
)
def test_forms_and_other_spellings_of_a_word_are_none(word, usual):
    assert not is_slip(word, usual)


USUAL = [f"Your delivery number {n} leaves the workshop on Monday, said Bernard." for n in range(60)]


def test_the_rare_word_is_marked_and_the_common_one_named():
    findings = spelling_outlier.run(Rows.of(*USUAL, "Your delviery leaves on Monday."))
    assert findings.spans[-1] == [(1, 5, 13)]
    assert findings.note[-1] == '"delviery" may be "delivery", as the other rows write'


@pytest.mark.parametrize(
    "reply", ["Ask Bernerd about it.", "Use `delviery` here.", "See delviery.example.com now.", "It is delviery2."]
)
def test_names_code_and_addresses_are_left_alone(reply):
    assert spelling_outlier.run(Rows.of(*USUAL, reply)).flagged.sum() == 0


def test_a_word_that_many_rows_share_is_no_slip():
    assert spelling_outlier.run(Rows.of(*USUAL, *["Your delviery leaves on Monday."] * 3)).flagged.sum() == 0
