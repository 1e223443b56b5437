"""The board of checks: a limit decides without measuring again."""

import math

import pytest

from workbench.actions.run_checks import run_checks
from workbench.actions.set_limit import set_limit
from workbench.actions.set_sheet import set_sheet
from workbench.errors import BadInput, NotFound
from workbench.rows import Rows
from workbench.screens import check_steps, row_edit
from workbench.screens import checks as screen
from workbench.screens.address import Look
from workbench.screens.check_board import board_of, knobs_given
from workbench.screens.check_panel import panel_of, would_flag
from workbench.sheet import Sheet
from workbench.store import datasets, findings

LOOPS = Rows.of("Open the lid, pour the water, close the lid.", "do it now " * 9, "come back soon my friend " * 3)


@pytest.fixture
def version(store):
    made = datasets.add_version(
        store, "small", LOOPS, parent=None, verb="import", settings={}, counts={"added": 3}, who="test"
    )
    run_checks(store, made.label, only=["repetition", "too_long"], knobs={"too_long": {"model": "nowhere"}})
    return made


def test_the_board_shows_checks_with_findings_first(store, version):
    lines = board_of(store, version)["lines"]
    assert (lines[0]["check"], lines[0]["flagged"]) == ("repetition", 2)
    assert all(line["flagged"] == 0 for line in lines[1:])


def test_a_check_that_did_not_run_says_why(store, version):
    line = next(line for line in board_of(store, version)["lines"] if line["check"] == "too_long")
    assert line["stands"].startswith("could not run: ")


def test_a_version_without_measurements_is_not_called_clean(store):
    made = datasets.add_version(store, "raw", LOOPS, parent=None, verb="import", settings={}, counts={}, who="test")
    board = board_of(store, made)
    assert board["lines"] == []
    assert "not been checked" in board["said"]


def test_another_limit_counts_from_the_measurements(store, version):
    measured = sorted(findings.of_check(store, version, "repetition")["measure"].to_list())
    assert would_flag(store, version, "repetition", measured[-2])["flagged"] == 1
    assert would_flag(store, version, "repetition", 1.0)["flagged"] == 0
    assert findings.runs(store, version)[0].flagged == 2  # nothing was saved


def test_a_kept_limit_moves_the_findings_and_keeps_every_measure(store, version):
    before = findings.of_check(store, version, "repetition")
    set_limit(store, "repetition", 1.0, version=version.label)
    after = findings.of_check(store, version, "repetition")
    assert after["measure"].to_list() == before["measure"].to_list()
    assert after["flagged"].sum() == 0
    run = next(run for run in findings.runs(store, version) if run.check == "repetition")
    assert (run.limit, run.flagged) == (1.0, 0)


@pytest.mark.parametrize("limit", [None, "1", True, math.nan, math.inf, [1]])
def test_a_limit_that_is_no_number_is_refused(store, version, limit):
    with pytest.raises(BadInput):
        would_flag(store, version, "repetition", limit)


def test_a_limit_of_a_check_that_has_not_run_is_not_found(store, version):
    with pytest.raises(NotFound):
        would_flag(store, version, "mojibake", 1.0)


def test_knobs_take_the_type_of_their_default():
    assert knobs_given("repetition", {"size": "5", "most": "0.5"}) == {"size": 5, "most": 0.5}


@pytest.mark.parametrize("sent", [None, {"size": "many"}, {"nothing": 1}, {"size": None}, {"size": "inf"}])
def test_knobs_that_do_not_fit_are_refused(sent):
    with pytest.raises(BadInput):
        knobs_given("repetition", sent)


def test_a_panel_shows_the_proposed_fix_first_and_examples(store, version):
    panel = panel_of(store, version, "repetition")
    assert panel["fixes"][-1]["fix"] == "drop_rows"
    assert [one["number"] for one in panel["examples"]] == [2, 3]
    assert panel["limit"]["low"] <= panel["limit"]["value"] <= panel["limit"]["high"]


def test_an_unknown_check_has_no_panel(store, version):
    assert panel_of(store, version, "<script>") is None


def test_a_fix_that_is_none_is_refused(store, version):
    for sent in ({}, {"fix": "rm", "check": "repetition", "version": "small@1"}, {"fix": "drop_rows", "check": 5}):
        with pytest.raises(BadInput):
            screen.applied(store, Look(), sent)


def test_a_fix_acts_on_the_rows_of_the_kept_limit(store, version):
    measured = sorted(findings.of_check(store, version, "repetition")["measure"].to_list())
    set_limit(store, "repetition", measured[-2], version=version.label)
    sent = {"fix": "drop_rows", "check": "repetition", "version": version.label}
    assert "1 row removed" in screen.previewed(store, Look(), sent)
    screen.applied(store, Look(), sent)
    assert datasets.version(store, "small").size == 2


def test_a_fix_that_needs_the_sheet_is_shown_row_by_row_with_it(store):
    rows = Rows.of("Send us an E-Mail.", "Ask at the desk.")
    made = datasets.add_version(store, "desk", rows, parent=None, verb="import", settings={}, counts={}, who="test")
    set_sheet(store, "desk", Sheet(terms={"e-mail": ("E-Mail",)}))
    run_checks(store, made.label, only=["brand_terms"])
    asked = {"fix": "use_right_terms", "check": "brand_terms", "version": made.label, "id": "row-1", "from": 0}
    steps, row = check_steps.proposals(store)(asked), row_edit.mended(store)(asked)
    assert [one["id"] for one in steps["rows"]] == ["row-1"]
    assert [one["id"] for one in row["rows"]] == ["row-1"]
    assert steps["of"] == 1
