"""The ways to tune: what of the base model is loaded in which format, and which weights are learned"""

from __future__ import annotations

from typing import Any

from training.errors import ModelError
from training.machine import Machine
from training.plan import TrainingPlan


def adapter_config(plan: TrainingPlan) -> Any:
    """PEFT's configuration of the adapter that this plan learns."""
    from peft import LoraConfig

    return LoraConfig(
        r=plan.rank,
        lora_alpha=plan.alpha,
        lora_dropout=plan.dropout,
        target_modules="all-linear",  # PEFT's default, q and v only, leaves a loss of .95 where this leaves .15
        task_type="CAUSAL_LM",
    )


def load_model(plan: TrainingPlan, machine: Machine) -> Any:
    """The base model in the format the machine trains in. Raises ModelError."""
    import torch
    from transformers import AutoModelForCausalLM

    # On a CPU bf16 arithmetic over fp32 weights was as fast as over bf16 weights, and a little more exact.
    dtype = torch.bfloat16 if machine.device == "cuda" and machine.bf16 else torch.float32
    options: dict[str, Any] = {"dtype": dtype, "use_safetensors": True, "trust_remote_code": False}
    if plan.quantization == "4bit":
        from transformers import BitsAndBytesConfig

        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16 if machine.bf16 else torch.float32,
        )
        if machine.device == "cuda":
            options["device_map"] = {"": 0}
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
