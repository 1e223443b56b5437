"""CSV and Parquet: cells stay what they are, and a row that is out of shape is named."""

from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from workbench.errors import BadInput
from workbench.formats.read import Read, read_file


@pytest.fixture
def read(tmp_path: Path):
    def from_text(text: str | bytes, name: str = "support.csv", **options) -> Read:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_file(path, **options)

    return from_text


def test_cells_are_kept_as_the_text_they_are(read) -> None:
    got = read("prompt,completion,id\nNA,007,1e5\nnull,None,\n")
    assert got.rows.prompt == ["NA", "null"]
    assert got.rows.reply == ["007", "None"]
    assert got.rows.frame["extra"].to_list() == ['{"id": "1e5"}', '{"id": ""}']


def test_a_quoted_line_break_belongs_to_the_cell(read) -> None:
    got = read('prompt,completion\r\n"a\r\nb",c\r\nd,e\r\n')
    assert got.rows.prompt == ["a\r\nb", "d"]
    assert got.rows.frame["line"].to_list() == [2, 4]


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_the_delimiter_is_told_by_the_header(read, sign: str) -> None:
    assert read(f"Question{sign}Answer\na{sign}b\n").rows.reply == ["b"]


def test_a_row_of_another_length_is_named(read) -> None:
    got = read("prompt,completion\na,b\na,b,c\na\nd,e\n")
    assert len(got.rows) == 2
    assert [reject.reason for reject in got.rejects] == [
        "line 3 of support.csv has 3 values where the header has 2 columns.",
        "line 4 of support.csv has 1 values where the header has 2 columns.",
    ]


def test_an_open_quote_costs_its_own_line_only(read) -> None:
    got = read('prompt,completion\na,b\nc,"d\ne,f\ng,"h"\ni,j\n')
    assert got.rows.prompt == ["a", "e", "g", "i"]
    assert got.rejects[0].line == 3
    assert got.rejects[0].raw == 'c,"d'
    assert got.rejects[0].reason == "line 3 of support.csv opens a quote that is never closed rightly (on line 3)."


def test_the_line_of_the_open_quote_is_named_not_that_of_the_row(read) -> None:
    got = read('prompt,completion\n"a\nb","c\nd,e\n')
    assert got.rejects[0].reason == "line 2 of support.csv opens a quote that is never closed rightly (on line 3)."
    assert got.rows.prompt == ["d"]


def test_a_quote_in_the_wrong_place_is_named(read) -> None:
    got = read('prompt,completion\n"a"b,c\nd,e\n')
    assert got.rejects[0].reason.startswith("line 2 of support.csv has a quote in the wrong place")
    assert got.rows.prompt == ["d"]


def test_a_file_full_of_open_quotes_ends(read) -> None:
    got = read("prompt,completion\nok,ok\n" + 'a,"b\n\n' * 501)
    assert len(got.rows) == 1
    assert "too many rows are broken like this" in got.rejects[-1].reason


def test_two_columns_of_one_name_are_refused(read) -> None:
    with pytest.raises(BadInput, match='two columns of the same name: "answer"'):
        read("question,answer,answer\na,b,c\n")


def test_a_long_cell_is_read(read) -> None:
    assert len(read(f"prompt,completion\na,{'b' * 5_000_000}\n").rows.reply[0]) == 5_000_000


def test_messages_as_json_text_become_turns(read) -> None:
    cell = '"[{""role"": ""user"", ""content"": ""Hi""}, {""role"": ""assistant"", ""content"": ""Yo""}]"'
    got = read(f"messages,tags\n{cell},cards; limits\n[broken,\n")
    assert (got.format, got.rows.reply, got.rows.tags) == ("chat", ["Yo"], [["cards", "limits"]])
    assert got.rejects[0].reason.startswith('line 3 of support.csv has a "messages" that is not JSON')


def test_a_prompt_that_looks_like_json_stays_a_text(read) -> None:
    assert read('prompt,completion\n"[""a"", 1]",[1]\n').rows.prompt == ['["a", 1]']


def test_labelled_texts_are_explained_and_can_be_imported(read) -> None:
    table = "text,category\nWhere is my card?,card_arrival\n"
    with pytest.raises(BadInput, match="import it with --format pairs:text,category"):
        read(table)
    assert read(table, format="pairs:text,category").rows.reply == ["card_arrival"]


def test_a_table_without_header_is_explained(read) -> None:
    with pytest.raises(BadInput, match="Its first line looks like an example, not a header"):
        read("How long does a card take to arrive at my home?,Five days at most\na,b\n")


def test_a_missing_column_names_what_is_there(read) -> None:
    with pytest.raises(BadInput, match=r'support\.csv has the columns "prompt" and "score", and no pair'):
        read("prompt,score\na,1\n")


def test_windows_1252_is_guessed_aloud(read) -> None:
    got = read("prompt,completion\nCafé,größer\n".encode("cp1252"))
    assert got.rows.prompt == ["Café"]
    assert "Windows-1252" in got.notes[0]


def test_cells_guarded_for_a_spreadsheet_are_noted(read) -> None:
    got = read("prompt,completion\na,'- b\n")
    assert got.rows.reply == ["'- b"]
    assert got.notes[1].startswith("1 cells begin with ' before a formula sign")


def test_parquet_lists_of_turns_are_read(tmp_path: Path) -> None:
    turns = [{"role": "user", "content": "Hi", "name": None}, {"role": "assistant", "content": "Yo", "name": "bot"}]
    pl.DataFrame({"messages": [turns], "score": [float("nan")]}).write_parquet(tmp_path / "a.parquet")
    got = read_file(tmp_path / "a.parquet")
    assert (got.format, got.container) == ("chat", "parquet")
    assert [turn["more"] for turn in got.rows.messages[0]] == [None, '{"name": "bot"}']
    assert got.rows.frame["extra"].to_list() == ['{"score": null}']
    assert "became null" in got.notes[0]


def test_parquet_is_told_by_its_content(tmp_path: Path) -> None:
    pl.DataFrame({"prompt": ["a", None], "completion": ["b", "c"]}).write_parquet(tmp_path / "a.csv")
    assert read_file(tmp_path / "a.csv").rows.messages[1][0]["content"] is None


def test_a_parquet_bomb_is_stopped(tmp_path: Path) -> None:
    path = tmp_path / "bomb.parquet"
    long = pa.DictionaryArray.from_arrays(pa.array([0] * 1000, pa.int32()), pa.array(["x" * 1_000_000]))
    pq.write_table(pa.table({"prompt": long, "completion": long}), path, compression="zstd")
    assert path.stat().st_size < 200_000
    with pytest.raises(BadInput, match="holds more than 256 MB of data"):
        read_file(path)


def test_a_damaged_parquet_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "a.parquet"
    pl.DataFrame({"prompt": ["a"], "completion": ["b"]}).write_parquet(path)
    path.write_bytes(path.read_bytes()[:-20])
    with pytest.raises(BadInput, match=r"a\.parquet is a damaged Parquet file"):
        read_file(path)
