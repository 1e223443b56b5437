"""Rating packs: what went out to whom, and whether it came back."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from sqlalchemy import Row, delete, select, update

from workbench.errors import Refused
from workbench.records import Pack, Vote
from workbench.store.rating_locks import hold_until
from workbench.store.ratings import write_vote
from workbench.store.store import Store, clock, inserted, now
from workbench.store.tables import rating_locks, rating_packs, rounds
from workbench.store.tables import votes as vote_lines

DAY = 86_400.0  # seconds


def _pack(line: Row[Any]) -> Pack:
    return Pack(
        line.id, line.round_id, line.rater, line.seal, line.secret, tuple(line.slots), line.until, line.brought,
        line.created,
    )  # fmt: skip


def add(
    store: Store, round_id: int, rater: str, seal: str, secret: str, slots: Sequence[Mapping[str, Any]],
    cards: Collection[int], days: float, who: str,
) -> Pack:  # fmt: skip
    """Remembers a pack and locks its cards for its rater for so many days, so that nobody else is given them."""
    with store.write() as connection:
        until = clock(connection) + days * DAY
        key = inserted(
            connection, rating_packs, round_id=round_id, rater=rater, seal=seal, secret=secret,
            slots=[dict(one) for one in slots], until=until, brought="", who=who, created=now(),
        )  # fmt: skip
        hold_until(connection, round_id, cards, rater, until)
    return next(one for one in of_round(store, round_id) if one.id == key)


def of_round(store: Store, round_id: int) -> list[Pack]:
    """The packs of a round, oldest first."""
    query = select(rating_packs).where(rating_packs.c.round_id == round_id).order_by(rating_packs.c.id)
    with store.read() as connection:
        return [_pack(line) for line in connection.execute(query)]


def by_seal(store: Store, seal: str) -> Pack | None:
    """The pack with that seal, None where this store made none."""
    with store.read() as connection:
        line = connection.execute(select(rating_packs).where(rating_packs.c.seal == seal)).first()
    return None if line is None else _pack(line)


def bring(store: Store, pack: Pack, votes: Sequence[tuple[str, Vote]], *, whole: bool) -> int:
    """Adds the votes of a pack, (nonce, vote) each, all or none, and says how many were new.

    whole: nothing more will come from it, so that its locks end; else a later result may bring the rest.
    Raises Refused when the round is closed or the pack was brought in already.
    """
    with store.write() as connection:
        this = connection.execute(select(rounds).where(rounds.c.id == pack.round_id).with_for_update()).first()
        line = connection.execute(
            select(rating_packs).where(rating_packs.c.id == pack.id).with_for_update()
        ).first()  # fmt: skip
        if this is None or line is None or this.closed:
            raise Refused(f"Round {pack.round_id} is closed: it takes no more votes.")
        if line.brought:
            raise Refused(
                f"The result of {pack.rater}'s pack was brought in already, on {line.brought[:16].replace('T', ' ')}. "
                "Nothing was added."
            )
        nonces = [nonce for nonce, _ in votes]
        known = set(connection.scalars(select(vote_lines.c.nonce).where(vote_lines.c.nonce.in_(nonces))))
        if votes and known.issuperset(nonces):
            raise Refused(f"Every vote in that result of {pack.rater}'s pack is here already. Nothing was added.")
        for nonce, vote in votes:
            if nonce not in known:
                write_vote(connection, vote, nonce)
        if whole:
            connection.execute(update(rating_packs).where(rating_packs.c.id == pack.id).values(brought=now()))
            mine = (rating_locks.c.round_id == pack.round_id) & (rating_locks.c.rater == pack.rater)
            connection.execute(delete(rating_locks).where(mine))
    return len(votes) - len(known)
