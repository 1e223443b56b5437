"""Handing cards out: whose turn it is for which pair, silent checks among them, and when a rater is done."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from workbench.blind.cards import BlindCard, Texts, bits, cards_of, left_of, new_key, order_for
from workbench.blind.plan import Design
from workbench.blind.watch import evidence
from workbench.errors import BadInput, Refused
from workbench.records import Card, Round, Vote
from workbench.store import Store, rating_locks, ratings

AHEAD = 6  # cards that a browser holds: enough for a short loss of the network; each is locked, so that few wait
FIRST_CHECK = 0.3  # of a check is due before the first card: with 10 % checks the first comes after 7 cards
LATEST = 5  # a rater's last cards are not repeated: he would know them
GUESSES = 5  # cards asked about once more at the end: which is the tuned model's
LONGEST_NAME = 200  # characters of a rater's name, the width of its column
TUNED = "tuned"

Over = Literal["", "rated", "held", "enough"]


@dataclass(frozen=True)
class Progress:
    """How far one rater has come: cards with a standing choice (skips too), of all that he will be shown."""

    done: int
    total: int


@dataclass(frozen=True)
class Handed:
    """Cards for one rater. over: why there are none: "rated" (all have the raters they need), "held" (others hold the
    rest for some minutes), "enough" (the e-value rule has been reached)."""

    cards: tuple[BlindCard, ...]
    progress: Progress
    over: Over


@dataclass(frozen=True)
class Desk:
    """What one rater's next cards are worked out from."""

    this: Round
    design: Design
    cards: Mapping[str, Card]
    rater: str
    votes: Mapping[str, Vote]
    """Card key -> his standing vote, checks and guesses too; in the order in which he gave them."""

    @classmethod
    def of(cls, store: Store, round_id: int, rater: str) -> Desk:
        this = open_round_of(store, round_id)
        name = rater_name(rater)
        cards = {card.key: card for card in cards_of(store, this)}
        said = ratings.standing(ratings.votes_of(store, round_id, name), checks=True)
        votes = {key: vote for (_, key), vote in sorted(said.items(), key=lambda one: one[1].number)}
        return cls(this, Design.of(this.design), cards, name, votes)

    def of_kind(self, keys: Collection[str], *kinds: str) -> list[Card]:
        return [self.cards[key] for key in keys if key in self.cards and self.cards[key].kind in kinds]


def open_round_of(store: Store, round_id: int) -> Round:
    """The round, if it takes votes. Raises Refused."""
    this = ratings.get_round(store, round_id)
    if this.closed:
        raise Refused(f"Round {round_id} is closed: it takes no more votes.")
    return this


def rater_name(rater: str) -> str:
    """A rater's name as it is stored. Raises BadInput for none."""
    name = rater.strip()[:LONGEST_NAME]
    if not name:
        raise BadInput("A vote needs the name of its rater.")
    return name


def hand_out(store: Store, round_id: int, rater: str, have: Sequence[str] = (), most: int = AHEAD) -> Handed:
    """The next cards for a rater, beside those that his browser holds already (`have`: their keys)."""
    desk = Desk.of(store, round_id, rater)
    if desk.design.stop == "e-value" and evidence(store, desk.this).enough:
        return Handed((), _progress(desk), "enough")
    fresh = rating_locks.lock_next(
        store, desk.this, desk.rater, most, have=have, minutes=desk.design.lock_minutes,
        order=order_for(desk.this, desk.rater),
    )  # fmt: skip
    given: list[Card] = []
    for card in fresh:
        given.append(card)
        if (check := _check(store, desk, [*have, *(one.key for one in given)])) is not None:
            given.append(check)
    if not given and not have and (check := _check(store, desk, ())) is not None:
        given.append(check)  # the pairs ran out before it was its turn: short rounds would have none
    over: Over = ""
    if not given and not have:
        mine = [one for one in desk.cards.values() if one.kind == "pair" and one.missing and one.key not in desk.votes]
        over = "held" if mine else "rated"
    return Handed(blind_cards(store, desk, given), _progress(desk), over)


def blind_cards(store: Store, desk: Desk, cards: Sequence[Card]) -> tuple[BlindCard, ...]:
    """Cards as a rater's browser may have them."""
    if not cards:
        return ()
    texts = Texts.of(store, desk.this.evaluation_id, desk.this.arms)
    return tuple(texts.blind(card, left_of(desk.this, card, desk.rater)) for card in cards)


def due(regular: int, share: float) -> int:
    """How many silent checks belong among so many regular cards."""
    return int(round(regular * share, 6) + FIRST_CHECK) if share else 0


