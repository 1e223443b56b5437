"""In which order findings stand, and in which words their sureness is told."""

import json

import pytest

from workbench.checks.check import catalogue
from workbench.screens import worth as module
from workbench.screens.worth import sureness, worth


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """What was measured, as a test has it."""

    def write(found):
        path = tmp_path / "measured.json"
        path.write_text(found if isinstance(found, str) else json.dumps(found))
        monkeypatch.setattr(module, "MEASURED", path)
        module.measured.cache_clear()

    yield write
    module.measured.cache_clear()


def test_a_measured_check_says_how_often_it_is_right(measured):
    measured({"refusal": {"precision": 0.98, "recall": 0.9, "on": "x"}})
    assert sureness("refusal").words == "When it speaks it is right in 98 of 100 cases. It finds 90 of 100 such faults."
    assert sureness("refusal").short == "right in 98 of 100"
    assert sureness("empty_turn").words == "How often it is right has not been measured yet."


def test_nearly_always_is_not_told_as_always(measured):
    measured({"refusal": {"precision": 0.996}, "empty_turn": {"precision": 1.0}})
    assert sureness("refusal").short == "right in 99 of 100"
    assert sureness("empty_turn").short == "right in 100 of 100"


@pytest.mark.parametrize("found", ["no json", "[]", {"refusal": 5}, {"refusal": {"precision": "high"}}])
def test_a_file_that_cannot_be_read_says_nothing(measured, found):
    measured(found)
    assert sureness("refusal").precision is None


def test_an_error_outweighs_as_many_hints_and_sureness_counts(measured):
    measured({"refusal": {"precision": 0.5}, "empty_turn": {"precision": 1.0}})
    known = catalogue()
    assert worth(known["empty_turn"], 2) == 20.0
    assert worth(known["refusal"], 2) == 3.0
