"""What is written reads back the same, replaces a file in one step, and refuses what a format cannot hold."""

import csv
import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import BadInput
from workbench.formats.read import read_file
from workbench.formats.write import WRITABLE, _replace, write_file
from workbench.rows import Rows, message

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=6,
)
TURN = st.fixed_dictionaries(
    {"role": st.sampled_from(["system", "user", "assistant", "tool", "narrator"]), "content": TEXT | st.none()},
    optional={"name": TEXT, "weight": st.sampled_from([0, 1]), "tool_calls": st.lists(JSON, max_size=2)},
)
CHAT = st.fixed_dictionaries(
    {"messages": st.lists(TURN, min_size=1, max_size=4)},
    optional={
        "tags": st.lists(TEXT, max_size=2) | JSON.filter(lambda v: not isinstance(v, str)),
        "category": JSON,
        "id": JSON,
        "tools": JSON,
        "extra": JSON,
        "prompt": JSON,
    },
)
SINGLE = Rows.of(("Hi", "Hello"), ('He said "a, b"\r\nand\rleft', "- one\n- two"))
ANY_EXCHANGE = [
    form for form in WRITABLE if form not in ("openai", "preference", "kto")
]  # these need more, or add to it
MANY = Rows.of(
    [message("user", "a"), message("assistant", "b"), message("user", "c"), message("assistant", "=d", {"weight": 1})]
)


def talk(rows: Rows) -> list[list[dict]]:
    return rows.messages


@settings(max_examples=150, deadline=None)
@given(records=st.lists(CHAT, min_size=1, max_size=3))
def test_chat_to_chat_loses_nothing(records: list[dict]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "before.jsonl"), Path(folder, "after.jsonl")
        before.write_text("\n".join(json.dumps(record, ensure_ascii=False) for record in records), "utf-8", newline="")
        write_file(read_file(before, format="chat").rows, "chat", after)
        assert [json.loads(line) for line in after.read_text("utf-8").split("\n") if line] == records


@settings(max_examples=60, deadline=None)
@given(texts=st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=4), form=st.sampled_from(ANY_EXCHANGE))
def test_every_format_gives_back_the_same_texts(texts: list[tuple[str, str]], form: str) -> None:
    rows = Rows.of(*texts)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "a.out")
        write_file(rows, form, path, formula_guard=False)
        assert talk(read_file(path).rows) == talk(rows)


@pytest.mark.parametrize("form", ["chat", "sharegpt", "csv", "parquet"])
def test_longer_talks_and_keys_of_turns_come_back(form: str, tmp_path: Path) -> None:
    write_file(MANY, form, tmp_path / "a", formula_guard=False)
    assert talk(read_file(tmp_path / "a").rows) == talk(MANY)


def test_alpaca_keeps_earlier_turns_as_history(tmp_path: Path) -> None:
    rows = Rows.of([message("user", "a"), message("assistant", "b"), message("user", "c"), message("assistant", "d")])
    write_file(rows, "alpaca", tmp_path / "a.json")
    assert json.loads((tmp_path / "a.json").read_text()) == [
        {"instruction": "c", "input": "", "output": "d", "history": [["a", "b"]]}
    ]
    assert talk(read_file(tmp_path / "a.json").rows) == talk(rows)


def test_sharegpt_calls_are_written_as_sharegpt_has_them(tmp_path: Path) -> None:
    call = {"from": "function_call", "value": '{"name": "find", "arguments": {"q": "x"}}'}
    record = {"conversations": [{"from": "human", "value": "a"}, call, {"from": "observation", "value": "o"}]}
    (tmp_path / "a.jsonl").write_text(json.dumps(record))
    write_file(read_file(tmp_path / "a.jsonl").rows, "sharegpt", tmp_path / "b.jsonl")
    assert json.loads((tmp_path / "b.jsonl").read_text()) == record


def test_calls_with_ids_and_reasoning_survive_sharegpt(tmp_path: Path) -> None:
    call = {"type": "function", "function": {"name": "find", "arguments": "{}"}}
    rows = Rows.of(
        [message("user", "a"), message("assistant", None, {"tool_calls": [call], "reasoning_content": "hm"})],
        [message("user", "a"), message("assistant", None, {"tool_calls": [call | {"id": "1"}]})],
        [message("user", "a"), message("assistant", "so", {"tool_calls": [call, call]})],
    )
    write_file(rows, "sharegpt", tmp_path / "a.jsonl")
    assert talk(read_file(tmp_path / "a.jsonl").rows) == talk(rows)


def test_a_row_without_kept_keys_gets_none_from_parquet(tmp_path: Path) -> None:
    pair = {"prompt": "a", "completion": "b"}
    (tmp_path / "a.jsonl").write_text(json.dumps(pair | {"id": 1}) + "\n" + json.dumps(pair))
    write_file(read_file(tmp_path / "a.jsonl").rows, "parquet", tmp_path / "b")
    assert read_file(tmp_path / "b").rows.frame["extra"].to_list() == ['{"id": 1}', None]


