"""Saved prompts of a dataset, and climbs of the prompt ladder."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Prompt:
    """One saved way to prompt; it never changes, a new text is the next number.

    name: what people call the text, "" for none. system: the text itself. examples_mode: "none", "random" or "similar";
    k: how many training rows are shown; seed: of the random draw. version_id: the version whose rows are the examples.
    parent: the number that it was made from, or None. origin: "person" or "search". measured: what the last climb
    measured: its id, the scores on held-out training rows ("held") and on golden rows ("dev").
    """

    id: int
    dataset_id: int
    dataset: str
    number: int
    name: str
    system: str
    examples_mode: str
    k: int
    seed: int
    version_id: int
    parent: int | None
    origin: str
    measured: Mapping[str, Any] = field(default_factory=dict)
    who: str = ""
    when: str = ""

    @property
    def title(self) -> str:
        """ "desk voice + 3 similar examples"; "zero-shot" where nothing is added."""
        shown = f"{self.k} {self.examples_mode} example{'s' * (self.k != 1)}" if self.k else ""
        return " + ".join(part for part in (self.name, shown) if part) or "zero-shot"

    @property
    def tokens(self) -> Mapping[str, Any] | None:
        """Prompt tokens of a question (mean, p95, most) as the last climb counted them, or None."""
        return self.measured.get("tokens")


@dataclass(frozen=True)
class Climb:
    """One climb of the prompt ladder. settings: fixed before the first answer; summary: None until it is finished."""

    id: int
    dataset: str
    version_id: int
    golden_id: int
    settings: Mapping[str, Any]
    summary: Mapping[str, Any] | None
    who: str
    when: str
