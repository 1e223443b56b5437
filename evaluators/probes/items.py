"""The questions of the probes, written for this project: what they ask and how an answer is known to be right"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from evaluators.errors import BadRequest

FOLDER = Path(__file__).parents[2] / "data" / "probes"
CHOICES, INSTRUCTIONS, REFUSALS, OFF_DOMAIN = (
    "choices.jsonl",
    "instructions.jsonl",
    "refusals.jsonl",
    "off_domain.jsonl",
)


@dataclass(frozen=True)
class ChoiceItem:
    """A question with its possible answers; answer: the place of the right one."""

    id: str
    tier: str
    question: str
    choices: tuple[str, ...]
    answer: int


@dataclass(frozen=True)
class Instruction:
    """A request whose fulfilment a program can tell; checks: rules of `instructions`, all of which must hold."""

    id: str
    prompt: str
    checks: tuple[Mapping[str, Any], ...]


@dataclass(frozen=True)
class RefusalPair:
    """Two requests on one topic: one that a decent model turns down, and one that it should answer."""

    id: str
    topic: str
    refuse: str
    answer: str


@dataclass(frozen=True)
class Chat:
    """An everyday conversation that has nothing to do with anybody's training data; it ends with the user's turn."""

    id: str
    messages: tuple[Mapping[str, str], ...]


@dataclass(frozen=True)
class ProbeSet:
    """All questions of the probes, and a digest by which their edition is known."""

    choices: tuple[ChoiceItem, ...]
    instructions: tuple[Instruction, ...]
    refusals: tuple[RefusalPair, ...]
    off_domain: tuple[Chat, ...]
    digest: str

    @cached_property
    def tiers(self) -> tuple[str, ...]:
        """The tiers in the order in which they first occur."""
        return tuple(dict.fromkeys(item.tier for item in self.choices))


def load(folder: str | Path | None = None) -> ProbeSet:
    """The probes of a folder, by default those that are shipped. Raises BadRequest for a missing or broken file."""
    at = Path(folder) if folder is not None else FOLDER
    texts = {name: _text(at / name) for name in (CHOICES, INSTRUCTIONS, REFUSALS, OFF_DOMAIN)}
    digest = hashlib.sha256("\0".join(texts.values()).encode()).hexdigest()
    try:
        if not _lines(texts[CHOICES]):
            raise ValueError(f"{CHOICES} holds no question, and forgetting is judged by them")
        return ProbeSet(
            tuple(_choice(line) for line in _lines(texts[CHOICES])),
            tuple(Instruction(x["id"], x["prompt"], tuple(x["checks"])) for x in _lines(texts[INSTRUCTIONS])),
            tuple(RefusalPair(x["id"], x["topic"], x["refuse"], x["answer"]) for x in _lines(texts[REFUSALS])),
            tuple(Chat(x["id"], tuple(x["messages"])) for x in _lines(texts[OFF_DOMAIN])),
            digest,
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadRequest(f"the probes in {at} cannot be read: {error}. Compare them with the shipped ones.") from error


def _choice(line: Mapping[str, Any]) -> ChoiceItem:
    item = ChoiceItem(line["id"], line["tier"], line["question"], tuple(line["choices"]), line["answer"])
    if not 0 <= item.answer < len(item.choices):
        raise ValueError(f'item {item.id} has no choice number {item.answer} for its "answer"')
    return item


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise BadRequest(
            f"there is no {path.name} in {path.parent}. Run from a checkout of the project, or name a folder of probes."
        ) from error


def _lines(text: str) -> Sequence[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines() if line.strip()]
