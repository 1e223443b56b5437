"""Leases: a row is in front of one person at a time, for some minutes by the database's own clock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, delete, func, insert, literal_column, select, update

from workbench.records import Queue
from workbench.store.queues import Place, place_of
from workbench.store.store import Store, clock
from workbench.store.tables import decisions, leases, queue_people, queue_rows

MINUTE = 60.0  # seconds
TO_DO = queue_rows.c.missing > literal_column("0")  # as written, not as a parameter: else the index is not used
SMALLEST_PIECE, LARGEST_PIECE = 16, 1_024  # rows looked at in one go


def lease_next(store: Store, queue: Queue, who: str, have: Sequence[str] = ()) -> tuple[Place, float] | None:
    """Leases the next row that still needs this person, and says until when; None where there is none now.

    Rows that the person holds already come first (the page was loaded again), then those after the row decided last,
    then what others left behind. have: row ids that the person's browser holds.
    """
    with store.write() as connection:
        time = clock(connection)
        for candidate in _open_rows(connection, queue.id, who, time, set(have)):
            # Whoever locks it first has it. On PostgreSQL another person may have leased it between the look and the
            # lock: look again, now that it is locked. SQLite has one writer, so that nothing changed in between.
            line = connection.execute(
                select(queue_rows).where(queue_rows.c.id == candidate).with_for_update(skip_locked=True)
            ).first()
            if line is not None and _others(connection, line.id, who, time) < line.missing:
                return place_of(line), _hold(connection, queue, line.id, who, time)
    return None


def _open_rows(connection: Connection, queue_id: int, who: str, time: float, have: set[str]) -> Iterator[int]:
    """The ids of the rows that still need this person, in the order in which they are to be given.

    Read in pieces by the index, and what people did with them asked apart: in one statement PostgreSQL takes the
    conditions for rare and goes through all open rows (400 ms of 100,000).
    """
    mine = select(leases.c.queue_row_id).where(
        leases.c.queue_id == queue_id, leases.c.who == who, leases.c.until > time
    )
    if held := connection.scalars(mine).all():
        own = select(queue_rows).where(queue_rows.c.id.in_(held), TO_DO).order_by(queue_rows.c.place)
        yield from _free(connection, connection.execute(own).all(), who, time, have)
    last = connection.scalar(
        select(queue_people.c.place).where(queue_people.c.queue_id == queue_id, queue_people.c.who == who)
    )
    for start, end in ((last or 0, None), (0, last or 0)):
        size, at = SMALLEST_PIECE, start
        while True:
            piece = select(queue_rows.c.id, queue_rows.c.row_id, queue_rows.c.place, queue_rows.c.missing)
            piece = piece.where(queue_rows.c.queue_id == queue_id, TO_DO, queue_rows.c.place > at)
            if end is not None:
                piece = piece.where(queue_rows.c.place <= end)
            lines = connection.execute(piece.order_by(queue_rows.c.place).limit(size)).all()
            yield from _free(connection, lines, who, time, have)
            if len(lines) < size:
                break
            at, size = lines[-1].place, min(2 * size, LARGEST_PIECE)


def _free(connection: Connection, lines: Sequence[Any], who: str, time: float, have: set[str]) -> Iterator[int]:
    """Those of some rows that this person has not decided and that enough others do not hold."""
    ids = [line.id for line in lines]
    decided = select(decisions.c.queue_row_id).where(
        decisions.c.queue_row_id.in_(ids), decisions.c.who == who, decisions.c.state == "stands"
    )
    held = select(leases.c.queue_row_id).where(
        leases.c.queue_row_id.in_(ids), leases.c.until > time, leases.c.who != who
    )
    done = set(connection.scalars(decided)) if ids else set()
    taken = Counter(connection.scalars(held)) if ids else Counter()
    for line in lines:
        if line.row_id not in have and line.id not in done and taken[line.id] < line.missing:
            yield line.id


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
