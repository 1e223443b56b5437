"""What examples come in: packed files, archives, folders, workbooks, Arrow files and the hub."""

import gzip
import io
import json
import stat
import zipfile
from pathlib import Path

import openpyxl
import pyarrow as pa
import pytest

from workbench.errors import BadInput
from workbench.formats import json_array
from workbench.formats.format import Seen
from workbench.formats.read import NothingRead, read_file
from workbench.formats.write import write_file
from workbench.rows import Rows

PAIR = '{"prompt": "Hi", "completion": "Hello"}'


def zstd(content: bytes) -> bytes:
    sink = pa.BufferOutputStream()
    with pa.CompressedOutputStream(sink, "zstd") as stream:
        stream.write(content)
    return sink.getvalue().to_pybytes()


def zipped(path: Path, **members: bytes) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


def workbook(path: Path, *sheets: tuple[str, list[list]], merge: str = "") -> Path:
    book = openpyxl.Workbook()
    book.remove(book.active)
    for title, lines in sheets:
        sheet = book.create_sheet(title)
        for line in lines:
            sheet.append(line)
        if merge:
            sheet.merge_cells(merge)
    book.save(path)
    return path


@pytest.mark.parametrize("pack", [gzip.compress, zstd])
@pytest.mark.parametrize(
    "content", [PAIR + "\n" + PAIR, f"[{PAIR}, {PAIR}]", "prompt,completion\nHi,Hello\nHi,Hello\n"]
)
def test_packed_files_are_read_whatever_is_in_them(pack, content: str, tmp_path: Path) -> None:
    (tmp_path / "a.packed").write_bytes(pack(content.encode()))
    assert read_file(tmp_path / "a.packed").rows.reply == ["Hello", "Hello"]


def test_a_zstd_file_that_was_cut_says_so(tmp_path: Path) -> None:
    lines = "".join(f'{{"prompt": "{n * 7919}", "completion": "{n * 104729}"}}\n' for n in range(5000))
    (tmp_path / "a.zst").write_bytes(zstd(lines.encode())[:-500])
    with pytest.raises(BadInput, match=r"a\.zst is damaged: its packed data breaks off after"):
        read_file(tmp_path / "a.zst")


def test_a_zstd_bomb_is_stopped(tmp_path: Path) -> None:
    (tmp_path / "a.zst").write_bytes(zstd(b" " * (300 << 20)))
    with pytest.raises(BadInput, match="unpacks to more than 256 MB"):
        read_file(tmp_path / "a.zst")


@pytest.mark.parametrize("window", [1, 2, 7, 40, 41, 1000])
def test_a_list_reads_the_same_through_a_window_of_any_size(window: int) -> None:
    text = f'[\n{PAIR},\n{{"prompt": tru}}, 12345, "a\\"[b",\n {{"a": [1, {{"b": "]"}}]}} , {PAIR}\n] x'
    found = list(json_array.records(io.StringIO(text), Seen(), window=window))
    assert [(record.line, record.value is not None) for record in found] == [
        (2, True), (3, False), (3, False), (3, False), (4, True), (4, True), (5, False),
    ] or window < len(PAIR)  # fmt: skip
    assert [record.value for record in found if record.value] == [
        json.loads(PAIR), {"a": [1, {"b": "]"}]}, json.loads(PAIR)
    ]  # fmt: skip
    assert [record.raw for record in found if not record.value] == ['{"prompt": tru}', "12345", '"a\\"[b"', "x"]


def test_a_list_cut_inside_a_string_keeps_what_is_whole_through_a_window() -> None:
    found = list(json_array.records(io.StringIO(f'[{PAIR},\n{PAIR},\n{{"prompt": "a'), Seen(), window=16))
    assert [record.problem for record in found] == [
        "", "", "ends in the middle of a record; the file may have been cut."
    ]  # fmt: skip


