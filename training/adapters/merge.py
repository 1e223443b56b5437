"""The tuned model as one whole: base and adapter added up, for programs that load no adapters

Merged in 32 bit and rounded once at the end: added up in 16 bit, small changes of the adapter are lost in the rounding
of the weights (measured with a 135M model: validation loss .1432 unmerged and merged in 32 bit, .1443 rounded after).
A base in 4 bit is not merged: the adapter is added to the same base in full precision, as it is published.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from training.adapters.adapter import CARD, check_adapter
from training.adapters.whole import is_whole
from training.errors import ModelError, TrainingError
from training.methods import unpacked
from training.result import sync_folder

Precision = Literal["auto", "base", "fp32", "bf16", "fp16"]
Report = Callable[[float, str], None]
SHARD = "4GB"  # a file: what every file system and every hub takes
BYTES = {"fp32": 4, "bf16": 2, "fp16": 2}
# A model this small is left in 32 bit: rounding SmolLM2-135M to bf16 moved scores by up to .19 nats and changed the
# answer to one of six prompts; in 32 bit they moved by .00006 and no token changed (own measurement).
SMALL = 2 << 30


@contextmanager
def _quietly() -> Iterator[None]:
    """No progress bars, and nothing that libraries tell their developers, meanwhile: `report` tells how far it is."""
    from transformers.utils import logging as bars

    shown, quantiser = bars.is_progress_bar_enabled(), logging.getLogger("bitsandbytes")
    level = quantiser.level
    bars.disable_progress_bar()
    quantiser.setLevel(logging.ERROR)  # on a CPU it warns of a faster kernel that it did not fetch from the network
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", FutureWarning)  # of PEFT about transformers: nobody here can act on them
            yield
    finally:
        quantiser.setLevel(level)
        if shown:
            bars.enable_progress_bar()


@dataclass(frozen=True)
class Merged:
    """A whole model on disk: its folder, number of weights, number format, and size in bytes."""

    folder: Path
    parameters: int
    precision: str
    size: int


def merge(
    base: str | Path,
    adapter: Path,
    out: Path,
    *,
    precision: Precision = "auto",
    card: str | None = None,
    report: Report | None = None,
) -> Merged:
    """The base with the adapter added to its weights, as safetensors with tokenizer, chat template and card in `out`.

    adapter: a LoRA adapter of this base, or a whole model (of a full run), which is then only put in the precision.
    precision: of the file; "base" takes that of the base model's own file, "auto" 32 bit where that makes no more than
    2 GB, else the base's. `out` is written whole or not at all.
    Raises ModelError, BadAdapter, and TrainingError when the memory or the disk does not suffice.
    """
    import torch

    tell = report or (lambda done, line: None)
    if not is_whole(adapter):
        check_adapter(adapter)
    tell(0.05, f"loading {Path(str(base)).name} in 32 bit")
    model = tuned_model(base, adapter, merged=True)
    parameters = int(model.num_parameters())
    chosen: str = precision
    if precision == "auto":
        chosen = "fp32" if parameters * BYTES["fp32"] <= SMALL else "base"
    if chosen == "base":
        chosen = own_precision(str(adapter if is_whole(adapter) else base))
    tell(0.5, f"writing the merged model as {chosen}")
    model = model.to({"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16}[chosen])
    _check_room(out, parameters * BYTES[chosen])
    part = out.with_name(f".{out.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    part.mkdir(parents=True)
    try:
        with _quietly():
            model.save_pretrained(part, safe_serialization=True, max_shard_size=SHARD)
        _add_tokenizer(base, adapter, part)
        _clean(part, str(base))
        if card is not None:
            (part / CARD).write_text(card, "utf-8")
        put_in_place(part, out)
    except BaseException:
        shutil.rmtree(part, ignore_errors=True)
        raise
    size = sum(path.stat().st_size for path in out.iterdir())
    tell(1.0, f"{size / 1e6:.0f} MB written")
    return Merged(out, parameters, chosen, size)


@_quietly()
def tuned_model(base: str | Path, adapter: Path, *, merged: bool, bits: int = 32) -> Any:
    """The tuned model on the CPU for reading: adapter beside the base, or added up. bits: 32, 16 (bf16) or 4 (NF4).

    Raises ModelError for a base that cannot be loaded or that the adapter does not fit, and for sums that are no
    numbers.
    """
    import torch
    from peft import PeftModel
    from transformers import AutoModelForCausalLM

    options: dict[str, Any] = {"dtype": torch.bfloat16 if bits == 16 else torch.float32}
    if bits == 4:
        from transformers import BitsAndBytesConfig

        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type="nf4", bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.float32,
        )  # fmt: skip
    whole = is_whole(adapter)
    try:
        source = str(adapter if whole else base)
        model = AutoModelForCausalLM.from_pretrained(source, use_safetensors=True, trust_remote_code=False, **options)
        if whole:
            return model.eval()
        tuned = PeftModel.from_pretrained(model, str(adapter), is_trainable=False, autocast_adapter_dtype=False)
        return unpacked((tuned.merge_and_unload(safe_merge=True) if merged else tuned).eval())
    except MemoryError as short:
        raise TrainingError(
            "the memory does not suffice to load the model in 32 bit, which merging needs. Ship the adapter alone, or "
            "merge on a machine with 4 bytes of memory for each weight."
        ) from short
    except (OSError, ValueError, RuntimeError, KeyError) as problem:
        said = str(problem).strip().splitlines()[0]
        raise ModelError(f"{adapter} cannot be put on the base model {base}: {said}") from problem


def own_precision(model: str) -> str:
    """The number format of a model's own file, by its config; fp32 where it says none."""
    try:
        config = json.loads((Path(model) / "config.json").read_text("utf-8"))
    except (OSError, ValueError):
        from transformers import AutoConfig

        try:
            config = AutoConfig.from_pretrained(model, trust_remote_code=False).to_dict()
        except (OSError, ValueError):
            return "fp32"
    named = str(config.get("dtype") or config.get("torch_dtype") or "")
    return {"bfloat16": "bf16", "float16": "fp16"}.get(named.removeprefix("torch."), "fp32")


