"""A run's result where every weight was tuned: a whole model in safetensors, not an adapter"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from training.errors import BadAdapter

CONFIG = "config.json"
INDEX = "model.safetensors.index.json"  # of a model in several files
SINGLE = "model.safetensors"
# What of a checkpoint belongs to the model; the rest (optimizer, scheduler, chance) only serves to go on training.
KEPT = (
    CONFIG,
    "generation_config.json",
    "*.safetensors",
    INDEX,
    "tokenizer*",
    "special_tokens_map.json",
    "chat_template*",
    "vocab*",
    "merges.txt",
    "added_tokens.json",
)


def is_whole(folder: Path) -> bool:
    """Whether a run's result is a whole model rather than an adapter."""
    return (folder / CONFIG).is_file() and not (folder / "adapter_config.json").exists()


def model_files(folder: Path) -> list[str]:
    """The names of the files in a checkpoint that make the model, sorted."""
    return sorted({path.name for pattern in KEPT for path in folder.glob(pattern) if path.is_file()})


def weight_files(folder: Path) -> list[Path]:
    """The files that hold a model's weights. Raises BadAdapter when one of them is not there."""
    names = [SINGLE]
    if (folder / INDEX).is_file():
        try:
            names = sorted(set(json.loads((folder / INDEX).read_text("utf-8"))["weight_map"].values()))
        except (OSError, ValueError, KeyError, AttributeError) as problem:
            raise BadAdapter(f"{folder / INDEX} cannot be read: {problem!r}.") from problem
    for name in names:
        if Path(name).name != name or not (folder / name).is_file():
            raise BadAdapter(f"{folder} has no {name}, so it is not a whole model. Take the folder of a finished run.")
    return [folder / name for name in names]


def read_config(folder: Path) -> dict[str, Any]:
    """A whole model's configuration. Raises BadAdapter."""
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
        str(config["model_type"])
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise BadAdapter(f"{folder / CONFIG} cannot be read as a model's configuration: {problem!r}.") from problem
    return dict(config)
