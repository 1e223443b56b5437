"""How a batch is computed in parts on a CPU, and that nothing is learned differently for it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from training.run.replies import padded_tokens, parts_of, split


def test_rows_of_like_length_stay_together() -> None:
    assert parts_of([70, 71, 72, 73]) == [[3, 2, 1, 0]]


def test_one_long_row_does_not_pad_the_others() -> None:
    assert parts_of([100, 465, 101, 99]) == [[1], [2, 0, 3]]
    assert padded_tokens([100, 465, 101, 99]) == 465 + 3 * 101


def test_a_part_has_no_more_tokens_than_asked_for() -> None:
    assert parts_of([400] * 8, 1024) == [[0, 1], [2, 3], [4, 5], [6, 7]]


def test_a_row_longer_than_a_part_is_one_of_its_own() -> None:
    assert parts_of([5000, 6000], 1024) == [[1], [0]]


def test_every_row_is_in_one_part() -> None:
    lengths = [(n * 37) % 300 + 2 for n in range(64)]
    assert sorted(place for part in parts_of(lengths, 512) for place in part) == list(range(64))


def test_parts_are_cut_to_their_longest_row() -> None:
    import torch

    lengths = [3, 200]
    mask = torch.tensor([[1] * n + [0] * (200 - n) for n in lengths])
    ids = torch.arange(400).reshape(2, 200)
    parts = split({"input_ids": ids, "attention_mask": mask, "labels": ids}, 1024)
    assert [tuple(part["input_ids"].shape) for part in parts] == [(1, 200), (1, 3)]
    assert parts[1]["labels"].tolist() == [[0, 1, 2]]
    assert int(parts[1]["attention_mask"].sum()) == 3


def gradients(trainer: Any, batch: dict[str, Any], part_tokens: int | None) -> tuple[float, dict[str, Any]]:
    trainer.part_tokens = part_tokens
    trainer.model.zero_grad(set_to_none=True)
    tokens = (batch["labels"][:, 1:] != -100).sum()
    loss = trainer.training_step(trainer.model, dict(batch), tokens)
    found = {name: one.grad.clone() for name, one in trainer.model.named_parameters() if one.grad is not None}
    trainer.model.zero_grad(set_to_none=True)
    return float(loss), found


def trainer_for_plan(tiny_model: Path, rows: Any, folder: Path, *, bf16: bool, method: str = "lora") -> tuple[Any, Any]:
    from training.machine import Machine
    from training.methods import load_model
    from training.plan import TrainingPlan
    from training.run import trainer as tuning
    from training.tokens.encode import encode
    from training.tokens.template import tokenizer_for

    plan = TrainingPlan(model=str(tiny_model), batch_size=8, method=method)
    machine, tokenizer = Machine("cpu", "CPU", bf16), tokenizer_for(str(tiny_model))
    encoded = encode(rows, tokenizer, max_length=256).rows
    made = tuning.trainer_for(
        plan,
        encoded,
        model=load_model(plan, machine),
        tokenizer=tokenizer,
        machine=machine,
        rate=1e-3,
        batch_size=8,
        accumulation=1,
        folder=folder,
    )
    made.create_optimizer()
    return made, tuning.batch_of(made, encoded[:8])


@pytest.mark.parametrize("method", ["lora", "full"])
def test_parts_give_the_loss_and_the_gradients_of_the_whole_batch(
    tiny_model: Path, few_rows: Any, tmp_path: Path, method: str
) -> None:
    import torch

    trainer, batch = trainer_for_plan(tiny_model, few_rows, tmp_path, bf16=False, method=method)
    whole, parts = gradients(trainer, batch, None), gradients(trainer, batch, 100)
    assert len(split(batch, 100)) > 1
    assert parts[0] == pytest.approx(whole[0], abs=1e-6)
    assert all(torch.allclose(parts[1][name], one, atol=1e-6) for name, one in whole[1].items())
    assert any(bool(one.abs().max() > 1e-4) for one in whole[1].values())


def test_frozen_weights_are_kept_in_bf16_and_learned_ones_are_not(
    tiny_model: Path, few_rows: Any, tmp_path: Path
) -> None:
    import torch

    trainer, _ = trainer_for_plan(tiny_model, few_rows, tmp_path, bf16=True)
    kept = {name: one.dtype for name, one in trainer.model.named_parameters()}
    assert {kind for name, kind in kept.items() if "base_layer" in name} == {torch.bfloat16}
    assert {kind for name, kind in kept.items() if "base_layer" not in name} == {torch.float32}


def test_weights_that_are_learned_in_full_stay_in_fp32(tiny_model: Path, few_rows: Any, tmp_path: Path) -> None:
    trainer, _ = trainer_for_plan(tiny_model, few_rows, tmp_path, bf16=True, method="full")
    assert {str(one.dtype) for one in trainer.model.parameters()} == {"torch.float32"}


def test_casting_frozen_weights_once_changes_no_bit_of_the_loss(
    tiny_model: Path, few_rows: Any, tmp_path: Path
) -> None:
    """The reference: the same model with its weights in fp32, cast by autocast at every pass."""
    import torch

    trainer, batch = trainer_for_plan(tiny_model, few_rows, tmp_path, bf16=True)
    once = gradients(trainer, batch, None)
    fresh, _ = trainer_for_plan(tiny_model, few_rows, tmp_path / "again", bf16=True)
    from transformers import AutoModelForCausalLM

    exact = AutoModelForCausalLM.from_pretrained(tiny_model, dtype=torch.float32).state_dict()
    for name, one in fresh.model.named_parameters():
        plain = name.removeprefix("base_model.model.").replace(".base_layer", "")
        if plain in exact:
            one.data = exact[plain].clone()
    assert {str(one.dtype) for one in fresh.model.parameters()} == {"torch.float32"}
    each_time = gradients(fresh, batch, None)
    assert once[0] == each_time[0]
    assert all(torch.equal(once[1][name], one) for name, one in each_time[1].items())