def test_every_file_of_an_archive_is_read_and_named(tmp_path: Path) -> None:
    path = zipped(
        tmp_path / "a.zip",
        **{
            "x/a.jsonl": PAIR.encode(),
            "b.csv": b"question,answer\nWhy?,So\n",
            "README.md": b"hello",
            "c.txt": b"prose\n",
        },
    )
    got = read_file(path)
    assert (got.container, got.format) == ("zip", "pairs")
    assert sorted(zip(got.rows.frame["source"], got.rows.reply, strict=True)) == [
        ("b.csv", "So"),
        ("x/a.jsonl", "Hello"),
    ]
    assert [reject.reason[:21] for reject in got.rejects] == ["c.txt is plain text w"]


def test_members_that_lead_out_of_an_archive_are_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("good.jsonl", PAIR)
        for name in ("../up.jsonl", "/etc/passwd.jsonl", "C:/win.jsonl"):
            archive.writestr(name, PAIR)
        link = zipfile.ZipInfo("link.jsonl")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        archive.writestr(link, "/etc/passwd")
        archive.writestr("inner.zip", b"PK")
    got = read_file(path)
    assert got.rows.frame["source"].to_list() == ["good.jsonl"]
    assert [reject.reason for reject in got.rejects] == [
        "../up.jsonl has a name that leads out of the archive; it was not unpacked.",
        "/etc/passwd.jsonl has a name that leads out of the archive; it was not unpacked.",
        "C:/win.jsonl has a name that leads out of the archive; it was not unpacked.",
        "inner.zip is an archive in the archive. Unpack it yourself and import the result.",
        "link.jsonl is a link to another file; it was not followed.",
    ]
    assert sorted(file.name for file in tmp_path.iterdir()) == ["a.zip"]


def test_an_archive_bomb_is_stopped(tmp_path: Path) -> None:
    zipped(tmp_path / "a.zip", **{f"{n}.jsonl": b" " * (100 << 20) for n in range(3)})
    with pytest.raises(BadInput, match="unpacks to more than 256 MB"):
        read_file(tmp_path / "a.zip")


def test_a_word_document_is_refused_as_what_it_is(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is a Word document"):
        read_file(zipped(tmp_path / "a.csv", **{"word/document.xml": b"<x/>"}))


def test_a_folder_of_mixed_files_is_one_dataset_with_the_source_of_each(tmp_path: Path) -> None:
    (tmp_path / "sub").mkdir()
    (tmp_path / "a.jsonl").write_text(PAIR)
    (tmp_path / "sub" / "b.json").write_text('[{"instruction": "Do", "output": "Done"}]')
    (tmp_path / "sub" / "empty.csv").write_text("")
    (tmp_path / ".hidden.jsonl").write_text(PAIR)
    (tmp_path / "out.jsonl").symlink_to("/etc/hostname")
    got = read_file(tmp_path)
    assert (got.container, got.format) == ("folder", "pairs and alpaca")
    assert list(zip(got.rows.frame["source"], got.rows.reply, strict=True)) == [
        ("a.jsonl", "Hello"), ("sub/b.json", "Done")
    ]  # fmt: skip
    assert [reject.reason for reject in got.rejects] == [
        "out.jsonl is a link that leads out of the folder; it was not followed.",
        "No examples found in sub/empty.csv: it is empty.",
    ]


def test_a_folder_without_examples_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="there is no file of examples in it"):
        read_file(tmp_path)


def test_a_file_without_a_single_example_says_why_record_by_record(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"title": "x", "year": 1}\n{"title": "y"}\n')
    with pytest.raises(NothingRead) as refused:
        read_file(tmp_path / "a.jsonl")
    assert [reject.reason for reject in refused.value.rejects] == [
        'line 1 of a.jsonl has no prompt with its reply: it has "title" and "year".',
        'line 2 of a.jsonl has no prompt with its reply: it has "title".',
    ]


