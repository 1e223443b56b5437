"""Decisions on the rows of a queue. Lines are only added; a line's state says whether it still counts."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from workbench.errors import Conflict, NotFound, Refused
from workbench.records import Decision, Queue
from workbench.store import leases
from workbench.store.store import Store, clock, now
from workbench.store.tables import decisions, queue_people, queue_rows, queues


@dataclass(frozen=True)
class Saved:
    """What became of a decision. theirs: what counts instead, when it came too late; given_back: the row of an undo."""

    decision: Decision
    theirs: Decision | None = None
    given_back: str = ""


ALL = select(decisions, queue_rows.c.row_id).join(queue_rows, decisions.c.queue_row_id == queue_rows.c.id)
COUNTS = (decisions.c.state == "stands") & (decisions.c.action != "skip")


def _decision(line: Row[Any]) -> Decision:
    return Decision(
        line.row_id, line.who, line.action, None if line.messages is None else tuple(line.messages), line.fix,
        None if line.tags is None else tuple(line.tags), line.note, line.settles, line.created, line.state,
    )  # fmt: skip


def newest(connection: Connection, queue_id: int) -> int:
    """The id of the newest line of a queue, undone ones and undos among them; it changes with every decision."""
    return int(connection.scalar(select(func.max(decisions.c.id)).where(decisions.c.queue_id == queue_id)) or 0)


def of_queue(store: Store, queue_id: int, *, shared: bool = False) -> tuple[list[Decision], int]:
    """Every decision that stands or came late, oldest first, without skips, and the id of the newest line.

    shared: only those on rows that two or more people decided.
    """
    weighed = (decisions.c.queue_id == queue_id) & decisions.c.state.in_(("stands", "late"))
    weighed &= decisions.c.action != "skip"
    query = ALL.where(weighed).order_by(decisions.c.id)
    if shared:
        twice = select(decisions.c.queue_row_id).where(weighed).group_by(decisions.c.queue_row_id)
        query = query.where(decisions.c.queue_row_id.in_(twice.having(func.count() > 1)))
    with store.read() as connection:
        last = newest(connection, queue_id)  # read first: what comes in between is seen as new
        return [_decision(line) for line in connection.execute(query)], last


def mine(store: Store, queue_id: int, row_id: str, who: str) -> Decision | None:
    """What a person decided on a row, None where nothing of theirs stands."""
    query = (
        ALL.where(decisions.c.queue_id == queue_id, queue_rows.c.row_id == row_id, queue_rows.c.queue_id == queue_id)
        .where(decisions.c.who == who, decisions.c.state == "stands")
        .order_by(decisions.c.id.desc())
    )
    with store.read() as connection:
        line = connection.execute(query).first()
    return None if line is None else _decision(line)


def save(store: Store, queue: Queue, decision: Decision, nonce: str) -> Saved:
    """Saves a decision once; a nonce that was seen before changes nothing and gives what became of it then.

    It stands unless as many others as the row wants have decided it meanwhile, or somebody settled it: then it is kept
    as late, and `theirs` is what counts. Raises NotFound for a row that is not in the queue, Refused when it is closed,
    Conflict for the nonce of another decision.
    """
    try:
        with store.write() as connection:
            seen = _seen(connection, nonce, queue, decision.who, decision.row_id)
            return seen or _save(connection, queue, decision, nonce)
    except IntegrityError:  # the same nonce was being saved at this very moment
        with store.read() as connection:
            seen = _seen(connection, nonce, queue, decision.who, decision.row_id)
        if seen is None:
            raise
        return seen


def _seen(connection: Connection, nonce: str, queue: Queue, who: str, row_id: str = "") -> Saved | None:
    """What became of the decision with this nonce, None for a fresh one. Raises Conflict for another decision's."""
    line = connection.execute(ALL.where(decisions.c.nonce == nonce)).first()
    if line is None:
        return None
    if (line.queue_id, line.who) != (queue.id, who) or (row_id and line.row_id != row_id):
        raise Conflict(f"Nothing was saved: {nonce} is the nonce of another decision. Decide again with a fresh one.")
    if line.action == "undo":
        return Saved(_decision(line), given_back=line.row_id)
    theirs = _theirs(connection, line.queue_row_id, line.who) if line.state == "late" else []
    return Saved(_decision(line), theirs[-1] if theirs else None)


def _theirs(connection: Connection, queue_row_id: int, who: str) -> list[Decision]:
    query = ALL.where(decisions.c.queue_row_id == queue_row_id, decisions.c.who != who, COUNTS).order_by(decisions.c.id)
    return [_decision(line) for line in connection.execute(query)]


def _locked_row(connection: Connection, queue: Queue, row_id: str) -> Row[Any]:
    """The row's line, locked; the queue is held open until the transaction ends."""
    state = connection.scalar(select(queues.c.state).where(queues.c.id == queue.id).with_for_update(read=True))
    if state != "open":
        raise Refused(f'The queue "{queue.name}" is closed: nothing is decided in it any more.')
    line = connection.execute(
        select(queue_rows).where(queue_rows.c.queue_id == queue.id, queue_rows.c.row_id == row_id).with_for_update()
    ).first()
    if line is None:
        raise NotFound(f"Queue {queue.id} has no row {row_id}.")
    return line


