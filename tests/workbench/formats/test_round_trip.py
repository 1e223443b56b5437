"""What goes out comes back: the very same rows with ids, the same messages, tags and kept keys without."""

import json
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.errors import BadInput
from workbench.formats.read import read_file
from workbench.formats.write import FOLDER, KEEPS, WRITABLE, write_file
from workbench.rows import Rows, message

TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=12)
WORDS = st.text("ab _x0041_\r\n\t'\"=,;é\ufffe\x0b", min_size=1, max_size=12)
MORE = st.fixed_dictionaries({}, optional={"name": WORDS, "weight": st.sampled_from([0, 1])})
EXTRA = st.dictionaries(st.sampled_from(["id", "note", "score"]), WORDS, max_size=2)
TAGS = st.lists(WORDS, max_size=2)

WHOLE = {"chat", "sharegpt", "parquet", "hf", "trl"}  # hold any turns; the digest comes back
ENDS = {"json": ".json", "jsonl.gz": ".jsonl.gz", "jsonl.zst": ".jsonl.zst", "zip": ".jsonl.zip"}


def rows_of(talks: list[list[dict]], tags: list[list[str]], extras: list[dict]) -> Rows:
    return Rows.from_records(
        {
            "messages": talk, "tags": tag, "source": "some desk.csv", "line": 3 + number, "row_id": f"row-{number}",
            "extra": json.dumps(extra, ensure_ascii=False) if extra else None,
        }
        for number, (talk, tag, extra) in enumerate(zip(talks, tags, extras, strict=True))
    )  # fmt: skip


@st.composite
def any_rows(draw: st.DrawFn, *, plain: bool) -> Rows:
    """Conversations that end in a reply; plain: user and assistant in turn without keys of their own."""
    talks = []
    for _ in range(draw(st.integers(1, 3))):
        talk = []
        for _ in range(1 if plain else draw(st.integers(1, 2))):
            for role in ("user", "assistant"):
                more = None if plain else draw(MORE)
                talk.append(message(role, draw(WORDS), more or None))
        talks.append(talk)
    return rows_of(talks, [draw(TAGS) for _ in talks], [draw(EXTRA) for _ in talks])


def back(rows: Rows, form: str, ending: str = "", *, ids: bool) -> Rows:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"a{ending}")
        write_file(rows, form, path, ids=ids, formula_guard=False)
        return read_file(path).rows


def test_the_table_of_what_is_kept_names_every_format() -> None:
    assert set(KEEPS) == {*WRITABLE, FOLDER}


@settings(max_examples=120, deadline=None)
@given(rows=any_rows(plain=False), form=st.sampled_from(sorted(WHOLE)), ending=st.sampled_from(sorted(ENDS)))
def test_with_ids_the_very_same_rows_come_back(rows: Rows, form: str, ending: str) -> None:
    records = form in ("chat", "sharegpt", "trl")
    assert back(rows, form, ENDS[ending] if records else "", ids=True).digest == rows.digest


@settings(max_examples=250, deadline=None)
@given(rows=any_rows(plain=True), form=st.sampled_from(sorted(set(KEEPS) - {"openai", "preference", "kto"})))
def test_an_exchange_comes_back_from_every_format_with_tags_and_kept_keys(rows: Rows, form: str) -> None:
    for ids in (False, True):
        got = back(rows, form, ids=ids)
        assert got.messages == rows.messages
        assert got.tags == rows.tags
        kept = [json.loads(extra or "{}") for extra in got.frame["extra"].to_list()]
        wanted = [json.loads(extra or "{}") for extra in rows.frame["extra"].to_list()]
        if form in ("csv", "xlsx"):  # a cell that is empty in one row and there in another is an empty text
            kept = [{key: value for key, value in one.items() if value} for one in kept]
        assert kept == wanted
        assert not ids or (got.row_id, got.frame["line"].to_list()) == (rows.row_id, rows.frame["line"].to_list())


@settings(max_examples=60, deadline=None)
@given(rows=any_rows(plain=True), bad=WORDS, turns=st.booleans())
def test_preference_pairs_come_back_with_both_replies(rows: Rows, bad: str, turns: bool) -> None:
    unwanted = [{"role": "assistant", "content": bad}] if turns else bad
    rows = rows_of(rows.messages, rows.tags, [{"rejected": unwanted} for _ in range(len(rows))])
    got = back(rows, "preference", ids=True)
    assert got.digest == rows.digest


@settings(max_examples=40, deadline=None)
@given(rows=any_rows(plain=False))
def test_kto_rows_come_back_with_their_label(rows: Rows) -> None:
    got = back(rows, "kto", ids=True)
    assert (got.messages, got.tags, got.row_id) == (rows.messages, rows.tags, rows.row_id)
    assert all(json.loads(extra)["label"] is True for extra in got.frame["extra"].to_list())


def test_turns_that_trl_pairs_hold_as_lists_stay_lists_for_all_rows(tmp_path: Path) -> None:
    two = rows_of(
        [
            [message("user", "a"), message("assistant", "b")],
            [message("system", "s"), message("user", "c"), message("assistant", "d")],
        ],
        [[], []],
        [{"rejected": "x"}, {"rejected": [
            {"role": "system", "content": "s"}, {"role": "user", "content": "c"}, {"role": "assistant", "content": "y"},
        ]}],
    )  # fmt: skip
    write_file(two, "preference", tmp_path / "a.jsonl")
    first, second = map(json.loads, (tmp_path / "a.jsonl").read_text().splitlines())
    assert first == {
        "prompt": [{"role": "user", "content": "a"}],
        "chosen": [{"role": "assistant", "content": "b"}],
        "rejected": [{"role": "assistant", "content": "x"}],
    }
    assert second["rejected"] == [{"role": "assistant", "content": "y"}]


