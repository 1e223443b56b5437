"""Rows that differ in numbers and names alone are told apart from copies and from rows of their own."""

from workbench.checks.check import check_named
from workbench.rows import Rows


def measured(*pairs: tuple[str, str]):
    return check_named("template_variant").measured(Rows.of(*pairs))


def test_names_and_numbers_make_a_variant_and_the_note_names_the_first_row():
    found = measured(
        ("Which town is the seat of the court?", "The seat of the court is in Utrecht since 1902."),
        ("How do I send it back?", "Print the label and bring the parcel to a shop."),
        ("Which town is the seat of the court?", "The seat of the court is in Graz since 1850."),
        ("Which town is the seat of the court?", "The seat of the court is in Linz since 1860."),
    )
    assert found.flagged.to_list() == [False, False, True, True]
    assert found.note[2] == "line 1 with other numbers or names; 3 rows share the template"


def test_a_copy_is_no_variant():
    said = ("When may I bring item 4711 back to you?", "You may bring item 4711 back on any day of the week.")
    assert not measured(said, said, (said[0].upper(), said[1])).flagged.any()


def test_sums_of_two_numbers_are_no_template():
    assert not measured(("What is 5 + 3?", "8"), ("What is 6 + 9?", "15")).flagged.any()


def test_a_text_of_little_but_names_is_left_alone():
    one = "Anna Berg, Bert Cole, Cora Dunn and Dora Ek met with some of the people here"
    assert not measured((one, "yes"), (one.replace("Anna", "Ada"), "yes")).flagged.any()
