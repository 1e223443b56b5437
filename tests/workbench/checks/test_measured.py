"""How grave a check may be follows from how often it was measured to be right (benchmarks/check_precision.py)."""

import json
from importlib.resources import files

import pytest

from workbench.checks.check import catalogue

MEASURED = json.loads((files("workbench.checks") / "measured.json").read_text(encoding="utf-8"))
LEAST = {"error": 0.95, "warning": 0.85}  # precision over planted faults and real truths together
MOST_ON_CLEAN = {"error": 1.0, "warning": 5.0}  # flags per 1,000 rows of real text, right ones among them
# A length held against a limit is right by definition: long chats are too long for a model of 512 tokens.
BY_DEFINITION = {"too_long"}
named = pytest.mark.parametrize("check", catalogue().values(), ids=lambda check: check.name)


def test_at_least_45_checks_in_seven_families_are_measured():
    assert len(MEASURED) >= 45
    assert {check.family for check in catalogue().values()} == {
        "structure",
        "text",
        "duplicates",
        "safety",
        "balance",
        "grounding",
        "leakage",
    }


@named
def test_every_check_is_measured_in_the_edition_that_it_has(check):
    assert MEASURED[check.name]["edition"] == check.edition
    assert MEASURED[check.name]["truths"], f"{check.name} was measured on nothing"


@named
def test_a_check_that_is_not_right_often_enough_is_a_hint(check):
    if check.severity == "info":
        return
    entry = MEASURED[check.name]
    assert entry["precision"] is not None
    assert entry["precision"] >= LEAST[check.severity]
    if entry["clean"] is not None and check.name not in BY_DEFINITION:
        assert entry["false_alarms_per_1000"] <= MOST_ON_CLEAN[check.severity]