def _save(connection: Connection, queue: Queue, decision: Decision, nonce: str) -> Saved:
    row = _locked_row(connection, queue, decision.row_id)
    theirs = _theirs(connection, row.id, decision.who)
    before = connection.execute(
        select(decisions.c.id, decisions.c.action).where(
            decisions.c.queue_row_id == row.id, decisions.c.who == decision.who, decisions.c.state == "stands"
        )
    ).first()
    counted = before is not None and before.action != "skip"
    taken = len(theirs) >= row.wanted and not counted
    late = decision.kind is not None and not decision.settles and (taken or any(one.settles for one in theirs))
    if before is not None and not late:
        connection.execute(update(decisions).where(decisions.c.id == before.id).values(state="replaced"))
    _add(connection, queue, row.id, decision, nonce, "late" if late else "stands")
    leases.release(connection, row.id, decision.who)
    if late:
        return Saved(decision, theirs[-1])
    _count(connection, queue, row, decision.who, row.place, (decision.kind is not None) - counted)
    return Saved(decision)


def _add(connection: Connection, queue: Queue, queue_row_id: int, decision: Decision, nonce: str, state: str) -> None:
    connection.execute(
        insert(decisions).values(
            nonce=nonce,
            queue_id=queue.id,
            queue_row_id=queue_row_id,
            who=decision.who,
            action=decision.action,
            messages=None if decision.messages is None else [dict(one) for one in decision.messages],
            fix=decision.fix,
            tags=None if decision.tags is None else list(decision.tags),
            note=decision.note,
            settles=decision.settles,
            state=state,
            at=clock(connection),
            created=decision.when or now(),
        )
    )


def _count(connection: Connection, queue: Queue, row: Row[Any], who: str, place: int | None, decided: int) -> None:
    """Brings the row's and the person's numbers up to date after a change to the row's decisions.

    place: where the person is now, None to leave it. decided: by how much their number of decided rows changed.
    """
    people, settled = connection.execute(
        select(func.count(decisions.c.who.distinct()), func.count().filter(decisions.c.settles)).where(
            decisions.c.queue_row_id == row.id, COUNTS
        )
    ).one()
    missing = 0 if settled else max(row.wanted - people, 0)
    if missing != row.missing:
        connection.execute(update(queue_rows).where(queue_rows.c.id == row.id).values(missing=missing))
    finished = (missing == 0) - (row.missing == 0)
    person = (queue_people.c.queue_id == queue.id) & (queue_people.c.who == who)
    moved = {"decided": queue_people.c.decided + decided, "finished": queue_people.c.finished + finished}
    if place is not None:
        moved["place"] = place
    if not connection.execute(update(queue_people).where(person).values(**moved)).rowcount:
        connection.execute(
            insert(queue_people).values(
                queue_id=queue.id, who=who, decided=decided, finished=finished, place=place or 0
            )
        )


def take_back(store: Store, queue: Queue, who: str, nonce: str, row_id: str = "", note: str = "") -> Saved:
    """Takes back what the person decided on that row, else the last of their decisions; one that it had replaced stands
    again, and the row is in front of them once more.

    Idempotent by nonce. Raises Refused when nothing of theirs is left to take back.
    """
    with store.write() as connection:
        if seen := _seen(connection, nonce, queue, who):
            return seen
        last = _last(connection, queue.id, who, row_id) or _last(connection, queue.id, who, "")
        if last is None:
            raise Refused("There is nothing left to take back: no decision of yours stands in this queue.")
        row = _locked_row(connection, queue, last.row_id)
        standing = (decisions.c.id == last.id) & (decisions.c.state == "stands")
        if not connection.execute(update(decisions).where(standing).values(state="undone")).rowcount:
            raise Conflict("This decision was taken back or replaced in another window just now. Nothing was changed.")
        replaced = connection.execute(
            select(decisions.c.id, decisions.c.action)
            .where(decisions.c.queue_row_id == row.id, decisions.c.who == who, decisions.c.state == "replaced")
            .order_by(decisions.c.id.desc())
        ).first()
        if replaced is not None:
            connection.execute(update(decisions).where(decisions.c.id == replaced.id).values(state="stands"))
        undo = Decision(last.row_id, who, "undo", None, "", None, note, False, now())
        _add(connection, queue, row.id, undo, nonce, "undone")
        counted = replaced is not None and replaced.action != "skip"
        _count(connection, queue, row, who, None, counted - (last.action != "skip"))
        if replaced is None:
            leases.hold_again(connection, queue, row.id, who)
        return Saved(undo, given_back=last.row_id)


def _last(connection: Connection, queue_id: int, who: str, row_id: str) -> Row[Any] | None:
    query = (
        ALL.where(decisions.c.queue_id == queue_id, decisions.c.who == who, decisions.c.state == "stands")
        .order_by(decisions.c.id.desc())
        .limit(1)
    )
    return connection.execute(query.where(queue_rows.c.row_id == row_id) if row_id else query).first()
