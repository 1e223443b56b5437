"""The adapter as it leaves a run: weights in safetensors, their configuration, and a card that says what they are

With method=full the folder holds a whole model instead (see `training.adapters.whole`); everything here takes either.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from training.adapters.model_card import model_card
from training.adapters.whole import is_whole, model_files, read_config, weight_files
from training.errors import BadAdapter
from training.plan import TrainingPlan
from training.result import sync_folder

WEIGHTS = "adapter_model.safetensors"
CONFIG = "adapter_config.json"
CARD = "README.md"
ABOUT = "training_run.json"
# What of a base model config decides whether an adapter fits
SHAPE = (
    "model_type",
    "hidden_size",
    "intermediate_size",
    "num_hidden_layers",
    "num_attention_heads",
    "num_key_value_heads",
    "vocab_size",
)


@dataclass(frozen=True)
class Adapter:
    """A checked adapter: its folder, size on disk in bytes, rank, number of weights, and the base it was trained on.

    Of a whole model (method=full) the rank is 0, and the weights are all of them.
    """

    folder: Path
    size: int
    rank: int
    parameters: int
    base: str


def write_adapter(
    checkpoint: Path,
    folder: Path,
    *,
    plan: TrainingPlan,
    base: str,
    licence: str | None,
    data_digest: str,
    facts: dict[str, Any],
) -> Path:
    """The adapter of a checkpoint with its card, in `folder`: whole or not at all."""
    temporary = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    names = model_files(checkpoint) if plan.method == "full" else [WEIGHTS, CONFIG]
    for name in names:
        shutil.copyfile(checkpoint / name, temporary / name)
    about = {
        "base": base,
        "base_licence": licence,
        "base_shape": base_shape(base),
        "data_digest": data_digest,
        "plan": plan.model_dump(),
        "result": facts,
    }
    (temporary / ABOUT).write_text(json.dumps(about, indent=2), "utf-8")
    (temporary / CARD).write_text(model_card(plan, base, licence, data_digest, facts), "utf-8")
    _check_files(temporary)
    for name in (*names, CARD, ABOUT):
        with (temporary / name).open("rb") as file:
            os.fsync(file.fileno())
    if folder.exists():
        shutil.rmtree(folder)
    temporary.replace(folder)
    sync_folder(folder.parent)
    return folder


def check_adapter(folder: Path, base: str | Path | None = None) -> Adapter:
    """An adapter that may be loaded: safetensors only, readable, finite, and made for `base` where one is given.

    Raises BadAdapter with what is wrong.
    """
    config = _check_files(folder)
    if is_whole(folder):
        rank, parameters = 0, sum(_check_weights(path) for path in weight_files(folder))
        trained_on = str(_about(folder).get("base") or "")
    else:
        rank, parameters = int(config["r"]), _check_weights(folder / WEIGHTS)
        trained_on = str(config.get("base_model_name_or_path") or "")
    if base is not None:
        _check_base(folder, trained_on, str(base))
    size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
    return Adapter(folder, size, rank, parameters, trained_on)


def _check_files(folder: Path) -> dict[str, Any]:
    if not folder.is_dir():
        raise BadAdapter(f"there is no adapter folder {folder}.")
    whole = is_whole(folder)
    for name in () if whole else (WEIGHTS, CONFIG):
        if not (folder / name).is_file():
            raise BadAdapter(f"{folder} has no {name}, so it is not a whole adapter. Take the adapter folder of a run.")
    strange = [path.name for path in folder.iterdir() if path.suffix in (".bin", ".pt", ".pth", ".pkl", ".ckpt")]
    if strange:
        raise BadAdapter(f"{folder} holds {', '.join(strange)}: such files can run code when loaded. Remove them.")
    if whole:
        weight_files(folder)
        return read_config(folder)
    try:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
        ranked = isinstance(config["r"], int) and config["r"] > 0
    except (OSError, ValueError, KeyError, TypeError) as problem:
        raise BadAdapter(f"{folder / CONFIG} cannot be read as an adapter's configuration: {problem!r}.") from problem
    if config.get("peft_type") != "LORA" or not ranked:
        raise BadAdapter(
            f"{folder} is not a LoRA adapter: its type is {config.get('peft_type')}, its rank {config['r']}."
        )
    return dict(config)


def _check_weights(path: Path) -> int:
    """How many weights a file holds, all of them numbers."""
    import torch
    from safetensors import SafetensorError, safe_open

    parameters = 0
    try:
        with safe_open(path, framework="pt") as weights:
            for name in weights.keys():  # noqa: SIM118  # not a dict
                tensor = weights.get_tensor(name)
                parameters += tensor.numel()
                if not bool(torch.isfinite(tensor).all()):
                    raise BadAdapter(f"{path}: {name} holds values that are not numbers; the run diverged.")
    except (SafetensorError, OSError) as problem:
        raise BadAdapter(f"{path} is damaged: {problem}. Take the adapter of another checkpoint.") from problem
    if parameters == 0:
        raise BadAdapter(f"{path} holds no weights.")
    return parameters


def _check_base(folder: Path, trained_on: str, base: str) -> None:
    if base == trained_on:
        return
    made_for = _about(folder).get("base_shape")
    given = base_shape(base)
    if made_for is None or given is None:
        raise BadAdapter(f"the adapter {folder} was trained on {trained_on}, not on {base}.")
    other = [name for name in SHAPE if made_for.get(name) != given.get(name)]
    if other:
        told = ", ".join(f"{name} {made_for.get(name)} against {given.get(name)}" for name in other)
        raise BadAdapter(f"the adapter {folder} does not fit {base}: it was trained on {trained_on} ({told}).")


def _about(folder: Path) -> dict[str, Any]:
    """What the run wrote beside its weights; empty where it cannot be read."""
    try:
        return dict(json.loads((folder / ABOUT).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return {}


def base_shape(base: str) -> dict[str, Any] | None:
    """What decides whether an adapter fits, from a local base model's config; None for a hub name."""
    try:
        config = json.loads((Path(base) / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return {name: config.get(name) for name in SHAPE}


def licence_of(base: str) -> str | None:
    """The base model's licence as its folder states it: model.json, or the head of its README."""
    folder = Path(base)
    try:
        return str(json.loads((folder / "model.json").read_text("utf-8"))["licence"])
    except (OSError, ValueError, KeyError, TypeError):
        pass
    try:
        head = (folder / CARD).read_text("utf-8", "replace").split("---")[1]
    except (OSError, IndexError):
        return None
    found = [line.partition(":")[2].strip() for line in head.splitlines() if line.startswith("license:")]
    return found[0] if found else None


def digest_of(lines: list[str]) -> str:
    """SHA-256 of the training rows, in their order."""
    total = hashlib.sha256()
    for line in lines:
        total.update(line.encode("utf-8", "surrogatepass"))
        total.update(b"\n")
    return total.hexdigest()
