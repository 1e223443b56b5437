"""What the store remembers, as plain frozen values; no database object leaves the store."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

JobState = Literal["waiting", "running", "done", "failed", "stopped", "lost"]
Choice = Literal["a", "b", "tie", "bad", "skip", "undo"]
QueueState = Literal["open", "closed"]
Action = Literal["keep", "edit", "fix", "drop", "skip", "undo", "tag", "flag"]
Kind = Literal["keep", "change", "drop", "flag"]
KINDS: dict[Action, Kind | None] = {
    "keep": "keep", "tag": "keep", "edit": "change", "fix": "change", "drop": "drop", "flag": "flag", "skip": None,
    "undo": None,
}  # fmt: skip


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
    name: str = ""
    """What a person calls it, such as "before the summer sale"; once in a dataset."""
    note: str = ""

    @property
    def label(self) -> str:
        return f"{self.dataset}@{self.number}"


@dataclass(frozen=True)
class Branch:
    """A version in the tree. parent: the version that it changed, through every undo; stands: its change is in force.

    same_as: for an undo or a redo the version whose rows it brought back (it changed nothing itself and has no
    children), else None.
    """

    version: Version
    parent: int | None
    children: tuple[int, ...]
    stands: bool
    same_as: int | None = None


@dataclass(frozen=True)
class Ruling:
    """Somebody's word that what a check says of a row is not a problem; it holds for this text, in every version."""

    id: int
    dataset: str
    check: str
    text_digest: str
    row_id: str
    reason: str
    who: str
    when: str


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
    ruled: int = 0
    """Rows past the limit that a person ruled not to be a problem; they are not among the flagged."""


@dataclass(frozen=True)
class Queue:
    """Rows of one version for people to decide. overlap: how many people see a row drawn for overlap.

    closed_as: the label of the version that its decisions made, None where none did.
    """

    id: int
    name: str
    dataset: str
    version: str
    size: int
    overlap: int
    overlap_share: float
    lease_minutes: float
    guidelines: str
    state: QueueState
    who: str
    when: str
    where: str = ""
    closed_as: str | None = None


@dataclass(frozen=True)
class Decision:
    """What one person decided on one row. messages, tags: its new ones, None where they stay as they are.

    settles: it counts in place of what the others decided. state: "late" is a decision that came after somebody else's
    and does not count, but is kept.
    """

    row_id: str
    who: str
    action: Action
    messages: tuple[Mapping[str, Any], ...] | None
    fix: str
    tags: tuple[str, ...] | None
    note: str
    settles: bool
    when: str
    state: Literal["stands", "replaced", "undone", "late"] = "stands"

    @property
    def kind(self) -> Kind | None:
        """What becomes of the row: "keep", "change", "drop" or "flag"; None for a skip, which decides nothing."""
        return KINDS[self.action]


@dataclass(frozen=True)
class Item:
    """One row of a queue in front of one person.

    place: of `of`, from 1. flags: (check, note, spans), as found when the queue was opened. leased_until: seconds since
    the epoch by the store's clock, None where it is looked at without a lease. mine: what this person decided before.
    """

    queue_id: int
    row_id: str
    place: int
    of: int
    messages: tuple[Mapping[str, Any], ...]
    tags: tuple[str, ...]
    flags: tuple[tuple[str, str, tuple[tuple[int, int, int], ...]], ...]
    leased_until: float | None
    mine: Decision | None


@dataclass(frozen=True)
class Progress:
    """How far a queue is. done: rows that need nobody any more; mine: rows that each person decided, by name.

    leased: rows that each person holds now; per_hour: decisions in the last hour. given_back: the row that an undo
    reopened, "" otherwise.
    """

    done: int
    total: int
    mine: Mapping[str, int]
    leased: Mapping[str, int]
    per_hour: float
    given_back: str = ""


@dataclass(frozen=True)
class Agreement:
    """How far people agree on what becomes of a row (keep, change, drop, flag), over rows that two or more decided.

    percent: 0 to 100, None without such rows; krippendorff_alpha: 1 is perfect, 0 is chance, None where it is not
    defined (no such rows, or everybody always said the same). pairs: (one, other) -> (rows, percent).
    """

    rows: int
    percent: float | None
    krippendorff_alpha: float | None
    pairs: Mapping[tuple[str, str], tuple[int, float]]
    same_text: int = 0
    both_changed: int = 0
    """Of the pairs in which both changed the row, in how many they wrote the same."""


@dataclass(frozen=True)
class Disagreement:
    """A row on which people decided differently: as it was, and the decisions in the order they came in."""

    row_id: str
    place: int
    messages: tuple[Mapping[str, Any], ...]
    decisions: tuple[Decision, ...]


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
