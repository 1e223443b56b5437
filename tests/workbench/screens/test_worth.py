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


def truths(*counts):
    return {"truths": [{"hits": hits, "flagged": flags, "true": faults} for hits, flags, faults in counts]}


def test_a_measured_check_says_how_often_it_was_right_as_counts(measured):
    measured({"refusal": truths((8, 8, 9), (90, 100, 1_200))})
    assert sureness("refusal").words == (
        "When it was measured, 98 of 108 flags were right, and it found 98 of 1,209 such faults."
    )
    assert sureness("refusal").short == "98 of 108 flags right"
    assert sureness("empty_turn").words == "How often it is right has not been measured yet."


@pytest.mark.parametrize(
    "found",
    [
        "no json",
        "[]",
        {"refusal": 5},
        {"refusal": {"truths": "high"}},
        {"refusal": {"truths": [{"hits": "all", "flagged": -1}]}},
    ],
)
def test_a_file_that_cannot_be_read_says_nothing(measured, found):
    measured(found)
    assert sureness("refusal").precision is None


def test_an_error_outweighs_as_many_hints_and_sureness_counts(measured):
    measured({"refusal": truths((1, 2, 2)), "empty_turn": truths((4, 4, 4))})
    known = catalogue()
    assert worth(known["empty_turn"], 2) == 20.0
    assert worth(known["refusal"], 2) == 3.0
