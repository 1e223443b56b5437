"""Ollama's Modelfile of a tuned model: from which weights, with which chat template, and where an answer ends

TEMPLATE stands in it only where it renders the same bytes as the model's own chat template (`go_template`). SYSTEM only
where every training row had the same system text: a model that learned under it is asked under it.
Source: Ollama's documentation of the Modelfile.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.shipping.go_template import NoGoTemplate, go_template, joints_of, stops_of

FENCE = '"""'  # a Modelfile's quotes around several lines; they cannot be escaped


@dataclass(frozen=True)
class Modelfile:
    """The file's text, and what somebody should know of it, one sentence each."""

    text: str
    notes: tuple[str, ...]


def modelfile(tokenizer: Any, *, source: str, adapter: str | None = None, system: str | None = None) -> Modelfile:
    """A Modelfile. source: the weights, a folder or a GGUF file; adapter: a LoRA adapter on them, as FROM takes them.

    Temperature 0, as the model was evaluated.
    """
    notes = []
    lines = [f"FROM {quoted(source)}", *([f"ADAPTER {quoted(adapter)}"] if adapter else [])]
    stops = [tokenizer.eos_token] if tokenizer.eos_token else []
    try:
        joints = joints_of(tokenizer)
    except NoGoTemplate as reason:
        notes.append(
            f"The Modelfile has no TEMPLATE, because {reason} Ollama then takes the one it knows for this family, "
            "which may render other bytes than the model was trained on; llama.cpp with --jinja uses the model's own."
        )
    else:
        stops = stops_of(joints, tokenizer)
        text = go_template(joints)
        if FENCE in text:
            notes.append("The Modelfile has no TEMPLATE: the chat template holds three quotes, which end it there.")
        else:
            lines.append(f"TEMPLATE {FENCE}{text}{FENCE}")
        if joints.trims:
            notes.append(
                "The model's chat template takes blanks off the ends of a text; Ollama's cannot. A question that "
                "begins or ends with a blank or a line break is rendered differently there."
            )
        if not joints.takes_system:
            notes.append("The chat template takes no system message, so Ollama's leaves it out, too.")
            system = None
    lines += [f"PARAMETER stop {quoted(stop)}" for stop in stops]
    lines.append("PARAMETER temperature 0")
    if system and FENCE in system:
        notes.append(
            "The system text of the training rows holds three quotes, which a Modelfile cannot: set it yourself."
        )
    elif system:
        lines.append(f"SYSTEM {FENCE}{system}{FENCE}")
    return Modelfile("\n".join(lines) + "\n", tuple(notes))


def common_system(conversations: Iterable[Sequence[Mapping[str, Any]]]) -> str | None:
    """The system text that every conversation begins with; None where one has none or another."""
    found = {
        talk[0]["content"] if talk and talk[0]["role"] == "system" else None for talk in conversations
    }  # fmt: skip
    return found.pop() if len(found) == 1 else None


def quoted(text: str) -> str:
    """A value of a Modelfile: in quotes where it holds a blank or a sign that means something there."""
    plain = all(sign.isalnum() or sign in "./-_:<>|[]~+=@" for sign in text)
    return text if plain and text else '"' + text.replace('"', "") + '"'
