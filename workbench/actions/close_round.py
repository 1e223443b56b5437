"""Closes a round of blind rating and says what it found; from then on the arms may be named."""

from __future__ import annotations

from workbench.blind.results import RoundFound, found_of
from workbench.errors import Refused
from workbench.store import Store, ratings


def close_round(store: Store, round_id: int) -> RoundFound:
    """Closes a round for good and shows what it found. Raises Refused while nobody has voted."""
    if not ratings.standing(ratings.votes_of(store, round_id)):
        raise Refused(f"Nobody has voted in round {round_id} yet. A closed round takes no votes, so it stays open.")
    ratings.close_round(store, round_id)
    return result(store, round_id)


def result(store: Store, round_id: int) -> RoundFound:
    """What a closed round found. Raises Refused while it is open, since the score so far would sway the raters."""
    return found_of(store, round_id)
