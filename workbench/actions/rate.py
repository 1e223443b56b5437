"""Blind rating: people choose between two answers without knowing whose they are.

Each rater sees the answers as A and B. Which arm stands on side A is one bit of a hash of the round's seed, the row and
the rater, and is stored with every vote, so that it can be checked later. Nothing that this file hands out names an
arm. Votes are only added; the last one of a rater on a card counts.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence

from workbench.blind.cards import BlindCard
from workbench.blind.hand_out import (
    AHEAD,
    Desk,
    Handed,
    Progress,
    blind_cards,
    guesses,
    hand_out,
    open_round_of,
    rater_name,
)
from workbench.blind.hand_out import progress as progress
from workbench.blind.plan import Design
from workbench.blind.vote import vote_on
from workbench.blind.watch import watch as watch
from workbench.errors import BadInput
from workbench.store import Store, ratings


def next_cards(store: Store, round_id: int, rater: str, have: Sequence[str] = (), most: int = AHEAD) -> Handed:
    """The next cards for a rater, without those that he has rated or that his browser holds already (`have`: keys).

    Rows with overlap come first, then those with the fewest votes, otherwise in an order of this rater's own. Each
    card is locked for him for some minutes, so that nobody else is given a card that needs one more rater. Silent
    checks are among them.
    """
    return hand_out(store, round_id, rater, have, most)


def next_pairs(store: Store, round_id: int, rater: str, have: Sequence[str] = ()) -> tuple[BlindCard, ...]:
    """The cards of `next_cards` alone."""
    return hand_out(store, round_id, rater, have).cards


def guess_cards(store: Store, round_id: int, rater: str) -> tuple[BlindCard, ...]:
    """Up to five of a rater's cards once more: at the end he is asked which answer is the tuned model's.

    Answer them with `vote`: "a" or "b" for the answer that he takes for the tuned model's, "tie" for no idea. How
    often such guesses are right tells whether the blinding held.
    """
    return guesses(store, round_id, rater)


def last_card(store: Store, round_id: int, rater: str) -> BlindCard | None:
    """The card that a rater decided last, for an undo after the page was loaded again; None where there is none."""
    desk = Desk.of(store, round_id, rater)
    cards = desk.of_kind([key for key, vote in desk.votes.items() if vote.kind != "guess"], "pair", "known", "repeat")
    return blind_cards(store, desk, cards[-1:])[0] if cards else None


def vote(
    store: Store, round_id: int, rater: str, key: str, choice: str, *, reason: str = "", milliseconds: int = 0,
    nonce: str | None = None, tags: Sequence[str] = (), grades: Mapping[str, Mapping[str, int]] | None = None,
    reference_opened: bool = False,
) -> Progress:  # fmt: skip
    """Adds a choice: "a" or "b" (left or right is better), "tie", "bad" (both bad), "skip" or "undo" of an earlier one.

    tags: reasons of the round's list. grades: "a" or "b" -> question -> 1 to 5. nonce: a vote sent twice with the same
    nonce counts once. Raises Refused when the round is closed, BadInput for an unknown card, choice, tag or grade.
    """
    this, rater = open_round_of(store, round_id), rater_name(rater)
    card = ratings.card_of(store, round_id, key) or next(
        (one for one in Desk.of(store, round_id, rater).cards.values() if one.key == key), None
    )
    if card is None or card.kind == "same" or card.rater not in ("", rater):
        raise BadInput(f'Round {round_id} does not ask about a card "{key[:64]}".')
    made = vote_on(this, card, rater, choice, reason, milliseconds, tags, grades or {}, reference_opened)
    ratings.add_vote(
        store, made, (nonce or secrets.token_hex(16))[:64], minutes=Design.of(this.design).lock_minutes
    )  # fmt: skip
    return progress(store, round_id, rater)
