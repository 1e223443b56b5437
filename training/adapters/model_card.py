"""The model card of an adapter: what model hubs and people read before they use it

The head is YAML as Hugging Face reads it. The sections stand in the order of Mitchell et al. 2019, "Model Cards for
Model Reporting", arXiv 1810.03993: details, intended use, out of scope, data, evaluation, caveats. What nobody has
stated or measured is said to be unknown; a metric stands in the head only where it was measured.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.plan import TrainingPlan

HUB_NAME = re.compile(r"[\w.-]+/[\w.-]+")
KNOWN_LICENCES = {  # identifiers that the hub knows; any other is "other" with its name beside it
    "apache-2.0", "mit", "bsd-2-clause", "bsd-3-clause", "cc0-1.0", "cc-by-4.0", "cc-by-sa-4.0", "cc-by-nc-4.0",
    "cc-by-nc-sa-4.0", "gpl-3.0", "lgpl-3.0", "agpl-3.0", "mpl-2.0", "openrail", "gemma", "llama2", "llama3",
    "llama3.1", "llama3.2", "unlicense", "odbl", "cdla-permissive-2.0",
}  # fmt: skip
ADAPTER_KNOBS = ("rank", "alpha", "dropout")  # of an adapter only: say nothing where every weight was tuned
SECOND_STAGE = "Second stage"  # the fact that a run of preferences states of itself (`training.pairs`)
UNKNOWN_USE = "Whoever trained it has not stated what it is for. Until they do, take it for an experiment."
UNKNOWN_SCOPE = "Not stated. It saw no data beyond those below, and nothing says how it does elsewhere."
UNKNOWN_EVALUATION = "It was not evaluated when this card was written; the losses below only say when to stop training."
ON_REPLIES = "Trained with Goldloop on the assistant's turns of a set of conversations."
ON_PAIRS = (
    "Trained with Goldloop in two stages: on the assistant's turns of a set of conversations, then on pairs of\n"
    "replies of which people preferred one (DPO). Rows, losses and knobs below are of the second stage."
)
LOSS_OF_REPLIES = (
    "Losses are nats per trained token. The validation rows are a part of the training data: they say when to\n"
    "stop, not how good the model is."
)
LOSS_OF_PAIRS = (
    "Losses are nats per pair, ln 2 = .6931 where nothing has moved from the first stage. The pairs held out say when\n"
    "to stop, not how good the model is."
)
CAVEATS = "A fine-tuned model states wrong things as fluently as right ones. Have people check what matters."


@dataclass(frozen=True)
class Measured:
    """One figure for the head: of which metric, on which data, as a number."""

    metric: str
    title: str
    value: float
    dataset: str


@dataclass(frozen=True)
class CardText:
    """What is known beyond the training run; every part may be empty, and then the card says so. Markdown."""

    name: str = ""
    languages: Sequence[str] = ()
    intended_use: str = ""
    out_of_scope: str = ""
    data: str = ""
    evaluation: str = ""
    caveats: str = ""
    measured: Sequence[Measured] = ()
    tags: Sequence[str] = field(default=())


def model_card(
    plan: TrainingPlan, base: str, licence: str | None, data_digest: str, facts: Mapping[str, Any],
    text: CardText | None = None,
) -> str:  # fmt: skip
    """The card as Markdown with its YAML head. facts: what the run reported; text: what is known beyond it.

    base: a folder or a hub name; no path of the machine stands in the card.
    """
    told = text or CardText()
    whole = plan.method == "full"
    second = SECOND_STAGE in facts
    shown = Path(base).name if Path(base).is_absolute() or Path(base).is_dir() else base
    hub = hub_name(base)
    own_name = f"{shown}, every weight tuned" if whole else f"LoRA adapter for {shown}"
    knobs = "\n".join(
        f"| {field_.title} | `{name}` | {shown if name == 'model' else getattr(plan, name)} |"
        for name, field_ in type(plan).model_fields.items()
        if not (whole and name in ADAPTER_KNOBS)
    )
    result = "\n".join(f"| {name} | {value} |" for name, value in facts.items())
    return "\n".join([
        *_head(told, hub, licence, plan, "dpo" if second else "sft"), "", f"# {one_line(told.name) or own_name}", "",
        ON_PAIRS if second else ON_REPLIES, "",
        f"- Base model: `{hub or shown}`" + (f" ({licence})" if licence else " (its licence also binds this one)"),
        *([f"- Its weights as trained on: {one_line(origin(base))}"] if origin(base) else []),
        f"- Training {'pairs' if second else 'rows'}: SHA-256 `{data_digest}`", "",
        "## Intended use", "", told.intended_use or UNKNOWN_USE, "",
        "## Out of scope", "", told.out_of_scope or UNKNOWN_SCOPE, "",
        "## Training data", "",
        told.data or f"Rows with SHA-256 `{data_digest}`; nothing else is known of them here.", "",
        "## Evaluation", "", told.evaluation or UNKNOWN_EVALUATION, "",
        "## Caveats", "", told.caveats or CAVEATS, "",
        "## Training run", "", "| | |", "|---|---|", result, "",
        LOSS_OF_PAIRS if second else LOSS_OF_REPLIES, "",
        "| Knob | Name | Value |", "|---|---|---|", knobs, "",
        "## Use", "", "```python", *_use(hub or shown, whole), "```", "",
    ])  # fmt: skip


def _use(base: str, whole: bool) -> list[str]:
    """How to load it, in Python."""
    if whole:
        return [
            "from transformers import AutoModelForCausalLM, AutoTokenizer", "",
            'model = AutoModelForCausalLM.from_pretrained("this folder")',
            'tokenizer = AutoTokenizer.from_pretrained("this folder")',
        ]  # fmt: skip
    return [
        "from peft import PeftModel", "from transformers import AutoModelForCausalLM, AutoTokenizer", "",
        f'base = AutoModelForCausalLM.from_pretrained("{base}")',
        'model = PeftModel.from_pretrained(base, "this folder")',
        f'tokenizer = AutoTokenizer.from_pretrained("{base}")',
    ]  # fmt: skip


def hub_name(base: str) -> str | None:
    """owner/name of a base model on a hub: the name given, or what its folder says it came from; None where neither."""
    if not Path(base).is_dir():
        return base if HUB_NAME.fullmatch(base) and not base.startswith((".", "/")) else None
    found = HUB_NAME.match(origin(base))
    return found.group() if found else None


def origin(base: str) -> str:
    """Where a base model's folder says it came from; "" where it says nothing."""
    try:
        return str(json.loads((Path(base) / "model.json").read_text("utf-8"))["origin"])
    except (OSError, ValueError, KeyError, TypeError):
        return ""


