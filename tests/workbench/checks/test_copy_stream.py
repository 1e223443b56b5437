"""Files read in batches give what rows in memory give."""

import random
from pathlib import Path

import polars as pl
import pytest

from workbench.checks import copy_stream
from workbench.checks.copy_stream import ParquetTexts, streamed_pairs
from workbench.checks.similarity import near_pairs, near_pairs_between
from workbench.errors import BadInput
from workbench.rows import Rows

RANDOM = random.Random(0)
WORDS = [f"w{n}" for n in range(300)] + ["7", "14", "2024", "1999", "350"]
BASES = [[RANDOM.choice(WORDS) for _ in range(RANDOM.choice([6, 25, 45, 120]))] for _ in range(60)]
TEXTS = [" ".join(w for w in base if RANDOM.random() > 0.02) for base in BASES for _ in range(3)]


def as_lists(pairs) -> tuple:
    return pairs.a.tolist(), pairs.b.tolist(), pairs.score.round(9).tolist()


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(copy_stream, "BATCH", 50)
    pl.DataFrame({"text": TEXTS}).write_parquet(tmp_path / "rows.parquet")
    return tmp_path / "rows.parquet"


def test_a_file_in_batches_gives_the_pairs_of_rows_in_memory(file):
    expected = near_pairs(TEXTS)
    assert len(expected) > 50
    assert as_lists(streamed_pairs([ParquetTexts(file, "text")])) == as_lists(expected)


def test_two_files_give_the_pairs_of_two_lists(file, tmp_path):
    pl.DataFrame({"text": TEXTS[::7]}).write_parquet(tmp_path / "other.parquet")
    sources = [ParquetTexts(file, "text"), ParquetTexts(tmp_path / "other.parquet", "text")]
    assert as_lists(streamed_pairs(sources, between=True)) == as_lists(near_pairs_between(TEXTS, TEXTS[::7]))


def test_what_does_not_fit_in_memory_goes_to_a_file(file, monkeypatch):
    monkeypatch.setattr(copy_stream, "IN_MEMORY", 0)
    assert as_lists(streamed_pairs([ParquetTexts(file, "text")])) == as_lists(near_pairs(TEXTS))


@pytest.mark.parametrize(
    ("field", "texts"), [("prompt", ["one", "two"]), ("reply", ["three", ""]), ("both", ["one\nthree", "two\n"])]
)
def test_prompt_and_reply_are_found_by_the_names_of_the_columns(tmp_path, field, texts):
    pl.DataFrame({"id": [1, 2], "question": ["one", "two"], "answer": ["three", None]}).write_parquet(
        tmp_path / "a.parquet"
    )
    assert list(ParquetTexts(tmp_path / "a.parquet", field).batches()) == [texts]


@pytest.mark.parametrize(
    ("field", "text"), [("prompt", "Hi"), ("reply", "Hello"), ("conversation", "Be kind\nHi\nHello")]
)
def test_conversations_are_read_as_the_app_reads_them(tmp_path, field, text):
    turns = [
        {"role": role, "content": said}
        for role, said in (("system", "Be kind"), ("user", "Hi"), ("assistant", "Hello"))
    ]
    pl.DataFrame({"messages": [turns]}).write_parquet(tmp_path / "plain.parquet")
    Rows.of(turns).frame.write_parquet(tmp_path / "ours.parquet")
    for name in ("plain", "ours"):
        assert ParquetTexts(tmp_path / f"{name}.parquet", field).at([0]) == [text]


def test_a_field_that_is_not_there_is_told_with_those_that_are(file):
    with pytest.raises(BadInput, match="text"):
        list(ParquetTexts(file, "body").batches())
    with pytest.raises(BadInput, match="neither messages nor a prompt and a reply"):
        list(ParquetTexts(file, "both").batches())
    file.write_bytes(b"PAR1 nothing")
    with pytest.raises(BadInput, match="cannot be read as Parquet"):
        ParquetTexts(file, "text")
