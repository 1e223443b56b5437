"""Probe runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class ProbeRun:
    """The probes put to a training run: base and tuned model on the same questions.

    summary: what was found, as `actions.probe` wrote it (keys: see `evaluators.probes.findings`); None while it works.
    """

    id: int
    run_id: int
    job_id: int | None
    settings: Mapping[str, Any]
    summary: Mapping[str, Any] | None
    who: str
    when: str
