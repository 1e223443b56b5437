"""Gaps: failures on golden, as pieces of work on the training data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Row, delete, insert, select, update

from workbench.errors import NotFound
from workbench.records import Gap
from workbench.store.store import Store
from workbench.store.tables import gaps


def _gap(line: Row[Any]) -> Gap:
    return Gap(
        line.id,
        line.evaluation_id,
        line.slice,
        line.failure,
        line.cause,
        line.action,
        tuple(line.golden_rows),
        tuple(line.neighbours),
        line.state,
        line.note,
        line.evidence,
    )


def replace_open(store: Store, evaluation_id: int, found: Sequence[Gap]) -> list[Gap]:
    """Writes the gaps of an evaluation in place of those still open; what a person settled stays as it is."""
    settled = {(gap.slice, gap.failure) for gap in listed(store, evaluation_id) if gap.state != "open"}
    lines = []
    for gap in found:
        if (gap.slice, gap.failure) not in settled:
            line = asdict(gap)
            del line["id"]
            line["golden_rows"], line["neighbours"] = list(gap.golden_rows), [dict(n) for n in gap.neighbours]
            lines.append(line)
    with store.write() as connection:
        connection.execute(delete(gaps).where(gaps.c.evaluation_id == evaluation_id, gaps.c.state == "open"))
        if lines:
            connection.execute(insert(gaps), lines)
    return listed(store, evaluation_id)


def listed(store: Store, evaluation_id: int | None = None, state: str | None = None) -> list[Gap]:
    """Gaps in the order they were found; of one evaluation or in one state where named."""
    query = select(gaps).order_by(gaps.c.id)
    if evaluation_id is not None:
        query = query.where(gaps.c.evaluation_id == evaluation_id)
    if state is not None:
        query = query.where(gaps.c.state == state)
    with store.read() as connection:
        return [_gap(line) for line in connection.execute(query)]


def get(store: Store, gap_id: int) -> Gap:
    """The gap with that id. Raises NotFound."""
    with store.read() as connection:
        line = connection.execute(select(gaps).where(gaps.c.id == gap_id)).first()
    if line is None:
        raise NotFound(f"There is no gap {gap_id}.")
    return _gap(line)


def settle(store: Store, gap_id: int, state: str, note: str = "") -> Gap:
    """Sets a gap to "open", "done" or "dismissed", with a note."""
    with store.write() as connection:
        connection.execute(update(gaps).where(gaps.c.id == gap_id).values(state=state, note=note))
    return get(store, gap_id)
