"""Offline rating packs: one HTML file that works without a server, and the result that comes back from it.

A pack names no arm: its cards are known by tokens, made of a secret that stays in the store, and which arm stands on
which side is worked out again when the result comes back. The result carries a mark of each text that was shown, so
that a pack whose answers were swapped on the way is noticed.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from workbench.blind.cards import BlindCard, Texts, bits, cards_of, digest_of, left_of, order_for
from workbench.blind.hand_out import GUESSES, LATEST, TUNED, Desk, again, due
from workbench.blind.plan import Design
from workbench.blind.vote import vote_on
from workbench.errors import BadInput, Refused
from workbench.records import Card, Pack, Vote
from workbench.settings import user_name
from workbench.store import Store, rating_locks, rating_packs, ratings

HERE = Path(__file__).parent
EDITION = 1
MOST_CARDS = 5_000  # in one pack: some 10 MB of text
MOST_LINES = 30_000  # choices and undos in a result; a database asks about no more nonces at once
DAY_MINUTES = 1_440.0
MOST_DAYS = 365


@dataclass(frozen=True)
class MadePack:
    """A pack: its file's name, the page, and how many cards it holds. until: so long its cards wait for its rater."""

    name: str
    html: str
    cards: int
    pack: Pack


def make_pack(store: Store, round_id: int, rater: str, *, days: float, most: int) -> MadePack:
    """A pack for one rater with the cards that still need one, which from now on wait for him."""
    if not 0 < days <= MOST_DAYS:
        raise BadInput(f"A pack can be away for up to {MOST_DAYS} days.")
    desk = Desk.of(store, round_id, rater)
    this, design = desk.this, desk.design
    regular = rating_locks.lock_next(
        store, this, desk.rater, min(most, MOST_CARDS), have=(), minutes=days * DAY_MINUTES,
        order=order_for(this, desk.rater),
    )  # fmt: skip
    if not regular:
        raise Refused(f"No pair of round {round_id} needs {desk.rater} any more: nothing is left to pack.")
    order = _with_checks(store, desk, design, regular)
    guesses = _guesses(store, desk, regular)
    secret, seal = secrets.token_hex(32), secrets.token_hex(16)
    texts = Texts.of(store, this.evaluation_id, this.arms)
    tokens = {card.key: _token(secret, card.key) for card in (*order, *guesses)}
    slots = [{"token": tokens[card.key], "card": card.key} for card in (*order, *guesses)]
    name = f"rating-round-{round_id}-{re.sub(r'[^a-z0-9]+', '-', desk.rater.lower()).strip('-')[:40] or 'rater'}"
    made = rating_packs.add(
        store, round_id, desk.rater, seal, secret, slots, [card.id for card in regular], days, user_name()
    )
    content = {
        "goldloop": "rating-pack", "edition": EDITION, "round": digest_of(this, cards_of(store, this)), "seal": seal,
        "rater": desk.rater, "name": f"{name}-result.json", "tags": design.reasons, "grades": list(design.grades),
        "guide": design.guide,
        "cards": [_plain(texts.blind(card, left_of(this, card, desk.rater)), tokens[card.key]) for card in order],
        "guesses": [
            {**_plain(texts.blind(card, left_of(this, card, desk.rater)), tokens[card.key]), "of": tokens[card.twin]}
            for card in guesses
        ],
    }  # fmt: skip
    return MadePack(f"{name}.html", _page(content), len(order), made)


def _with_checks(store: Store, desk: Desk, design: Design, regular: Sequence[Card]) -> list[Card]:
    """The cards in order, silent checks among them as they would come in the app."""
    known = [one for one in desk.cards.values() if one.kind == "known" and one.key not in desk.votes]
    known.sort(key=lambda one: bits(desk.this.seed, one.key, desk.rater, "order"))
    order: list[Card | dict[str, Any]] = []
    checks = repeats = 0
    for number, card in enumerate(regular, 1):
        order.append(card)
        if checks >= due(number, design.checks):
            continue
        twins = {one["twin"] for one in order if isinstance(one, dict)}
        earlier = regular[: max(0, number - LATEST)] if design.repeats else ()
        fits = [one for one in earlier if one.key not in twins]
        turn = (checks - repeats) * design.repeats <= repeats * design.known
        if known and design.known and (turn or not fits):
            order.append(known.pop(0))
        elif fits:
            order.append(again(desk, min(fits, key=lambda one: bits(desk.this.seed, one.key, "again")), "repeat"))
            repeats += 1
        else:
            continue
        checks += 1
    return _stored(store, desk, order)


def _guesses(store: Store, desk: Desk, regular: Sequence[Card]) -> list[Card]:
    if TUNED not in desk.this.arms:
        return []
    shown = [one for one in regular if set(one.arms) == {desk.this.arms[0], TUNED}]
    shown.sort(key=lambda one: bits(desk.this.seed, one.key, desk.rater, "guess"))
    return _stored(store, desk, [again(desk, one, "guess") for one in shown[:GUESSES]])


def _stored(store: Store, desk: Desk, order: Sequence[Card | dict[str, Any]]) -> list[Card]:
    """The cards, those that are new put into the store."""
    fresh = [one for one in order if isinstance(one, dict)]
    ratings.add_cards(store, desk.this.id, fresh)
    by_key = {one.key: one for one in ratings.cards_of(store, desk.this.id)} if fresh else {}
    return [by_key[one["key"]] if isinstance(one, dict) else one for one in order]


