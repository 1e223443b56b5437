"""What the trainer scores, and in which order it reads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from training.machine import Machine
from training.plan import TrainingPlan
from training.run.trainer import (
    LengthOrder,
    batch_of,
    may_score_replies_only,
    probe_memory,
    reply_loss,
    total_steps,
    trainer_for,
)
from training.tokens.encode import encode


def trainer_of(model: Any, tokenizer: Any, rows: pl.DataFrame, folder: Path) -> tuple[Any, list[Any]]:
    encoded = encode(rows, tokenizer, max_length=256).rows
    trainer = trainer_for(
        TrainingPlan(batch_size=4),
        encoded,
        model=model,
        tokenizer=tokenizer,
        machine=Machine("cpu", "CPU", False),
        rate=1e-3,
        batch_size=4,
        accumulation=1,
        folder=folder,
    )
    return trainer, encoded


@pytest.fixture(scope="module")
def llama_trainer(
    tiny_model: Path, chatml: Any, few_rows: pl.DataFrame, tmp_path_factory: pytest.TempPathFactory
) -> tuple[Any, list[Any]]:
    from transformers import AutoModelForCausalLM

    model = AutoModelForCausalLM.from_pretrained(tiny_model)
    return trainer_of(model, chatml, few_rows, tmp_path_factory.mktemp("trainer"))


def test_scoring_the_replies_only_gives_the_loss_of_the_library(llama_trainer: tuple[Any, list[Any]]) -> None:
    trainer, encoded = llama_trainer
    batch = batch_of(trainer, encoded[:6])
    total, count = reply_loss(trainer, trainer.model, batch)
    base = trainer.model.get_base_model()
    hidden = base.model(input_ids=batch["input_ids"], attention_mask=batch["attention_mask"]).last_hidden_state
    by_hand = base.loss_function(logits=base.lm_head(hidden), labels=batch["labels"], vocab_size=base.config.vocab_size)
    assert (total / count).item() == pytest.approx(by_hand.item(), abs=1e-5)
    assert int(count) == sum(row.trained for row in encoded[:6])


def test_a_plain_llama_may_be_scored_that_way(llama_trainer: tuple[Any, list[Any]]) -> None:
    assert llama_trainer[0].score_replies_only


def test_a_model_that_scales_its_scores_is_left_to_the_library(
    chatml: Any, few_rows: pl.DataFrame, tmp_path: Path
) -> None:
    from transformers import GraniteConfig, GraniteForCausalLM

    sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4}
    config = GraniteConfig(vocab_size=len(chatml), num_key_value_heads=2, logits_scaling=0.01, **sizes)
    trainer, encoded = trainer_of(GraniteForCausalLM(config), chatml, few_rows, tmp_path)
    assert not trainer.score_replies_only
    assert not may_score_replies_only(trainer, encoded[0])


def test_every_linear_layer_but_the_output_carries_the_adapter(llama_trainer: tuple[Any, list[Any]]) -> None:
    names = {name for name, one in llama_trainer[0].model.named_parameters() if one.requires_grad}
    touched = {name.split(".lora_")[0].rsplit(".", 1)[-1] for name in names}
    assert touched == {"q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}


def test_the_memory_probe_leaves_no_trace(llama_trainer: tuple[Any, list[Any]]) -> None:
    import torch

    trainer, encoded = llama_trainer
    before = torch.random.get_rng_state()
    probe_memory(trainer, encoded, 4)
    assert torch.equal(torch.random.get_rng_state(), before)
    assert all(one.grad is None for one in trainer.model.parameters())
    assert trainer.tokens_read == 0


def order(lengths: list[int], *, seed: int = 0, epoch: int = 0, step_rows: int = 4) -> list[int]:
    return list(LengthOrder(lengths, step_rows=step_rows, seed=seed, epoch=lambda: epoch))


def test_each_row_is_read_once_an_epoch() -> None:
    assert sorted(order(list(range(30)))) == list(range(30))


def test_the_order_follows_seed_and_epoch() -> None:
    lengths = list(range(30))
    assert order(lengths) == order(lengths)
    assert order(lengths, epoch=1) != order(lengths)
    assert order(lengths, seed=1) != order(lengths)


def test_rows_of_a_step_are_of_like_length() -> None:
    lengths = [n % 100 for n in range(200)]
    read = order(lengths)
    spans = [[lengths[row] for row in read[at : at + 4]] for at in range(0, 200, 4)]
    assert max(max(span) - min(span) for span in spans) <= 2


def test_the_odd_rest_of_an_epoch_comes_last() -> None:
    lengths = [5] * 9 + [100]
    assert len(order(lengths)) == 10
    assert order(list(range(10)))[-2:] == [1, 0]  # the two shortest, behind two whole steps


@pytest.mark.parametrize(
    ("rows", "batch_size", "accumulation", "epochs", "most", "steps"),
    [
        (22, 4, 1, 3, None, 18),
        (22, 2, 2, 3, None, 18),
        (22, 4, 1, 0.5, None, 3),
        (3, 8, 1, 1, None, 1),
        (22, 4, 1, 3, 5, 5),
    ],
)
def test_the_number_of_steps(
    rows: int, batch_size: int, accumulation: int, epochs: float, most: int | None, steps: int
) -> None:
    plan = TrainingPlan(epochs=epochs, max_steps=most)
    assert total_steps(plan, rows, batch_size, accumulation) == steps
