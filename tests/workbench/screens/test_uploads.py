"""A file that a person brought: only from the upload folder, and never under a name that leaves ours."""

import json

import pytest

from workbench.errors import BadInput
from workbench.screens import data as screen
from workbench.screens.address import Look
from workbench.screens.uploads import file_name, forget, seen_html, take
from workbench.store import datasets

LINE = {"messages": [{"role": "user", "content": "<b>Hi</b>"}, {"role": "assistant", "content": "Hello."}]}


@pytest.fixture
def uploads(tmp_path, monkeypatch):
    folder = tmp_path / "uploads-of-gradio"
    folder.mkdir()
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(folder))
    return folder


def written(folder, *lines, name="desk.jsonl"):
    path = folder / name
    path.write_text("\n".join(line if isinstance(line, str) else json.dumps(line) for line in lines) + "\n")
    return path


def test_a_path_outside_the_upload_folder_is_refused_and_left_alone(store, uploads, tmp_path):
    outside = written(tmp_path, LINE)
    for path in (outside, "/etc/passwd", uploads / ".." / outside.name):
        with pytest.raises(BadInput, match="not a file you uploaded"):
            take(store, path)
    assert outside.exists()


def test_a_link_out_of_the_upload_folder_is_refused(store, uploads, tmp_path):
    link = uploads / "link.jsonl"
    link.symlink_to(written(tmp_path, LINE))
    with pytest.raises(BadInput):
        take(store, link)


def test_an_upload_moves_into_the_store_and_is_looked_at(store, uploads):
    upload = take(store, written(uploads, LINE))
    assert list(uploads.iterdir()) == []
    assert upload.path.is_relative_to(store.root / "uploads")
    assert (upload.read.format, len(upload.read.rows)) == ("chat", 1)
    forget(upload)
    assert not upload.path.exists()


@pytest.mark.parametrize(("given", "kept"), [("a b.jsonl", "a b.jsonl"), ("..", "upload"), ("x<y>.csv", "x_y_.csv")])
def test_a_name_is_made_safe(given, kept):
    assert file_name(given) == kept


def test_a_very_long_name_keeps_its_ending():
    assert file_name("x" * 300 + ".jsonl").endswith(".jsonl")
    assert len(file_name("x" * 300 + ".jsonl")) == 120


def test_what_a_file_holds_is_shown_escaped_with_what_could_not_be_read(store, uploads):
    shown = seen_html(take(store, written(uploads, LINE, "no <script> json")))
    assert "1 row in the format <strong>chat</strong>" in shown
    assert "1 record could not be read" in shown
    assert "&lt;b&gt;Hi&lt;/b&gt;" in shown
    assert "<script>" not in shown


def test_an_import_makes_a_version_and_removes_the_upload(store, uploads):
    upload = take(store, written(uploads, LINE, "broken"))
    *_, said, address = screen.start(store, Look(), upload, "desk", "first try")
    version = datasets.version(store, "desk")
    assert (version.size, version.change.why, version.change.settings["rejected"]) == (1, "first try", 1)
    assert "1 record could not be read" in said
    assert address == "/data?dataset=desk"
    assert not upload.path.exists()


@pytest.mark.parametrize("name", ["", "../x", "7", "a/b", "x" * 200])
def test_a_name_that_cannot_be_one_is_refused_before_anything_is_made(store, uploads, name):
    upload = take(store, written(uploads, LINE))
    with pytest.raises(BadInput):
        screen.start(store, Look(), upload, name, "")
    assert datasets.names(store) == []
    assert upload.path.exists()


def test_an_upload_that_is_gone_asks_for_the_file_again(store):
    with pytest.raises(BadInput, match="Bring the file again"):
        screen.start(store, Look(), None, "desk", "")


def test_comparing_a_version_with_itself_is_refused(store, uploads):
    screen.start(store, Look(), take(store, written(uploads, LINE)), "desk", "")
    with pytest.raises(BadInput, match="two different"):
        screen.compared(store, Look({"a": "1", "b": "1"}))


def test_a_large_file_becomes_a_job(store, uploads, monkeypatch):
    monkeypatch.setattr("workbench.screens.uploads.DIRECT_BYTES", 10)
    started = []
    monkeypatch.setattr("workbench.jobs._spawn", lambda store, job_id: started.append(job_id))
    upload = take(store, written(uploads, LINE))
    shown = screen.start(store, Look(), upload, "desk", "")
    assert started == [1]
    assert shown[-1] == "/data?job=1"
    assert upload.path.exists()
