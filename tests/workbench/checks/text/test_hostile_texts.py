import time

import pytest

from workbench.checks.check import catalogue
from workbench.checks.run import run_one
from workbench.rows import Rows

PIECES = (
    "a",
    " ",
    "\n",
    " \n",
    "(",
    "<p",
    "[",
    "{{ ",
    "`",
    "``",
    '"',
    '!"',
    "&",
    "# ",
    "http://",
    "Human:\n",
    "a,",
    "1. ",
    "。",
    "“",
    "x=",
    "<br a='",
    "[your ",
    "no input\n",
    "I ",
    "sorry, ",
)
FAMILIES = ("text", "safety")


@pytest.mark.parametrize("piece", PIECES)
def test_a_long_hostile_reply_takes_no_longer_than_its_length(piece):
    rows = Rows.of((piece * 10_000, piece * (40_000 // len(piece)) + " end"))
    for check in catalogue().values():
        if check.family in FAMILIES and check.name != "too_long":
            start = time.process_time()
            assert not run_one(check, rows, check.example, {}).not_run.startswith("it broke"), check.name
            assert time.process_time() - start < 3, check.name


HEADS = ("no input", "sorry", "end.", "1.", "[your", "<br", "call", "(", "Human:\n", "I understand")


@pytest.mark.parametrize("head", HEADS)
def test_a_sea_of_blanks_takes_no_longer_than_its_length(head):
    blanks, lines = (head + sea * 20_000 + "x" for sea in (" ", "\n"))
    rows = Rows.of((blanks, blanks), (lines, lines))
    for check in catalogue().values():
        if check.family in FAMILIES and check.name != "too_long":
            start = time.process_time()
            assert not run_one(check, rows, check.example, {}).not_run.startswith("it broke"), check.name
            assert time.process_time() - start < 3, check.name


@pytest.mark.parametrize(
    "piece", [*PIECES, "Hello ", "- a\n", '{"a":[', "1.000 ", "12/12/", "Best regards,\n", "aaaaab ", "，"]
)
def test_many_hostile_replies_are_held_against_each_other_in_no_longer_than_their_length(piece):
    rows = Rows.of(*[("?", piece * (3_000 // len(piece)) + f" end {n}") for n in range(40)])
    for check in catalogue().values():
        if check.family == "text" and check.scope == "set":
            start = time.process_time()
            assert not run_one(check, rows, check.example, {}).not_run.startswith("it broke"), check.name
            assert time.process_time() - start < 3, check.name
