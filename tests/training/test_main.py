"""`python -m training`: a sentence for every mistake."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from training.__main__ import main, read_rows
from training.result import read_training
from training.tokens.encode import clean


@pytest.fixture
def given(tiny_model: Path, few_rows: pl.DataFrame, tmp_path: Path) -> list[str]:
    (tmp_path / "plan.json").write_text(f'{{"model": "{tiny_model}", "max_steps": 2, "precision": "fp32"}}')
    few_rows.write_parquet(tmp_path / "rows.parquet")
    return [str(tmp_path / "plan.json"), str(tmp_path / "rows.parquet"), str(tmp_path / "out")]


def test_a_run_ends_with_code_0_and_names_the_adapter(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main([*given, "--set", "rank=2"]) == 0
    said = capsys.readouterr().out.splitlines()
    assert said[-1].startswith(f"{given[2]}/adapter  (step ")
    assert any("step 2 of 2, loss " in line for line in said)
    result = read_training(Path(given[2]))
    assert result is not None
    assert result.trainable_parameters == 2048


def test_rows_may_come_as_jsonl(given: list[str], tmp_path: Path) -> None:
    line = '{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b%d"}]}\n'
    (tmp_path / "rows.jsonl").write_text("".join(line % n for n in range(4)))
    assert main([given[0], str(tmp_path / "rows.jsonl"), given[2]]) == 0


def mistake(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> str:
    assert main(arguments) == 2
    said = capsys.readouterr().err
    assert "Traceback" not in said
    return said


def test_a_missing_plan_is_told(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no plan nowhere.json" in mistake(["nowhere.json", *given[1:]], capsys)


def test_missing_and_broken_rows_are_told(given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no file" in mistake([given[0], "nowhere.parquet", given[2]], capsys)
    (tmp_path / "broken.parquet").write_text("not parquet")
    assert "cannot be read as rows" in mistake([given[0], str(tmp_path / "broken.parquet"), given[2]], capsys)


def test_a_wrong_knob_is_told(given: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    said = mistake([*given, "--set", "epochs=0"], capsys)
    assert said == "epochs (Epochs) should be greater than 0, not '0'.\n"


def test_a_missing_model_is_told(given: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "cannot be read" in mistake([*given, "--set", f"model={tmp_path}/nowhere"], capsys)


def test_a_line_keeps_its_own_keys_and_gets_none_of_other_lines(tmp_path: Path) -> None:
    call = {"type": "function", "function": {"name": "f", "arguments": {"a": 1}}}
    other = {"type": "function", "function": {"name": "g", "arguments": {"b": None}}}
    path = tmp_path / "rows.jsonl"
    asked = {"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "text", "text": "b"}]}
    records = [
        {"messages": [asked, {"role": "assistant", "tool_calls": [call]}], "tools": [{"name": "f"}]},
        {"messages": [asked, {"role": "assistant", "content": "c", "weight": 0}], "functions": [{"name": "g"}]},
        {"messages": [asked, {"role": "assistant", "content": None, "tool_calls": [other]}]},
    ]
    path.write_text("\n\n".join(json.dumps(one) for one in records))
    rows = read_rows(path)
    assert rows.columns == ["row_id", "messages", "tools"]
    assert rows["tools"].to_list() == ['[{"name": "f"}]', '[{"name": "g"}]', None]
    assert [clean(talk)[0]["content"] for talk in rows["messages"].to_list()] == ["a\nb"] * 3
    assert [clean(talk)[1] for talk in rows["messages"].to_list()] == [
        {"role": "assistant", "content": "", "tool_calls": [call]},
        {"role": "assistant", "content": "c", "weight": 0},
        {"role": "assistant", "content": "", "tool_calls": [other]},
    ]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("{broken", "line 2 of rows.jsonl is no JSON."),
        ('{"prompt": "a"}', 'line 2 of rows.jsonl has no list "messages".'),
        ('{"messages": ["a"]}', "line 2 of rows.jsonl has a message that is no object with role and content."),
    ],
)
def test_a_line_that_is_no_row_is_named(line: str, said: str, given: list[str], tmp_path: Path, capsys: Any) -> None:
    fine = '{"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]}\n'
    (tmp_path / "rows.jsonl").write_text(fine + line)
    assert said in mistake([given[0], str(tmp_path / "rows.jsonl"), given[2]], capsys)
