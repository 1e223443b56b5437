"""A choice as it is stored: checked against its card and its round, with the sides that the rater saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import cast, get_args

from workbench.blind.cards import left_of, other_side
from workbench.blind.plan import Design
from workbench.errors import BadInput
from workbench.records import Card, Choice, Round, Vote

LONGEST_REASON = 2000  # characters
SLOWEST = 86_400_000  # milliseconds; a card left open longer than a day says nothing about reading time
HIGHEST_GRADE = 5


def vote_on(
    this: Round, card: Card, rater: str, choice: str, reason: str, milliseconds: int, tags: Sequence[str],
    grades: Mapping[str, Mapping[str, int]], reference_opened: bool,
) -> Vote:  # fmt: skip
    """A choice as it is stored, checked against the round's design. Raises BadInput."""
    if choice not in get_args(Choice):
        raise BadInput(f'"{choice[:20]}" is no choice; the choices are: {", ".join(get_args(Choice))}.')
    design, left = Design.of(this.design), left_of(this, card, rater)
    for tag in tags:
        if tag not in design.reasons.values():
            raise BadInput(f'"{tag[:40]}" is no reason in round {this.id}; there are {list(design.reasons.values())}.')
    for side, given in grades.items():
        for question, grade in given.items():
            known = side in ("a", "b") and question in design.grades
            if not known or type(grade) is not int or not 1 <= grade <= HIGHEST_GRADE:
                raise BadInput(f'Round {this.id} takes no grade {grade!r} for "{question[:40]}" on side "{side[:5]}".')
    kind = "pair" if card.kind == "same" else card.kind
    return Vote(
        this.id, rater, card.row_id, left, cast(Choice, choice), reason.strip()[:LONGEST_REASON],
        min(max(milliseconds, 0), SLOWEST), "", other_side(card, left), card.key, kind, tuple(dict.fromkeys(tags)),
        {side: dict(given) for side, given in grades.items() if given}, bool(reference_opened),
    )  # fmt: skip
