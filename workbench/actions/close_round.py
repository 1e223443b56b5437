"""Closes a round of blind rating and says what it found; from then on the arms may be named."""

from __future__ import annotations

from workbench.blind.results import RoundFound, found_of
from workbench.store import Store, ratings


def close_round(store: Store, round_id: int) -> RoundFound:
    """Closes a round for good and shows what it found; one in which nobody voted is withdrawn by it and says nothing.

    While a round is open the answers stay hidden elsewhere, so that a round that was opened by mistake needs an end.
    """
    ratings.get_round(store, round_id)
    ratings.close_round(store, round_id)
    return result(store, round_id)


def result(store: Store, round_id: int) -> RoundFound:
    """What a closed round found. Raises Refused while it is open, since the score so far would sway the raters."""
    return found_of(store, round_id)