@pytest.mark.parametrize("form", ANY_EXCHANGE)
def test_tags_and_kept_keys_come_back(form: str, tmp_path: Path) -> None:
    record = {"prompt": "a", "completion": "b", "tags": ["x", "y; z"], "id": "7"}
    (tmp_path / "a.jsonl").write_text(json.dumps(record))
    write_file(read_file(tmp_path / "a.jsonl").rows, form, tmp_path / "b")
    got = read_file(tmp_path / "b").rows
    assert got.tags == [["x", "y; z"]]
    assert got.frame["extra"].to_list() == ['{"id": "7"}']


def test_pairs_refuse_a_longer_talk_and_name_the_row(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as refused:
        write_file(SINGLE.plus(MANY), "pairs", tmp_path / "a.jsonl")
    assert str(refused.value) == (
        "Row row-1 (line 1 of example) has 4 turns (user, assistant, user, assistant), and pairs holds one prompt and "
        "one reply. Export with --format chat or sharegpt."
    )
    assert list(tmp_path.iterdir()) == []


def test_formula_signs_are_guarded_unless_switched_off(tmp_path: Path) -> None:
    rows = Rows.of(*[(sign + "1", "b") for sign in ("=", "+", "-", "@", "\t", "\r")])
    write_file(rows, "csv", tmp_path / "a.csv")
    with (tmp_path / "a.csv").open(newline="", encoding="utf-8") as file:
        assert [row["prompt"] for row in csv.DictReader(file)] == ["'=1", "'+1", "'-1", "'@1", "'\t1", "'\r1"]
    write_file(rows, "csv", tmp_path / "a.csv", formula_guard=False)
    assert read_file(tmp_path / "a.csv").rows.prompt == ["=1", "+1", "-1", "@1", "\t1", "\r1"]


CELL = st.tuples(st.sampled_from(["", "'", "''", "=", "+", "-", "@", "\t", "\r", "'-"]), TEXT).map("".join)


@settings(max_examples=150, deadline=None)
@given(records=st.lists(st.tuples(CELL, CELL, CELL, st.lists(TEXT, max_size=2)), min_size=1, max_size=4), name=CELL)
def test_a_guarded_csv_reads_back_the_same(records: list[tuple[str, str, str, list[str]]], name: str) -> None:
    name = f"{name.strip()}key".replace("\ufeff", "")
    with tempfile.TemporaryDirectory() as folder:
        before, after = Path(folder, "before.jsonl"), Path(folder, "after.csv")
        lines = [{"prompt": a, "completion": b, name: c, "tags": tags} for a, b, c, tags in records]
        before.write_text("\n".join(json.dumps(line) for line in lines))
        rows = read_file(before).rows
        write_file(rows, "csv", after)
        got = read_file(after).rows
        assert talk(got) == talk(rows)
        assert got.tags == rows.tags
        assert [json.loads(kept)[name] for kept in got.frame["extra"].to_list()] == [c for _, _, c, _ in records]


def test_a_list_in_a_reply_comes_back_from_a_csv_and_the_note_says_what_was_taken_off(tmp_path: Path) -> None:
    rows = Rows.of(("Sizes?", "- small\n- large"), ("Name?", "'Ann' it is"), ("'Tis it?", "-1"))
    write_file(rows, "csv", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes().decode().split("\r\n") == [
        "prompt,completion,goldloop_guard",
        'Sizes?,"\'- small\n- large",yes',
        "Name?,'Ann' it is,",
        "''Tis it?,'-1,yes",
        "",
    ]
    read = read_file(tmp_path / "a.csv")
    assert talk(read.rows) == talk(rows)
    assert read.rows.frame["extra"].to_list() == [None, None, None]
    assert "The ' that a Goldloop export puts before formula signs was taken off 3 cells again." in read.notes


def test_a_csv_with_nothing_to_guard_has_no_column_for_it(tmp_path: Path) -> None:
    write_file(Rows.of(("'Hi'", "Hello")), "csv", tmp_path / "a.csv")
    assert (tmp_path / "a.csv").read_bytes() == b"prompt,completion\r\n'Hi',Hello\r\n"


def test_a_key_that_would_be_taken_for_the_guard_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.jsonl").write_text('{"prompt": "a", "completion": "b", "goldloop_guard": "yes"}')
    rows = read_file(tmp_path / "a.jsonl").rows
    with pytest.raises(BadInput, match='have a key "goldloop_guard"'):
        write_file(rows, "csv", tmp_path / "a.csv")
    assert not (tmp_path / "a.csv").exists()


def test_a_write_that_fails_leaves_the_old_file_and_no_litter(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_text("old")
    with pytest.raises(BadInput):
        write_file(MANY, "pairs", path)
    assert path.read_text() == "old"
    assert [file.name for file in tmp_path.iterdir()] == ["a.jsonl"]


def test_a_folder_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be written: No such file or directory"):
        write_file(SINGLE, "chat", tmp_path / "nowhere" / "a.jsonl")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="SKIPPED LOUDLY: no /dev/full here to play a full disk")
def test_a_full_disk_is_a_sentence_and_leaves_no_litter(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="No space left on device"):
        _replace(tmp_path / "a.jsonl", lambda file: Path("/dev/full").write_bytes(b"x"))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("form", ["xml", "prompts"])
def test_an_unknown_format_is_refused(form: str, tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="Known are chat, pairs, alpaca, sharegpt, csv, parquet"):
        write_file(SINGLE, form, tmp_path / "a")


def test_no_rows_are_no_file(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="There are no rows to export"):
        write_file(Rows.empty(), "chat", tmp_path / "a")
