"""The expert's queue: rows to decide, and what people decided."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

QueueState = Literal["open", "closed"]
Action = Literal["keep", "edit", "fix", "drop", "skip", "undo", "tag", "flag"]
Kind = Literal["keep", "change", "drop", "flag"]
KINDS: dict[Action, Kind | None] = {
    "keep": "keep", "tag": "keep", "edit": "change", "fix": "change", "drop": "drop", "flag": "flag", "skip": None,
    "undo": None,
}  # fmt: skip


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
