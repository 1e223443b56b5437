"""Golden sets: their parts, how one came from another, who looked at the sealed rows, and who signed rows off."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypedDict

Part = Literal["dev", "sealed", "calibration"]
PARTS: tuple[Part, ...] = ("dev", "sealed", "calibration")
Said = Literal["signed", "objected", "read"]
SignState = Literal["unsigned", "signed", "objected"]
LOOKS = 5  # at a sealed part before it should be refreshed; notes: the best of 5 no-effect changes gains 6 points


class Erratum(TypedDict):
    """What was put right in a golden row. was: digest of the text before; reason: why it was wrong; who: the editor."""

    was: str
    reason: str
    who: str


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
    parts: Mapping[str, Part] = field(default_factory=dict)
    """Row id -> its part; empty for sets frozen before there were parts, which are "dev" as a whole."""
    budget: int = LOOKS
    """How many looks at the sealed rows this set allows."""
    change: Mapping[str, Any] = field(default_factory=dict)
    """How it came from the set before: "verb" (freeze, edit, refresh), "reason", "edited" (row id -> Erratum),
    "retired" (row ids that went to training), "fresh" (row ids that came)."""

    @property
    def label(self) -> str:
        return f"{self.dataset} golden {self.number}"

    def part_of(self, row_id: str) -> Part:
        """The part that a row of this set is in."""
        return self.parts.get(row_id, "dev")

    def ids(self, *parts: Part) -> tuple[str, ...]:
        """The ids of the rows in the parts named (of all rows where none is), in order."""
        return tuple(sorted(one for one in self.groups if not parts or self.part_of(one) in parts))


@dataclass(frozen=True)
class Look:
    """One evaluation of the sealed part, counted before its first answer.

    number: the how-manieth look at these sealed rows, from 1; budget: how many there may be. over: it came after the
    budget was spent, with a signed reason. primary, mean, per_row, improved: what the look found, None until it is
    finished; per_row holds a number per sealed row and no text.
    """

    id: int
    golden_id: int
    evaluation_id: int
    number: int
    budget: int
    over: bool
    why: str
    who: str
    when: str
    primary: str | None = None
    mean: float | None = None
    per_row: Mapping[str, float] | None = None
    improved: bool | None = None
    finished: str | None = None


@dataclass(frozen=True)
class Signature:
    """What a person said of one golden row in one wording: signed off, objected to, or (sealed rows) read."""

    id: int
    golden_id: int
    row_id: str
    text_digest: str
    said: Said
    note: str
    who: str
    when: str


@dataclass(frozen=True)
class RowState:
    """Where a golden row stands. by: who signed it off or objected last; readers: who read it while it was sealed."""

    row_id: str
    part: Part
    state: SignState
    by: str
    note: str
    froze: str
    edited_by: str
    readers: tuple[str, ...]
