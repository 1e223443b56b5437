"""The memory of a run, part by part: weights, adapter, gradients, optimizer, activations, scores, libraries, evaluation

A formula, fitted to measured runs of SmolLM2-135M on a CPU; on an accelerator the published one, untried here. A
measured step on the run's largest batch replaces the sum; the parts then say where it goes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from training.forecast.measure import Measured
from training.forecast.sizes import ModelSize
from training.forecast.workload import Batch, Workload
from training.plan import TrainingPlan
from training.run.replies import SHORT
from training.run.trainer import CHECKPOINT_FROM

Device = Literal["cpu", "cuda"]

# Bytes kept for the backward pass a token and layer, in units of the width of the model and of its inner layer, in 16
# bit. Counted through a gated block: both norms with their fp32 copy, queries, keys, values, attention, its output (22
# widths); gate, its activation, up and their product (8 inner widths). Korthikanti et al. 2022, arXiv 2205.05198, count
# 34 widths for an ungated block in the same way.
BY_WIDTH, BY_INNER = 22, 8
# What a device keeps more than that count. CPU: measured on SmolLM2-135M, 888 tokens in eight rows: 1.38 MB a token in
# bf16 (SHORT_BYTES in it), 1.89 in fp32, 0.80 without an adapter; between the layers it is fp32.
KEPT = {"cuda bf16": 1.0, "cuda fp32": 2.0, "cpu bf16": 1.6, "cpu fp32": 2.5}
SHORT_BYTES = 10  # a width more on a CPU in bf16, attention of short rows being in fp32; 0.13 to 0.24 MB a token
WITHOUT_ADAPTER = {"cuda": 1.0, "cpu": 0.52}  # of that, where every weight is learned
DORA_BYTES = {"bf16": 7.5, "fp32": 15.0}  # an output of a linear layer and token; measured in bf16: 1.2 MB a token more
RECOMPUTED_BYTES = 2  # a width: with activation checkpointing only the input of each layer is kept
SCORE_BYTES = 12  # a trained token and word of the vocabulary: scores in 16 and 32 bit, and their gradient
TILE_BYTES = 4096 * 32_768 * 6  # TRL 1.16 computes 4,096 tokens by 32,768 words at a time on an accelerator
EVALUATED_BYTES = 10  # the same without a gradient
NF4_BYTES = 0.53  # a weight in 4 bit with double quantisation; Dettmers et al. 2023, arXiv 2305.14314
WORKSPACE = {"cpu": 0.22e9, "cuda": 0.2e9}  # scratch of the matrix library; CPU: measured at a batch of one row
LIBRARIES = {"cpu": 0.54e9, "cuda": 1.0e9}  # CPU: measured after importing torch, transformers, peft, trl; CUDA context
FRAGMENTS = {"cpu": 1.0, "cuda": 1.08}  # an accelerator's allocator leaves gaps; the CPU figures above include them

WEIGHTS, ADAPTER, GRADIENTS, OPTIMIZER = "base model", "adapter", "gradients", "optimizer"
ACTIVATIONS, SCORES, PROGRAM, EVALUATION = "activations", "scores", "libraries", "evaluation"
MEANINGS = {
    WEIGHTS: "the base model's weights, and their copies in the format of the arithmetic",
    ADAPTER: "the small set of weights that is learned",
    GRADIENTS: "one number for each learned weight: where it should go",
    OPTIMIZER: "two numbers for each learned weight: AdamW's memory of earlier steps",
    ACTIVATIONS: "what every layer computed for the largest batch, kept for the way back",
    SCORES: "a score for every word of the vocabulary at every learned token",
    PROGRAM: "Python, the libraries and their scratch space",
    EVALUATION: "what loading, measuring the validation loss, or saving needs beyond that; 0 where training needs more",
}


@dataclass(frozen=True)
class MemoryParts:
    """Bytes by part at the worst moment. measured: whether the sum is that of a real step rather than the formula's."""

    parts: tuple[tuple[str, float], ...]
    formula: float
    measured: bool

    @property
    def total(self) -> float:
        return sum(size for _, size in self.parts)


def learned(plan: TrainingPlan, model: ModelSize) -> int:
    """How many weights the run learns."""
    if plan.method == "full":
        return model.parameters
    return model.adapter_parameters(plan.rank) + (model.outputs() if plan.method == "dora" else 0)


def recomputes(model: ModelSize, device: Device) -> bool:
    """Whether a run is reckoned with activations computed again on the way back: the least memory it gets by with.

    A GPU with more room than that keeps them (`training.run.on_gpu`): it then takes more memory, and up to a third less
    time than told.
    """
    return device == "cuda" and model.parameters >= CHECKPOINT_FROM


def activation_bytes(plan: TrainingPlan, model: ModelSize, device: Device, bf16: bool, longest: int) -> float:
    """Bytes kept for the way back a padded token, over all layers. longest: tokens that every row is padded to."""
    precision = "bf16" if bf16 else "fp32"
    layer = KEPT[f"{device} {precision}"] * (BY_WIDTH * model.hidden + BY_INNER * model.inner)
    if plan.method == "full":
        layer *= WITHOUT_ADAPTER[device]
    if device == "cpu" and bf16 and longest <= SHORT:
        layer += SHORT_BYTES * model.hidden
    if plan.method == "dora":
        layer += DORA_BYTES[precision] * model.outputs() / model.layers
    if recomputes(model, device):
        return RECOMPUTED_BYTES * model.hidden * model.layers + layer
    return layer * model.layers


