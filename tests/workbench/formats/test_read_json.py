"""JSON Lines and JSON lists: what is read, and what each broken record says."""

import gzip
import json
from pathlib import Path

import pytest

from workbench.errors import BadInput
from workbench.formats.read import Read, read_file

GOOD = '{"messages": [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Hello"}]}'
PAIR = '{"prompt": "Hi", "completion": "Hello"}'


@pytest.fixture
def read(tmp_path: Path):
    def from_text(text: str | bytes, name: str = "support.jsonl", **options) -> Read:
        path = tmp_path / name
        path.write_bytes(text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass"))
        return read_file(path, **options)

    return from_text


def test_a_chat_file_gives_its_turns_with_source_and_line(read) -> None:
    got = read(GOOD + "\n\n" + GOOD + "\n")
    assert (got.format, got.container, got.rejects) == ("chat", "jsonl", ())
    assert got.rows.prompt == ["Hi", "Hi"]
    assert got.rows.reply == ["Hello", "Hello"]
    assert got.rows.frame["line"].to_list() == [1, 3]
    assert got.rows.frame["source"].to_list() == ["support.jsonl", "support.jsonl"]
    assert len(set(got.rows.row_id)) == 2


def test_one_broken_line_costs_only_itself(read) -> None:
    got = read("\n".join([GOOD, '{"messages": [}', GOOD]))
    assert len(got.rows) == 2
    assert got.rejects[0].line == 2
    assert got.rejects[0].raw == '{"messages": [}'
    assert got.rejects[0].reason == "line 2 of support.jsonl is not JSON: expecting value at character 15."


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (GOOD[:40], "ends in the middle of a record; the file may have been cut."),
        ('{"prompt": "a", "prompt": "b", "completion": "c"}', 'has the key "prompt" twice in one object.'),
        ('{"prompt": "a", "completion": "b", "n": NaN}', "has NaN, which JSON does not know; write null or a number."),
        ('{"prompt": "a", "n": 1e999}', "has the number 1e999, which is too large; write it as a text."),
        (
            '{"prompt": "a", "completion": "b", "n": ' + "9" * 5000 + "}",
            "has a whole number of 5,000 digits; write it as a text.",
        ),
        ("[" * 100_000 + "]" * 100_000, "is nested more than 100 levels deep."),
        ('{"prompt": "a", "n": ' + "[" * 200 + "]" * 200 + "}", "is nested more than 100 levels deep."),
        ('["Hi", "Hello"]', "is a list, not an object with keys."),
        (PAIR + ",", "ends in a comma; JSON Lines has no commas between records."),
        (PAIR + PAIR, "has more text after its record, from character 40 on."),
        ('{"prompt": 5, "completion": "b"}', 'has a number under "prompt" where a text belongs.'),
        ("{}", 'has no prompt and reply (such as "prompt" and "completion", or "question" and "answer"); it is empty.'),
    ],
)
def test_a_record_that_cannot_be_read_says_why(read, line: str, reason: str) -> None:
    got = read("\n".join([PAIR, line, PAIR]))
    assert len(got.rows) == 2
    assert [reject.reason for reject in got.rejects] == [f"line 2 of support.jsonl {reason}"]
    assert got.rejects[0].raw == line


def test_a_row_of_another_shape_names_the_format_that_fits(read) -> None:
    got = read("\n".join([GOOD, GOOD, '{"prompt": "Hi", "answer": "Hello"}']))
    assert got.rejects[0].reason == (
        'line 3 of support.jsonl has no "messages"; its keys are "prompt" and "answer". Import it with --format pairs.'
    )


def test_half_a_character_pair_and_nul_are_replaced_and_noted(read) -> None:
    got = read('{"prompt": "a\\ud800b", "completion": "c\\u0000d"}\n{"prompt": "e\x00", "completion": "f"}')
    assert got.rows.prompt == ["a\ufffdb", "e"]
    assert got.rows.reply == ["cd", "f"]
    assert "1 texts held half a character pair (a lone surrogate); it became the sign \ufffd." in got.notes
    assert "NUL characters were taken out of 2 lines or texts." in got.notes


def test_line_separators_inside_a_text_do_not_cut_the_record(read) -> None:
    got = read('{"prompt": "a\u2028b\x85c", "completion": "d"}\r\n' + PAIR + "\r\n")
    assert got.rows.prompt == ["a\u2028b\x85c", "Hi"]


def test_lines_that_end_in_a_lone_carriage_return_are_lines(read) -> None:
    assert read(f"{PAIR}\r{PAIR}\r").rows.frame["line"].to_list() == [1, 2]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-32"])
def test_other_unicode_encodings_are_told_by_themselves(read, encoding: str) -> None:
    assert read('{"prompt": "größer", "completion": "é"}\n'.encode(encoding)).rows.prompt == ["größer"]


def test_windows_1252_is_guessed_aloud(read) -> None:
    got = read('{"prompt": "größer “so”", "completion": "b"}\n'.encode("cp1252"))
    assert got.rows.prompt == ["größer “so”"]
    assert got.notes[0].startswith("support.jsonl is not UTF-8; it looks like Windows-1252")


def test_one_odd_line_in_a_utf8_file_does_not_spoil_the_others(read) -> None:
    good = '{"prompt": "größer", "completion": "b"}\n'.encode()
    got = read(good + '{"prompt": "kleiner als größer", "completion": "b"}\n'.encode("cp1252") + good)
    assert got.rows.prompt == ["größer", "größer"]
    assert got.rejects[0].reason == ("line 2 of support.jsonl is not UTF-8 at character 27; save the file as UTF-8.")


