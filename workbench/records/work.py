"""Long jobs, training runs, and studies of several runs."""

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
    """A training run; its files lie in runs/<id> of the store.

    result: what training reported, None while it has not. stage: "sft", or "dpo" for a second stage on the adapter of
    the run parent_id. arm: what the study study_id wanted of this run. predicted: the plan card as it stood before the
    first step. provenance: from what and with what it was made (`training.run.provenance`).
    """

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
    stage: str = "sft"
    parent_id: int | None = None
    study_id: int | None = None
    arm: Mapping[str, Any] | None = None
    predicted: Mapping[str, Any] | None = None
    provenance: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class Study:
    """Several runs that answer one question. settings: what was decided before the first; result: None while it works.

    kind: "data" (is more data worth it), "rows" (clean rows against all), "duel" (two bases), "sweep", "rebase".
    """

    id: int
    dataset: str
    kind: str
    job_id: int | None
    settings: Mapping[str, Any]
    result: Mapping[str, Any] | None
    who: str
    when: str
