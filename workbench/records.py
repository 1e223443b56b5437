"""What the store remembers, as plain frozen values; no database object leaves the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

JobState = Literal["waiting", "running", "done", "failed", "stopped", "lost"]
Choice = Literal["a", "b", "tie", "bad", "skip", "undo"]


@dataclass(frozen=True)
class Change:
    """How a version came about. counts: rows "added", "removed" and "changed" against its parent.

    restores: the number of the version whose rows an undo brought back, else None.
    """

    who: str
    when: str
    verb: str
    settings: Mapping[str, Any]
    why: str
    counts: Mapping[str, int]
    restores: int | None = None


@dataclass(frozen=True)
class Version:
    """One unchanging state of a dataset. digest names its rows file; parent is the number before it, or None."""

    id: int
    dataset_id: int
    dataset: str
    number: int
    digest: str
    parent: int | None
    size: int
    change: Change

    @property
    def label(self) -> str:
        return f"{self.dataset}@{self.number}"


@dataclass(frozen=True)
class Golden:
    """A frozen golden set: its rows live in `rows/<digest>.parquet`, and `digest` is its lock."""

    id: int
    dataset_id: int
    dataset: str
    number: int
    drawn_from: int
    digest: str
    size: int
    share: float
    seed: int
    strata: Mapping[str, Any]
    groups: Mapping[str, int]
    who: str
    when: str

    @property
    def label(self) -> str:
        return f"{self.dataset} golden {self.number}"


@dataclass(frozen=True)
class CheckRun:
    """One check measured on one version. flagged: rows past the limit; not_run: the reason, "" when it ran."""

    version_id: int
    check: str
    family: str
    severity: str
    edition: int
    knobs: Mapping[str, Any]
    limit: float | None
    side: str
    flagged: int
    not_run: str
    seconds: float
    measured: int
    """How many rows have a measure; the others drew no opinion."""


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