def test_a_five_megabyte_row_is_imported(read) -> None:
    got = read(json.dumps({"prompt": "a", "completion": "word " * 1_000_000}))
    assert len(got.rows.reply[0]) == 5_000_000


@pytest.mark.parametrize("text", ["", " \n\r\n\t", "\ufeff"])
def test_an_empty_file_has_no_examples(read, text: str) -> None:
    with pytest.raises(BadInput, match=r"^No examples found in support\.jsonl"):
        read(text)


def test_a_file_of_broken_lines_gives_the_first_reasons(read) -> None:
    with pytest.raises(BadInput, match=r"^No examples found in support\.jsonl: line 1 .* 2 more could not be read"):
        read("{a}\n" * 5)


def test_a_list_of_records_keeps_each_line_and_costs_only_the_broken_one(read) -> None:
    spread = '{"prompt": "a",\n   "completion": "b"}'
    got = read(f'[\n  {PAIR},\n  {{"prompt": tru}},\n  {spread},\n  {PAIR}\n]\n', "a.json")
    assert got.container == "json"
    assert got.rows.frame["line"].to_list() == [2, 4, 6]
    assert got.rejects[0].reason == "line 3 of a.json is not JSON: expecting value at character 12."
    assert got.rejects[0].raw == '{"prompt": tru}'


def test_a_list_on_one_line_counts_records(read) -> None:
    got = read(f"[{PAIR}, {PAIR}, 3]", "a.json")
    assert got.rows.frame["line"].to_list() == [1, 2]
    assert got.rejects[0].reason == "record 3 of a.json is a number, not an object with keys."


def test_a_list_that_was_cut_keeps_what_is_whole(read) -> None:
    got = read(f'[{PAIR},\n{PAIR},\n{{"prompt": "a", "compl', "a.json")
    assert len(got.rows) == 2
    assert got.rejects[0].reason == "line 3 of a.json ends in the middle of a record; the file may have been cut."


def test_a_list_cut_between_records_is_noted(read) -> None:
    got = read(f"[{PAIR},\n{PAIR},\n", "a.json")
    assert len(got.rows) == 2
    assert got.notes[1] == "The list in the file is not closed: the file may have been cut behind its last example."


def test_a_deep_record_in_a_list_costs_only_itself(read) -> None:
    got = read(f"[{PAIR},\n{'[' * 100_000}{']' * 100_000},\n{PAIR}]", "a.json")
    assert len(got.rows) == 2
    assert got.rejects[0].reason == "line 2 of a.json is nested more than 100 levels deep."


def test_equal_records_on_one_line_have_ids_of_their_own(read) -> None:
    assert len(set(read(f"[\n{PAIR}, {PAIR}, {PAIR}\n]", "a.json").rows.row_id)) == 3


def test_records_spread_over_lines_are_read(read) -> None:
    pretty = json.dumps(json.loads(PAIR), indent=2)
    assert read(f"{pretty}\n{pretty}\n").rows.frame["line"].to_list() == [1, 5]


def test_an_object_around_the_list_says_where_the_list_is(read) -> None:
    with pytest.raises(BadInput, match='Its "data" holds a list of 1: save that list as a file of its own'):
        read('{\n "data": [' + PAIR + "]}", "a.json")


def test_a_packed_file_is_unpacked(read) -> None:
    assert len(read(gzip.compress((PAIR + "\n").encode() * 3), "a.jsonl.gz").rows) == 3


def test_a_packed_file_that_was_cut_says_so(read) -> None:
    with pytest.raises(BadInput, match=r"a\.jsonl\.gz is damaged: its packed data breaks off after .* Copy it again"):
        read(gzip.compress((PAIR + "\n").encode() * 3)[:-12], "a.jsonl.gz")


def test_a_packed_bomb_is_stopped(read) -> None:
    with pytest.raises(BadInput, match="unpacks to more than 256 MB"):
        read(gzip.compress(b" " * (300 << 20), 1), "a.jsonl.gz")


@pytest.mark.parametrize(
    ("start", "words"),
    [
        (b"PK\x03\x04", "a ZIP archive or an Excel workbook"),
        (b"MZ\x90\x00", "a Windows program"),
        (b"%PDF-1.7", "a PDF document"),
        (b"  <!DOCTYPE html><p>prompt,completion", "a web page"),
        (b"\x00\x01\x02\x00\x00" * 50, "not text"),
    ],
)
def test_a_file_of_another_kind_is_refused_by_its_content(read, start: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        read(start, "examples.csv")


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"There is no file nothing\.jsonl"):
        read_file(tmp_path / "nothing.jsonl")


def test_progress_is_reported_to_its_end(read) -> None:
    said = []
    read(PAIR, report=lambda done, line: said.append((done, line)))
    assert said == [(1.0, "1 examples read from support.jsonl, 0 rejected")]


def test_the_digest_is_that_of_the_bytes(read) -> None:
    assert read(PAIR).file_digest == "168d766d5433d5105eb16bac9b456b6d4847600f2d366e99c3946ac87752cbac"


@pytest.mark.parametrize("name", ["chats", "pairs:a", "pairs:a,b,c"])
def test_an_unknown_format_is_refused_with_the_known_ones(read, name: str) -> None:
    with pytest.raises(BadInput, match="pairs"):
        read(PAIR, format=name)