def _check(store: Store, desk: Desk, have: Sequence[str]) -> Card | None:
    """The silent check that is due now, if one is: known pairs and repeats by turns, as their shares are."""
    seen = {*desk.votes, *have}
    checks = desk.of_kind(seen, "known", "repeat")
    if len(checks) >= due(len(desk.of_kind(seen, "pair")), desk.design.checks):
        return None
    known = sum(one.kind == "known" for one in checks)
    prefer_known = known * desk.design.repeats <= (len(checks) - known) * desk.design.known
    ways = (_known, _repeat) if prefer_known and desk.design.known else (_repeat, _known)
    for way in ways:
        if (card := way(store, desk, seen)) is not None:
            return card
    return None


def _known(store: Store, desk: Desk, seen: set[str]) -> Card | None:
    left = [one for one in desk.cards.values() if one.kind == "known" and one.key not in seen]
    return min(left, key=lambda one: bits(desk.this.seed, one.key, desk.rater, "order"), default=None)


def _repeat(store: Store, desk: Desk, seen: set[str]) -> Card | None:
    """One of the rater's earlier cards once more; one that was made and not rated yet comes first."""
    if not desk.design.repeats:
        return None
    mine = [one for one in desk.cards.values() if one.kind == "repeat" and one.rater == desk.rater]
    if waiting := [one for one in mine if one.key not in seen and one.twin in desk.votes]:
        return waiting[0]
    rated = [key for key, vote in desk.votes.items() if vote.kind == "pair" and vote.choice != "skip"][:-LATEST]
    asked = {one.twin for one in mine}
    left = [desk.cards[key] for key in rated if key not in asked and key in desk.cards]
    if not left:
        return None
    twin = min(left, key=lambda one: bits(desk.this.seed, one.key, desk.rater, "again"))
    card = again(desk, twin, "repeat")
    ratings.add_cards(store, desk.this.id, [card])
    return ratings.card_of(store, desk.this.id, card["key"])


def again(desk: Desk, twin: Card, kind: str) -> dict[str, Any]:
    """A card of one rater that shows another card once more, as values of its columns."""
    return {
        "key": new_key(), "row_id": twin.row_id, "arm_1": twin.arms[0], "arm_2": twin.arms[1], "kind": kind,
        "rater": desk.rater, "twin": twin.key, "words": twin.words, "wanted": 0, "missing": 0, "place": twin.place,
    }  # fmt: skip


def guesses(store: Store, round_id: int, rater: str) -> tuple[BlindCard, ...]:
    """The cards on which a rater is asked at the end which answer is the tuned model's, as far as not answered.

    Up to five of his cards that showed the tuned and the base model, drawn by the round's seed. () where the tuned
    model is not rated or he has rated nothing.
    """
    desk = Desk.of(store, round_id, rater)
    cards = guess_cards(desk)
    known = {one.twin for one in desk.cards.values() if one.kind == "guess" and one.rater == desk.rater}
    if fresh := [again(desk, twin, "guess") for twin in cards if twin.key not in known]:
        ratings.add_cards(store, round_id, fresh)
        desk = Desk.of(store, round_id, rater)
    mine = [one for one in desk.cards.values() if one.kind == "guess" and one.rater == desk.rater]
    return blind_cards(store, desk, [one for one in mine if one.key not in desk.votes])


def guess_cards(desk: Desk) -> list[Card]:
    """The rater's cards that he is to guess about."""
    if TUNED not in desk.this.arms:
        return []
    asked = [one.twin for one in desk.cards.values() if one.kind == "guess" and one.rater == desk.rater]
    if asked:
        return desk.of_kind(asked, "pair")
    shown = [
        desk.cards[key] for key, vote in desk.votes.items()
        if vote.kind == "pair" and key in desk.cards and set(desk.cards[key].arms) == {desk.this.arms[0], TUNED}
    ]  # fmt: skip
    return sorted(shown, key=lambda one: bits(desk.this.seed, one.key, desk.rater, "guess"))[:GUESSES]


def progress(store: Store, round_id: int, rater: str) -> Progress:
    """How far a rater has come in an open round."""
    return _progress(Desk.of(store, round_id, rater))


def _progress(desk: Desk) -> Progress:
    done = desk.of_kind(desk.votes, "pair")
    checks = len(desk.of_kind(desk.votes, "known", "repeat"))
    left = sum(one.kind == "pair" and one.missing > 0 and one.key not in desk.votes for one in desk.cards.values())
    known = sum(one.kind == "known" for one in desk.cards.values()) if desk.design.known else 0
    regular = len(done) + left
    possible = known + (max(0, regular - LATEST) if desk.design.repeats else 0)
    return Progress(len(done) + checks, regular + max(checks, min(possible, due(regular, desk.design.checks))))
