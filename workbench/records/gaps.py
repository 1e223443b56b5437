"""Gaps in the training data, and what people noted on failed answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal


@dataclass(frozen=True)
class Gap:
    """A failed kind of golden rows, its likely cause, the nearest training rows and the proposed action."""

    id: int
    evaluation_id: int
    slice: str
    failure: str
    cause: str
    action: str
    golden_rows: tuple[str, ...]
    neighbours: tuple[Mapping[str, Any], ...]
    state: Literal["open", "done", "dismissed"]
    note: str = ""
    evidence: Mapping[str, Any] = field(default_factory=dict)
    diagnosis: str = ""
    """One of `workbench.diagnosis.causes.DIAGNOSES`; "" in gaps found before there were any."""
    policy: str = ""
    """What the right answer must say, in the words of whoever owns the policy; never the golden reply."""


@dataclass(frozen=True)
class FailureNote:
    """What somebody wrote on the first thing wrong with an answer. kind: its group, "" until it has one."""

    id: int
    evaluation_id: int
    row_id: str
    note: str
    kind: str
    who: str
    when: str