def licence_lines(licence: str | None) -> list[str]:
    """The lines of the head for a licence; none where it is not known."""
    if not licence:
        return []
    plain = licence.strip().lower().replace(" ", "-")
    return [f"license: {plain}"] if plain in KNOWN_LICENCES else ["license: other", f"license_name: {quoted(licence)}"]


def _head(told: CardText, hub: str | None, licence: str | None, plan: TrainingPlan, stage: str) -> list[str]:
    whole = plan.method == "full"
    kind = ["full-fine-tuning"] if whole else ["lora"] if plan.method == "lora" else ["lora", plan.method]
    kind += ["qlora"] if plan.quantization == "4bit" and not whole else []
    head = ["---", f"library_name: {'transformers' if whole else 'peft'}", "pipeline_tag: text-generation"]
    head += [f"base_model: {hub}", f"base_model_relation: {'finetune' if whole else 'adapter'}"] if hub else []
    head += licence_lines(licence)
    if told.languages:
        head += ["language:", *(f"- {quoted(one)}" for one in told.languages)]
    head += ["tags:", *(f"- {one}" for one in (*kind, stage, "goldloop")), *(f"- {quoted(one)}" for one in told.tags)]
    if told.measured:
        head += ["model-index:", f"- name: {quoted(told.name or 'adapter')}", "  results:"]
        for dataset in dict.fromkeys(one.dataset for one in told.measured):
            head += [
                "  - task:", "      type: text-generation", "    dataset:", f"      name: {quoted(dataset)}",
                f"      type: {quoted(slug(dataset))}", "    metrics:",
            ]  # fmt: skip
            for one in told.measured:
                if one.dataset == dataset:
                    head += [f"    - type: {quoted(one.metric)}", f"      name: {quoted(one.title)}",
                             f"      value: {one.value:.4f}"]  # fmt: skip
    return [*head, "---"]


def quoted(text: str) -> str:
    """A text in YAML's double quotes, on one line."""
    kept = "".join(sign if sign.isprintable() else " " for sign in text)[:200]
    return '"' + kept.replace("\\", "\\\\").replace('"', '\\"') + '"'


def one_line(text: str) -> str:
    """A name on one line of Markdown, with nothing in it that Markdown would act on."""
    kept = "".join(sign if sign.isprintable() else " " for sign in text)[:300]
    return "".join("\\" + sign if sign in "\\`*_[]<>|#!" else sign for sign in kept)


def slug(text: str) -> str:
    """A name as an identifier."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-") or "data"


def stated(card: str, section: str) -> str:
    """What somebody wrote under a section of a card; "" where it holds only this file's own words."""
    found = re.search(rf"^## {re.escape(section)}\n+(.*?)(?=^## |\Z)", card, re.MULTILINE | re.DOTALL)
    text = found.group(1).strip() if found else ""
    return "" if text in (UNKNOWN_USE, UNKNOWN_SCOPE, CAVEATS) else text
