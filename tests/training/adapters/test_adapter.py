"""An adapter folder: whole, safe, finite, and for its base model only."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from training.adapters.adapter import check_adapter, licence_of
from training.adapters.model_card import model_card
from training.errors import BadAdapter
from training.plan import TrainingPlan
from training.run.lora import train


@pytest.fixture(scope="module")
def made(tiny_model: Path, few_rows: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory) -> Path:
    plan = TrainingPlan(model=str(tiny_model), batch_size=8, max_steps=2, rank=4, precision="fp32")
    return Path(train(plan, few_rows, tmp_path_factory.mktemp("made") / "out").adapter)


@pytest.fixture
def folder(made: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(made, tmp_path / "adapter"))


def test_a_fresh_adapter_holds_safetensors_and_a_card_and_nothing_to_run(folder: Path) -> None:
    assert sorted(path.name for path in folder.iterdir()) == [
        "README.md",
        "adapter_config.json",
        "adapter_model.safetensors",
        "training_run.json",
    ]


def test_a_fresh_adapter_passes_for_its_base(folder: Path, tiny_model: Path) -> None:
    checked = check_adapter(folder, tiny_model)
    assert (checked.rank, checked.base) == (4, str(tiny_model))
    assert checked.parameters == 4096  # 2 layers x rank 4 x (6 x 32 + 2 x 16 + 3 x 96)


def test_the_card_names_base_data_plan_and_losses(folder: Path, tiny_model: Path) -> None:
    text = (folder / "README.md").read_text()
    about = json.loads((folder / "training_run.json").read_text())
    assert f"# LoRA adapter for {tiny_model.name}" in text
    assert about["data_digest"] in text
    assert "| LoRA rank | `rank` | 4 |" in text
    assert "| Validation loss, untuned | " in text


def test_the_card_of_a_whole_model_names_no_knob_of_an_adapter_and_that_of_qlora_its_tag() -> None:
    whole = model_card(TrainingPlan(method="full"), "owner/name", None, "x", {})
    assert "# owner/name, every weight tuned" in whole
    assert "`rank`" not in whole
    assert "`alpha`" not in whole
    quantised = model_card(TrainingPlan(quantization="4bit"), "owner/name", None, "x", {})
    assert "\n- lora\n- qlora\n- sft\n" in quantised
    assert "| LoRA rank | `rank` | 16 |" in quantised


def test_the_card_tells_no_path_of_the_machine(folder: Path, tiny_model: Path) -> None:
    assert str(tiny_model.parent) not in (folder / "README.md").read_text()


@pytest.mark.parametrize("name", ["adapter_model.safetensors", "adapter_config.json"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    (folder / name).unlink()
    with pytest.raises(BadAdapter, match=f"has no {name}"):
        check_adapter(folder)


def test_a_pickle_beside_the_weights_is_refused(folder: Path) -> None:
    (folder / "adapter_model.bin").write_bytes(b"")
    with pytest.raises(BadAdapter, match=r"holds adapter_model\.bin"):
        check_adapter(folder)


def test_cut_weights_are_refused(folder: Path) -> None:
    weights = folder / "adapter_model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-10])
    with pytest.raises(BadAdapter, match="is damaged"):
        check_adapter(folder)


def test_weights_that_are_no_numbers_are_refused(folder: Path) -> None:
    import torch
    from safetensors.torch import load_file, save_file

    tensors: dict[str, Any] = load_file(folder / "adapter_model.safetensors")
    next(iter(tensors.values()))[0, 0] = torch.nan
    save_file(tensors, folder / "adapter_model.safetensors")
    with pytest.raises(BadAdapter, match="values that are not numbers"):
        check_adapter(folder)


def test_a_configuration_of_another_method_is_refused(folder: Path) -> None:
    config = json.loads((folder / "adapter_config.json").read_text())
    (folder / "adapter_config.json").write_text(json.dumps(config | {"peft_type": "IA3"}))
    with pytest.raises(BadAdapter, match="its type is IA3"):
        check_adapter(folder)


def test_another_base_model_is_refused_with_what_differs(folder: Path, tiny_model: Path, tmp_path: Path) -> None:
    config = json.loads((tiny_model / "config.json").read_text())
    (tmp_path / "config.json").write_text(json.dumps(config | {"num_hidden_layers": 3}))
    with pytest.raises(BadAdapter, match="num_hidden_layers 2 against 3"):
        check_adapter(folder, tmp_path)


def test_the_same_base_model_in_another_place_passes(folder: Path, tiny_model: Path, tmp_path: Path) -> None:
    shutil.copy(tiny_model / "config.json", tmp_path / "config.json")
    assert check_adapter(folder, tmp_path).rank == 4


def test_the_licence_is_the_one_that_the_model_folder_states(tmp_path: Path) -> None:
    assert licence_of(str(tmp_path)) is None
    (tmp_path / "README.md").write_text("---\nlicense: mit\n---\n# A model")
    assert licence_of(str(tmp_path)) == "mit"
    (tmp_path / "model.json").write_text('{"licence": "Apache-2.0"}')
    assert licence_of(str(tmp_path)) == "Apache-2.0"
