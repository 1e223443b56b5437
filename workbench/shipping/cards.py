"""What a shipment says of itself: cards without golden texts, the adapter without paths of this computer"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from training.adapters.adapter import ABOUT, CARD, CONFIG, WEIGHTS
from training.adapters.model_card import hub_name, origin
from training.adapters.whole import model_files
from workbench.errors import Refused
from workbench.records import Golden
from workbench.store import Store, goldens

SHORTEST = 24  # signs of a golden text looked for; shorter ones ("yes", "Thank you!") stand anywhere


def portable_base(base: str) -> str:
    """How to name a base model to somebody else: its hub name, or the last part of its path."""
    return hub_name(base) or Path(base).name


def origin_of(base: str) -> str:
    """Where the weights came from, as their folder says it; "" where it says nothing."""
    return origin(base)


def copy_adapter(source: Path, target: Path, base: str) -> None:
    """An adapter's files in `target` (absent), the base named as others know it."""
    target.mkdir(parents=True)
    for name in (WEIGHTS, CARD):
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)
    config = json.loads((source / CONFIG).read_text("utf-8"))
    config["base_model_name_or_path"] = portable_base(base)
    (target / CONFIG).write_text(json.dumps(config, indent=2), "utf-8")
    _copy_about(source, target, base)


def copy_whole(source: Path, target: Path, base: str) -> None:
    """A whole model's files in `target` (absent)."""
    target.mkdir(parents=True)
    for name in (*model_files(source), CARD):
        if (source / name).is_file():
            shutil.copyfile(source / name, target / name)
    _copy_about(source, target, base)


def _copy_about(source: Path, target: Path, base: str) -> None:
    if (source / ABOUT).is_file():
        about = json.loads((source / ABOUT).read_text("utf-8"))
        about["base"] = portable_base(base)
        about.get("plan", {})["model"] = portable_base(base)
        (target / ABOUT).write_text(json.dumps(about, indent=2), "utf-8")


def card_of_merged(card: str, precision: str, *, whole: bool = False, learned_in_4bit: bool = False) -> str:
    """The run's card as that of the merged model: what it is, and how it is loaded.

    whole: every weight was tuned, so nothing was added up. learned_in_4bit: the adapter never met this base.
    """
    card = card.replace("library_name: peft", "library_name: transformers", 1)
    card = card.replace("base_model_relation: adapter", "base_model_relation: finetune", 1)
    card = card.replace("# LoRA adapter for", "# Merged from a LoRA adapter:", 1)
    use = (
        "## Use\n\n```python\nfrom transformers import AutoModelForCausalLM, AutoTokenizer\n\n"
        'model = AutoModelForCausalLM.from_pretrained("this folder")\n'
        'tokenizer = AutoTokenizer.from_pretrained("this folder")\n```\n\n'
        f"{_made(precision, whole)}\n"
    )
    if learned_in_4bit:
        use += (
            "\nThe adapter was learned on this base in 4 bit. Here it is added to the base as it is published, not to "
            "the 4 bit one put back into numbers: answers and losses may differ from those of the training.\n"
        )
    before, found, _ = card.partition("## Use\n")
    return before + use if found else f"{card.rstrip()}\n\n{use}"


def _made(precision: str, whole: bool) -> str:
    if whole:
        return f"Every weight was tuned: these are the run's own weights, written as {precision}."
    if precision == "fp32":
        return "The adapter was added to the base model in 32 bit, and nothing was rounded after."
    return f"The adapter was added to the base model in 32 bit and the sum rounded once, to {precision}."


def refuse_golden_texts(store: Store, dataset: str, folder: Path) -> None:
    """Raises Refused when a text file of a shipment holds a text of a golden row; such a row is never told."""
    texts = [path for path in folder.rglob("*") if path.suffix in (".md", ".txt") or path.name == "Modelfile"]
    told = {path: _squeezed(path.read_text("utf-8", "replace")) for path in texts if path.is_file()}
    for golden in goldens.listed(store, dataset)[-1:]:
        for text in _golden_texts(store, golden):
            held = next((path for path, said in told.items() if text in said), None)
            if held is not None:
                raise Refused(
                    f"{held.relative_to(folder)} holds the text of a row of {golden.label}, so it is not shipped: "
                    "golden rows never leave the store. Take it out of the run's card, then ship again."
                )


def _golden_texts(store: Store, golden: Golden) -> Sequence[str]:
    rows = goldens.barred(store, golden)
    said: list[str] = []
    for turns in rows.messages:
        said += [_squeezed(turn["content"] or "") for turn in turns if turn["role"] != "system"]
    return [text for text in dict.fromkeys(said) if len(text) >= SHORTEST]


def _squeezed(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


def facts_of(folder: Path) -> dict[str, Any]:
    """What the run wrote beside its adapter; empty where it is not readable."""
    try:
        return dict(json.loads((folder / ABOUT).read_text("utf-8")))
    except (OSError, ValueError):
        return {}
