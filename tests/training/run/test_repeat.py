"""A run is repeated from its folder alone, to the last bit, or what differs is said."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from training.__main__ import main
from training.errors import ModelError, NotResumable, RowsError
from training.plan import TrainingPlan
from training.run.lora import train
from training.run.provenance import PACKAGES, differences, digest_of_model, plan_hash, read_provenance
from training.run.repeat import _scratch, repeat, unlike

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def model(tiny_model: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return Path(shutil.copytree(tiny_model, tmp_path_factory.mktemp("base") / "tiny"))


@pytest.fixture(scope="module")
def whole(model: Path, few_rows: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("repeat") / "run"
    plan = TrainingPlan(model=str(model), batch_size=4, learning_rate=0.02, dropout=0.1, rank=4, max_steps=4)
    train(plan, few_rows, out)
    return out


@pytest.fixture
def run(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "run"))


def test_a_run_is_the_same_to_the_last_bit_from_its_folder_and_another_working_directory(
    run: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "training", "run/plan.json", "run/rows.parquet", "again"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}  # the run's own number is taken
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert unlike(run, tmp_path / "again") == []
    threads = [(read_provenance(folder) or {})["threads"] for folder in (run, tmp_path / "again")]
    assert threads[0] == threads[1]


def test_verify_says_that_a_run_is_the_same(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--verify", str(run)]) == 0
    assert "the repetition is the same to the last bit: 4 steps and all that was learned" in capsys.readouterr().out


def test_verify_names_the_first_step_that_differs_and_what_is_not_as_it_was(
    run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    lines = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
    lines[3]["loss"] = 9.5
    (run / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    facts = json.loads((run / "provenance.json").read_text())
    facts["versions"]["torch"] = "1.0"
    (run / "provenance.json").write_text(json.dumps(facts))
    assert main(["--verify", str(run)]) == 1
    said = capsys.readouterr().out
    assert "the repetition differs: loss from step 3 on (9.5 then, " in said
    assert "not as it was then: torch: 1.0 then, " in said
    shutil.rmtree(said.rsplit("the repetition lies in ", 1)[1].strip())


def test_a_base_model_that_was_moved_is_found_by_the_digest_of_its_files(
    run: Path, model: Path, tmp_path: Path
) -> None:
    plan = json.loads((run / "plan.json").read_text())
    (run / "plan.json").write_text(json.dumps({**plan, "model": "/nowhere/tiny"}))
    with pytest.raises(ModelError, match=r"is not there any more \(SHA-256 of its files: .*--model FOLDER"):
        repeat(run)
    moved = Path(shutil.copytree(model, tmp_path / "elsewhere" / "tiny"))
    assert repeat(run, model=str(moved)).equal
    (moved / "config.json").write_text((moved / "config.json").read_text() + "\n")
    with pytest.raises(ModelError, match="are not those that the run was trained on"):
        repeat(run, model=str(moved))


def test_rows_that_were_changed_are_no_repetition(run: Path) -> None:
    pl.read_parquet(run / "rows.parquet").head(20).write_parquet(run / "rows.parquet")
    with pytest.raises(RowsError, match="no longer holds the rows"):
        repeat(run)


def test_an_unfinished_run_cannot_be_repeated(run: Path) -> None:
    (run / "training.json").unlink()
    with pytest.raises(NotResumable, match="holds no finished run"):
        repeat(run)


def test_the_provenance_names_what_a_run_was_made_from(whole: Path, model: Path) -> None:
    import platform

    import torch

    facts = read_provenance(whole)
    assert facts is not None
    assert facts["rows"] == 24
    assert facts["model"] == {"name": "tiny", "digest": digest_of_model(str(model))}
    assert facts["versions"]["torch"] == torch.__version__
    assert {"transformers", "trl", "peft"} <= facts["versions"].keys() <= set(PACKAGES)
    assert (facts["python"], facts["threads"]) == (platform.python_version(), torch.get_num_threads())
    assert facts["plan_hash"] == plan_hash(TrainingPlan.read((whole / "plan.json").read_text()))


def test_the_card_of_an_adapter_prints_the_provenance(whole: Path) -> None:
    card = (whole / "adapter/README.md").read_text()
    facts = read_provenance(whole)
    assert facts is not None
    assert f"| Base model's files | SHA-256 `{facts['model']['digest']}` |" in card
    assert f"torch {facts['versions']['torch']}" in card


def test_where_the_base_model_lies_does_not_change_the_hash_of_a_plan() -> None:
    assert plan_hash(TrainingPlan(model="/a/tiny")) == plan_hash(TrainingPlan(model="tiny"))
    assert plan_hash(TrainingPlan(rank=4)) != plan_hash(TrainingPlan(rank=8))


def test_other_circumstances_are_told_in_words() -> None:
    then = {"threads": 2, "cpu": "A", "versions": {"torch": "2.13"}, "code": "1", "git": {"commit": "a" * 40}}
    now = {"threads": 4, "cpu": "A", "versions": {"torch": "2.11"}, "code": "2", "git": None}
    assert differences(then, now) == [
        "number of threads: 2 then, 4 now",
        "torch: 2.13 then, 2.11 now",
        "code of training: commit aaaaaaaaaaaa then, unknown now",
    ]


def test_what_a_killed_repetition_left_is_removed_by_the_next_one(
    run: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    kept = tmp_path / "repeat-kept"  # a repetition that differed: somebody may want to look at it
    kept.mkdir()
    killed = "from training.run.repeat import _scratch; import os; held = _scratch(); os.kill(os.getpid(), 9)"
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TMPDIR": str(tmp_path)}
    subprocess.run([sys.executable, "-c", killed], env=environment, check=False)
    [left] = tmp_path.glob("repeat-*/.busy")
    other, busy = _scratch()  # of one that is at work
    assert repeat(run).equal
    assert (left.exists(), other.is_dir(), kept.is_dir()) == (False, True, True)
    assert sorted(tmp_path.glob("repeat-*")) == sorted([other, kept])
    busy.close()


def test_a_run_of_before_plans_were_kept_is_repeated_once_its_plan_is_put_there(run: Path) -> None:
    plan = (run / "plan.json").rename(run / "kept.json")
    with pytest.raises(
        NotResumable, match=r"has no plan\.json, as those of earlier versions: put its plan and its rows"
    ):
        repeat(run)
    plan.rename(run / "plan.json")
    (run / "provenance.json").unlink()
    (run / "attempts.jsonl").unlink()
    done = repeat(run)
    assert (done.equal, done.circumstances) == (True, ("what the run was made with is not known",))
