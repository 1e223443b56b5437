"""What this machine can compute with: its device, its number formats, its memory"""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, Literal

from training.errors import PlanError

# Told by the processor's flags and not by a measurement: on a busy machine that could come out otherwise when a run is
# resumed, and the rest of it would be computed in another precision.
# Either of these makes bf16 matrix products some 2.4 times as fast as fp32; without them bf16 is emulated and slow.
BF16_FLAGS = ("avx512_bf16", "amx_bf16")

# Bytes a token and layer that the backward pass of a Llama with LoRA needs kept, in bf16: 40 for each unit of the
# hidden width (two norms with their fp32 copies, queries, keys, values, the attention's output, the rotations) and 8
# for each of the inner width (gate, its activation, up, their product). Counted from the operations; not yet tried on
# a GPU.
KEPT_HIDDEN, KEPT_INNER = 40, 8
KEPT_SHARE = 0.7  # of the free memory may go to activations: scores, optimizer and fragments need the rest

Precision = Literal["auto", "bf16", "fp32"]


@dataclass(frozen=True)
class Machine:
    """Where a run computes and in which format."""

    device: Literal["cpu", "cuda"]
    name: str
    bf16: bool

    @property
    def precision(self) -> str:
        return "bf16" if self.bf16 else "fp32"


def settle_environment() -> None:
    """Settings that only count before torch is imported.

    GOMP_SPINCOUNT: threads that wait for work sleep instead of spinning; with another process on the cores training
    was 1.7 times as fast. One visible GPU: a single process would otherwise try to spread over all.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", "0")
    os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
    if "torch" not in sys.modules and "LOCAL_RANK" not in os.environ:
        os.environ.setdefault("CUDA_VISIBLE_DEVICES", "0")


def cpu_has_bf16(flags: str | None = None) -> bool:
    """Whether the processor multiplies bf16 itself; `flags` is the text of /proc/cpuinfo."""
    if flags is None:
        try:
            flags = Path("/proc/cpuinfo").read_text("utf-8", "replace")
        except OSError:
            return False
    return any(flag in flags.split() for flag in BF16_FLAGS)


def machine_for(precision: Precision, quantization: str) -> Machine:
    """The machine as this plan wants to use it. Raises PlanError for what it cannot do."""
    import torch

    if torch.cuda.is_available():
        able = torch.cuda.is_bf16_supported(including_emulation=False)
        device: Literal["cpu", "cuda"] = "cuda"
        name = torch.cuda.get_device_name()
    else:
        able = cpu_has_bf16()
        device, name = "cpu", f"CPU, {torch.get_num_threads()} threads"
    if precision == "bf16" and not able:
        raise PlanError(
            f"precision=bf16, but this machine ({name}) has no bf16 arithmetic. Set precision=auto or fp32."
        )
    if quantization == "4bit":
        _needs_bitsandbytes()
    return Machine(device, name, able if precision == "auto" else precision == "bf16")


def _needs_bitsandbytes() -> None:
    try:
        import_module("bitsandbytes")
    except ImportError as missing:
        raise PlanError(
            "quantization=4bit needs the package bitsandbytes, which is not installed. "
            "Install it (pip install bitsandbytes), or set quantization=none."
        ) from missing


def tokens_kept(config: Any, free: int) -> int:
    """Of how many tokens a GPU can keep the activations until the backward pass, with so many bytes free.

    config: of the language model. Those of more tokens are computed in parts, or a second time in the backward pass,
    which makes a step a quarter to a third slower.
    """
    inner = getattr(config, "intermediate_size", None) or 4 * config.hidden_size
    each = KEPT_HIDDEN * config.hidden_size + KEPT_INNER * inner
    return max(0, int(KEPT_SHARE * free / (config.num_hidden_layers * each)))


def peak_memory(device: str) -> int:
    """The most memory used so far, in bytes: by this process on a CPU, by torch on an accelerator."""
    if device == "cuda":
        import torch

        return int(torch.cuda.max_memory_allocated())
    if sys.platform == "win32":
        import psutil

        return int(psutil.Process().memory_info().peak_wset)
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return int(most if sys.platform == "darwin" else most * 1024)
