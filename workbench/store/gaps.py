"""Gaps: failures on golden, as pieces of work on the training data."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Row, delete, insert, select, update

from workbench.errors import NotFound
from workbench.records import Gap
from workbench.store.store import Store, now
from workbench.store.tables import gap_rows, gaps


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
        line.diagnosis,
        line.policy,
    )


def replace_open(store: Store, evaluation_id: int, found: Sequence[Gap]) -> list[Gap]:
    """Writes the gaps of an evaluation in place of those nobody touched.

    What a person settled, wrote a policy or rows for stays as it is.
    """
    worked_on = {gap.id for gap in listed(store, evaluation_id) if gap.policy or rows_for(store, gap.id)}
    settled = {
        (gap.slice, gap.failure) for gap in listed(store, evaluation_id) if gap.state != "open" or gap.id in worked_on
    }
    lines = []
    for gap in found:
        if (gap.slice, gap.failure) not in settled:
            line = asdict(gap)
            del line["id"]
            line["golden_rows"], line["neighbours"] = list(gap.golden_rows), [dict(n) for n in gap.neighbours]
            lines.append(line)
    with store.write() as connection:
        connection.execute(
            delete(gaps).where(
                gaps.c.evaluation_id == evaluation_id, gaps.c.state == "open", gaps.c.id.not_in(worked_on)
            )
        )
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


def set_policy(store: Store, gap_id: int, policy: str) -> Gap:
    """Writes down what the right answer must say."""
    with store.write() as connection:
        connection.execute(update(gaps).where(gaps.c.id == gap_id).values(policy=policy))
    return get(store, gap_id)


def add_rows(connection: Connection, gap_id: int, row_ids: Sequence[str], version_id: int, who: str) -> None:
    """Remembers, inside an open write transaction, that rows of a version were written for a gap."""
    lines = [
        {"gap_id": gap_id, "row_id": row_id, "version_id": version_id, "who": who, "created": now()}
        for row_id in row_ids
    ]
    if lines:
        connection.execute(insert(gap_rows), lines)


def rows_for(store: Store, gap_id: int) -> list[str]:
    """The ids of the rows that were written for a gap, in the order they came."""
    query = select(gap_rows.c.row_id).where(gap_rows.c.gap_id == gap_id).order_by(gap_rows.c.id)
    with store.read() as connection:
        return [line.row_id for line in connection.execute(query)]


def settle(store: Store, gap_id: int, state: str, note: str = "") -> Gap:
    """Sets a gap to "open", "done" or "dismissed", with a note."""
    with store.write() as connection:
        connection.execute(update(gaps).where(gaps.c.id == gap_id).values(state=state, note=note))
    return get(store, gap_id)
