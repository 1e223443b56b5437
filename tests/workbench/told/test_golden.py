"""What a report is told of a golden set: figures and names, no text and no id of a sealed row."""

from __future__ import annotations

import json

import pytest

from workbench import history
from workbench.actions.edit_golden import edit_golden
from workbench.actions.freeze_golden import freeze_golden
from workbench.actions.sign_golden import read_sealed
from workbench.records import Golden
from workbench.rows import Rows
from workbench.store import Store, datasets, evaluations, goldens, runs
from workbench.told.golden import size_table, told


@pytest.fixture
def golden(store: Store, fifty_rows: Rows, monkeypatch: pytest.MonkeyPatch) -> Golden:
    monkeypatch.setenv("GOLDLOOP_USER", "Ann")
    history.commit(store, None, fifty_rows, dataset="desk", verb="import", settings={})
    frozen = freeze_golden(store, share=0.2, sealed=0.5).golden
    assert frozen is not None
    return frozen


def test_parts_looks_and_sign_off_are_told_as_plain_values(store: Store, golden: Golden) -> None:
    run = runs.add(store, datasets.version(store), golden, {"model": "toy"}, "Ann", None)
    evaluation = evaluations.add(store, run.id, golden.id, {}, "Ann")
    goldens.add_look(store, golden, evaluation.id, "for the release")
    facts = told(store, evaluation)
    assert json.loads(json.dumps(facts)) == facts
    assert facts["parts"] == {"dev": 5, "sealed": 5, "calibration": 0}
    assert [(one["number"], one["budget"], one["why"]) for one in facts["looks"]] == [(1, 5, "for the release")]
    assert facts["sign_off"]["unsigned"] == 10


def test_an_erratum_of_a_sealed_row_is_told_without_its_id(store: Store, golden: Golden) -> None:
    row = golden.ids("sealed")[0]
    read_sealed(store, golden, row, who="Bob")
    edited = edit_golden(store, row, reply="Forty days.", reason="wrong", who="Bob").golden
    assert edited is not None
    facts = told(store, edited)
    assert facts["change"]["edited"] == [{"row": None, "reason": "wrong", "who": "Bob", "sealed": True}]
    assert row not in json.dumps(facts)


def test_sealed_rows_are_sized_at_the_level_of_one_look(store: Store, golden: Golden) -> None:
    shown = told(store, golden)["shows"]
    assert (shown["dev"]["alpha"], shown["sealed"]["alpha"]) == (0.05, 0.01)
    assert size_table(100)["changes"][2] == {"share": 0.3, "smallest": 0.16}
