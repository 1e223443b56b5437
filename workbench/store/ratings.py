"""Rounds of blind rating and their votes. Votes are only ever added; the last one of a pair counts."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from workbench.errors import NotFound
from workbench.records import Round, Vote
from workbench.store.store import Store, inserted, now
from workbench.store.tables import rounds, votes


def _round(line: Row[Any]) -> Round:
    return Round(line.id, line.evaluation_id, (line.arm_1, line.arm_2), line.seed, line.closed, line.created)


def open_round(store: Store, evaluation_id: int, arms: tuple[str, str], seed: int, who: str) -> Round:
    """A new open round over two arms of an evaluation."""
    with store.write() as connection:
        key = inserted(
            connection,
            rounds,
            evaluation_id=evaluation_id,
            arm_1=arms[0],
            arm_2=arms[1],
            seed=seed,
            closed=False,
            who=who,
            created=now(),
        )
    return get_round(store, key)


def get_round(store: Store, round_id: int) -> Round:
    """The round with that id. Raises NotFound."""
    with store.read() as connection:
        line = connection.execute(select(rounds).where(rounds.c.id == round_id)).first()
    if line is None:
        raise NotFound(f"There is no rating round {round_id}.")
    return _round(line)


def rounds_of(store: Store, evaluation_id: int) -> list[Round]:
    """The rounds of an evaluation, newest first."""
    query = select(rounds).where(rounds.c.evaluation_id == evaluation_id).order_by(rounds.c.id.desc())
    with store.read() as connection:
        return [_round(line) for line in connection.execute(query)]


def close_round(store: Store, round_id: int) -> None:
    """Closes a round for good: from now on the arms may be shown and no vote is taken."""
    with store.write() as connection:
        connection.execute(update(rounds).where(rounds.c.id == round_id).values(closed=True))


def add_vote(store: Store, vote: Vote, nonce: str) -> bool:
    """Adds a vote once; a repeated nonce changes nothing and gives False."""
    try:
        with store.write() as connection:
            connection.execute(
                insert(votes).values(
                    nonce=nonce,
                    round_id=vote.round_id,
                    rater=vote.rater,
                    row_id=vote.row_id,
                    left=vote.left,
                    choice=vote.choice,
                    reason=vote.reason,
                    milliseconds=vote.milliseconds,
                    created=vote.when or now(),
                )
            )
    except IntegrityError:
        return False
    return True


def votes_of(store: Store, round_id: int, rater: str | None = None) -> list[Vote]:
    """Every vote of a round in the order they came in; of one rater where named. Undone ones are in it."""
    query = select(votes).where(votes.c.round_id == round_id).order_by(votes.c.id)
    if rater is not None:
        query = query.where(votes.c.rater == rater)
    with store.read() as connection:
        return [
            Vote(
                line.round_id,
                line.rater,
                line.row_id,
                line.left,
                line.choice,
                line.reason,
                line.milliseconds,
                line.created,
            )
            for line in connection.execute(query)
        ]


def standing(said: list[Vote]) -> dict[tuple[str, str], Vote]:
    """(rater, row id) -> the vote that counts; what was undone is not in it."""
    last = {(vote.rater, vote.row_id): vote for vote in said}
    return {key: vote for key, vote in last.items() if vote.choice != "undo"}
