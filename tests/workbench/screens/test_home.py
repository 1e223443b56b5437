"""The ten stations: done, next, to come."""

from workbench.actions.apply_fix import apply_fix
from workbench.actions.run_checks import run_checks
from workbench.rows import Rows
from workbench.screens.address import Look
from workbench.screens.home import loop_html
from workbench.screens.stations import next_of, stations
from workbench.store import datasets


def add(store, rows):
    return datasets.add_version(store, "small", rows, parent=None, verb="import", settings={}, counts={}, who="test")


def test_an_empty_store_begins_with_a_file_or_the_sample(store):
    assert next_of(stations(store, Look())).name == "Import"
    shown = loop_html(store, Look())
    assert "Bring a file" in shown
    assert "data-sample" in shown


def test_the_next_step_moves_on_as_stations_are_done(store):
    version = add(store, Rows.of("Fine and short.", "do it now " * 9))
    assert next_of(stations(store, Look())).name == "Check"
    run_checks(store, version.label, only=["repetition"])
    assert next_of(stations(store, Look())).name == "Fix"
    apply_fix(store, "drop_rows", where="check=repetition")
    found = stations(store, Look())
    assert next_of(found).name == "Golden"
    assert [one.stands for one in found[:3]] == ["1 row in small v2", "v1 was checked, v2 not yet", "1 change"]


def test_there_are_ten_stations_and_each_leads_to_a_screen(store):
    from workbench.screens.shell import screens

    paths = {module.PATH for module in screens()}
    found = stations(store, Look())
    assert len(found) == 10
    assert {one.path for one in found} <= paths


def test_an_unknown_dataset_offers_the_way_back(store):
    add(store, Rows.of("Fine."))
    assert "Show the newest" in loop_html(store, Look({"dataset": "<script>"}))
