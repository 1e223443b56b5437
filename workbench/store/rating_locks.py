"""Locks on cards of a round: a card that needs one more rater is in front of one person at a time.

They end by themselves, by the database's own clock: one clock for all who share it. A vote is never refused for want of
a lock, since a person who thought for long must not lose what he decided.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, update

from workbench.records import Card, Round
from workbench.store.store import Store, clock
from workbench.store.tables import rating_cards, rating_locks, votes

MINUTE = 60.0  # seconds


def card_from(line: Row[Any]) -> Card:
    """A line of the cards' table as a value."""
    return Card(
        line.id, line.round_id, line.key, line.row_id, (line.arm_1, line.arm_2), line.kind, line.rater, line.twin,
        line.other_row, line.words, line.wanted, line.missing, line.place,
    )  # fmt: skip


def lock_next(
    store: Store, this: Round, rater: str, most: int, *, have: Collection[str], minutes: float,
    order: Callable[[Card], Any],
) -> list[Card]:  # fmt: skip
    """Locks up to `most` further cards that still need a rater for this one, first in `order` first, and gives them.

    have: keys that the rater's browser holds; their locks are renewed and they are not given again. Cards that he has
    locked but does not hold (the page was loaded again) come like any other.
    """
    with store.write() as connection:
        time = clock(connection)
        open_cards = select(rating_cards).where(
            rating_cards.c.round_id == this.id, rating_cards.c.missing > 0, rating_cards.c.kind == "pair"
        )
        cards = [card_from(line) for line in connection.execute(open_cards)]
        _renew(connection, [one.id for one in cards if one.key in have], rater, time + minutes * MINUTE)
        if most < 1:
            return []
        rated, taken = _rated(connection, this.id, rater), _taken(connection, this.id, rater, time)
        free = [
            one for one in cards
            if one.key not in have and one.key not in rated and taken[one.id] < one.missing
        ]  # fmt: skip
        given: list[Card] = []
        for one in sorted(free, key=order):
            # On PostgreSQL somebody may have locked or rated it between the look and here: look again, now that its
            # line is held. SQLite has one writer, so that nothing changed in between.
            line = connection.execute(
                select(rating_cards).where(rating_cards.c.id == one.id).with_for_update(skip_locked=True)
            ).first()
            if line is None or _others(connection, one.id, rater, time) >= line.missing:
                continue
            _hold(connection, this.id, one.id, rater, time + minutes * MINUTE)
            given.append(card_from(line))
            if len(given) == most:
                break
        return given


def _rated(connection: Connection, round_id: int, rater: str) -> set[str]:
    """Keys of the cards on which a choice of this rater stands."""
    said = select(votes.c.card, votes.c.row_id, votes.c.choice).where(
        votes.c.round_id == round_id, votes.c.rater == rater
    )
    last = {card or row: choice for card, row, choice in connection.execute(said.order_by(votes.c.id))}
    return {key for key, choice in last.items() if choice != "undo"}


def _taken(connection: Connection, round_id: int, rater: str, time: float) -> Counter[int]:
    held = select(rating_locks.c.card_id).where(
        rating_locks.c.round_id == round_id, rating_locks.c.until > time, rating_locks.c.rater != rater
    )
    return Counter(connection.scalars(held))


def _others(connection: Connection, card_id: int, rater: str, time: float) -> int:
    held = select(func.count()).where(
        rating_locks.c.card_id == card_id, rating_locks.c.until > time, rating_locks.c.rater != rater
    )
    return int(connection.scalar(held) or 0)


def _renew(connection: Connection, cards: list[int], rater: str, until: float) -> None:
    if cards:
        connection.execute(
            update(rating_locks)
            .where(rating_locks.c.card_id.in_(cards), rating_locks.c.rater == rater, rating_locks.c.until < until)
            .values(until=until)
        )


def _hold(connection: Connection, round_id: int, card_id: int, rater: str, until: float) -> None:
    mine = (rating_locks.c.card_id == card_id) & (rating_locks.c.rater == rater)
    if not connection.execute(update(rating_locks).where(mine).values(until=until)).rowcount:
        connection.execute(insert(rating_locks).values(round_id=round_id, card_id=card_id, rater=rater, until=until))


def hold_until(connection: Connection, round_id: int, card_ids: Collection[int], rater: str, until: float) -> None:
    """Locks cards for one rater inside an open transaction, for a pack that is away for days."""
    for card_id in card_ids:
        _hold(connection, round_id, card_id, rater, until)


def hold_again(connection: Connection, round_id: int, card_id: int, rater: str, minutes: float) -> None:
    """Puts a card back in front of a rater inside an open transaction, after an undo."""
    _hold(connection, round_id, card_id, rater, clock(connection) + minutes * MINUTE)


def release(connection: Connection, card_id: int, rater: str) -> None:
    """Ends a lock inside an open transaction."""
    connection.execute(delete(rating_locks).where(rating_locks.c.card_id == card_id, rating_locks.c.rater == rater))
