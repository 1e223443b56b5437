"""The ways to tune: each trains, saves, and gives the same answers when it is loaded again."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from training.adapters.adapter import check_adapter
from training.errors import BadAdapter
from training.machine import machine_for
from training.methods import adapter_config, load_model
from training.plan import TrainingPlan
from training.result import Training, read_metrics
from training.run.lora import train
from training.tokens.template import tokenizer_for

WAYS = {
    "lora": ["method=lora"],
    "rslora": ["method=rslora"],
    "dora": ["method=dora"],
    "full": ["method=full", "learning_rate=0.01"],
    "qlora": ["method=lora", "quantization=4bit"],
    "qdora": ["method=dora", "quantization=4bit"],
    "qrslora": ["method=rslora", "quantization=4bit"],
}


@pytest.fixture(scope="session")
def plans(tiny_model: Path) -> dict[str, TrainingPlan]:
    begin = TrainingPlan(model=str(tiny_model), epochs=2, batch_size=8, rank=4, learning_rate=0.02, precision="fp32")
    return {name: begin.with_settings(settings) for name, settings in WAYS.items()}


@pytest.fixture(scope="session")
def trained(
    plans: dict[str, TrainingPlan], few_rows: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, tuple[Training, Path]]:
    """Each way over the same 22 rows, 6 steps."""
    found = {}
    for name, plan in plans.items():
        out = tmp_path_factory.mktemp(name) / "out"
        found[name] = train(plan, few_rows, out), out
    return found


def logits(model: Any, model_folder: Path) -> Any:
    import torch

    tokenizer = tokenizer_for(model_folder)
    ids = tokenizer("<|im_start|>user\nsay 7<|im_end|>\n", return_tensors="pt")["input_ids"]
    model.eval()
    with torch.no_grad():
        return model(input_ids=ids).logits


@pytest.mark.parametrize("name", WAYS)
def test_every_way_learns(trained: dict[str, tuple[Training, Path]], name: str) -> None:
    result, _ = trained[name]
    assert (result.steps, len(result.losses), result.ended) == (6, 6, "finished")
    assert result.losses[-1] < result.losses[0] - 0.1


@pytest.mark.parametrize("name", WAYS)
def test_the_saved_weights_have_the_loss_that_training_measured(
    trained: dict[str, tuple[Training, Path]], plans: dict[str, TrainingPlan], few_rows: pl.DataFrame, name: str
) -> None:
    """Loaded anew from the run's folder, the model is as surprised at the validation rows as at its best step."""
    import torch

    from training.run.split import groups_of, validation_places
    from training.tokens.encode import encode

    result, out = trained[name]
    plan = plans[name]
    machine = machine_for("fp32", plan.quantization)
    if plan.method == "full":
        model = load_model(plan.model_copy(update={"model": str(out / "adapter")}), machine)
    else:
        from peft import PeftModel

        model = PeftModel.from_pretrained(load_model(plan, machine), str(out / "adapter"))
    model.eval()
    for layer in model.modules():
        if type(layer).__name__ == "Linear4bit":  # packed for inference on a CPU it wants rows of 64 values and more
            layer.training = True
    encoding = encode(few_rows, tokenizer_for(plan.model), max_length=plan.max_length)
    places = validation_places(groups_of(few_rows), share=plan.validation_share, seed=plan.seed)
    total, count = 0.0, 0
    with torch.no_grad():
        for row in (encoding.rows[place] for place in places):
            loss = model(input_ids=torch.tensor([row.ids]), labels=torch.tensor([row.labels])).loss
            total, count = total + float(loss) * row.trained, count + row.trained
    assert total / count == pytest.approx(dict(result.validation_losses)[result.best_step], abs=2e-4)


def test_full_takes_a_rate_of_its_own(tiny_model: Path, few_rows: pl.DataFrame, tmp_path: Path) -> None:
    plan = TrainingPlan(model=str(tiny_model), max_steps=1, method="full", precision="fp32")
    assert train(plan, few_rows, tmp_path / "out").learning_rate == pytest.approx(1e-4)


def test_the_scale_of_rslora_is_alpha_by_the_root_of_the_rank(plans: dict[str, TrainingPlan]) -> None:
    from peft import get_peft_model

    scales = {}
    for name in ("lora", "rslora"):
        plan = plans[name]
        model = get_peft_model(load_model(plan, machine_for("fp32", "none")), adapter_config(plan))
        scales[name] = model.base_model.model.model.layers[0].self_attn.q_proj.scaling["default"]
    assert scales == {"lora": 8.0, "rslora": 16.0}  # alpha 32, rank 4


