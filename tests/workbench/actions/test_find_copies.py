"""Copies are found per field and across versions, shown as clusters, and dropped so that nothing is lost."""

import json
from pathlib import Path

import polars as pl
import pytest

from workbench import history
from workbench.actions import find_copies as action
from workbench.actions.find_copies import copies_of_parquet, drop_copies, find_copies, known_copies
from workbench.actions.run_checks import run_checks
from workbench.actions.undo import undo
from workbench.errors import BadInput, NotFound, Refused
from workbench.rows import Rows
from workbench.store import Store, datasets

TRACK = "How can I track my parcel?"
ROWS = Rows.of(
    (TRACK, "Open your orders, choose the parcel and press track."),
    ("When do you open?", "We open at nine."),
    (TRACK, "Open your orders, choose parcel and press track."),
    ("when do you open", "we open at nine"),
    (TRACK, "Ask the carrier, who knows where every parcel of ours is."),
    ("Is there a shop in the town?", "There are two, one at the station and one by the church."),
)


@pytest.fixture
def desk(store: Store) -> Store:
    history.commit(store, None, ROWS, dataset="desk", verb="import", settings={})
    return store


def test_both_means_alike_as_a_whole_and_in_the_reply(desk):
    found = find_copies(desk, "desk")
    assert found.clusters.select("cluster", "row_id", "stays").rows() == [
        (1, "row-1", True),
        (1, "row-3", False),
        (2, "row-2", True),
        (2, "row-4", False),
    ]
    assert found.dropped() == ["row-3", "row-4"]


def test_the_prompt_alone_finds_the_question_with_another_answer(desk):
    clusters = find_copies(desk, "desk", field="prompt").clusters
    assert clusters.filter(pl.col("cluster") == 1)["row_id"].to_list() == ["row-1", "row-3", "row-5"]


def test_a_higher_limit_needs_no_other_measurement(desk):
    found = find_copies(desk, "desk")
    assert [found.at(limit).dropped() for limit in (0.7, 0.999)] == [["row-3", "row-4"], ["row-4"]]
    with pytest.raises(BadInput, match=r"from a likeness of 0\.7"):
        found.at(0.5)


def test_the_row_without_faults_stays(store):
    plain = "Open your orders, choose parcel and press track."
    rows = Rows.of((TRACK, f"{plain} <br> now</p>"), (TRACK, plain))
    history.commit(store, None, rows, dataset="desk", verb="import", settings={})
    assert find_copies(store, "desk").dropped() == ["row-2"]  # the longer reply stays
    run_checks(store, "desk", only=["leftover_markup"])
    assert find_copies(store, "desk").dropped() == ["row-1"]  # now its fault is known


def test_dropping_makes_a_version_and_undo_brings_the_rows_back(desk):
    found = find_copies(desk, "desk")
    assert drop_copies(desk, found, preview=True).after is None
    done = drop_copies(desk, found, why="twice is enough")
    assert done.after is not None
    assert datasets.rows_of(desk, done.after).row_id == ["row-1", "row-2", "row-5", "row-6"]
    assert (done.after.change.verb, done.after.change.why) == ("drop copies", "twice is enough")
    assert datasets.rows_of(desk, undo(desk).version) == ROWS


def test_another_row_of_a_cluster_may_be_kept(desk):
    found = find_copies(desk, "desk")
    assert found.dropped({1: "row-3"}) == ["row-1", "row-4"]
    with pytest.raises(NotFound, match="Cluster 2 has no row row-1"):
        drop_copies(desk, found, keep={2: "row-1"})


def test_a_row_goes_only_when_one_that_it_copies_stays(store):
    words = [f"w{n}" for n in range(130)]
    ends = [" ".join(words[start : start + 100]) for start in (0, 14, 28)]  # neighbours are .75 alike, the ends .56
    history.commit(store, None, Rows.of(*(("Go on", end) for end in ends)), dataset="chain", verb="import", settings={})
    found = find_copies(store, "chain")
    assert found.clusters["cluster"].to_list() == [1, 1, 1]
    assert found.dropped() == ["row-2"]
    assert found.dropped({1: "row-2"}) == ["row-1", "row-3"]


def test_another_version_or_file_can_be_compared(desk, tmp_path: Path):
    history.commit(
        desk, None, ROWS.keep([True, False, False, False, False, True]), dataset="old", verb="import", settings={}
    )
    found = find_copies(desk, "desk", against="old")
    assert found.matches.select("row_id", "other_id").rows() == [
        ("row-1", "row-1"),
        ("row-3", "row-1"),
        ("row-6", "row-6"),
    ]
    path = tmp_path / "bank.jsonl"
    path.write_text(json.dumps({"prompt": "When do you open?", "completion": "We open at nine"}) + "\n")
    against = find_copies(desk, "desk", against=str(path))
    assert against.matches["row_id"].to_list() == ["row-2", "row-4"]
    left = drop_copies(desk, against).after
    assert left is not None
    assert datasets.rows_of(desk, left).row_id == ["row-1", "row-3", "row-5", "row-6"]


def test_what_was_found_is_remembered(desk):
    assert known_copies(desk, "desk") is None
    found = find_copies(desk, "desk")
    again = known_copies(desk, "desk")
    assert again is not None
    assert again.clusters.equals(found.clusters)
    assert known_copies(desk, "desk", field="prompt") is None


def test_many_rows_are_read_in_batches_with_the_same_result(desk, monkeypatch, tmp_path):
    expected = find_copies(desk, "desk", preview=True)
    monkeypatch.setattr(action, "STREAMED", 3)
    assert find_copies(desk, "desk").clusters.equals(expected.clusters)
    ROWS.frame.write_parquet(tmp_path / "rows.parquet")
    assert find_copies(desk, str(tmp_path / "rows.parquet")).clusters.equals(expected.clusters)
    assert copies_of_parquet(tmp_path / "rows.parquet").dropped() == ["row-3", "row-4"]


def test_nothing_to_drop_is_said(desk):
    found = find_copies(desk, "desk", field="conversation").at(1.0)
    drop_copies(desk, found)
    with pytest.raises(Refused, match="has no copies"):
        drop_copies(desk, find_copies(desk, "desk").at(1.0))
    with pytest.raises(BadInput, match="no field"):
        find_copies(desk, "desk", field="body")
