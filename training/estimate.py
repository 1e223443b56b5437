"""What a run will need before it is begun: tokens, steps, time and memory, each with where its formula comes from"""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from training.errors import ModelError
from training.plan import TrainingPlan
from training.trainer import CHECKPOINT_FROM, total_steps

# Arithmetic a device really does on such small products, in operations a second and core. Own measurements on an AMD
# EPYC with AVX512_BF16: 190e9 (bf16 autocast) and 124e9 (fp32) on two cores with SmolLM2-135M.
CPU_CORE = {"bf16": 95e9, "fp32": 62e9}
# One data-centre GPU at 35 to 45 % of an H100's peak gives 8 to 14 thousand tokens a second with 8B (NVIDIA NeMo's
# published 25 thousand a GPU is the ceiling): some 3e14. Older cards are slower, hence the wide range below.
GPU = {"bf16": 3e14, "fp32": 4e13}
SPREAD = {"measured": (0.9, 1.15), "cpu": (0.6, 2.0), "cuda": (0.5, 5.0)}  # of the time, when the guess is off
# Bytes kept for the backward pass a token, layer and hidden unit. GPU: Korthikanti et al. 2022, arXiv 2205.05198, eq. 2
# (16 bit). CPU: measured on SmolLM2-135M, batches of 2 and 8 rows of 175 tokens; LoRA and the third matrix of the gated
# layers keep more than the formula knows.
ACTIVATION_BYTES = {"cuda bf16": 34, "cuda fp32": 68, "cpu bf16": 75, "cpu fp32": 120}
RECOMPUTED_BYTES = 2  # with activation checkpointing only the input of each layer is kept
TRAINABLE_BYTES = 16  # weight, gradient and two moments of Adam in fp32
LOSS_BYTES = 12  # a trained token and word of the vocabulary: scores in 16 and 32 bit, and their gradient
WEIGHT_BYTES = {"none fp32": 4.0, "none bf16": 2.0, "4bit": 0.53}  # 4bit: NF4 with double quantisation
LIBRARIES = {"cpu": 0.6e9, "cuda": 1.0e9}  # the program itself; the CUDA context
FRAGMENTS = 1.1


@dataclass(frozen=True)
class ModelSize:
    """The measures of a transformer that decide what training it costs."""

    parameters: int
    layers: int
    hidden: int
    inner: int
    vocabulary: int
    keys: int  # width of the key and value projections together, each

    @property
    def block_parameters(self) -> int:
        """Weights of the linear layers in the blocks."""
        attention = 2 * self.hidden * self.hidden + 2 * self.hidden * self.keys
        return self.layers * (attention + 3 * self.hidden * self.inner)

    def adapter_parameters(self, rank: int) -> int:
        """Weights of a LoRA adapter on all linear layers: rank x (inputs + outputs) of each."""
        attention = 2 * (self.hidden + self.hidden) + 2 * (self.hidden + self.keys)
        return self.layers * rank * (attention + 3 * (self.hidden + self.inner))


@dataclass(frozen=True)
class Quantity:
    """One figure of an estimate with its bounds and the source of its formula."""

    name: str
    value: float
    low: float
    high: float
    unit: Literal["tokens", "steps", "seconds", "bytes", "parameters", "tokens a second"]
    formula: str
    source: str


@dataclass(frozen=True)
class Cost:
    """What a run is expected to need."""

    tokens: Quantity
    steps: Quantity
    seconds: Quantity
    memory: Quantity
    disk: Quantity
    speed: Quantity
    adapter: Quantity

    def quantities(self) -> list[Quantity]:
        """All figures, in the order a person asks for them."""
        return [self.seconds, self.memory, self.disk, self.steps, self.tokens, self.speed, self.adapter]


