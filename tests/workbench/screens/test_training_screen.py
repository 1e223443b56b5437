"""The Training screen: recipes fill the form in, what was chosen stands in the URL, a run begins as it was shown."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import gradio as gr
import pytest

from training.errors import PlanError
from training.plan import TrainingPlan
from workbench import jobs
from workbench.actions.freeze_golden import freeze_golden
from workbench.errors import BadInput, Refused
from workbench.rows import Rows
from workbench.screens import recipe
from workbench.screens.address import Look
from workbench.screens.page import Page
from workbench.screens.training import PATH, NewRun, to_runs
from workbench.store import Store, datasets
from workbench.store import jobs as job_lines


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


@pytest.fixture
def screen(store: Store, fifty_rows: Rows, no_models: None) -> Iterator[NewRun]:
    """The screen of a store with "desk", 40 rows to train on."""
    datasets.add_version(store, "desk", fifty_rows, parent=None, verb="import", settings={}, counts={"added": 50},
                         who="Ann", why="")  # fmt: skip
    freeze_golden(store, "desk", share=0.2, seed=0)
    with gr.Blocks():
        yield NewRun(Page(store, "Training", "A sentence.", PATH), store)


def knobs(screen: NewRun, values: Any) -> dict[str, Any]:
    return dict(zip(screen.form.names, values, strict=True))


def test_a_page_as_it_comes_shows_the_recipes_and_the_plan_as_it_comes(screen: NewRun) -> None:
    version, model, _, preset, cards, about, changed, *values = screen.arrive(Look({}))
    assert (version.value, model.value, preset, about) == ("desk@2", "smollm2-135m", recipe.OWN, "")
    assert [one["title"] for one in cards["cards"]] == [
        "First try", "Style and tone", "Simple task", "New knowledge", "Your own",
    ]  # fmt: skip
    assert screen.form.settings(values) == []
    assert "40 rows, 4 rows of them kept aside to see when to stop: 3 epochs, 15 steps of 8 rows." in changed


def test_a_preset_fills_the_form_in_and_stands_in_the_url(screen: NewRun, small: str) -> None:
    preset, cards, about, changed, go, *values = screen.choose(Look({}), small, {"name": "simple task"})
    assert (preset, cards["chosen"]) == ("simple task", "simple task")
    assert (knobs(screen, values)["epochs"], knobs(screen, values)["patience"]) == (4.0, "3")
    assert "It will not handle labels or cases that no row shows" in about
    assert "Changed from" not in changed
    assert "preset=simple+task" in go


def test_reload_keeps_preset_model_and_knobs(screen: NewRun, small: str) -> None:
    filled = list(screen.choose(Look({}), small, {"name": "style and tone"})[5:])
    filled[screen.form.names.index("rank")] = 8
    changed, go = screen.edited(Look({}), "style and tone", small, *filled)
    assert "LoRA rank <del>16</del> → <ins>8</ins>" in changed
    _, model, _, preset, _, _, again, *values = screen.arrive(Look.read(go.partition("?")[2]))
    assert (model.value, preset, again) == (small, "style and tone", changed)
    assert screen.form.settings(values) == screen.form.settings(filled)


@pytest.mark.parametrize("query", ["?preset=best", "?knobs=epochs=0", "?knobs=what", "?preset=<script>&knobs=;;;"])
def test_a_senseless_url_shows_the_plan_as_it_comes(screen: NewRun, query: str) -> None:
    *_, preset, cards, _, _ = screen.arrive(Look.read(query))[:7]
    assert (preset, cards["chosen"]) == (recipe.OWN, recipe.OWN)


def test_a_recipe_that_is_none_is_refused(screen: NewRun, small: str) -> None:
    with pytest.raises(BadInput, match="Choose one of the recipes"):
        screen.choose(Look({}), small, {"name": "best"})


def test_what_is_out_of_the_usual_is_said_beside_the_knobs(screen: NewRun, small: str) -> None:
    filled = screen.form.shown(TrainingPlan(rank=512).model_dump())
    changed, _ = screen.edited(Look({}), recipe.OWN, small, *filled)
    assert "LoRA rank 512 makes a large adapter" in changed


def test_knobs_that_do_not_go_together_are_refused_on_the_page(screen: NewRun, small: str) -> None:
    filled = screen.form.shown(TrainingPlan().model_dump() | {"method": "full", "quantization": "4bit"})
    with pytest.raises((BadInput, PlanError), match="Method full cannot be combined with quantization 4bit"):
        screen.edited(Look({}), recipe.OWN, small, *filled)


def test_a_run_begins_with_what_the_form_shows(
    screen: NewRun, small: str, monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    monkeypatch.setattr(jobs, "_spawn", lambda store, job_id: None)
    filled = screen.choose(Look({}), small, {"name": "first try"})[5:]
    *_, go = screen.begin(Look({}), "first try", small, *filled)
    job = jobs.get(store, Look.read(go.partition("?")[2]).number("job"))
    assert (job.kind, job.settings["version"], job.settings["model"]) == ("train", "desk@2", small)
    assert TrainingPlan().with_settings(job.settings["settings"]).max_steps == 40


def test_the_same_run_is_not_begun_twice_and_one_with_another_seed_is(
    screen: NewRun, small: str, monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    monkeypatch.setattr(jobs, "_spawn", lambda store, job_id: None)
    filled = list(screen.choose(Look({}), small, {"name": "first try"})[5:])
    screen.begin(Look({}), "first try", small, *filled)
    with pytest.raises(Refused, match=r"This very run is going on already \(job 1\)"):
        screen.begin(Look({}), "first try", small, *filled)
    filled[screen.form.names.index("seed")] = 1
    screen.begin(Look({}), "first try", small, *filled)
    assert [job.id for job in jobs.listed(store)] == [2, 1]


def test_a_training_job_leads_to_its_curves_and_measuring_some_steps_to_all_runs(
    store: Store, evaluated: object
) -> None:
    trains, measures = (job_lines.add(store, kind, {}, "Ann").id for kind in ("train", "measure"))
    assert f'/runs?job={trains}">Watch its curves' in to_runs(store, Look({"job": str(trains)}))
    assert '/runs">All runs and their curves' in to_runs(store, Look({"job": str(measures)}))
    assert '/runs">All runs and their curves' in to_runs(store, Look({"job": "99"}))


def test_an_openai_job_is_taken_over_and_told_and_its_file_is_gone(
    screen: NewRun, small: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, store: Store
) -> None:
    monkeypatch.setenv("GRADIO_TEMP_DIR", str(tmp_path))
    file = tmp_path / "job.json"
    file.write_text(json.dumps({"model": "<b>gpt</b>", "hyperparameters": {"n_epochs": 2, "batch_size": 4}}))
    _, _, told, _, _, *values, said = screen.upload(Look({}), str(file), small)
    assert (knobs(screen, values)["epochs"], knobs(screen, values)["batch_size"]) == (2.0, 4)
    assert "&lt;b&gt;gpt&lt;/b&gt; cannot be had" in told
    assert "4 fields are told below" in said
    assert list(store.folder("uploads").iterdir()) == []


def test_other_rows_fit_the_recipes_anew_and_keep_the_knobs(screen: NewRun, small: str) -> None:
    filled = screen.form.shown(TrainingPlan(rank=8).model_dump())
    cards, changed, go, _ = screen.other(Look({}), "desk@1", recipe.OWN, small, *filled)
    assert "50 rows" in changed
    assert "version=1" in go
    assert "knobs=rank%3D8" in go
    assert cards["chosen"] == recipe.OWN


def test_without_rows_the_page_says_so_and_where_to_import_some(store: Store, no_models: None) -> None:
    with gr.Blocks():
        empty = NewRun(Page(store, "Training", "A sentence.", PATH), store)
    assert "There are no rows to train on yet." in empty.arrive(Look({}))[2]
