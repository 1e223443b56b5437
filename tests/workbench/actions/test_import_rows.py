"""Importing: a first version, more rows for a dataset, and nothing lost."""

import json
from pathlib import Path

import pytest

from workbench.actions.import_rows import import_rows
from workbench.actions.undo import undo
from workbench.errors import BadInput, Refused
from workbench.store import Store, datasets


def chat(*pairs: tuple[str, str]) -> str:
    lines = [
        {"messages": [{"role": "user", "content": asked}, {"role": "assistant", "content": said}]}
        for asked, said in pairs
    ]
    return "".join(json.dumps(line) + "\n" for line in lines)


def test_a_file_becomes_version_1_and_keeps_source_and_line(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "desk.jsonl"
    file.write_text(chat(("One?", "Yes."), ("Two?", "No.")))
    done = import_rows(store, file)
    rows = datasets.rows_of(store, done.version)
    assert (done.version.label, done.format, done.rejected) == ("desk@1", "chat", 0)
    assert list(zip(rows.frame["source"], rows.frame["line"], rows.reply, strict=True)) == [
        ("desk.jsonl", 1, "Yes."),
        ("desk.jsonl", 2, "No."),
    ]


def test_rows_that_cannot_be_read_lie_in_a_rejects_file_with_line_and_reason(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "desk.jsonl"
    file.write_text(chat(("One?", "Yes.")) + '{"messages": [{"role": "us\n' + chat(("Two?", "No.")))
    done = import_rows(store, file)
    assert (done.version.size, done.rejected) == (2, 1)
    assert done.rejects_path is not None
    reject = json.loads(done.rejects_path.read_text())
    assert reject["line"] == 2
    assert reject["raw"] == '{"messages": [{"role": "us'
    assert reject["reason"]


def test_an_existing_name_gets_the_rows_as_its_next_version(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(chat(("One?", "Yes.")))
    (tmp_path / "b.jsonl").write_text(chat(("Two?", "No.")))
    import_rows(store, tmp_path / "a.jsonl", name="desk")
    done = import_rows(store, tmp_path / "b.jsonl", name="desk")
    assert done.version.label == "desk@2"
    assert done.version.change.counts == {"added": 1, "removed": 0, "changed": 0}
    assert datasets.rows_of(store, done.version).reply == ["Yes.", "No."]


def test_the_very_same_file_is_not_imported_twice(store: Store, tmp_path: Path) -> None:
    file = tmp_path / "desk.jsonl"
    file.write_text(chat(("One?", "Yes.")))
    import_rows(store, file)
    with pytest.raises(Refused, match="came in as version 1"):
        import_rows(store, file)


def test_a_file_whose_import_was_undone_can_come_in_again(store: Store, tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text(chat(("One?", "Yes.")))
    (tmp_path / "b.jsonl").write_text(chat(("Two?", "No.")))
    import_rows(store, tmp_path / "a.jsonl", name="desk")
    import_rows(store, tmp_path / "b.jsonl", name="desk")
    undo(store, "desk")
    assert import_rows(store, tmp_path / "b.jsonl", name="desk").version.size == 2
    with pytest.raises(Refused, match="came in as version 4"):
        import_rows(store, tmp_path / "b.jsonl", name="desk")


def test_equal_row_ids_of_two_files_are_told_apart(store: Store, tmp_path: Path) -> None:
    for folder in ("x", "y"):
        (tmp_path / folder).mkdir()
    (tmp_path / "x" / "desk.jsonl").write_text(chat(("One?", "Yes.")))
    (tmp_path / "y" / "desk.jsonl").write_text(chat(("One?", "Yes."), ("Two?", "No.")))
    import_rows(store, tmp_path / "x" / "desk.jsonl")
    rows = datasets.rows_of(store, import_rows(store, tmp_path / "y" / "desk.jsonl").version)
    assert len(set(rows.row_id)) == 3


@pytest.mark.parametrize(
    ("name", "dataset"),
    [
        ("a b.jsonl", "a b"),
        ("../x.jsonl", "x"),
        ("2024.jsonl", "data-2024"),
        ("v7.jsonl", "data-v7"),
        ("<i>.jsonl", "i"),
        ("...jsonl", "data"),
    ],
)
def test_the_dataset_is_called_after_the_file(store: Store, tmp_path: Path, name: str, dataset: str) -> None:
    file = tmp_path / Path(name).name
    file.write_text(chat(("One?", "Yes.")))
    assert import_rows(store, file).version.dataset == dataset


@pytest.mark.parametrize("content", ["", " \n\n", "[]"])
def test_a_file_without_examples_is_named_and_makes_nothing(store: Store, tmp_path: Path, content: str) -> None:
    file = tmp_path / "empty.jsonl"
    file.write_text(content)
    with pytest.raises(BadInput, match=r"empty\.jsonl"):
        import_rows(store, file)
    assert datasets.names(store) == []


def test_a_missing_file_is_named(store: Store, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"nowhere\.jsonl"):
        import_rows(store, tmp_path / "nowhere.jsonl")
