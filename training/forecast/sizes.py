"""How large a base model is: its measures from config.json, or the usual shape of a model of so many parameters"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path

from training.errors import ModelError, PlanError


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

    def outputs(self) -> int:
        """Outputs of all linear layers together: as many magnitudes DoRA learns besides."""
        return self.layers * (2 * self.hidden + 2 * self.keys + 2 * self.inner + self.hidden)


# Published shapes: (parameters, layers, hidden, inner, vocabulary, key width), as remembered from the config.json of
# SmolLM2-135M, SmolLM2-360M, Qwen2.5-0.5B, Llama-3.2-1B, Qwen2.5-1.5B, Llama-3.2-3B, Qwen2.5-7B, Llama-3.1-8B,
# Qwen2.5-14B, Qwen2.5-32B and Llama-3.1-70B.
SHAPES = (
    ModelSize(134_515_008, 30, 576, 1536, 49_152, 192),
    ModelSize(361_821_120, 32, 960, 2560, 49_152, 320),
    ModelSize(494_032_768, 24, 896, 4864, 151_936, 128),
    ModelSize(1_235_814_400, 16, 2048, 8192, 128_256, 512),
    ModelSize(1_543_714_304, 28, 1536, 8960, 151_936, 256),
    ModelSize(3_212_749_824, 28, 3072, 8192, 128_256, 1024),
    ModelSize(7_615_616_512, 28, 3584, 18_944, 152_064, 512),
    ModelSize(8_030_261_248, 32, 4096, 14_336, 128_256, 1024),
    ModelSize(14_770_033_664, 48, 5120, 13_824, 152_064, 1024),
    ModelSize(32_763_876_352, 64, 5120, 27_648, 152_064, 1024),
    ModelSize(70_553_706_496, 80, 8192, 28_672, 128_256, 1024),
)
SMALLEST, LARGEST = 0.05e9, 100e9  # parameters between which the shapes above say something
UNITS = {"k": 1e3, "m": 1e6, "b": 1e9, "": 1.0}


def size_of(model: str | Path) -> ModelSize:
    """The measures of a local model, from its config.json alone. Raises ModelError for what is not there."""
    path = Path(model) / "config.json"
    try:
        config = json.loads(path.read_text("utf-8"))
        config = config.get("text_config") or config  # models that also see pictures keep the language part apart
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


def size_named(text: str) -> ModelSize:
    """The usual shape of a model of so many parameters: "8B", "135M", "0.5b".

    The published shape nearest in size, with its layers' widths scaled to the number asked for: memory and time depend
    on the shape little, on the number of weights much. Raises PlanError for what is no size.
    """
    found = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmb]?)\s*", text.lower())
    wanted = float(found[1]) * UNITS[found[2]] if found else 0.0
    if not SMALLEST <= wanted <= LARGEST:
        raise PlanError(f'"{text}" is no size of a base model. Write for instance 135M, 1.5B or 8B; 0.05B to 100B.')
    near = min(SHAPES, key=lambda shape: abs(shape.parameters / wanted - 1))
    if abs(near.parameters / wanted - 1) < 0.1:
        return near
    by = (wanted / near.parameters) ** 0.5  # weights of a layer grow with the square of its width
    wide = [round(width * by / 64) * 64 for width in (near.hidden, near.inner)]
    return ModelSize(round(wanted), near.layers, wide[0], wide[1], near.vocabulary, max(64, round(near.keys * by)))


def size_words(parameters: float) -> str:
    """ "135M", "8.0B"."""
    return f"{parameters / 1e9:.1f}B" if parameters >= 0.95e9 else f"{parameters / 1e6:.0f}M"
