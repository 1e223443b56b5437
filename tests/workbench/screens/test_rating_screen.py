"""What the buttons of the rating screen do."""

from __future__ import annotations

from pathlib import Path

import pytest

from workbench.actions import rate
from workbench.actions.open_round import open_round
from workbench.blind.plan import Design
from workbench.errors import BadInput
from workbench.screens import rating
from workbench.screens.address import Look

LOOK = Look({"evaluation": "1"})


@pytest.fixture
def voted(store, evaluated, tmp_path, monkeypatch):
    """An open round with a vote."""
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    this = open_round(store, evaluated.id, design=Design(raters=1, repeats=0, known=0))
    rate.vote(store, this.id, "Ann", rate.next_pairs(store, this.id, "Ann")[0].key, "a")
    return this


def test_preference_pairs_are_given_once_the_round_is_closed_since_they_name_the_arms(store, voted):
    with pytest.raises(BadInput, match="Close the round first"):
        rating.export(store, LOOK)
    rating.close(store, LOOK)
    given, said = rating.export(store, LOOK)
    assert Path(given.value["path"] if isinstance(given.value, dict) else given.value).name == "preferences-1.jsonl"
    assert "made of golden rows" in said


def test_a_round_that_nobody_voted_in_is_withdrawn_and_leaves_no_result(store, evaluated):
    open_round(store, evaluated.id)
    assert "closing withdraws the round" in rating.ask_close(store, LOOK)[1]
    *shown, said = rating.close(store, LOOK)
    assert "withdrawn" in said
    assert "No round is open" in shown[9]
