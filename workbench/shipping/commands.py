"""Commands by which others load what was shipped, ready to be copied into a shell"""

from __future__ import annotations

import math
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

# What vLLM takes for --max-lora-rank (its LoRAConfig); the next one that is large enough
RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)


@dataclass(frozen=True)
class Command:
    """A command with what it does; the words of a shell, quoted where they have to be."""

    title: str
    text: str


def shell(words: Sequence[str]) -> str:
    """Words as one line for a POSIX shell."""
    return " ".join(shlex.quote(word) for word in words)


def vllm_adapter(base: str, name: str, folder: str, config: Mapping[str, Any]) -> tuple[Command | None, str]:
    """The command that serves base and adapter together, and why there is none where vLLM cannot."""
    if config.get("use_dora"):
        return None, "vLLM loads no DoRA adapters: ship the merged model for it (--merge)."
    rank = int(config["r"])
    allowed = next((one for one in RANKS if one >= rank), None)
    if allowed is None:
        return None, f"vLLM loads adapters up to rank {RANKS[-1]}, and this one has {rank}: ship the merged model."
    words = [
        "vllm",
        "serve",
        base,
        "--enable-lora",
        "--lora-modules",
        f"{name}={folder}",
        "--max-lora-rank",
        str(allowed),
    ]
    return Command(f"vLLM, base and adapter; ask for the model {name}", shell(words)), ""


def not_beside_base(config: Mapping[str, Any]) -> str:
    """Why llama.cpp and Ollama cannot load this adapter beside its base; "" where they can.

    Source: llama.cpp's convert_lora_to_gguf.py, and convert_llama_adapter.go of Ollama: both read lora_alpha and the
    rank, neither reads use_rslora, and a length of weight rows (DoRA) is a tensor that they do not know.
    """
    if config.get("use_dora"):
        return "llama.cpp and Ollama load no DoRA adapters. Ship the merged model for them: --merge"
    if config.get("use_rslora"):
        weaker = math.sqrt(int(config["r"]))
        return (
            "llama.cpp and Ollama know no rsLoRA: they multiply an adapter by alpha / rank, and this one would answer "
            f"at 1/{weaker:.2g} of its strength, without an error. Ship the merged model for them: --merge"
        )
    return ""


def vllm_whole(folder: str, name: str) -> Command:
    return Command("vLLM, the model as a whole", shell(["vllm", "serve", folder, "--served-model-name", name]))


def ollama(name: str, modelfile: str) -> Command:
    made = shell(["ollama", "create", name, "-f", modelfile])
    return Command("Ollama: make the model, then talk to it", f"{made} && {shell(['ollama', 'run', name])}")


def llama_server(model: str, adapter: str | None = None) -> Command:
    words = ["llama-server", "-m", model, *(["--lora", adapter] if adapter else []), "--jinja", "--temp", "0"]
    return Command("llama.cpp" + (", base and adapter" if adapter else ""), shell(words))
