"""Close a queue: what people decided becomes one new version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench import history
from workbench.carry import Collision, carry_over
from workbench.diff import Diff, diff
from workbench.errors import Conflict, Refused
from workbench.outcomes import outcomes
from workbench.records import Decision, Queue, Version
from workbench.rows import Rows
from workbench.store import Store, datasets, decisions, queues

MOST_TRIES = 20  # among others who change the dataset at the same time


@dataclass(frozen=True)
class Closed:
    """What the decisions make of the dataset. after: the new version, None for a preview or when nothing changes.

    before: the version that it is made on, the newest one; difference: counted by comparing rows. counts: rows by what
    was decided (keep, change, drop, flag). undecided: row ids that nobody decided; disagreed: those on which people
    differ, flagged: those that somebody wants looked at, collided: those that others changed outside the queue; all
    these stay as they are.
    """

    queue: Queue
    before: Version
    difference: Diff
    after: Version | None
    counts: dict[str, int]
    undecided: tuple[str, ...]
    disagreed: tuple[str, ...]
    flagged: tuple[str, ...]
    collided: tuple[Collision, ...]


def close_queue(store: Store, queue_id: int, *, preview: bool = False) -> Closed:
    """Makes one new version from the decisions (edits, fixes, drops, tags) and closes the queue for good.

    With `preview` shows the difference and closes nothing. The decisions are carried over onto the newest version of
    the dataset. A queue that changes nothing is closed without a new version. Raises Refused when it is closed already
    or when no row would be left.
    """
    for _ in range(MOST_TRIES):
        queue = queues.get(store, queue_id)
        if queue.state != "open":
            raise Refused(f'The queue "{queue.name}" is closed already.')
        base = datasets.version(store, queue.version)
        head = datasets.version(store, queue.dataset)
        said, last = decisions.of_queue(store, queue_id)
        closed, rows = _closed(store, queue, base, head, said)
        if preview:
            return closed
        try:
            return _commit(store, queue, closed, rows, last)
        except (Conflict, _MoreDecisions):
            continue  # somebody changed the dataset or decided another row between the look and the write
    raise Conflict(f"Others are changing {queue.dataset} all the time just now. Nothing was closed; try again.")


class _MoreDecisions(Exception):
    """A decision came in while the version was being made."""


def _closed(store: Store, queue: Queue, base: Version, head: Version, said: Sequence[Decision]) -> tuple[Closed, Rows]:
    known = outcomes(said)
    decided = [one.decision for one in known.values() if one.decision is not None]
    before = datasets.rows_of(store, base)
    theirs = before if head.id == base.id else datasets.rows_of(store, head)
    carried = carry_over(before, _with(before, decided), theirs)
    if len(carried.rows) == 0:
        raise Refused(f"The decisions would leave {head.label} without any row: the queue stays open.")
    counts: dict[str, int] = {}
    for one in decided:
        counts[str(one.kind)] = counts.get(str(one.kind), 0) + 1
    closed = Closed(
        queue=queue,
        before=head,
        difference=diff(theirs, carried.rows),
        after=None,
        counts=counts,
        undecided=tuple(row_id for row_id in queues.row_ids(store, queue.id) if row_id not in known),
        disagreed=tuple(one.row_id for one in known.values() if one.decision is None),
        flagged=tuple(one.row_id for one in decided if one.kind == "flag"),
        collided=carried.collisions,
    )
    return closed, carried.rows


def _commit(store: Store, queue: Queue, closed: Closed, rows: Rows, last: int) -> Closed:
    people = sorted(who for who, count in queues.progress(store, queue.id).mine.items() if count)
    settings = {
        "queue": queue.id, "people": people, "decided": closed.counts, "undecided": len(closed.undecided),
        "disagreed": list(closed.disagreed), "flagged": list(closed.flagged),
        "collided": [one.row_id for one in closed.collided],
    }  # fmt: skip
    store.row_files.save(rows, like=closed.before.digest)  # written before the transaction, which then is short
    with store.write() as connection:
        if not queues.lock_open(connection, queue.id):
            raise Refused(f'The queue "{queue.name}" is closed already.')
        if decisions.newest(connection, queue.id) != last:
            raise _MoreDecisions
        after = None
        if closed.difference:
            after, _ = history.commit(
                store, closed.before, rows, verb="queue", settings=settings, connection=connection,
                why=f'what {", ".join(people)} decided in the queue "{queue.name}"',
            )  # fmt: skip
        queues.close(connection, queue.id, None if after is None else after.id)
    return Closed(**{**vars(closed), "queue": queues.get(store, queue.id), "after": after})


def _with(rows: Rows, decided: Sequence[Decision]) -> Rows:
    """The rows with every decision carried out."""
    gone = [one.row_id for one in decided if one.kind == "drop"]
    changed = [one for one in decided if one.kind != "drop" and (one.messages is not None or one.tags is not None)]
    if changed:
        rows = rows.edit({one.row_id: one.messages for one in changed if one.messages is not None})
        rows = rows.tagged({one.row_id: one.tags for one in changed if one.tags is not None})
    return rows.without(gone) if gone else rows
