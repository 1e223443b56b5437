"""Model card and dataset card: what hubs read, no figure that was not measured, and the owner's words kept."""

from __future__ import annotations

import json
import re

import pytest
import yaml
from huggingface_hub import DatasetCard, ModelCard

from training.plan import TrainingPlan
from workbench.actions.set_sheet import set_sheet
from workbench.actions.write_data_card import write_data_card
from workbench.actions.write_model_card import write_model_card
from workbench.errors import BadInput
from workbench.sheet import Sheet
from workbench.store import evaluations, runs


@pytest.fixture
def adapter(store, evaluated):
    """The folder of run 1's adapter, as training leaves it but for the weights."""
    folder = runs.folder(store, 1) / "adapter"
    folder.mkdir(parents=True, exist_ok=True)
    about = {"base": "toy/model", "base_licence": "Apache-2.0", "data_digest": "cd" * 32, "result": {"Steps": 60},
             "plan": TrainingPlan(model="toy/model").model_dump()}  # fmt: skip
    (folder / "training_run.json").write_text(json.dumps(about))
    return folder


def head_of(text: str) -> dict:
    return yaml.safe_load(text.split("---")[1])


def test_the_model_card_stands_beside_the_adapter_with_what_was_measured(store, evaluated, adapter):
    done = write_model_card(store, 1)
    assert done.path == adapter / "README.md"
    found = ModelCard(done.text).data
    assert (found.base_model, found.library_name, found.license) == ("toy/model", "peft", "apache-2.0")
    (one,) = found.eval_results
    assert (one.metric_type, round(one.metric_value, 2), one.dataset_name) == ("fact_recall", 0.6, "desk golden 1, dev")


def test_its_sections_stand_in_the_order_of_model_cards(store, evaluated, adapter):
    titles = re.findall(r"^## (.+)$", write_model_card(store, 1, preview=True).text, re.MULTILINE)
    assert titles[:5] == ["Intended use", "Out of scope", "Training data", "Evaluation", "Caveats"]
    assert not (adapter / "README.md").exists()


def test_without_an_evaluation_no_figure_stands_in_the_head(store, evaluated, adapter):
    second = runs.add(store, *_same(store), {"model": "toy/model"}, "Ann", None)
    (runs.folder(store, second.id) / "adapter").mkdir(parents=True, exist_ok=True)
    (runs.folder(store, second.id) / "adapter" / "training_run.json").write_text(
        (adapter / "training_run.json").read_text()
    )
    text = write_model_card(store, second.id, preview=True).text
    assert "model-index" not in head_of(text)
    assert "It was not evaluated when this card was written" in text


def test_a_sealed_look_without_a_new_best_gives_no_figure(store, evaluated, adapter):
    look = {"number": 2, "budget": 5, "ladder": {"improved": False, "sentence": "No change proven."}}
    answers = evaluations.answers_of(store, evaluated.id)
    evaluations.finish(store, evaluated.id, answers, {**evaluated.summary, "part": "sealed", "look": look})
    text = write_model_card(store, 1, preview=True).text
    assert "model-index" not in head_of(text)
    assert "look 2 of 5" in text
    assert "No change proven." in text


def test_what_the_owner_stated_of_its_use_stays_when_it_is_written_again(store, evaluated, adapter):
    write_model_card(store, 1, intended_use="Drafts for the returns desk.")
    path = adapter / "README.md"
    path.write_text(
        path.read_text().replace("## Out of scope\n\nNot stated.", "## Out of scope\n\nLegal advice. Not stated.")
    )
    again = write_model_card(store, 1).text
    assert "## Intended use\n\nDrafts for the returns desk.\n" in again
    assert "Legal advice." in again


def test_a_run_without_an_adapter_has_no_card(store, evaluated):
    with pytest.raises(BadInput, match="Run 1 has no adapter"):
        write_model_card(store, 1)


def test_the_dataset_card_says_what_is_declared_and_what_was_kept_out(store, evaluated):
    set_sheet(store, "desk", Sheet(languages=("en",), licences=("CC-BY-4.0",)))
    text = write_data_card(store, "desk@2").text
    found = DatasetCard(text).data
    assert (found.license, found.language, found.size_categories) == ("cc-by-4.0", ["en"], ["n<1K"])
    assert found.task_categories == ["text-generation"]
    assert found.configs[0]["data_files"][0]["path"] == "data/train-*.parquet"
    assert "10 rows are held out as desk golden 1" in text


def test_an_undeclared_licence_is_said_to_be_unknown_and_stays_out_of_the_head(store, evaluated, tmp_path):
    done = write_data_card(store, "desk@2", tmp_path)
    assert done.path == tmp_path / "README.md"
    assert "license" not in head_of(done.text)
    assert "Unknown: neither the rows nor the dataset's sheet name a licence." in done.text


def _same(store):
    from workbench.store import datasets, goldens

    run = runs.get(store, 1)
    return datasets.by_id(store, run.version_id), goldens.by_id(store, run.golden_id)