def _token(secret: str, key: str) -> str:
    return hmac.new(bytes.fromhex(secret), key.encode(), hashlib.sha256).hexdigest()[:24]


def _plain(card: BlindCard, token: str) -> dict[str, str]:
    return {"key": token, "prompt": card.prompt, "a": card.a, "b": card.b, "reference": card.reference}


@lru_cache(maxsize=1)
def _template() -> tuple[str, str, str, str]:
    files = ("pack.html", "desk.css", "desk.html", "desk.js", "pack.js")
    page, style, form, desk, pack = ((HERE / name).read_text(encoding="utf-8") for name in files)
    return page, style, form, f"{desk}\n{pack}"


def _page(content: Mapping[str, Any]) -> str:
    page, style, form, script = _template()
    # Inside a script element only "<" can end it or open a comment; as \u003c it is the same JSON.
    data = json.dumps(content, ensure_ascii=True).replace("<", "\\u003c")
    page = page.replace("/*DESK*/", style).replace("<!--DESK-->", form).replace("/*SCRIPT*/", script)
    return page.replace("/*PACK*/", data)


def mark(text: str) -> str:
    """FNV-1a, 32 bits, over UTF-16 units, as the pack's script works it out. Source: Fowler, Noll & Vo."""
    value = 0x811C9DC5
    data = text.encode("utf-16-le", "surrogatepass")
    for at in range(0, len(data), 2):
        value = ((value ^ (data[at] | data[at + 1] << 8)) * 0x01000193) & 0xFFFFFFFF
    return f"{value:08x}"


class _Line(BaseModel):
    """One line of a result."""

    model_config = ConfigDict(extra="ignore", strict=True)
    key: str = Field(max_length=64)
    choice: str = Field(max_length=10)
    nonce: str = Field(min_length=1, max_length=60)
    shown: str = Field(max_length=20)
    ms: int | float = Field(default=0, allow_inf_nan=False)
    at: str = Field(default="", max_length=40)
    note: str = ""
    tags: list[str] = Field(default_factory=list, max_length=50)
    grades: dict[str, dict[str, int]] = Field(default_factory=dict)
    opened: bool = False


class Result(BaseModel):
    """A result file of a pack."""

    model_config = ConfigDict(extra="ignore", strict=True)
    goldloop: Literal["rating-result"]
    edition: int
    round: str
    seal: str
    rater: str
    whole: bool
    votes: list[_Line] = Field(max_length=MOST_LINES)


def read_result(name: str, data: Any) -> Result:
    """A result file that was read as JSON. Raises BadInput."""
    try:
        result = Result.model_validate(data)
    except ValidationError as error:
        where = ".".join(map(str, error.errors()[0]["loc"])) or "the file"
        raise BadInput(f"{name} is no whole result of a rating pack: {where} is missing or wrong.") from None
    if result.edition != EDITION:
        raise BadInput(f"{name} is of edition {result.edition}; this Goldloop reads edition {EDITION}. Update it.")
    return result


def bring_result(store: Store, evaluation_id: int, name: str, result: Result) -> tuple[Pack, int]:
    """Adds the votes of a pack's result to its round, all or none; gives the pack and how many were new.

    Raises Refused for a result of another round, evaluation or store, of answers on other sides than they were packed
    on, of a closed round, and for one that was brought in already.
    """
    pack = rating_packs.by_seal(store, result.seal)
    if pack is None:
        raise Refused(f"{name} is the result of a pack that this store did not make. Nothing was added.")
    this = ratings.get_round(store, pack.round_id)
    cards = ratings.cards_of(store, this.id)
    if not hmac.compare_digest(result.round, digest_of(this, cards)):
        raise Refused(f"{name} says that it belongs to another round than its pack was made for. Nothing was added.")
    if this.evaluation_id != evaluation_id:
        raise Refused(
            f"{name} belongs to round {this.id} of evaluation {this.evaluation_id}, not to evaluation {evaluation_id}. "
            "Nothing was added."
        )
    if result.rater != pack.rater:
        raise Refused(f"{name} is signed by another rater than the pack was made for. Nothing was added.")
    by_key = {card.key: card for card in cards}
    behind = {slot["token"]: by_key[slot["card"]] for slot in pack.slots}
    texts = Texts.of(store, evaluation_id, this.arms)
    votes: list[tuple[str, Vote]] = []
    if len({line.nonce for line in result.votes}) < len(result.votes):
        raise Refused(f"{name} tells the same choice twice: it was changed on the way. Nothing was added.")
    for number, line in enumerate(result.votes, 1):
        card = behind.get(line.key)
        if card is None:
            raise Refused(f"Choice {number} of {name} is about a card that was not in the pack. Nothing was added.")
        a, b = texts.on(card, left_of(this, card, pack.rater))
        if line.shown != f"{mark(a)}-{mark(b)}":
            raise Refused(
                f"Choice {number} of {name} was made on other answers than were packed, or on swapped sides. "
                "Nothing was added; ask for a new rating with a new pack."
            )
        made = vote_on(
            this, card, pack.rater, line.choice, line.note, int(line.ms), line.tags, line.grades, line.opened
        )  # fmt: skip
        votes.append((f"pack-{pack.id}-{line.nonce}"[:80], made))
    if not votes:
        raise Refused(f"{name} holds no choice yet. Nothing was added.")
    return pack, rating_packs.bring(store, pack, votes, whole=result.whole)
