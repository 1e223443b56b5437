"""Leases: a row is in front of one person at a time, for some minutes by the database's own clock."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, exists, func, insert, literal_column, select, update

from workbench.records import Queue
from workbench.store.queues import Place, place_of
from workbench.store.store import Store, clock
from workbench.store.tables import decisions, leases, queue_people, queue_rows

MINUTE = 60.0  # seconds
TO_DO = queue_rows.c.missing > literal_column("0")  # as written, not as a parameter: else the index is not used
TRIES = 50  # rows that were taken between looking and locking, one after the other, before "nothing" is said


def lease_next(store: Store, queue: Queue, who: str, have: Sequence[str] = ()) -> tuple[Place, float] | None:
    """Leases the next row that still needs this person, and says until when; None where there is none now.

    Rows that the person holds already come first (the page was loaded again), then those after the row decided last,
    then what others left behind. have: row ids that the person's browser holds.
    """
    with store.write() as connection:
        time = clock(connection)
        passed_over = list(have)
        for _ in range(TRIES):
            found = _next(connection, queue.id, who, time, passed_over)
            if found is None:
                return None
            # On PostgreSQL another person may have leased it between the search and the lock: look again, now that it
            # is locked. SQLite has one writer, so that the second look finds what the first did.
            if _others(connection, found.id, who, time) < found.missing:
                return found, _hold(connection, queue, found.id, who, time)
            passed_over.append(found.row_id)
    return None


def _next(connection: Connection, queue_id: int, who: str, time: float, have: Sequence[str]) -> Place | None:
    held_by_others = (
        select(func.count())
        .where(leases.c.queue_row_id == queue_rows.c.id, leases.c.until > time, leases.c.who != who)
        .scalar_subquery()
    )
    decided = exists().where(
        decisions.c.queue_row_id == queue_rows.c.id, decisions.c.who == who, decisions.c.state == "stands"
    )
    open_rows = (
        select(queue_rows)
        .where(queue_rows.c.queue_id == queue_id, TO_DO, queue_rows.c.row_id.not_in(have), ~decided)
        .order_by(queue_rows.c.place)
        .limit(1)
    )
    # asked apart: joined, SQLite goes through all open rows in order of place (46 ms of 100,000) to sort one
    held = connection.scalars(
        select(leases.c.queue_row_id).where(leases.c.queue_id == queue_id, leases.c.who == who, leases.c.until > time)
    ).all()
    own = open_rows.where(queue_rows.c.id.in_(held))
    free = open_rows.where(queue_rows.c.missing > held_by_others)
    last = connection.scalar(
        select(queue_people.c.place).where(queue_people.c.queue_id == queue_id, queue_people.c.who == who)
    )
    for query in (*([own] if held else []), free.where(queue_rows.c.place > (last or 0)), free):
        line = connection.execute(query.with_for_update(skip_locked=True, of=queue_rows)).first()
        if line is not None:
            return place_of(line)
    return None


def _others(connection: Connection, queue_row_id: int, who: str, time: float) -> int:
    """How many other people hold the row now, or have decided it since it was read."""
    held = connection.scalar(
        select(func.count()).where(leases.c.queue_row_id == queue_row_id, leases.c.until > time, leases.c.who != who)
    )
    return int(held or 0)


def _hold(connection: Connection, queue: Queue, queue_row_id: int, who: str, time: float) -> float:
    until = time + queue.lease_minutes * MINUTE
    mine = (leases.c.queue_row_id == queue_row_id) & (leases.c.who == who)
    if not connection.execute(update(leases).where(mine).values(until=until)).rowcount:
        connection.execute(insert(leases).values(queue_id=queue.id, queue_row_id=queue_row_id, who=who, until=until))
    return until


def lease(store: Store, queue: Queue, row_id: str, who: str) -> float | None:
    """Leases one row to a person or renews their lease; None where others hold it or nobody is needed any more."""
    with store.write() as connection:
        time = clock(connection)
        line = connection.execute(
            select(queue_rows).where(queue_rows.c.queue_id == queue.id, queue_rows.c.row_id == row_id).with_for_update()
        ).first()
        if line is None:
            return None
        decided = connection.scalar(
            select(func.count()).where(
                decisions.c.queue_row_id == line.id,
                decisions.c.who == who,
                decisions.c.state == "stands",
                decisions.c.action != "skip",
            )
        )
        if decided or _others(connection, line.id, who, time) >= line.missing:
            return None
        return _hold(connection, queue, line.id, who, time)


def release(connection: Connection, queue_row_id: int, who: str) -> None:
    """Gives a row back inside an open transaction."""
    connection.execute(delete(leases).where(leases.c.queue_row_id == queue_row_id, leases.c.who == who))


def hold_again(connection: Connection, queue: Queue, queue_row_id: int, who: str) -> None:
    """Puts a row back in front of a person inside an open transaction, after an undo."""
    _hold(connection, queue, queue_row_id, who, clock(connection))
