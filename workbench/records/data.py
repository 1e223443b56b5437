"""Versions of a dataset, what was found in them, and what people ruled."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


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
