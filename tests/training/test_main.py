"""`python -m training`: a sentence for every mistake."""

from __future__ import annotations

from pathlib import Path

import polars as pl
import pytest

from training.__main__ import main
from training.result import read_training


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
