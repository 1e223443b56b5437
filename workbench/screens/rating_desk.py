"""What the rating desk in the browser may call. Its answers name no arm while a round is open."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from workbench.actions import rate
from workbench.blind.cards import BlindCard
from workbench.blind.plan import Design
from workbench.errors import BadInput, GoldloopError
from workbench.records import Round
from workbench.store import Store, ratings

LONGEST_NAME = 80
MOST_HELD = 200  # cards that a browser may say it holds


def desk_of(this: Round | None, rater: str) -> dict[str, Any] | None:
    """What the desk works on; None while there is no open round or no name."""
    if this is None or not rater.strip():
        return None
    design = Design.of(this.design)
    return {
        "round": this.id, "rater": rater.strip()[:LONGEST_NAME], "tags": design.reasons, "grades": list(design.grades),
        "guide": design.guide,
    }  # fmt: skip


def server_functions(store: Store) -> list[Any]:
    """`next_cards`, `save`, `back` and `guesses`; mistakes come as words."""

    def next_cards(payload: Any) -> dict[str, Any]:
        def ask(this: Round, rater: str) -> dict[str, Any]:
            have = [str(key)[:64] for key in payload.get("have") or [] if isinstance(key, str)][:MOST_HELD]
            given = rate.next_cards(store, this.id, rater, have)
            return {
                "cards": _plain(given.cards), "over": given.over, "done": given.progress.done,
                "total": given.progress.total,
            }  # fmt: skip

        return _answer(store, payload, ask)

    def save(payload: Any) -> dict[str, Any]:
        def ask(this: Round, rater: str) -> dict[str, Any]:
            milliseconds, grades = payload.get("ms"), payload.get("grades")
            reached = rate.vote(
                store, this.id, rater, str(payload.get("key", ""))[:64], str(payload.get("choice", ""))[:10],
                reason=str(payload.get("note") or "")[:2000],
                milliseconds=milliseconds if type(milliseconds) is int else 0,
                nonce=str(payload.get("nonce") or "")[:64] or None,
                tags=[str(tag)[:64] for tag in payload.get("tags") or [] if isinstance(tag, str)][:50],
                grades=_grades(grades), reference_opened=payload.get("opened") is True,
            )  # fmt: skip
            return {"done": reached.done, "total": reached.total}

        return _answer(store, payload, ask)

    def back(payload: Any) -> dict[str, Any]:
        def ask(this: Round, rater: str) -> dict[str, Any]:
            card = rate.last_card(store, this.id, rater)
            return {"card": _plain([card])[0] if card else None}

        return _answer(store, payload, ask)

    def guesses(payload: Any) -> dict[str, Any]:
        return _answer(
            store, payload, lambda this, rater: {"cards": _plain(rate.guess_cards(store, this.id, rater))}
        )  # fmt: skip

    return [next_cards, save, back, guesses]


def _answer(store: Store, payload: Any, ask: Callable[[Round, str], dict[str, Any]]) -> dict[str, Any]:
    try:
        return ask(*_who(store, payload))
    except GoldloopError as error:
        return {"error": str(error)}


def _who(store: Store, payload: Any) -> tuple[Round, str]:
    """The round and the rater that a call names. Raises BadInput for anything else."""
    if not isinstance(payload, dict) or type(payload.get("round")) is not int:
        raise BadInput("The call did not arrive whole. Reload the page.")
    rater = payload.get("rater")
    if not isinstance(rater, str) or not rater.strip():
        raise BadInput("Write your name first.")
    return ratings.get_round(store, payload["round"]), rater.strip()[:LONGEST_NAME]


def _plain(cards: Sequence[BlindCard]) -> list[dict[str, str]]:
    return [
        {"key": one.key, "prompt": one.prompt, "a": one.a, "b": one.b, "reference": one.reference} for one in cards
    ]  # fmt: skip


def _grades(sent: Any) -> dict[str, dict[str, int]]:
    """Grades as they were sent, if they have the shape of grades; what they may be is the action's to check."""
    if not isinstance(sent, dict):
        return {}
    return {
        str(side)[:5]: {str(question)[:64]: grade for question, grade in list(given.items())[:20]}
        for side, given in list(sent.items())[:4] if isinstance(given, dict)
    }  # fmt: skip
