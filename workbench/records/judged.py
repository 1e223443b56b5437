"""Evaluations, blind votes and gaps."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Choice = Literal["a", "b", "tie", "bad", "skip", "undo"]


@dataclass(frozen=True)
class Evaluation:
    """Three arms on the same golden rows. summary: comparisons, slices and verdict as `actions.evaluate` wrote them."""

    id: int
    run_id: int
    golden_id: int
    golden: str
    settings: Mapping[str, Any]
    summary: Mapping[str, Any] | None
    who: str
    when: str


@dataclass(frozen=True)
class Answer:
    """What one arm said to one golden row. scores: scorer name -> value or None; notes: scorer name -> words."""

    row_id: str
    arm: str
    output: str
    measured: Mapping[str, float]
    scores: Mapping[str, float | None]
    notes: Mapping[str, str]


@dataclass(frozen=True)
class Round:
    """A round of blind rating of two arms of an evaluation; the arms are secret until it is closed."""

    id: int
    evaluation_id: int
    arms: tuple[str, str]
    seed: int
    closed: bool
    when: str


@dataclass(frozen=True)
class Vote:
    """One choice of one rater. left: the arm that stood on side A, as stored with the vote."""

    round_id: int
    rater: str
    row_id: str
    left: str
    choice: Choice
    reason: str
    milliseconds: int
    when: str


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