def test_a_workbook_is_read_below_its_title_with_the_rows_that_excel_shows(tmp_path: Path) -> None:
    lines = [["Support desk 2026", None, None], [], ["No", "Question", "Answer"], [1.0, "Why?", "So"], [2, "=1+", 7.5]]
    lines[4][1] = "When?"
    got = read_file(workbook(tmp_path / "a.xlsx", ("Desk", lines)))
    assert (got.container, got.format, got.rows.prompt, got.rows.reply) == (
        "xlsx", "pairs", ["Why?", "When?"], ["So", "7.5"]
    )  # fmt: skip
    assert got.rows.frame["line"].to_list() == [4, 5]
    assert got.rows.frame["extra"].to_list() == ['{"No": "1"}', '{"No": "2"}']
    assert "The header was found below 2 other lines, which were not read." in got.notes


def test_merged_cells_count_for_every_row_they_cover_and_are_told(tmp_path: Path) -> None:
    lines = [["prompt", "completion"], ["Why?", "So"], [None, "Thus"]]
    got = read_file(workbook(tmp_path / "a.xlsx", ("S", lines), merge="A2:A3"))
    assert list(zip(got.rows.prompt, got.rows.reply, strict=True)) == [("Why?", "So"), ("Why?", "Thus")]
    assert "Merged cells (A2:A3): their text counts for every row that they cover." in got.notes


def test_every_visible_sheet_with_examples_is_read(tmp_path: Path) -> None:
    good = [["prompt", "completion"], ["Why?", "So"]]
    path = workbook(tmp_path / "a.xlsx", ("One", good), ("Two", good), ("Prices", [["item", "cost"], ["a", 3]]))
    got = read_file(path)
    assert got.rows.frame["source"].to_list() == ["a.xlsx: One", "a.xlsx: Two"]
    assert 'Sheets of a.xlsx without examples were passed over: "Prices".' in got.notes


def test_a_csv_that_is_a_workbook_is_read_and_told_kindly(tmp_path: Path) -> None:
    got = read_file(workbook(tmp_path / "a.csv", ("S", [["prompt", "completion"], ["Why?", "So"]])))
    assert got.rows.reply == ["So"]
    assert got.notes[0] == "a.csv is an Excel workbook, whatever its name says; it was read as such."


def test_a_damaged_workbook_says_the_way_out(tmp_path: Path) -> None:
    zipped(tmp_path / "a.xlsx", **{"xl/workbook.xml": b"<broken"})
    with pytest.raises(BadInput, match=r"cannot be opened .* or save the sheet as CSV"):
        read_file(tmp_path / "a.xlsx")


def test_folders_saved_by_the_datasets_library_come_in_with_their_splits(tmp_path: Path) -> None:
    from datasets import Dataset, DatasetDict

    def made(n: int) -> Dataset:
        return Dataset.from_list([{"question": f"q{n}", "answer": f"a{n}", "score": 0.5}])

    made(1).save_to_disk(tmp_path / "one")
    DatasetDict({"train": made(1), "test": made(2)}).save_to_disk(tmp_path / "both")
    assert read_file(tmp_path / "one").rows.reply == ["a1"]
    got = read_file(tmp_path / "both")
    assert list(zip(got.rows.reply, got.rows.tags, strict=True)) == [
        ("a1", ["split:train"]), ("a2", ["split:test"])
    ]  # fmt: skip


def test_an_arrow_file_of_either_layout_is_read(tmp_path: Path) -> None:
    table = pa.table({"prompt": ["a"], "completion": ["b"]})
    for name, layout in (("stream.arrow", pa.ipc.new_stream), ("file.arrow", pa.ipc.new_file)):
        with pa.OSFile(str(tmp_path / name), "wb") as file, layout(file, table.schema) as writer:
            writer.write_table(table)
        assert read_file(tmp_path / name).rows.reply == ["b"]