def put_in_place(part: Path, out: Path) -> None:
    """A folder under its name in one step, in place of what was there; all of its files are on the disk before."""
    for path in sorted(part.rglob("*")):
        if path.is_file():
            with path.open("rb") as file:
                os.fsync(file.fileno())
    if out.exists():
        shutil.rmtree(out)
    part.replace(out)
    sync_folder(out.parent)


def _add_tokenizer(base: str | Path, adapter: Path, part: Path) -> None:
    """Tokenizer with its chat template, and what the base says of generation."""
    from transformers import AutoTokenizer

    own = is_whole(adapter) and (adapter / "tokenizer_config.json").is_file()
    AutoTokenizer.from_pretrained(str(adapter if own else base), trust_remote_code=False).save_pretrained(part)


def _clean(part: Path, base: str) -> None:
    """No path of this machine in what is handed on."""
    for name in ("config.json", "tokenizer_config.json", "generation_config.json"):
        path = part / name
        if not path.is_file():
            continue
        facts = json.loads(path.read_text("utf-8"))
        kept = {key: value for key, value in facts.items() if key != "_name_or_path" and value != base}
        if kept != facts:
            path.write_text(json.dumps(kept, indent=2, ensure_ascii=False), "utf-8")


def _check_room(out: Path, size: int) -> None:
    """Raises TrainingError before the first byte is written where the disk cannot hold it."""
    there = next(folder for folder in (out.parent, *out.parents) if folder.exists())
    free = shutil.disk_usage(there).free
    if free < size * 1.05:
        raise TrainingError(
            f"the merged model needs {size / 1e9:.2f} GB in {there}, which has {free / 1e9:.2f} GB free. Make room, or "
            "ship to another folder."
        )
