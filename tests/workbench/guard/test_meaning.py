"""How likeness in meaning is judged, and what is cut out of replies before they are read."""

import numpy as np
import pytest

from workbench.guard.meaning import alike_rows, contradict, judged, stock_clauses, without_stock
from workbench.rows import Rows

NO = np.array(False)


def stops(question: float, reply: float, *, brief: bool = False, blankless: bool = False) -> bool:
    _, stopping, _ = judged(np.array(question), np.array(reply), brief=np.array(brief), wordless=NO,
                            blankless=np.array(blankless))  # fmt: skip
    return bool(stopping)


@pytest.mark.parametrize(
    ("question", "reply", "expected"),
    [
        (0.7, 0.5, True),  # .567 with the reply twice as heavy
        (0.88, 0.30, False),  # the same question of two kinds: their answers differ
        (0.95, 0.0, True),  # the same question with another answer
        (0.2, 0.9, False),  # stock answers stand under many questions
        (0.4, 0.5, False),
    ],
)
def test_the_reply_weighs_twice_as_much_as_the_question(question: float, reply: float, expected: bool) -> None:
    assert stops(question, reply) is expected


def test_where_the_reply_is_too_short_the_questions_must_be_very_near() -> None:
    assert stops(0.76, 1.0, brief=True)
    assert not stops(0.74, 1.0, brief=True)


def test_in_scripts_without_blanks_only_very_like_replies_stop_a_row() -> None:
    assert stops(0.4, 0.75, blankless=True)
    assert not stops(0.9, 0.65, blankless=True)


def test_clauses_of_the_house_style_are_cut_out_of_replies() -> None:
    replies = [f"Bench note: Shelf {n} holds it. Even tension!" for n in range(10)]
    stock = stock_clauses(replies)
    assert stock == {"Bench note:", "Even tension!"}
    assert without_stock(replies[3], stock) == "Shelf 3 holds it."


def test_rows_alike_in_meaning_come_likest_first_and_once() -> None:
    at = {"one": (1.0, 0.0), "two": (0.8, 0.6), "six": (0.0, 1.0)}
    rows = Rows.of(*[(f"what is this {word} there", f"it is the {word} of them") for word in at])

    def read(texts: list[str]) -> np.ndarray:
        return np.array([next(v for word, v in at.items() if word in text) for text in texts], np.float32)

    assert [(a, b, round(likeness, 2)) for a, b, likeness in alike_rows(rows, read)] == [(0, 1, 0.8), (1, 2, 0.6)]


@pytest.mark.parametrize(
    ("one", "other", "expected"),
    [
        ("Take 4 g in 24 hours.", "At most 4 g a day.", False),
        ("within 30 days", "within 90 days", True),
        ("a visa for Japan, please", "a visa for Kenya, please", True),
        ("Wann schneide ich im Garten den Apfelbaum?", "Wann kommt im Herbst die Säge?", False),  # nouns, no names
    ],
)
def test_numbers_and_names_that_contradict_each_other_tell_texts_apart(one: str, other: str, expected: bool) -> None:
    assert contradict(one, other) is expected
