"""A model and its adapter from disk or hub, by safe means only: safetensors, no code from the model's folder"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from evaluators.errors import ModelUnusable
from evaluators.models.whole import is_whole, with_whole

Precision = Literal["auto", "bf16", "fp32"]
WEIGHTS = "adapter_model.safetensors"
# Notes beside the weights (when it was fetched, a card) do not change what the model says.
WHAT_COUNTS = (
    "*.safetensors",
    "*config.json",
    "tokenizer*",
    "special_tokens_map.json",
    "chat_template*",
    "vocab*",
    "merges.txt",
    "added_tokens.json",
)
# What a chat template's own arithmetic, look-ups and loops may raise beside Jinja's errors.
TEMPLATE_FAILURES = (
    ArithmeticError,
    AttributeError,
    LookupError,
    MemoryError,
    RecursionError,
    TypeError,
    ValueError,
)
BF16_FLAGS = ("avx512_bf16", "amx_bf16")  # processors on which bf16 is faster than fp32, and not emulated


def quiet_threads() -> None:
    """Let idle OpenMP threads sleep; must run before torch is first imported.

    On busy cores the default spinning made a training step 1.7 times slower and doubled its processor time.
    """
    os.environ.setdefault("GOMP_SPINCOUNT", "0")


def device_and_precision(precision: Precision) -> tuple[str, str]:
    """Where to run ("cuda", "cpu") and in which precision ("bf16", "fp32"); "auto" takes bf16 where it is native."""
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    if precision != "auto":
        return device, precision
    native = torch.cuda.is_bf16_supported() if device == "cuda" else processor_has_bf16()
    return device, "bf16" if native else "fp32"


def processor_has_bf16() -> bool:
    """Whether this processor computes in bf16 natively; False where it cannot be told."""
    try:
        return any(flag in Path("/proc/cpuinfo").read_text(errors="replace") for flag in BF16_FLAGS)
    except OSError:
        return False


def checked_model(model_path: str | Path) -> str:
    """The path or hub name to load; raises ModelUnusable for a folder that is missing or holds no safetensors."""
    folder = Path(model_path).expanduser()
    if folder.is_dir():
        if not (folder / "config.json").is_file():
            raise ModelUnusable(f"{folder} holds no config.json, so it is not a model folder.")
        if not any(folder.glob("*.safetensors")):
            raise ModelUnusable(
                f"{folder} holds no .safetensors weights. Pickled weights (.bin) are not loaded, since "
                "they can run code; save the model with save_pretrained first."
            )
        return str(folder)
    if isinstance(model_path, Path) or str(model_path).startswith((".", "/", "~")) or str(model_path).count("/") > 1:
        raise ModelUnusable(
            f"there is no model folder {model_path}. Give a folder with config.json and safetensors, or "
            "a hub name such as owner/model."
        )
    return str(model_path)


def checked_adapter(adapter_path: str | Path) -> Path:
    """The folder of a run's result; raises ModelUnusable unless it is an adapter or a whole model, in safetensors."""
    folder = Path(adapter_path).expanduser()
    if is_whole(folder):
        return Path(checked_model(folder))
    if not (folder / "adapter_config.json").is_file():
        raise ModelUnusable(
            f"{folder} holds no adapter_config.json, so it is not an adapter. Give the adapter folder of "
            "a finished training run."
        )
    if not (folder / WEIGHTS).is_file():
        raise ModelUnusable(
            f"{folder} holds no {WEIGHTS}. Pickled adapters (.bin) are not loaded, since they can run "
            "code; train again, or save it with safetensors."
        )
    return folder


def folder_digest(folder: Path) -> str:
    """SHA-256 over the names and contents of the files that make a model or adapter what it is."""
    digest = hashlib.sha256()
    for path in sorted({path for pattern in WHAT_COUNTS for path in folder.glob(pattern) if path.is_file()}):
        with path.open("rb") as file:
            digest.update(path.name.encode() + b"\0" + hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


def model_digest(source: str) -> str:
    """What tells this model from another: a folder's content, or a hub name with its commit."""
    if Path(source).is_dir():
        return folder_digest(Path(source))
    from transformers import AutoConfig

    return f"{source}@{getattr(AutoConfig.from_pretrained(source, trust_remote_code=False), '_commit_hash', None)}"


def load_tokenizer(source: str) -> Any:
    """The tokenizer, padding on the left; raises ModelUnusable without a chat template."""
    quiet_threads()
    from transformers import AutoTokenizer

    try:
        tokenizer = AutoTokenizer.from_pretrained(source, trust_remote_code=False, padding_side="left")
    except (OSError, ValueError) as error:
        raise ModelUnusable(f"the tokenizer of {source} cannot be loaded: {first_line(error)}") from error
    if not tokenizer.chat_template:
        raise ModelUnusable(
            f"{source} has no chat template, so it cannot be asked in conversations. Use an instruction "
            "(chat) model, or add a chat_template to its tokenizer."
        )
    if isinstance(tokenizer.chat_template, dict) and "default" not in tokenizer.chat_template:
        names = ", ".join(sorted(tokenizer.chat_template))
        raise ModelUnusable(
            f"{source} has several chat templates ({names}) and none of them is the default. Name one of them "
            '"default" in the folder of the model.'
        )
    if tokenizer.pad_token_id is None:  # any token will do: padding is never read
        tokenizer.pad_token = tokenizer.eos_token or tokenizer.convert_ids_to_tokens(0)
    return tokenizer


def load_weights(source: str, adapter: Path | None, precision: Precision) -> tuple[Any, str, str]:
    """(model ready to run, device, precision); with an adapter, a PeftModel whose adapter can be disabled.

    Where the run tuned every weight, the base network with both sets of weights at hand (see `whole`).
    """
    quiet_threads()
    import torch
    from transformers import AutoModelForCausalLM

    device, chosen = device_and_precision(precision)
    kind = torch.bfloat16 if chosen == "bf16" else torch.float32
    try:
        with no_bars():
            model = AutoModelForCausalLM.from_pretrained(
                source, dtype=kind, trust_remote_code=False, use_safetensors=True
            )
    except (OSError, ValueError, RuntimeError) as error:
        raise ModelUnusable(f"the model {source} cannot be loaded: {first_line(error)}") from error
    if adapter is not None and not is_whole(adapter):
        model = with_adapter(model, adapter, source)
    model = model.to(device).eval()
    if adapter is not None and is_whole(adapter):
        model = with_whole(model, adapter)
    return model, device, chosen


@contextmanager
def no_bars() -> Iterator[None]:
    """No progress bars of transformers meanwhile: a run reports by `report`, and bars garble its log."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()


def with_adapter(model: Any, adapter: Path, source: str) -> Any:
    """The model with the adapter put on, unmerged, so that switching it off gives back the base exactly."""
    from peft import PeftModel

    try:
        # By default the adapter would run in fp32 beside a bf16 base: twice as slow, and no closer to an fp32 run
        # (measured on a trained adapter: rows differ by at most .010 nats with it in bf16, .017 with it in fp32).
        return PeftModel.from_pretrained(model, str(adapter), is_trainable=False, autocast_adapter_dtype=False)
    except (OSError, ValueError, RuntimeError, KeyError, TypeError) as error:
        raise ModelUnusable(
            f"the adapter {adapter} does not fit the model {source}: {first_line(error)} Evaluate it with "
            "the model it was trained on."
        ) from error


def first_line(error: Exception) -> str:
    """The first line of a library's message, with a full stop."""
    lines = str(error).strip().splitlines()
    return (lines[0].rstrip(".") if lines else type(error).__name__) + "."