def test_rows_that_do_not_fit_are_left_out_when_asked_and_all_are_named(tmp_path: Path) -> None:
    long = [message("user", "a"), message("assistant", "b"), message("user", "c"), message("assistant", "d")]
    rows = rows_of([long[:2], long, long], [[], [], []], [{}, {}, {}])
    with pytest.raises(BadInput, match="2 of 3 rows do not fit; nothing was written"):
        write_file(rows, "pairs", tmp_path / "a.jsonl")
    done = write_file(rows, "pairs", tmp_path / "a.jsonl", skip=True)
    assert (done.count, [one.row_id for one in done.left_out]) == (1, ["row-1", "row-2"])
    assert (tmp_path / "a.jsonl").read_text() == '{"prompt": "a", "completion": "b"}\n'


@pytest.mark.parametrize("ending", sorted(ENDS.values()))
def test_the_same_rows_give_the_same_bytes_whatever_they_are_packed_in(ending: str, tmp_path: Path) -> None:
    rows = Rows.of(("Hi", "Hello"))
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        write_file(rows, "chat", tmp_path / name / f"x{ending}")
    assert (tmp_path / "a" / f"x{ending}").read_bytes() == (tmp_path / "b" / f"x{ending}").read_bytes()
    assert read_file(tmp_path / "a" / f"x{ending}").rows.reply == ["Hello"]


def test_a_formula_in_a_workbook_stays_a_text(tmp_path: Path) -> None:
    import openpyxl

    rows = Rows.of(("=1+1", "=HYPERLINK(1)"), ("_x0041_", "+1"))
    write_file(rows, "xlsx", tmp_path / "a.xlsx")
    book = openpyxl.load_workbook(tmp_path / "a.xlsx")
    assert [cell.data_type for line in book.active.iter_rows(min_row=2) for cell in line] == ["s", "s", "s", "s"]
    assert read_file(tmp_path / "a.xlsx").rows.prompt == ["=1+1", "_x0041_"]


def test_a_text_too_long_for_a_cell_names_its_row(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match='Row 1 has 40,000 characters under "completion"'):
        write_file(Rows.of(("a", "b" * 40_000)), "xlsx", tmp_path / "a.xlsx")
    assert list(tmp_path.iterdir()) == []


def came_back(tmp_path: Path, record: dict, format: str, name: str = "rows.jsonl") -> Rows:
    write_file(Rows.from_records([record]), format, tmp_path / name)
    return read_file(tmp_path / name).rows


def test_an_image_before_its_text_stays_before_it(tmp_path: Path) -> None:
    image = {"type": "image_url", "image_url": {"url": "house.png"}}
    parts = [image, {"type": "text", "text": "What is this?"}]
    asked = message("user", "What is this?", {"content_parts": parts})
    rows = came_back(tmp_path, {"messages": [asked, message("assistant", "A house.")]}, "chat")
    assert rows.messages == [[asked, message("assistant", "A house.")]]


def test_an_edited_text_takes_the_place_of_the_text_part(tmp_path: Path) -> None:
    image = {"type": "image_url", "image_url": {"url": "house.png"}}
    asked = message("user", "And this?", {"content_parts": [image, {"type": "text", "text": "What is this?"}]})
    came_back(tmp_path, {"messages": [asked, message("assistant", "A house.")]}, "chat")
    written = json.loads((tmp_path / "rows.jsonl").read_text())
    assert written["messages"][0]["content"] == [image, {"type": "text", "text": "And this?"}]


@pytest.mark.parametrize("format", ["sharegpt", "pairs", "alpaca", "trl", "kto"])
def test_a_kept_key_that_the_format_would_read_as_a_turn_stays_aside(tmp_path: Path, format: str) -> None:
    said = [message("user", "Q"), message("assistant", "A")]
    kept = {"system": "linux", "extra": {"k": 1}}
    rows = came_back(tmp_path, {"messages": said, "extra": json.dumps(kept)}, format)
    assert rows.messages == [said]
    aside = json.loads(rows.frame["extra"][0])
    assert (aside["extra"], aside["extra_2"]) == ({"k": 1}, {"system": "linux"})


def test_kept_messages_do_not_take_the_place_of_the_conversation_in_parquet(tmp_path: Path) -> None:
    said = [message("user", "Q"), message("assistant", "A")]
    record = {"messages": said, "extra": json.dumps({"messages": 3, "k": 1})}
    rows = came_back(tmp_path, record, "parquet", "rows.parquet")
    assert rows.messages == [said]
    assert json.loads(rows.frame["extra"][0]) == {"k": 1, "extra": {"messages": 3}}


@pytest.mark.parametrize("format", ["alpaca", "dolly", "self_instruct"])
def test_a_prompt_of_null_stays_null(tmp_path: Path, format: str) -> None:
    said = [message("user", None), message("assistant", "A")]
    assert came_back(tmp_path, {"messages": said}, format).messages == [said]
