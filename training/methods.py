"""The ways to tune: what of the base model is loaded in which format, and which weights are learned

    lora      a small adapter on all linear layers, its change times alpha / rank
    rslora    the same, times alpha / root of the rank (Kalajdzievski 2023, arXiv 2312.03732)
    dora      the same, and the length of each weight row besides (Liu et al. 2024, arXiv 2402.09353)
    full      no adapter: every weight of the base model

Any of the first three over weights in 4 bit (NF4, double quantisation) is QLoRA (Dettmers et al. 2023, arXiv
2305.14314).
"""

from __future__ import annotations

import os
from typing import Any

from training.errors import ModelError
from training.machine import Machine
from training.plan import TrainingPlan


def adapter_config(plan: TrainingPlan) -> Any:
    """PEFT's configuration of the adapter that this plan learns; None where every weight is learned."""
    if plan.method == "full":
        return None
    from peft import LoraConfig

    return LoraConfig(
        r=plan.rank,
        lora_alpha=plan.alpha,
        lora_dropout=plan.dropout,
        use_rslora=plan.method == "rslora",
        use_dora=plan.method == "dora",
        target_modules="all-linear",  # PEFT's default, q and v only, leaves a loss of .95 where this leaves .15
        task_type="CAUSAL_LM",
    )


def load_model(plan: TrainingPlan, machine: Machine) -> Any:
    """The base model in the format the machine trains in. Raises ModelError."""
    import torch
    from transformers import AutoModelForCausalLM

    # On a CPU bf16 arithmetic over fp32 weights was as fast as over bf16 weights, and a little more exact. Weights that
    # are learned stay in fp32 everywhere: a step of 1e-5 is lost in the rounding of bf16.
    frozen = plan.method != "full"
    dtype = torch.bfloat16 if frozen and machine.device == "cuda" and machine.bf16 else torch.float32
    options: dict[str, Any] = {"dtype": dtype, "use_safetensors": True, "trust_remote_code": False}
    if plan.quantization == "4bit":
        options["quantization_config"] = four_bits(machine)
        if machine.device == "cuda":
            options["device_map"] = {"": int(os.environ.get("LOCAL_RANK", "0"))}  # each process its own card
    from transformers.utils import logging as transformers_logging

    transformers_logging.disable_progress_bar()  # `report` tells how far it is
    try:
        return AutoModelForCausalLM.from_pretrained(plan.model, **options)
    except (OSError, ValueError, KeyError) as problem:
        raise ModelError(
            f"the base model {plan.model} cannot be loaded: {str(problem).strip().splitlines()[0]} "
            "Give a folder with config.json and safetensors, or a hub name that can be reached."
        ) from problem
    finally:
        transformers_logging.enable_progress_bar()


def four_bits(machine: Machine) -> Any:
    """How QLoRA keeps the frozen weights: NF4, whose scales are quantised again; computed in the run's precision."""
    import torch
    from transformers import BitsAndBytesConfig

    return BitsAndBytesConfig(
        load_in_4bit=True,
        bnb_4bit_quant_type="nf4",
        bnb_4bit_use_double_quant=True,
        bnb_4bit_compute_dtype=torch.bfloat16 if machine.bf16 else torch.float32,
    )


def notes_on(plan: TrainingPlan) -> list[str]:
    """What whoever takes a run's result has to know of its method, one sentence each."""
    if plan.method == "full":
        return ["every weight was tuned: adapter/ holds a whole model, no adapter, and loads without its base model"]
    if plan.quantization == "4bit":
        return ["trained on the base model in 4 bit; its losses are of that one, evaluation loads the full base model"]
    return []


def unpacked(model: Any) -> Any:
    """A model in evaluation mode whose layers in 4 bit compute as in training; returns it.

    They stay in training mode: on some CPUs bitsandbytes 0.50 packs their weights anew at the first pass in evaluation
    mode. It then rounds their scales to bf16, passes no gradient through them, with no more than a warning, and breaks
    off at layers with less than 64 inputs.
    """
    for layer in model.modules():
        if type(layer).__name__ == "Linear4bit":
            layer.training = True
    return model
