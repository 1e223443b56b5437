"""What a GPU is spared, tried on a processor: the same losses and gradients, and which batches are divided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from training.machine import Machine
from training.plan import TrainingPlan
from training.run.on_gpu import Division, attend_without_padding_mask, division, division_for, still_to_come


def test_batches_that_fit_are_computed_whole() -> None:
    assert division(500, 8, kept=4000) == Division(recomputes=False)


def test_the_few_large_batches_are_computed_in_parts_rather_than_everything_twice() -> None:
    assert division(2048, 8, kept=4900) == Division(recomputes=False, part_tokens=4900)


@pytest.mark.parametrize("kept", [1000, 2047])  # too small to be worth a pass; smaller than one row
def test_where_not_even_a_part_fits_activations_are_computed_twice(kept: int) -> None:
    assert division(2048 if kept > 1024 else 600, 8, kept=kept) == Division(recomputes=True)


def test_weights_in_shards_are_not_computed_in_parts() -> None:
    assert division(2048, 8, kept=4900, may_part=False) == Division(recomputes=True)


def test_a_processor_and_a_small_model_recompute_nothing(tiny_model: Path) -> None:
    model = model_of(tiny_model)
    assert division_for(TrainingPlan(), model, [], Machine("cpu", "CPU", True), 8) == Division(recomputes=False)
    assert division_for(TrainingPlan(), model, [], Machine("cuda", "GPU", True), 8) == Division(recomputes=False)


def test_weights_that_do_not_lie_on_the_gpu_yet_are_counted(tiny_model: Path) -> None:
    model = model_of(tiny_model)
    weights = model.num_parameters()
    assert still_to_come(TrainingPlan(), model) == 4 * weights
    assert still_to_come(TrainingPlan(method="full"), model) == 16 * weights


def model_of(folder: Path, attention: str = "sdpa") -> Any:
    from transformers import AutoModelForCausalLM

    return AutoModelForCausalLM.from_pretrained(folder, attn_implementation=attention)


def padded(vocabulary: int) -> dict[str, Any]:
    """Three rows of 40, 9 and 23 tokens, padded on the right; the second half of each is labelled."""
    import torch

    torch.manual_seed(1)
    ids, mask = torch.randint(1, vocabulary, (3, 40)), torch.zeros(3, 40, dtype=torch.long)
    labels = torch.full((3, 40), -100)
    for row, length in enumerate((40, 9, 23)):
        mask[row, :length] = 1
        ids[row, length:] = 0
        labels[row, length // 2 : length] = ids[row, length // 2 : length]
    return {"input_ids": ids, "attention_mask": mask, "labels": labels}


@pytest.mark.parametrize("window", [None, 8])
def test_attention_without_the_padding_mask_gives_the_same_loss_and_gradients(
    tiny_model: Path, window: int | None
) -> None:
    import torch
    from transformers import MistralConfig, MistralForCausalLM

    def computed(dropped: bool) -> tuple[float, list[Any], list[Any]]:
        torch.manual_seed(0)
        sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
        model = MistralForCausalLM(
            MistralConfig(vocab_size=300, num_key_value_heads=2, sliding_window=window, pad_token_id=0, **sizes)
        )
        masks: list[Any] = []
        if dropped:
            attend_without_padding_mask(model)
        attention = model.model.layers[0].self_attn
        attention.register_forward_pre_hook(
            lambda module, given, named: masks.append(named["attention_mask"]), with_kwargs=True
        )
        loss = model(**padded(300)).loss
        loss.backward()
        return loss.item(), [one.grad for one in model.parameters()], masks

    (loss, gradients, (mask,)), (bare, same, (none,)) = computed(False), computed(True)
    assert bare == pytest.approx(loss, abs=1e-6)
    assert all(torch.allclose(one, other, atol=1e-6) for one, other in zip(gradients, same, strict=True))
    assert mask is not None
    assert none is None or window  # no mask at all where attention is plain: torch may take its flash kernel


def test_our_trainer_as_on_a_gpu_learns_what_it_learns_on_a_processor(
    tiny_model: Path, few_rows: Any, tmp_path: Path
) -> None:
    """The library's loss, no mask, and parts only of batches that are too large: six steps, the same losses."""
    from training.run import trainer as tuning
    from training.tokens.encode import encode
    from training.tokens.template import tokenizer_for

    def losses(as_on_gpu: bool) -> list[float]:
        plan, machine = TrainingPlan(model=str(tiny_model), max_steps=6, seed=3), Machine("cpu", "CPU", False)
        tokenizer = tokenizer_for(str(tiny_model))
        trainer = tuning.trainer_for(
            plan,
            encode(few_rows, tokenizer, max_length=256).rows,
            model=model_of(tiny_model),
            tokenizer=tokenizer,
            machine=machine,
            rate=5e-3,
            batch_size=8,
            accumulation=1,
            folder=tmp_path / str(as_on_gpu),
        )
        if as_on_gpu:
            trainer.score_replies_only = False
            attend_without_padding_mask(trainer.model)
            batches = list(trainer.get_train_dataloader())
            sizes = sorted(one["input_ids"].numel() for one in batches)
            trainer.part_tokens, trainer.parts_only_if_large = sizes[0], True
            assert sorted(len(trainer.parts(one)) > 1 for one in batches) == [False, True, True]
        trainer.train()
        return [line["loss"] for line in trainer.state.log_history if "loss" in line]

    on_gpu, on_cpu = losses(True), losses(False)
    assert on_gpu == pytest.approx(on_cpu, abs=2e-4)
    assert on_cpu[-1] < on_cpu[0] - 0.05
