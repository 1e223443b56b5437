"""What several people's decisions on one row come to, and which rows they differ on."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.records import Decision


@dataclass(frozen=True)
class Outcome:
    """The decisions that count on one row, oldest first, and what they come to: None where people differ."""

    row_id: str
    said: tuple[Decision, ...]
    decision: Decision | None


def outcomes(said: Iterable[Decision], *, late: bool = False) -> dict[str, Outcome]:
    """Row id -> what its decisions come to; rows that were only skipped are absent.

    What somebody settled counts; else what all make of the row, when they make the same of it. late: decisions that
    came after somebody else's are weighed too, to show where people differ.
    """
    by_row: dict[str, list[Decision]] = {}
    for one in said:
        if one.kind is not None and (one.state == "stands" or (late and one.state == "late")):
            by_row.setdefault(one.row_id, []).append(one)
    return {row_id: Outcome(row_id, tuple(of_row), _come_to(of_row)) for row_id, of_row in by_row.items()}


def makes(one: Decision) -> tuple[Any, ...]:
    """What a decision makes of the row's text, so that two that make the same compare equal."""
    text = None if one.messages is None else tuple((m["role"], m["content"], m.get("more")) for m in one.messages)
    return one.kind, text


def _come_to(said: Sequence[Decision]) -> Decision | None:
    if len(said) == 1:
        return said[0]
    settled = [one for one in said if one.settles]
    if settled:
        return settled[-1]
    tags = {tuple(sorted(one.tags)) for one in said if one.tags is not None}
    if len({makes(one) for one in said}) > 1 or len(tags) > 1:
        return None
    # who left the tags alone does not object to the tags that somebody else set
    return replace(said[-1], tags=next((one.tags for one in said if one.tags is not None), None))
