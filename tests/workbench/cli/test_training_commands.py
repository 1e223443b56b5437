"""A plan is put together on the command line: presets, OpenAI jobs, knobs on top."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from workbench import jobs
from workbench.actions.freeze_golden import freeze_golden
from workbench.cli import main
from workbench.rows import Rows
from workbench.store import Store, datasets


@pytest.fixture
def desk(store: Store, fifty_rows: Rows, no_models: None) -> Store:
    """A store with "desk", 40 rows to train on, and no model on this machine."""
    datasets.add_version(store, "desk", fifty_rows, parent=None, verb="import", settings={}, counts={"added": 50},
                         who="Ann", why="")  # fmt: skip
    freeze_golden(store, "desk", share=0.2, seed=0)
    return store


@pytest.fixture
def begun(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, object]]:
    """What would have been trained: a job's process is not started."""
    found: list[dict[str, object]] = []
    monkeypatch.setattr(jobs, "_spawn", lambda store, job_id: found.append(dict(jobs.get(store, job_id).settings)))
    return found


@pytest.fixture
def small(tmp_path: Path) -> str:
    """The folder of a model of some 100 thousand weights, as far as it is looked at before a job is made."""
    folder = tmp_path / "small-model"
    folder.mkdir()
    sizes = {"hidden_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 300,
             "intermediate_size": 128, "model_type": "llama"}  # fmt: skip
    (folder / "config.json").write_text(json.dumps(sizes))
    (folder / "model.safetensors").write_bytes(b"")
    return str(folder)


def said(store: Store, *words: str) -> tuple[int, str]:
    done = CliRunner().invoke(main, ["--store", str(store.root), *words])
    return done.exit_code, done.output


def test_the_presets_are_listed_with_what_they_will_not_do(desk: Store) -> None:
    code, text = said(desk, "presets")
    assert code == 0
    for name in ("first try", "style and tone", "simple task", "new knowledge"):
        assert f"{name}: " in text
    assert text.count("It will not ") == 4
    assert "examples by similarity" in " ".join(text.split())


def test_with_a_version_the_presets_show_their_knobs_for_its_rows(desk: Store) -> None:
    _, text = said(desk, "presets", "desk")
    assert text.count("(for 40 rows)") == 4


def test_a_preset_and_a_knob_on_top_reach_the_job(desk: Store, begun: list[dict[str, object]], small: str) -> None:
    code, text = said(desk, "train", "desk", "--model", small, "--preset", "simple-task", "--set", "rank=8")
    assert code == 0, text
    assert begun[0]["settings"] == ["epochs=4", "batch_size=2", "evaluations_per_epoch=2", "rank=8", "patience=3"]
    assert "It will not handle labels or cases that no row shows" in text


def test_what_is_out_of_the_usual_is_said_before_training(
    desk: Store, begun: list[dict[str, object]], small: str
) -> None:
    _, text = said(desk, "train", "desk", "--model", small, "--set", "rank=512")
    assert "Note: rank=512 makes a large adapter" in text


def test_the_same_run_twice_is_refused_and_one_with_another_seed_is_not(
    desk: Store, begun: list[dict[str, object]], small: str
) -> None:
    assert said(desk, "train", "desk", "--model", small, "--set", "rank=8")[0] == 0
    code, text = said(desk, "train", "desk", "--model", small, "--set", "rank= 8")
    assert code != 0
    assert "This very run is going on already (job 1)." in text
    assert said(desk, "train", "desk", "--model", small, "--set", "rank=8", "--set", "seed=1")[0] == 0
    assert [one["settings"] for one in begun] == [["rank=8"], ["rank=8", "seed=1"]]


def test_an_openai_job_becomes_settings_and_every_field_is_told(
    desk: Store, begun: list[dict[str, object]], tmp_path: Path, small: str
) -> None:
    job = tmp_path / "job.json"
    job.write_text(json.dumps({"model": "gpt-4o-mini", "hyperparameters": {"n_epochs": "auto", "batch_size": 4}}))
    code, text = said(desk, "train", "desk", "--model", small, "--openai", str(job))
    assert code == 0, text
    assert begun[0]["settings"] == ["batch_size=4"]
    assert "n_epochs: auto, so epochs=3 for 40 rows" in text
    assert "model: gpt-4o-mini cannot be had to train here" in text


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["--preset", "best"], 'there is no preset "best". There are: first try'),
        (["--preset", "style", "--set", "epochs=0"], "epochs (Epochs) should be greater than 0"),
        (["--openai", "nowhere.json"], "nowhere.json cannot be read"),
        (
            ["--set", "method=full", "--set", "quantization=4bit"],
            "method=full cannot be combined with quantization=4bit",
        ),
    ],
)
def test_a_plan_that_cannot_be_is_refused_before_a_job_is_made(
    desk: Store, begun: list[dict[str, object]], words: list[str], told: str
) -> None:
    code, text = said(desk, "train", "desk", *words)
    assert code == 2
    assert told in text
    assert begun == []


def test_a_preset_and_a_job_together_are_refused(desk: Store, tmp_path: Path) -> None:
    (tmp_path / "job.json").write_text('{"model": "m"}')
    code, text = said(desk, "train", "desk", "--preset", "style", "--openai", str(tmp_path / "job.json"))
    assert (code, "not from both" in text) == (2, True)
