"""What is asked of a judge and what it replies, whoever runs the model"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

Message = Mapping[str, str]


@dataclass(frozen=True)
class Ask:
    """One question to a judge.

    key: what tells it from every other question; the same question with another code has the same key. code: drawn for
    this call alone; it marks the fences, and a reply without it is none. schema: JSON schema of the reply.
    """

    key: str
    code: str
    messages: tuple[Message, ...]
    schema: Mapping[str, Any]

    @property
    def characters(self) -> int:
        """How much text is sent."""
        return sum(len(message["content"]) for message in self.messages)


@dataclass(frozen=True)
class Reply:
    """What a judge said. code: of the call that it answers; cut: it ran into the longest reply allowed.

    tokens_in, tokens_out: as the server counts them, estimated where it does not say. cost: in the currency of the
    prices given, 0 where none were.
    """

    text: str
    code: str = ""
    tokens_in: int = 0
    tokens_out: int = 0
    seconds: float = 0.0
    cut: bool = False
    cost: float = 0.0


Chat = Callable[[Ask], Reply]
"""Asks a model. Raises CallFailed when this one call failed, any other error when no further call would do better."""
