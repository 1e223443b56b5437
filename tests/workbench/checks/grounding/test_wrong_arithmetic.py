import time

import pytest

from workbench.checks.grounding.wrong_arithmetic import wrong_arithmetic
from workbench.rows import Rows


def wrong(*rows) -> list[bool]:
    return wrong_arithmetic.run(Rows.of(*rows)).flagged.to_list()


@pytest.mark.parametrize(
    "reply",
    [
        "(12 + 8) * 3 = 70",
        "20% of 250 is 60.",
        "2^5 = 31",
        "$19.99 + $5.01 = $26.00",
        "So <<5*6=35>>35 eggs.",
        "1,500 + 500 = 2,100",
    ],
)
def test_sums_that_do_not_come_out(reply):
    assert wrong(reply) == [True]


@pytest.mark.parametrize(
    "reply",
    [
        "(12 + 8) * 3 = 60",
        "10 / 3 = 3.33",
        "2 / 3 = 66.7%",
        "1.500 + 500 = 2.000",
        "3x + 2 = 8",
        "7 / 2 = 3 remainder 1",
        "In binary, 1 + 1 = 10.",
        "1 + 2 + ... + 10 = 55",
        "`2 + 2 = 5`",
        "90 - 100 = 1",
        "x^2 + 2 * 3 = 9 + x",
        "10:30 - 11 = 5",
    ],
)
def test_right_rounded_and_uncertain_sums_are_left_alone(reply):
    assert wrong(reply) == [False]


@pytest.mark.parametrize(
    ("prompt", "reply", "flagged"),
    [
        ("What is 17 * 23?", "381", True),
        ("What is 17 * 23?", "391", False),
        ("Calculate the mean of 4, 8, 15, 16, 23, 42.", "The mean is 17.", True),
        ("Calculate the mean of 4, 8, 15, 16, 23, 42.", "18", False),
        ("Convert 5 km to miles.", "5 km is 4.1 miles.", True),
        ("Convert 5 km to miles.", "About 3.1 miles.", False),
        ("What is the median of 1, 2, ..., 9?", "4", False),
        ("Is 2 + 2 = 5 wrong?", "2 + 2 = 5 is wrong.", False),
    ],
)
def test_what_a_prompt_asks_to_be_reckoned(prompt, reply, flagged):
    assert wrong((prompt, reply)) == [flagged]


def test_the_note_gives_the_right_result_and_the_place():
    findings = wrong_arithmetic.run(Rows.of("They have 12 * 7 = 86 apples."))
    assert findings.note == ['"12 * 7 = 86" should be 84']
    assert findings.spans[0] == ((1, 10, 21),)


@pytest.mark.parametrize("piece", ["1 + ", "(1", "1,000", "9^9^9 = 1 ", "1 = ", "<<1+"])
def test_a_long_hostile_text_takes_no_longer_than_its_length(piece):
    start = time.process_time()
    wrong(piece * (50_000 // len(piece)) + " = 3")
    assert time.process_time() - start < 5
