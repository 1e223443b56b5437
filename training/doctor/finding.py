"""One thing that a run's curves show"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "not a number",
    "diverging",
    "rises",
    "rate too high",
    "rate too low",
    "does not fall",
    "order",
    "overfitting",
    "recites",
    "by heart",
    "no gain",
    "too few steps",
    "rows alike",
    "always clipped",
    "jump",
    "unfinished",
]


@dataclass(frozen=True)
class Finding:
    """What was seen, from which step on, the figures it rests on, and what to do."""

    kind: Kind
    severity: Literal["error", "warning", "hint"]
    step: int
    seen: str
    advice: str
    evidence: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        """What was seen and what to do, in one paragraph."""
        return f"{self.seen} {self.advice}"
