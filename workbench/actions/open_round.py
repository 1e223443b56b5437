"""Opens a round of blind rating: two or three arms, by hash on sides of their own for each rater."""

from __future__ import annotations

import json
import secrets
from collections.abc import Sequence
from dataclasses import replace

from workbench.blind.cards import Texts, make_cards
from workbench.blind.plan import ARMS, Design, RatingPlan, arms_in_order, checked, plan_of
from workbench.errors import Refused
from workbench.records import Round
from workbench.settings import user_name
from workbench.store import Store, ratings

TWO = (ARMS[0], ARMS[2])


def open_round(
    store: Store, evaluation_id: int, arms: Sequence[str] = TWO, seed: int | None = None, *,
    design: Design | None = None,
) -> Round:  # fmt: skip
    """Opens a round of blind rating over two or three arms, or gives the one that is open on them already.

    seed: decides the sides; drawn by chance where None, since a known seed would let a rater work the sides out. It is
    stored with the round, as is the design, which does not change after this. Raises BadInput for an arm without
    answers and for a design that cannot be, Refused when all answers are the same, when no row may be seen, and when
    the round that is open on these arms has another design than the one given.
    """
    chosen = arms_in_order(arms)
    wanted = replace(checked(design or Design()), tags=(design or Design()).reasons)
    for standing in ratings.rounds_of(store, evaluation_id):
        if not standing.closed and standing.arms == chosen:
            if design is not None and dict(standing.design) != json.loads(json.dumps(wanted.as_values())):
                raise Refused(
                    f"Round {standing.id} is open on the same arms and was set up differently, which does not change. "
                    f"Go on with it, or close it first: goldloop rate close {standing.id}"
                )
            return standing
    drawn = secrets.randbits(31) if seed is None else seed
    cards = make_cards(Texts.of(store, evaluation_id, chosen), chosen, wanted, drawn)
    return ratings.open_round(store, evaluation_id, chosen, drawn, user_name(), wanted.as_values(), cards)


def plan_round(
    store: Store, evaluation_id: int, arms: Sequence[str] = TWO, *, design: Design | None = None
) -> RatingPlan:
    """What a round would take and could show, before it is opened: cards, minutes, the smallest preference seen."""
    chosen, wanted = arms_in_order(arms), checked(design or Design())
    cards = make_cards(Texts.of(store, evaluation_id, chosen), chosen, wanted, 0)
    return plan_of(cards, wanted, chosen)
