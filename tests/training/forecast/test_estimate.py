"""What a run will need, against what runs did need."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from training.errors import ModelError
from training.forecast.estimate import ModelSize, estimate, size_of
from training.forecast.memory import largest_batch, memory_parts
from training.forecast.sizes import size_named
from training.forecast.workload import Batch, Workload
from training.plan import TrainingPlan

SMOLLM = ModelSize(
    parameters=134_479_872, layers=30, hidden=576, inner=1536, vocabulary=49_152, keys=192
)  # SmolLM2-135M; transformers counts 134,515,008 with the norms
DEMO = {"rows": 184, "tokens": 15_700, "longest": 120, "trained_share": 0.55}


def test_the_size_comes_from_the_config_alone(tmp_path: Path) -> None:
    config = {"hidden_size": 576, "num_hidden_layers": 30, "num_attention_heads": 9, "num_key_value_heads": 3}
    config |= {"intermediate_size": 1536, "vocab_size": 49152, "tie_word_embeddings": True}
    (tmp_path / "config.json").write_text(json.dumps(config))
    assert size_of(tmp_path) == SMOLLM


def test_a_model_without_a_config_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"the size of .* is not known"):
        size_of(tmp_path)


def test_the_adapter_has_as_many_weights_as_peft_makes() -> None:
    assert SMOLLM.adapter_parameters(16) == 4_884_480  # print_trainable_parameters of a real run


def test_the_guessed_speed_is_that_of_the_measured_machine() -> None:
    cost = estimate(TrainingPlan(), SMOLLM, **DEMO, cores=2)  # type: ignore[arg-type]
    assert cost.speed.value == pytest.approx(330, rel=0.15)  # measured: 337 tokens a second and more on two free cores
    assert cost.speed.low < 280 < cost.speed.high


ROWS_OF_111 = Batch(rows=8, longest=111, tokens=854, trained=357)


@pytest.mark.parametrize(
    ("settings", "bf16", "measured"),
    [
        ([], True, 2.595e9),
        (["method=rslora", "rank=64"], True, 2.834e9),
        (["method=dora"], True, 4.067e9),
        (["method=full"], True, 4.040e9),
        (["quantization=4bit"], True, 2.816e9),
        ([], False, 3.263e9),
    ],
)
def test_the_memory_by_formula_is_near_the_measured_one(settings: list[str], bf16: bool, measured: float) -> None:
    plan = TrainingPlan().with_settings(settings)
    work = Workload(1, 1, (ROWS_OF_111,), 1.0, (), 0, 8, 0)
    found = memory_parts(plan, SMOLLM, work, device="cpu", bf16=bf16)
    assert found.total == pytest.approx(measured, rel=0.15)  # peaks of real steps of SmolLM2-135M


def test_short_rows_keep_more_of_the_same_tokens_on_a_processor() -> None:
    """Their attention is in fp32: a measured step kept 1.68 GB of six rows of 153 tokens, 1.49 of four of 229."""
    plan = TrainingPlan()
    work = Workload(1, 1, (Batch(4, 229, 916, 828), Batch(6, 153, 918, 828)), 1.0, (), 0, 10, 0)
    assert largest_batch(plan, SMOLLM, work, "cpu", True).longest == 153
    assert largest_batch(plan, SMOLLM, replace(work, batches=work.batches[:1]), "cpu", True).longest == 229


def test_loading_a_large_model_on_a_processor_takes_more_than_a_step_of_it() -> None:
    """In fp32 first, 32 GB; LoRA then keeps the layers in 16 bit."""
    work = Workload(1, 1, (Batch(1, 100, 100, 50),), 1.0, (), 0, 1, 0)
    found = memory_parts(TrainingPlan(), size_named("8B"), work, device="cpu", bf16=True)
    assert found.total == pytest.approx(4 * 8.03e9 + 0.54e9, rel=0.001)


def test_a_large_model_on_a_gpu_recomputes_its_activations() -> None:
    large = ModelSize(8_030_000_000, layers=32, hidden=4096, inner=14_336, vocabulary=128_256, keys=1024)
    cost = estimate(TrainingPlan(), large, rows=1000, tokens=300_000, longest=1024, device="cuda")
    assert 16e9 < cost.memory.value < 40e9


def test_steps_and_tokens_are_those_of_the_plan() -> None:
    cost = estimate(TrainingPlan(epochs=3), SMOLLM, **DEMO)  # type: ignore[arg-type]
    assert cost.steps.value == 63  # 166 rows in batches of 8: 21 an epoch
    assert cost.tokens.value == pytest.approx(3 * 15_700 * 166 / 184, rel=0.015)  # the longest row replaces a batch


def test_a_measured_speed_narrows_the_time() -> None:
    cost = estimate(TrainingPlan(), SMOLLM, **DEMO, tokens_per_second=100)  # type: ignore[arg-type]
    assert cost.times.training == pytest.approx(425, rel=0.02)
    assert cost.seconds.high / cost.seconds.low < 1.3


def test_four_bit_needs_less_memory() -> None:
    large = size_named("8B")
    plain = estimate(TrainingPlan(), large, **DEMO, device="cuda")  # type: ignore[arg-type]
    small = estimate(TrainingPlan(quantization="4bit"), large, **DEMO, device="cuda")  # type: ignore[arg-type]
    assert small.memory.value < plain.memory.value - 9e9


def test_most_steps_shorten_the_estimate() -> None:
    cost = estimate(TrainingPlan(max_steps=10), SMOLLM, **DEMO)  # type: ignore[arg-type]
    assert cost.steps.value == 10
    assert cost.tokens.value < 8_000


def test_every_figure_names_its_formula_and_source() -> None:
    for quantity in estimate(TrainingPlan(), SMOLLM, **DEMO).quantities():  # type: ignore[arg-type]
        assert quantity.formula, quantity.name
        assert quantity.source, quantity.name