def size_of(model: str | Path) -> ModelSize:
    """The measures of a local model, from its config.json alone. Raises ModelError for what is not there."""
    path = Path(model) / "config.json"
    try:
        config = json.loads(path.read_text("utf-8"))
        hidden, layers = int(config["hidden_size"]), int(config["num_hidden_layers"])
        heads = int(config["num_attention_heads"])
        vocabulary, inner = int(config["vocab_size"]), int(config["intermediate_size"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise ModelError(f"the size of {model} is not known: {path} cannot be read ({problem}).") from problem
    width = int(config.get("head_dim") or hidden // heads)
    keys = int(config.get("num_key_value_heads") or heads) * width
    blocks = ModelSize(0, layers, hidden, inner, vocabulary, keys).block_parameters
    embeddings = vocabulary * hidden * (1 if config.get("tie_word_embeddings", True) else 2)
    return ModelSize(blocks + embeddings, layers, hidden, inner, vocabulary, keys)


def estimate(
    plan: TrainingPlan,
    model: ModelSize,
    *,
    rows: int,
    tokens: int,
    trained_share: float = 0.5,
    longest: int | None = None,
    tokens_per_second: float | None = None,
    device: Literal["cpu", "cuda"] = "cpu",
    cores: int = 2,
    bf16: bool = True,
) -> Cost:
    """Tokens, steps, time and memory of a run over `rows` rows of together `tokens` tokens, before it is begun.

    trained_share: part of the tokens with a label. longest: tokens of the longest row. tokens_per_second: measured on
    this machine with this model; without it the speed is a rough guess, and its bounds are wide.
    """
    training = max(1, round(rows * (1 - plan.validation_share)))
    steps = total_steps(plan, training, plan.batch_size, plan.accumulation)
    of_all = steps * plan.batch_size * plan.accumulation / training  # epochs as run, the last one may be a part
    read = tokens * training / rows * min(plan.epochs, of_all)
    adapter = model.adapter_parameters(plan.rank)
    speed = _speed(model, adapter, trained_share, tokens_per_second, device, cores, bf16)
    evaluations = math.ceil(plan.epochs * plan.evaluations_per_epoch) + 1
    checked = tokens * (rows - training) / rows * evaluations / 3  # forward only: a third of forward and backward
    seconds = (read + checked) / speed.value
    known = "measured" if tokens_per_second else device
    memory = _memory(plan, model, adapter, rows, tokens, trained_share, longest, device, bf16)
    checkpoint = adapter * 4 * 3  # weights and two moments in fp32
    return Cost(
        tokens=_exact("tokens", read, "tokens", "tokens of the training rows x epochs", "the model's own tokenizer"),
        steps=_exact("steps", steps, "steps", "epochs x rows / (batch size x accumulation)", "the plan, rounded up"),
        seconds=Quantity(
            "time",
            seconds,
            seconds * SPREAD[known][0],
            seconds * SPREAD[known][1],
            "seconds",
            "(tokens + a third of the validation tokens of each evaluation) / speed",
            "a backward pass costs twice a forward pass",
        ),
        memory=memory,
        disk=_exact("disk", 3 * checkpoint + adapter * 4, "bytes", "3 checkpoints and the adapter", "what is kept"),
        speed=speed,
        adapter=_exact("adapter", adapter, "parameters", "rank x (inputs + outputs) of each linear layer",
                       "LoRA, Hu et al. 2021, arXiv 2106.09685"),
    )  # fmt: skip


def _exact(
    name: str, value: float, unit: Literal["tokens", "steps", "bytes", "parameters"], formula: str, source: str
) -> Quantity:
    return Quantity(name, value, value, value, unit, formula, source)


def _speed(
    model: ModelSize,
    adapter: int,
    trained_share: float,
    measured: float | None,
    device: Literal["cpu", "cuda"],
    cores: int,
    bf16: bool,
) -> Quantity:
    if measured:
        return Quantity("speed", measured, measured, measured, "tokens a second", "measured", "a run on this machine")
    head = model.vocabulary * model.hidden * trained_share  # only labelled positions go through the output layer
    operations = 4 * model.block_parameters + 4 * head + 6 * adapter
    able = GPU if device == "cuda" else {name: each * cores for name, each in CPU_CORE.items()}
    speed = able["bf16" if bf16 else "fp32"] / operations
    fast, slow = SPREAD[device]
    return Quantity(
        "speed",
        speed,
        speed / slow,
        speed / fast,
        "tokens a second",
        "operations a second / (4 x block weights + 4 x output layer x trained share + 6 x adapter weights)",
        "forward and input gradients take 2 operations a weight each; device figures measured on an AMD EPYC (CPU), "
        "published for an H100 (GPU)",
    )


def _memory(
    plan: TrainingPlan,
    model: ModelSize,
    adapter: int,
    rows: int,
    tokens: int,
    trained_share: float,
    longest: int | None,
    device: Literal["cpu", "cuda"],
    bf16: bool,
) -> Quantity:
    row = min(plan.max_length, longest if longest is not None else round(2 * tokens / rows))
    batch = plan.batch_size * row
    small = device == "cuda" and bf16  # on a CPU the weights stay in fp32, and autocast keeps a copy in bf16
    embeddings = model.parameters - model.block_parameters
    if plan.quantization == "4bit":
        weights = model.block_parameters * WEIGHT_BYTES["4bit"] + embeddings * (2 if bf16 else 4)
    else:
        weights = model.parameters * WEIGHT_BYTES["none bf16" if small else "none fp32"]
        weights += model.block_parameters * 2 if bf16 and not small else 0
    kept: float = ACTIVATION_BYTES[f"{device} {'bf16' if bf16 else 'fp32'}"]
    if device == "cuda" and model.parameters >= CHECKPOINT_FROM:
        kept = RECOMPUTED_BYTES + kept / model.layers  # and the one layer that is being computed again
    activations = model.layers * kept * batch * model.hidden
    loss = batch * trained_share * model.vocabulary * LOSS_BYTES
    value = FRAGMENTS * (weights + adapter * TRAINABLE_BYTES + activations + loss) + LIBRARIES[device]
    return Quantity(
        "memory",
        value,
        value * 0.7,
        value * 1.5,
        "bytes",
        f"weights + 16 bytes x adapter weights + {kept:.0f} bytes x longest batch x layers x width + scores",
        "activations: Korthikanti et al. 2022, arXiv 2205.05198" if device == "cuda" else "activations: measured",
    )
