"""Evaluations and what the arms answered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


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