def weight_bytes(plan: TrainingPlan, model: ModelSize, device: Device, bf16: bool) -> float:
    """The base model as it lies in memory, with its copies in the format of the arithmetic.

    On a CPU, LoRA in bf16 keeps the linear layers of the blocks in 16 bit alone (`training.run.replies.cast_once`).
    What is learned, and what DoRA measures, stays in fp32 with 16-bit copies beside it. In 4 bit such copies are
    counted, too: without them the parts came to 0.38 GB less than a step of SmolLM2-135M took.
    """
    embeddings = model.parameters - model.block_parameters
    copies = 2.0 * model.block_parameters if bf16 else 0.0
    if plan.quantization == "4bit" and plan.method != "full":
        if device == "cpu":
            return 4.0 * embeddings + NF4_BYTES * model.block_parameters + copies
        return model.block_parameters * NF4_BYTES + embeddings * (2 if bf16 else 4)
    if device == "cuda" and bf16 and plan.method != "full":
        return 2.0 * model.parameters
    if device == "cpu" and bf16 and plan.method in ("lora", "rslora"):
        return 4.0 * embeddings + copies
    return 4.0 * model.parameters + copies


def loading_bytes(plan: TrainingPlan, model: ModelSize, device: Device) -> float:
    """What a CPU's process takes while it reads the weights, all in fp32; 4 bit is made of them one by one.

    The pages of a file in 16 bit, 2 bytes a weight, count as the process's own besides, but the system takes them back
    when it needs them.
    """
    if device == "cuda" or plan.quantization == "4bit":
        return 0.0
    return LIBRARIES[device] + 4.0 * model.parameters


def largest_batch(plan: TrainingPlan, model: ModelSize, work: Workload, device: Device, bf16: bool) -> Batch:
    """The batch of the run that needs most memory."""
    return _largest(plan, model, [*work.batches, *work.tried], device, bf16)


def _largest(plan: TrainingPlan, model: ModelSize, batches: Sequence[Batch], device: Device, bf16: bool) -> Batch:

    def needed(one: Batch) -> float:
        kept = activation_bytes(plan, model, device, bf16, one.longest)
        return one.padded * kept + score_bytes(model, one.trained, device)

    return max(batches, key=needed)


def score_bytes(model: ModelSize, trained: int, device: Device) -> float:
    """Bytes for the scores of so many tokens; on an accelerator the library never holds more than a tile of them."""
    whole = float(SCORE_BYTES * trained * model.vocabulary)
    return min(whole, TILE_BYTES) if device == "cuda" else whole


def memory_parts(
    plan: TrainingPlan,
    model: ModelSize,
    work: Workload,
    *,
    device: Device,
    bf16: bool,
    measured: Measured | None = None,
) -> MemoryParts:
    """Where the memory goes at the worst moment of a run.

    measured: real steps with the same knobs; their peak is carried over to this run's largest batch by what the
    formula says of the two batches, and the difference to the formula is shared among activations and scores. Where
    evaluating or saving a checkpoint took more than that, it is the peak.
    """
    largest = largest_batch(plan, model, work, device, bf16)
    parts = _formula(plan, model, work, largest, device, bf16)
    formula = sum(parts.values())
    if measured is None:
        return MemoryParts(tuple(parts.items()), formula, measured=False)
    then = _largest(plan, model, measured.largest, device, bf16)
    there = sum(_formula(plan, model, work, then, device, bf16).values())
    total = max(float(measured.memory_peak + (LIBRARIES["cuda"] if device == "cuda" else 0)) + formula - there, 0.0)
    flexible = parts[ACTIVATIONS] + parts[SCORES]
    if device == "cpu":
        parts[PROGRAM] = float(measured.memory_libraries) + WORKSPACE["cpu"]
    rest = total - sum(size for name, size in parts.items() if name not in (ACTIVATIONS, SCORES))
    if rest > 0 and flexible > 0:
        for name in (ACTIVATIONS, SCORES):
            parts[name] *= rest / flexible
    else:  # the steps needed less than the formula's fixed parts alone
        parts = {name: size * total / sum(parts.values()) for name, size in parts.items()}
    context = LIBRARIES["cuda"] if device == "cuda" else 0.0
    parts[EVALUATION] += max(0.0, measured.memory_evaluation + context - total)
    return MemoryParts(tuple(parts.items()), formula, measured=True)


def _formula(
    plan: TrainingPlan, model: ModelSize, work: Workload, largest: Batch, device: Device, bf16: bool
) -> dict[str, float]:
    count = learned(plan, model)
    gaps = FRAGMENTS[device]
    adapter = 0 if plan.method == "full" else 4 * count
    activations = activation_bytes(plan, model, device, bf16, largest.longest) * largest.padded
    scores = score_bytes(model, largest.trained, device)
    validation = max((batch.trained for batch in work.evaluation), default=0)
    in_evaluation = score_bytes(model, validation, device) * EVALUATED_BYTES / SCORE_BYTES
    parts = {
        WEIGHTS: gaps * weight_bytes(plan, model, device, bf16),
        ADAPTER: gaps * adapter,
        GRADIENTS: gaps * 4 * count,
        OPTIMIZER: gaps * 8 * count,
        ACTIVATIONS: gaps * activations,
        SCORES: gaps * scores,
        PROGRAM: LIBRARIES[device] + WORKSPACE[device],
    }
    beyond = loading_bytes(plan, model, device) - sum(parts.values())
    return {**parts, EVALUATION: max(0.0, beyond, gaps * (in_evaluation - activations - scores - 4 * count))}