def test_an_exported_folder_is_loaded_by_the_datasets_library_and_comes_back_the_same(tmp_path: Path) -> None:
    from datasets import load_dataset

    rows = Rows.of(("Hi", "Hello"), ("Why?", "So"))
    write_file(rows, "hf", tmp_path / "desk", ids=True)
    loaded = load_dataset(str(tmp_path / "desk"), split="train", cache_dir=str(tmp_path / "cache"))
    assert loaded[1]["messages"] == [{"role": "user", "content": "Why?"}, {"role": "assistant", "content": "So"}]
    assert read_file(tmp_path / "desk").rows.digest == rows.digest
    write_file(rows, "hf", tmp_path / "desk.zip", ids=True)
    assert read_file(tmp_path / "desk.zip").rows.digest == rows.digest


def test_an_exported_folder_replaces_only_an_export(tmp_path: Path) -> None:
    rows = Rows.of(("Hi", "Hello"))
    for _ in range(2):
        write_file(rows, "hf", tmp_path / "desk")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "notes.txt").write_text("keep")
    with pytest.raises(BadInput, match="is no export of Goldloop's"):
        write_file(rows, "hf", tmp_path / "mine")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["desk", "mine"]


def test_a_data_set_of_the_hub_is_read_by_what_the_library_gives(tmp_path: Path) -> None:
    from datasets import load_dataset

    write_file(Rows.of(("Hi", "Hello")), "hf", tmp_path / "local")

    def stand_in(name: str, split: str | None = None):
        assert name == "someone/desk"
        return load_dataset(str(tmp_path / "local"), split=split, cache_dir=str(tmp_path / "cache"))

    for given in ("hf:someone/desk", "hf:someone/desk:train"):
        got = read_file(given, load=stand_in)
        assert (got.container, got.rows.reply, got.rows.frame["source"].to_list()) == ("hub", ["Hello"], [given])


def test_the_hub_out_of_reach_is_one_clear_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")

    def out_of_reach(name: str, split: str | None = None):
        raise ConnectionError(f"Couldn't reach '{name}' on the Hub (OfflineModeIsEnabled)")

    with pytest.raises(BadInput, match=r"hf:a/b could not be fetched: the hub cannot be reached .* save_to_disk"):
        read_file("hf:a/b", load=out_of_reach)


@pytest.mark.parametrize("name", ["hf:", "hf:a/b/c", "hf:../x", "hf:a b"])
def test_what_is_no_name_on_the_hub_is_refused(name: str) -> None:
    with pytest.raises(BadInput, match="hf:"):
        read_file(name, load=lambda *_, **__: pytest.fail("nothing may be fetched"))


def test_an_archive_among_files_is_passed_over_by_name_whatever_it_is_called(tmp_path: Path) -> None:
    (tmp_path / "desk").mkdir()
    for name in ("inner.zip", "inner.dat"):
        with zipfile.ZipFile(tmp_path / "desk" / name, "w") as archive:
            archive.writestr("rows.jsonl", '{"prompt": "Q", "completion": "A"}')
    (tmp_path / "desk" / "rows.jsonl").write_text('{"prompt": "Q", "completion": "A"}\n')
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as outer:
        for name in ("inner.dat", "rows.jsonl"):
            outer.write(tmp_path / "desk" / name, name)
    for path, passed_over in ((tmp_path / "desk", ["inner.dat", "inner.zip"]), (tmp_path / "outer.zip", ["inner.dat"])):
        got = read_file(path)
        assert got.rows.reply == ["A"]
        assert [one.reason.partition(" ")[0] for one in got.rejects] == passed_over
        assert "is an archive among the files. Unpack it" in got.rejects[0].reason


def test_a_member_called_by_dots_alone_breaks_nothing(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "dots.zip", "w") as archive:
        archive.writestr(".", "x")
        archive.writestr("rows.jsonl", '{"prompt": "Q", "completion": "A"}')
    assert read_file(tmp_path / "dots.zip").rows.reply == ["A"]
