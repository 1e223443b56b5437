"""An adapter that multiplies its scale early computes the same bits."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from training.machine import Machine
from training.methods import adapter_config, load_model
from training.plan import TrainingPlan
from training.run.low_rank import is_power_of_two, scale_first


def test_powers_of_two() -> None:
    assert [scale for scale in (0.25, 1.0, 1.5, 2.0, 3.0, 8.0, 0.0, -2.0) if is_power_of_two(scale)] == [0.25, 1, 2, 8]


def adapted(folder: Path, **knobs: Any) -> Any:
    """A model whose adapter has learned something: its second matrix is not zero."""
    import torch
    from peft import get_peft_model

    torch.manual_seed(0)
    plan = TrainingPlan(model=str(folder), **knobs)
    model = get_peft_model(load_model(plan, Machine("cpu", "CPU", True)), adapter_config(plan))
    for name, weight in model.named_parameters():
        if "lora_B" in name:
            torch.nn.init.normal_(weight, std=0.05)
    return model


def computed(model: Any, *, autocast: bool) -> tuple[Any, list[Any]]:
    import torch

    ids = torch.arange(40).reshape(2, 20)
    model.train().zero_grad(set_to_none=True)
    torch.manual_seed(1)  # of the dropout
    with torch.autocast("cpu", torch.bfloat16, enabled=autocast):
        loss = model(input_ids=ids, labels=ids).loss
    loss.backward()
    return loss.detach(), [one.grad for one in model.parameters() if one.grad is not None]


@pytest.mark.parametrize("autocast", [True, False])
@pytest.mark.parametrize("knobs", [{}, {"dropout": 0.2}, {"quantization": "4bit"}], ids=["lora", "dropout", "4bit"])
def test_no_bit_of_loss_or_gradient_changes(tiny_model: Path, knobs: dict[str, Any], autocast: bool) -> None:
    import torch

    if "quantization" in knobs:
        pytest.importorskip("bitsandbytes")
    model = adapted(tiny_model, **knobs)
    loss, gradients = computed(model, autocast=autocast)
    assert scale_first(model, autocast=autocast) == (0 if "quantization" in knobs and not autocast else 14)
    early, same = computed(model, autocast=autocast)
    assert torch.equal(early, loss)
    assert all(torch.equal(one, other) for one, other in zip(gradients, same, strict=True))
    assert max(float(one.abs().max()) for one in gradients) > 1e-3


@pytest.mark.parametrize("knobs", [{"alpha": 24}, {"method": "dora"}], ids=["another scale", "dora"])
def test_where_bits_would_change_it_stays_as_it_is(tiny_model: Path, knobs: dict[str, Any]) -> None:
    assert scale_first(adapted(tiny_model, **knobs), autocast=True) == 0


def test_the_saved_adapter_is_the_plain_one(tiny_model: Path, tmp_path: Path) -> None:
    import torch
    from peft import PeftModel

    model = adapted(tiny_model)
    scale_first(model, autocast=False)
    model.save_pretrained(tmp_path)
    again = PeftModel.from_pretrained(
        load_model(TrainingPlan(model=str(tiny_model)), Machine("cpu", "CPU", False)), tmp_path
    )
    assert not any(layer.lora_variant for layer in again.modules() if hasattr(layer, "lora_variant"))
    ids = torch.arange(40).reshape(2, 20)
    with torch.no_grad():
        assert torch.equal(model.eval()(ids).logits, again.eval()(ids).logits)