def test_dora_learns_the_length_of_every_weight_row(trained: dict[str, tuple[Training, Path]]) -> None:
    from safetensors import safe_open

    _, out = trained["dora"]
    with safe_open(out / "adapter" / "adapter_model.safetensors", framework="pt") as weights:
        vectors = [name for name in weights.keys() if "magnitude" in name]  # noqa: SIM118  # not a dict
        shape = tuple(weights.get_tensor("base_model.model.model.layers.0.mlp.up_proj.lora_magnitude_vector").shape)
    assert len(vectors) == 14  # 7 linear layers in each of 2 blocks
    assert shape == (64,)
    assert json.loads((out / "adapter" / "adapter_config.json").read_text())["use_dora"] is True


def test_4_bit_loads_nf4_weights_whose_scales_are_quantised_too(plans: dict[str, TrainingPlan]) -> None:
    model = load_model(plans["qlora"], machine_for("fp32", "4bit"))
    weight = model.model.layers[0].self_attn.q_proj.weight
    assert (type(weight).__name__, weight.quant_state.quant_type, weight.quant_state.nested) == (
        "Params4bit",
        "nf4",
        True,
    )


def test_full_leaves_a_whole_model_that_loads_without_its_base(
    trained: dict[str, tuple[Training, Path]], tiny_model: Path
) -> None:
    from transformers import AutoModelForCausalLM

    result, out = trained["full"]
    checked = check_adapter(out / "adapter", tiny_model)
    assert (checked.rank, checked.base) == (0, str(tiny_model))
    assert checked.parameters == result.trainable_parameters
    assert not (out / "adapter" / "adapter_config.json").exists()
    loaded = AutoModelForCausalLM.from_pretrained(out / "adapter")
    assert tokenizer_for(out / "adapter").chat_template == tokenizer_for(tiny_model).chat_template
    before = logits(AutoModelForCausalLM.from_pretrained(tiny_model), tiny_model)
    assert float((logits(loaded, tiny_model) - before).abs().max()) > 0.1


def test_the_folder_of_a_whole_model_holds_nothing_to_run(trained: dict[str, tuple[Training, Path]]) -> None:
    _, out = trained["full"]
    names = {path.name for path in (out / "adapter").iterdir()}
    assert {"config.json", "model.safetensors", "tokenizer.json", "README.md", "training_run.json"} <= names
    assert not [name for name in names if name.endswith((".bin", ".pt"))]


def test_the_card_of_a_whole_model_says_so(trained: dict[str, tuple[Training, Path]], tiny_model: Path) -> None:
    card = (trained["full"][1] / "adapter" / "README.md").read_text()
    assert f"# {tiny_model.name}, every weight tuned" in card
    assert "library_name: transformers" in card
    assert "PeftModel" not in card


def test_a_run_says_that_its_result_is_a_whole_model(trained: dict[str, tuple[Training, Path]]) -> None:
    result, _ = trained["full"]
    assert any(note.startswith("every weight was tuned: adapter/ holds a whole model") for note in result.notes)


def test_a_damaged_whole_model_is_refused(trained: dict[str, tuple[Training, Path]], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(trained["full"][1] / "adapter", tmp_path / "adapter"))
    weights = folder / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-100])
    with pytest.raises(BadAdapter, match="is damaged"):
        check_adapter(folder)
    weights.unlink()
    with pytest.raises(BadAdapter, match=r"has no model\.safetensors, so it is not a whole model"):
        check_adapter(folder)


class Stop(Exception):
    pass


@pytest.mark.parametrize("name", ["full", "dora", "rslora"])
def test_a_run_that_was_stopped_ends_like_one_that_was_not(
    trained: dict[str, tuple[Training, Path]], plans: dict[str, TrainingPlan], few_rows: pl.DataFrame, tmp_path: Path,
    name: str,
) -> None:  # fmt: skip
    def report(done: float, line: str) -> None:
        if line.startswith("step 4 "):
            raise Stop

    whole, out = trained[name]
    with pytest.raises(Stop):
        train(plans[name], few_rows, tmp_path / "out", report=report)
    again = train(plans[name], few_rows, tmp_path / "out", resume=True)
    weights = "model.safetensors" if name == "full" else "adapter_model.safetensors"
    assert again.losses == whole.losses
    assert [line["eval_loss"] for line in read_metrics(tmp_path / "out")] == [
        line["eval_loss"] for line in read_metrics(out)
    ]
    assert (tmp_path / "out" / "adapter" / weights).read_bytes() == (out / "adapter" / weights).read_bytes()
