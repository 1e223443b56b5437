"""Long jobs and training runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

JobState = Literal["waiting", "running", "done", "failed", "stopped", "lost"]


@dataclass(frozen=True)
class Job:
    """A long piece of work: one line in the store and one process on one host.

    beat: its last sign of life (while it waits: since when), in seconds since the epoch.
    """

    id: int
    kind: str
    settings: Mapping[str, Any]
    state: JobState
    done: float
    line: str
    result: Mapping[str, Any] | None
    error: str
    stop: bool
    host: str | None
    pid: int | None
    pid_created: float | None
    beat: float
    who: str
    created: str
    finished: str | None

    @property
    def over(self) -> bool:
        return self.state not in ("waiting", "running")


@dataclass(frozen=True)
class Run:
    """A training run. folder: runs/<id> in the store; result: what training reported, None while it has not."""

    id: int
    dataset: str
    version_id: int
    version: str
    golden_id: int
    golden: str
    job_id: int | None
    plan: Mapping[str, Any]
    result: Mapping[str, Any] | None
    who: str
    when: str
