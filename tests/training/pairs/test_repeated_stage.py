"""A second stage is repeated from its run's folder alone, to the last bit, wherever its first stage is by now."""

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
from training.errors import BadAdapter, NotResumable
from training.pairs.preferences import PreferencePlan, train_preferences
from training.plan import TrainingPlan
from training.result import read_metrics
from training.run.lora import train
from training.run.provenance import read_provenance
from training.run.repeat import repeat, unlike

ROOT = Path(__file__).resolve().parents[3]


@pytest.fixture(scope="module")
def whole(tiny_model: Path, few_rows: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A first stage in first/, and in run/ a second one on it, with a dropout and a beta of its own."""
    place = tmp_path_factory.mktemp("stages")
    plan = TrainingPlan(model=str(tiny_model), batch_size=4, learning_rate=0.02, dropout=0.1, rank=4, max_steps=3)
    train(plan, few_rows, place / "first")
    stage = PreferencePlan.after(plan, ["learning_rate=0.02", "max_steps=3", "beta=0.3"])
    pairs = pl.DataFrame({
        "row_id": [f"p{n}" for n in range(12)],
        "messages": [
            [{"role": "user", "content": f"say {n}"}, {"role": "assistant", "content": f"a kind word {n}"}]
            for n in range(12)
        ],
        "rejected": [f"a rude word {n}" for n in range(12)],
    })  # fmt: skip
    train_preferences(stage, pairs, place / "first" / "adapter", place / "run")
    return place


@pytest.fixture
def run(whole: Path, tmp_path: Path) -> Path:
    """The second stage's folder by itself, moved away from its first stage, which is not where it lay."""
    folder = Path(shutil.copytree(whole / "run", tmp_path / "run"))
    said(folder, parent_folder="/nowhere/adapter")
    return folder


def said(folder: Path, **changed: object) -> None:
    """Puts other facts into preferences.json; None takes one out."""
    facts = json.loads((folder / "preferences.json").read_text("utf-8")) | changed
    kept = {name: fact for name, fact in facts.items() if fact is not None}
    (folder / "preferences.json").write_text(json.dumps(kept), "utf-8")


def test_it_is_the_same_to_the_last_bit_from_its_folder_and_another_working_directory(
    run: Path, tmp_path: Path
) -> None:
    command = [sys.executable, "-m", "training", "run/plan.json", "run/rows.parquet", "again"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}  # the run's own number is taken
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(read_metrics(run)) == 4
    assert unlike(run, tmp_path / "again") == []
    threads = [(read_provenance(folder) or {})["threads"] for folder in (run, tmp_path / "again")]
    assert threads[0] == threads[1]
    facts = json.loads((tmp_path / "again" / "preferences.json").read_text("utf-8"))
    assert (facts["beta"], facts["parent_folder"]) == (0.3, str(run / "parent"))


def test_verify_says_that_it_is_the_same(run: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--verify", str(run)]) == 0
    assert "the repetition is the same to the last bit: 3 steps and all that was learned" in capsys.readouterr().out


def test_another_beta_is_seen_as_another_curve(run: Path) -> None:
    said(run, beta=0.1)
    done = repeat(run)
    assert done.kept is not None
    shutil.rmtree(done.kept)
    told = " ".join(done.differs)
    assert "margin from step " in told
    assert "adapter_model.safetensors: other bytes" in told


def test_a_stage_of_before_its_parent_was_kept_is_repeated_from_where_that_one_lies(run: Path, whole: Path) -> None:
    shutil.rmtree(run / "parent")
    said(run, parent_config=None)
    with pytest.raises(BadAdapter, match=r"it is not in /nowhere/adapter any more\. Put that one's adapter_model"):
        repeat(run)
    assert repeat(run, parent=whole / "first" / "adapter").equal


def test_a_parent_that_is_another_by_now_is_refused(run: Path) -> None:
    config = run / "parent" / "adapter_config.json"
    config.write_text(config.read_text("utf-8").replace('"lora_alpha": ', '"lora_alpha": 1'), "utf-8")
    with pytest.raises(BadAdapter, match=r"and the one in .*parent is another by now"):
        repeat(run)


def test_a_damaged_stage_is_refused_in_one_sentence(run: Path) -> None:
    (run / "preferences.json").write_text("{}")
    with pytest.raises(NotResumable, match="missing or damaged, so nobody can tell what the second stage"):
        repeat(run)


def test_pairs_away_from_their_run_are_not_learned_as_rows(
    run: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "alone").mkdir()
    plan = shutil.copy(run / "plan.json", tmp_path / "alone" / "plan.json")
    assert main([str(plan), str(run / "rows.parquet"), str(tmp_path / "again")]) == 2
    assert "the rows are pairs of replies" in capsys.readouterr().err
    assert not (tmp_path / "again").exists()
