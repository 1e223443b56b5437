"""Blind rating: rounds, the cards that they put before people, the votes, and packs that go out by mail."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

Choice = Literal["a", "b", "tie", "bad", "skip", "undo"]
CardKind = Literal["pair", "same", "known", "repeat", "guess"]
Grades = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Round:
    """A round of blind rating of two or three arms of an evaluation; the arms are secret until it is closed.

    design: how it was set up when it was opened (`blind.plan.Design` as plain values); {} for rounds made before rounds
    had one, and for votes brought in from elsewhere.
    """

    id: int
    evaluation_id: int
    arms: tuple[str, ...]
    seed: int
    closed: bool
    when: str
    design: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Card:
    """Two answers to one golden row that people are asked about, as the store knows it; a browser sees its key alone.

    kind: "pair" (two arms), "same" (both arms said the same: never shown, a tie), "known" (the reference against the
    reference of `other_row`), "repeat" (card `twin` once more for `rater`, sides swapped), "guess" (which of the two in
    card `twin` is the tuned model's?). wanted: how many people are to rate it; missing: how many have not yet.
    words: in the question and both answers. place: in the round, overlap first.
    """

    id: int
    round_id: int
    key: str
    row_id: str
    arms: tuple[str, str]
    kind: CardKind
    rater: str
    twin: str
    other_row: str
    words: int
    wanted: int
    missing: int
    place: int


@dataclass(frozen=True)
class Vote:
    """One choice of one rater. left, right: what stood on sides A and B, as stored with the vote.

    card: the key of the card; in rounds without cards the row's id. grades: side -> question -> 1 to 5.
    reference_opened: the rater had looked at the golden reply. number: the order in which votes came in.
    """

    round_id: int
    rater: str
    row_id: str
    left: str
    choice: Choice
    reason: str
    milliseconds: int
    when: str
    right: str = ""
    card: str = ""
    kind: CardKind = "pair"
    tags: tuple[str, ...] = ()
    grades: Grades = field(default_factory=dict)
    reference_opened: bool = False
    number: int = 0


@dataclass(frozen=True)
class Pack:
    """A rating pack that was made for one rater.

    slots: what stands behind each of its cards. brought: when its result came back, "" before. seal: the token that the
    file and its result carry. secret: never leaves the store.
    """

    id: int
    round_id: int
    rater: str
    seal: str
    secret: str
    slots: tuple[Mapping[str, Any], ...]
    until: float
    brought: str
    when: str
