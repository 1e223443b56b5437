"""Raw tickets on the Data screen: a look first, then the drafts; what customers wrote shows as text."""

import time

import pytest

from workbench import jobs
from workbench.errors import BadInput
from workbench.screens import tickets
from workbench.screens.address import Look
from workbench.store import datasets

ROW = "my parcel & the <3 box never came to me,We look for the parcel\n"


@pytest.fixture
def brought(store, tmp_path, monkeypatch):
    folder = tmp_path / "uploads-of-gradio"
    folder.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    (folder / "inbox.csv").write_text("body,answer\n" + ROW * 3)
    return tickets.brought(store, Look({}), str(folder / "inbox.csv"))


def over(store):
    while not (job := jobs.listed(store)[0]).over:
        time.sleep(0.05)
    assert job.state == "done", job.error
    return job


def test_a_look_makes_nothing_and_shows_what_customers_wrote_as_text(store, brought):
    kept, name, _ = brought
    assert name == "inbox drafts"
    tickets.start(store, "/data", True, Look({}), kept, name, 20, True)
    shown, said, _ = tickets.ended(store, "/data", Look({}), {"id": over(store).id})
    assert "3 tickets: what is asked most" in shown
    assert "my parcel &amp; the &lt;3 box" in shown
    assert "<3" not in shown
    assert said == ""
    assert datasets.names(store) == []
    assert kept.path.exists()


def test_the_drafts_become_a_dataset_and_the_upload_goes(store, brought):
    kept, name, _ = brought
    tickets.start(store, "/data", False, Look({}), kept, name, 20, True)
    _, said, to = tickets.ended(store, "/data", Look({}), {"id": over(store).id})
    assert "inbox drafts@1 holds the drafts" in said
    assert to == "/data?dataset=inbox+drafts"
    assert datasets.names(store) == ["inbox drafts"]
    assert not kept.path.exists()


@pytest.mark.parametrize(("kept", "name", "top"), [(None, "drafts", 20), ("/etc/passwd", "drafts", 20)])
def test_without_an_upload_of_this_page_nothing_is_started(store, kept, name, top):
    with pytest.raises(BadInput, match="Bring a file of tickets first"):
        tickets.start(store, "/data", True, Look({}), kept, name, top, True)
    assert jobs.listed(store) == []


def test_a_number_of_kinds_that_makes_no_sense_is_refused(store, brought):
    with pytest.raises(BadInput, match="1 to 100"):
        tickets.start(store, "/data", True, Look({}), brought[0], "drafts", 0, True)
