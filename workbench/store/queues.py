"""Queues: rows of one version in front of people, who holds which, and how far they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update

from workbench.errors import NotFound
from workbench.records import Progress, Queue, Version
from workbench.store.store import Store, clock, inserted, now
from workbench.store.tables import datasets, decisions, leases, queue_people, queue_rows, queues, versions

HOUR = 3_600.0  # seconds


@dataclass(frozen=True)
class Place:
    """A row's line in a queue. position: in the rows of the version, from 0; place: in the queue, from 1."""

    id: int
    row_id: str
    place: int
    position: int
    wanted: int
    missing: int
    flags: tuple[tuple[str, str, tuple[tuple[int, int, int], ...]], ...]


closed_as = versions.alias("closed_as")
ALL = (
    select(
        queues,
        datasets.c.name.label("dataset"),
        versions.c.number,
        closed_as.c.number.label("closed_number"),
    )
    .join(versions, queues.c.version_id == versions.c.id)
    .join(datasets, versions.c.dataset_id == datasets.c.id)
    .outerjoin(closed_as, queues.c.closed_as == closed_as.c.id)
)


def _queue(line: Row[Any]) -> Queue:
    return Queue(
        line.id, line.name, line.dataset, f"{line.dataset}@{line.number}", line.size, line.overlap, line.overlap_share,
        line.lease_minutes, line.guidelines, line.state, line.who, line.created, line.where,
        None if line.closed_number is None else f"{line.dataset}@{line.closed_number}",
    )  # fmt: skip


def place_of(line: Any) -> Place:
    flags = tuple((check, note, tuple(tuple(span) for span in spans)) for check, note, spans in line.flags)
    return Place(line.id, line.row_id, line.place, line.position, line.wanted, line.missing, flags)


def add(store: Store, version: Version, lines: Sequence[Mapping[str, Any]], *, who: str, **settings: Any) -> Queue:
    """A new open queue. lines: row_id, position, wanted and flags of each row, in the order in which they are given.

    settings: name, where, overlap, overlap_share, lease_minutes, seed, guidelines.
    """
    with store.write() as connection:
        key = inserted(
            connection, queues, version_id=version.id, size=len(lines), state="open", who=who, created=now(), **settings
        )
        ready = [
            {**line, "queue_id": key, "place": place, "missing": line["wanted"]} for place, line in enumerate(lines, 1)
        ]
        # pg8000 sends one statement a line unless something is returned; SQLite is quicker without
        lists = insert(queue_rows).returning(queue_rows.c.id) if store.shared else insert(queue_rows)
        connection.execute(lists, ready)
        if store.shared:  # else it knows nothing of the new rows for a minute, and sorts them all to find the next one
            connection.exec_driver_sql("analyze queue_rows")
    return get(store, key)


def listed(store: Store, dataset: str | None = None) -> list[Queue]:
    """The queues, newest first; of one dataset where named."""
    query = ALL.order_by(queues.c.id.desc())
    with store.read() as connection:
        found = connection.execute(query if dataset is None else query.where(datasets.c.name == dataset))
        return [_queue(line) for line in found]


def get(store: Store, queue_id: int) -> Queue:
    """The queue with that id. Raises NotFound."""
    with store.read() as connection:
        line = connection.execute(ALL.where(queues.c.id == queue_id)).first()
    if line is None:
        raise NotFound(f"There is no queue {queue_id}.")
    return _queue(line)


def row(store: Store, queue_id: int, row_id: str) -> Place:
    """A row's line in the queue. Raises NotFound for a row that is not in it."""
    query = select(queue_rows).where(queue_rows.c.queue_id == queue_id, queue_rows.c.row_id == row_id)
    with store.read() as connection:
        line = connection.execute(query).first()
    if line is None:
        raise NotFound(f"Queue {queue_id} has no row {row_id}.")
    return place_of(line)


def row_ids(store: Store, queue_id: int) -> list[str]:
    """The ids of all rows, in the order of the queue."""
    query = select(queue_rows.c.row_id).where(queue_rows.c.queue_id == queue_id).order_by(queue_rows.c.place)
    with store.read() as connection:
        return list(connection.scalars(query))


def rows(store: Store, queue_id: int) -> list[Place]:
    """Every row's line, in the order of the queue."""
    query = select(queue_rows).where(queue_rows.c.queue_id == queue_id).order_by(queue_rows.c.place)
    with store.read() as connection:
        return [place_of(line) for line in connection.execute(query)]


def lock_open(connection: Connection, queue_id: int) -> bool:
    """Holds every decision off until the transaction ends; False when the queue is closed already."""
    return connection.scalar(select(queues.c.state).where(queues.c.id == queue_id).with_for_update()) == "open"


def close(connection: Connection, queue_id: int, version_id: int | None) -> None:
    """Closes a queue inside an open transaction; nothing is decided in it from then on."""
    connection.execute(update(queues).where(queues.c.id == queue_id).values(state="closed", closed_as=version_id))


def progress(store: Store, queue_id: int, given_back: str = "") -> Progress:
    """How far the queue is. Raises NotFound."""
    people = select(queue_people).where(queue_people.c.queue_id == queue_id).order_by(queue_people.c.who)
    with store.read() as connection:
        total = connection.scalar(select(queues.c.size).where(queues.c.id == queue_id))
        if total is None:
            raise NotFound(f"There is no queue {queue_id}.")
        time = clock(connection)
        at_work = connection.execute(people).all()
        held = connection.execute(
            select(leases.c.who, func.count().label("rows"))
            .where(leases.c.queue_id == queue_id, leases.c.until > time)
            .group_by(leases.c.who)
            .order_by(leases.c.who)
        ).all()
        lately = connection.scalar(
            select(func.count()).where(
                decisions.c.queue_id == queue_id, decisions.c.at > time - HOUR, decisions.c.state == "stands"
            )
        )
    return Progress(
        done=sum(one.finished for one in at_work),
        total=total,
        mine={one.who: one.decided for one in at_work},
        leased={one.who: one.rows for one in held},
        per_hour=float(lately or 0),
        given_back=given_back,
    )
