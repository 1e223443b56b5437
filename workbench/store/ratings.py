"""Rounds of blind rating, their cards and votes. Votes are only ever added; the last one on a card counts."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from workbench.errors import NotFound, Refused
from workbench.records import Card, Round, Vote
from workbench.store.rating_locks import card_from, hold_again, release
from workbench.store.store import Store, inserted, now
from workbench.store.tables import evaluations, rating_cards, rounds, votes

DECIDES_NOTHING = ("undo", "skip")


def _round(line: Row[Any]) -> Round:
    arms = tuple(arm for arm in (line.arm_1, line.arm_2, line.arm_3) if arm)
    return Round(line.id, line.evaluation_id, arms, line.seed, line.closed, line.created, line.design or {})


def _vote(line: Row[Any]) -> Vote:
    return Vote(
        line.round_id, line.rater, line.row_id, line.left, line.choice, line.reason, line.milliseconds, line.created,
        line.right, line.card or line.row_id, line.kind, tuple(line.tags or ()), line.grades or {},
        bool(line.reference_opened), line.id,
    )  # fmt: skip


def open_round(
    store: Store, evaluation_id: int, arms: Sequence[str], seed: int, who: str,
    design: Mapping[str, Any] | None = None, cards: Iterable[Mapping[str, Any]] = (),
) -> Round:  # fmt: skip
    """A new open round over two or three arms of an evaluation, with its cards (values of their columns).

    Where somebody else was quicker and a round on these arms is open, that one is given. A round without a design is
    for votes that were given elsewhere and stands beside any other.
    """
    with store.write() as connection:
        connection.execute(select(evaluations.c.id).where(evaluations.c.id == evaluation_id).with_for_update())
        standing = select(rounds).where(rounds.c.evaluation_id == evaluation_id, rounds.c.closed.is_(False))
        for line in connection.execute(standing) if design else ():
            if line.design and _round(line).arms == tuple(arms):
                return _round(line)
        key = inserted(
            connection, rounds, evaluation_id=evaluation_id, arm_1=arms[0], arm_2=arms[1],
            arm_3=arms[2] if len(arms) > 2 else "", seed=seed, closed=False, design=dict(design or {}), who=who,
            created=now(),
        )  # fmt: skip
        _add_cards(connection, key, cards)
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


def _add_cards(connection: Connection, round_id: int, cards: Iterable[Mapping[str, Any]]) -> None:
    lines = [
        {"kind": "pair", "rater": "", "twin": "", "other_row": "", "words": 0, "wanted": 1, "place": 0, **card,
         "missing": card.get("missing", card.get("wanted", 1)), "round_id": round_id}
        for card in cards
    ]  # fmt: skip
    if lines:
        connection.execute(insert(rating_cards), lines)


def add_cards(store: Store, round_id: int, cards: Iterable[Mapping[str, Any]]) -> bool:
    """Adds cards to a round; False where another process was quicker and has added one of them already."""
    try:
        with store.write() as connection:
            _add_cards(connection, round_id, cards)
    except IntegrityError:
        return False
    return True


def cards_of(store: Store, round_id: int) -> list[Card]:
    """Every card of a round, in the order of the round; repeats and guesses of single raters too."""
    query = select(rating_cards).where(rating_cards.c.round_id == round_id)
    with store.read() as connection:
        return [card_from(line) for line in connection.execute(query.order_by(rating_cards.c.place, rating_cards.c.id))]


def card_of(store: Store, round_id: int, key: str) -> Card | None:
    """The card of a round with that key, None where there is none."""
    query = select(rating_cards).where(rating_cards.c.round_id == round_id, rating_cards.c.key == key)
    with store.read() as connection:
        line = connection.execute(query).first()
    return None if line is None else card_from(line)


def add_vote(store: Store, vote: Vote, nonce: str, *, minutes: float = 10.0) -> bool:
    """Adds a vote once; a repeated nonce changes nothing and gives False. Raises Refused when the round is closed.

    In the same transaction the card's count of missing raters follows, and the rater's lock ends (an undo takes it
    again for `minutes`), so that a process killed in between leaves either all of it or nothing.
    """
    try:
        with store.write() as connection:
            closed = connection.scalar(select(rounds.c.closed).where(rounds.c.id == vote.round_id).with_for_update())
            if closed:
                raise Refused(f"Round {vote.round_id} is closed: it takes no more votes.")
            write_vote(connection, vote, nonce, minutes)
    except IntegrityError:
        return False
    return True


def write_vote(connection: Connection, vote: Vote, nonce: str, minutes: float = 10.0) -> None:
    """Adds a vote inside an open transaction and counts its card anew."""
    connection.execute(
        insert(votes).values(
            nonce=nonce, round_id=vote.round_id, rater=vote.rater, row_id=vote.row_id, left=vote.left,
            choice=vote.choice, reason=vote.reason, milliseconds=vote.milliseconds, created=vote.when or now(),
            right=vote.right, card=vote.card, kind=vote.kind, tags=list(vote.tags),
            grades={side: dict(given) for side, given in vote.grades.items()}, reference_opened=vote.reference_opened,
        )
    )  # fmt: skip
    if not vote.card:
        return
    line = connection.execute(
        select(rating_cards)
        .where(rating_cards.c.round_id == vote.round_id, rating_cards.c.key == vote.card)
        .with_for_update()
    ).first()
    if line is None:
        return
    said = select(votes.c.rater, votes.c.choice).where(
        votes.c.round_id == vote.round_id,
        (votes.c.card == vote.card) | ((votes.c.card == "") & (votes.c.row_id == vote.card)),
    )
    last = {line.rater: line.choice for line in connection.execute(said.order_by(votes.c.id))}
    rated = sum(choice not in DECIDES_NOTHING for choice in last.values())
    missing = max(0, line.wanted - rated)
    if missing != line.missing:
        connection.execute(update(rating_cards).where(rating_cards.c.id == line.id).values(missing=missing))
    if vote.choice == "undo":
        hold_again(connection, vote.round_id, line.id, vote.rater, minutes)
    else:
        release(connection, line.id, vote.rater)


def votes_of(store: Store, round_id: int, rater: str | None = None) -> list[Vote]:
    """Every vote of a round in the order they came in; of one rater where named. Undone ones are in it."""
    query = select(votes).where(votes.c.round_id == round_id).order_by(votes.c.id)
    if rater is not None:
        query = query.where(votes.c.rater == rater)
    with store.read() as connection:
        return [_vote(line) for line in connection.execute(query)]


def standing(said: Sequence[Vote], *, checks: bool = False) -> dict[tuple[str, str], Vote]:
    """(rater, card) -> the vote that counts; what was undone is not in it.

    checks: with the votes on silent checks (repeats, known pairs) and guesses, which are no judgement of the arms.
    """
    last = {(vote.rater, vote.card or vote.row_id): vote for vote in said if checks or vote.kind == "pair"}
    return {key: vote for key, vote in last.items() if vote.choice != "undo"}
