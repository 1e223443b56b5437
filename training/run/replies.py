"""The loss of the replies alone, and what makes its computation on a processor fast without changing it

On two cores with SmolLM2-135M, batch 8, in the same minutes: 337 tokens a second of processor time as SFTTrainer pads
and casts, 549 with batches in parts and frozen weights cast once, and more with attention of short rows in fp32;
benchmarks/training_speed.py measures it against SFTTrainer.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from contextlib import nullcontext
from typing import Any

from training.tokens.template import MASKED

# Tokens of one forward and backward pass on a CPU: beyond some 700 more of them gain no speed (360 tokens a second at
# 1,400 against 370), but cost memory in proportion.
PART_TOKENS = 1024
PART_COST = 96  # tokens whose time a pass costs besides its tokens: reading the weights, Python
# Tokens up to which attention in fp32 is the faster one: 10 against 27 ms at 70, 20 and 35 at 128, 30 and 27 at 256.
SHORT = 192
ATTENTION = "goldloop_short_rows"


def parts_of(lengths: Sequence[int], most: int = PART_TOKENS) -> list[list[int]]:
    """Places of a batch's rows in groups of like length, each to be padded and computed by itself.

    lengths: tokens of each row. A group has at most `most` tokens with its padding, or one row. Of all divisions into
    neighbours by length, the one with the least padding, where each further group counts as PART_COST tokens.
    """
    order = sorted(range(len(lengths)), key=lambda place: -lengths[place])
    best: list[tuple[int, int]] = [(0, 0)]  # the cost of the first n rows, and where their last group begins
    for end in range(1, len(order) + 1):
        ways = []
        for begin in range(end - 1, -1, -1):
            padded = (end - begin) * lengths[order[begin]]
            if padded > most and end - begin > 1:
                break
            ways.append((best[begin][0] + padded + PART_COST, begin))
        best.append(min(ways))
    groups, end = [], len(order)
    while end:
        begin = best[end][1]
        groups.append(order[begin:end])
        end = begin
    return groups[::-1]


def padded_tokens(lengths: Sequence[int], most: int = PART_TOKENS) -> int:
    """Tokens that are computed for these rows, padding counted, when they are one batch on a CPU."""
    return sum(len(group) * lengths[group[0]] for group in parts_of(lengths, most))


def split(inputs: dict[str, Any], most: int) -> list[dict[str, Any]]:
    """A padded batch as the batches of its parts, each cut to its longest row (padding stands on the right)."""
    lengths = inputs["attention_mask"].sum(dim=1).tolist()
    return [
        {name: tensor[group, : lengths[group[0]]] for name, tensor in inputs.items()}
        for group in parts_of(lengths, most)
    ]


def causal_model(model: Any) -> Any:
    """The language model itself, inside what PEFT and accelerate put around it."""
    return model.get_base_model() if hasattr(model, "get_base_model") else model  # method=full has no adapter


def teach_reply_loss(model: Any) -> None:
    """Lets the model's forward pass answer `reply_labels=...` with the summed loss of the labelled tokens.

    Inside the forward pass, and not around it, so that the wrappers of DDP and FSDP see it, and autocast holds.
    Only the labelled positions go through the output layer; SFTTrainer computes all of them on a CPU, which with a
    vocabulary of 49 thousand takes 1.6 times as long.
    """
    import torch

    base = causal_model(model)
    original = base.forward

    @functools.wraps(original)
    def forward(*given: Any, reply_labels: Any = None, **named: Any) -> Any:
        if reply_labels is None:
            return original(*given, **named)
        hidden = base.base_model(
            input_ids=named["input_ids"], attention_mask=named["attention_mask"], use_cache=False
        ).last_hidden_state
        labels = reply_labels[:, 1:]
        wanted = labels != MASKED
        scores = base.get_output_embeddings()(hidden[:, :-1][wanted])
        return torch.nn.functional.cross_entropy(scores.float(), labels[wanted], reduction="sum")

    base.forward = forward


def reply_loss(trainer: Any, model: Any, inputs: Any) -> tuple[Any, Any]:
    """Sum of the negative log-likelihoods of the labelled tokens, in nats, and their number."""
    with trainer.accelerator.autocast():
        total = model(
            input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], reply_labels=inputs["labels"]
        )
    return total, (inputs["labels"][:, 1:] != MASKED).sum()


def cast_once(model: Any) -> None:
    """Frozen weights of linear layers in bf16 from the start, where autocast would cast them at every pass.

    The products are the same bit for bit, since they are computed from the same bf16 weights; the memory of the fp32
    weights, and of a copy kept for the backward pass, is free. Embeddings and norms stay in fp32, and with them the
    sums between the layers.
    """
    import torch

    head = causal_model(model).get_output_embeddings()
    for layer in model.modules():
        if type(layer) is torch.nn.Linear and layer is not head and not layer.weight.requires_grad:
            layer.weight.data = layer.weight.data.to(torch.bfloat16)
    spare_casts(model)


def spare_casts(model: Any) -> None:
    """Leaves out PEFT's cast of every adapter's input to fp32, which autocast would take back at once."""
    for layer in model.modules():
        if hasattr(layer, "cast_input_dtype_enabled"):
            layer.cast_input_dtype_enabled = False


def attend_in_fp32_when_short(model: Any) -> None:
    """Attention of rows up to SHORT tokens in fp32: more exact and, on a processor, faster than torch's bf16 kernel."""
    import torch
    from transformers import AttentionInterface
    from transformers.integrations.sdpa_attention import sdpa_attention_forward
    from transformers.masking_utils import AttentionMaskInterface, sdpa_mask

    base = causal_model(model)
    if getattr(base.config, "_attn_implementation", None) != "sdpa":
        return

    def attend(module: Any, query: Any, key: Any, value: Any, attention_mask: Any, **named: Any) -> Any:
        if query.shape[2] > SHORT or query.device.type != "cpu":
            return sdpa_attention_forward(module, query, key, value, attention_mask, **named)
        if attention_mask is not None and attention_mask.is_floating_point():
            attention_mask = attention_mask.float()
        with torch.autocast("cpu", enabled=False):
            return sdpa_attention_forward(module, query.float(), key.float(), value.float(), attention_mask, **named)

    AttentionInterface.register(ATTENTION, attend)
    AttentionMaskInterface.register(ATTENTION, sdpa_mask)
    base.set_attn_implementation(ATTENTION)


def unsynced(trainer: Any, model: Any) -> Any:
    """Around a backward pass whose gradients wait for those of a later one: only then do processes exchange them."""
    return trainer.accelerator.no_sync(model) if trainer.accelerator.num_processes > 1 else nullcontext()
