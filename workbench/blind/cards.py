"""Cards: which two answers stand side by side, on which side, and with what text.

Nothing of this leaves the server but a `BlindCard`.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluators.metrics.words import words
from workbench.blind.plan import Design, pairs_of
from workbench.errors import BadInput, Refused
from workbench.records import Card, Round
from workbench.reports.asked import asked
from workbench.reports.tally import normalised
from workbench.rows import Rows
from workbench.store import Store, evaluations, goldens, ratings

SPECIAL = re.compile(r"<\|[\w-]{1,40}\|>|</?s>")  # tokens of chat templates: they would tell a broken arm by its form
REFERENCE, STRANGER = "reference", "another row's"  # what stands on the sides of a known pair
LEGACY_RATERS = 20  # rounds opened before cards let everybody rate everything
FEWEST_KNOWN_WORDS = 3  # a reference of fewer words is no clear better answer
MOST_ALIKE = 0.75  # share of common words; golden sets of one template have no stranger that is surely worse


@dataclass(frozen=True)
class BlindCard:
    """Two answers to one golden row, without a hint whose they are. a, b: what stands on the left and on the right."""

    key: str
    prompt: str
    a: str
    b: str
    reference: str


@dataclass(frozen=True)
class Texts:
    """All texts that cards are made of: row id -> question, row id -> golden reply, (row id, arm) -> answer."""

    prompts: Mapping[str, str]
    references: Mapping[str, str]
    answers: Mapping[tuple[str, str], str]

    @classmethod
    def of(cls, store: Store, evaluation_id: int, arms: Sequence[str]) -> Texts:
        """The texts of the golden rows that people may see; sealed rows are not among them. Raises BadInput."""
        evaluation = evaluations.get(store, evaluation_id)
        rows: Rows = goldens.readable(store, goldens.by_id(store, evaluation.golden_id))
        prompts = {row: asked(turns) for row, turns in zip(rows.row_id, rows.messages, strict=True)}
        answers: dict[tuple[str, str], str] = {}
        for arm in arms:
            said = evaluations.answers_of(store, evaluation_id, arm)
            if not said:
                raise BadInput(f'Evaluation {evaluation_id} has no answers of an arm "{arm}".')
            answers |= {(one.row_id, arm): shown_text(one.output) for one in said if one.row_id in prompts}
        return cls(prompts, dict(zip(rows.row_id, rows.reply, strict=True)), answers)

    def on(self, card: Card, left: str) -> tuple[str, str]:
        """(text on side A, text on side B) of a card whose side A shows `left`."""
        sides = (left, other_side(card, left))
        if card.kind == "known":
            other = {REFERENCE: card.row_id, STRANGER: card.other_row}
            return shown_text(self.references[other[sides[0]]]), shown_text(self.references[other[sides[1]]])
        return self.answers[card.row_id, sides[0]], self.answers[card.row_id, sides[1]]

    def blind(self, card: Card, left: str) -> BlindCard:
        """What a browser or a pack may have of a card."""
        reference = self.references[card.row_id].strip()
        a, b = self.on(card, left)
        return BlindCard(card.key, self.prompts[card.row_id], a, b, reference)


def shown_text(output: str) -> str:
    """An answer as raters see it: without special tokens and outer blanks, which tell a style and no content."""
    return SPECIAL.sub("", output).strip()


def words_in(*texts: str) -> int:
    """How many words there are to read; in scripts without blanks each character counts as one."""
    return sum(len(words(text)) for text in texts)


def other_side(card: Card, left: str) -> str:
    """What stands on side B when `left` stands on side A."""
    return card.arms[1] if left == card.arms[0] else card.arms[0]


def bits(seed: int, *parts: str) -> int:
    """64 bits of a hash of a round's secret seed and some words."""
    key = "\x1f".join((str(seed), *parts)).encode("utf-8", "surrogatepass")
    return int.from_bytes(hashlib.sha256(key).digest()[:8], "big")


def left_of(this: Round, card: Card, rater: str) -> str:
    """What stands on side A of a card for a rater: the same on every call, and each side in half of all cases.

    A repeat shows its twin with the sides swapped; a guess shows it as it was.
    """
    twin = (card.row_id, rater, "side")
    # Rounds of two arms draw as they always did, so that a round of before goes on with the same sides.
    pair = (
        () if len(this.arms) == 2 and card.kind != "known" else (*sorted(card.arms), "known" * (card.kind == "known"))
    )
    left = card.arms[bits(this.seed, *twin, *pair) & 1]
    return other_side(card, left) if card.kind == "repeat" else left


def order_for(this: Round, rater: str) -> Any:
    """The order of a rater's cards: rows with overlap first, least rated first, otherwise an order of his own."""

    def key(card: Card) -> tuple[bool, int, int]:
        return (card.wanted < 2, card.wanted - card.missing, bits(this.seed, card.key, rater, "order"))

    return key


def new_key() -> str:
    return secrets.token_hex(8)


def make_cards(texts: Texts, arms: Sequence[str], design: Design, seed: int) -> list[dict[str, Any]]:
    """The cards of a new round, as values of their columns: every pair of arms of every row, and the known pairs.

    Pairs whose answers are the same after normalisation become "same": they are not shown and count as ties. Raises
    Refused where nothing is left to choose between.
    """
    common = [row for row in texts.prompts if all((row, arm) in texts.answers for arm in arms)]
    drawn = sorted(common, key=lambda row: bits(seed, row, "draw"))[: design.rows or None]
    if not drawn:
        raise Refused("No golden row that people may see was answered by all of these arms.")
    cards: list[dict[str, Any]] = []
    for place, row in enumerate(drawn):
        for first, second in pairs_of(arms):
            one, other = texts.answers[row, first], texts.answers[row, second]
            same = normalised(one) == normalised(other)
            wanted = 0 if same else design.raters if place < design.overlap_rows else 1
            cards.append(
                {"key": new_key(), "row_id": row, "arm_1": first, "arm_2": second, "kind": "same" if same else "pair",
                 "words": words_in(texts.prompts[row], one, other), "wanted": wanted, "missing": wanted,
                 "place": place + 1}
            )  # fmt: skip
    shown = sum(card["kind"] == "pair" for card in cards)
    if not shown:
        raise Refused(
            f"{' and '.join(arms)} gave the same answer to each of the {len(drawn)} golden rows: there is nothing to "
            "choose between."
        )
    return cards + _known(texts, drawn, round(shown * design.known), seed)


def _known(texts: Texts, drawn: Sequence[str], count: int, seed: int) -> list[dict[str, Any]]:
    """Known pairs: a row's golden reply against that of the row least like it, so that the better one is certain."""
    said = {row: set(words(texts.references[row])) for row in drawn}
    usable = [row for row in drawn if len(said[row]) >= FEWEST_KNOWN_WORDS]
    usable.sort(key=lambda row: bits(seed, row, "known"))
    found: list[dict[str, Any]] = []
    for row in usable if len(usable) > 1 else ():
        if len(found) == count:
            break
        alike = {one: len(said[row] & said[one]) / len(said[row] | said[one]) for one in usable if one != row}
        stranger = min(alike, key=lambda one: (alike[one], bits(seed, one, row)))
        if alike[stranger] < MOST_ALIKE:
            text = words_in(texts.prompts[row], texts.references[row], texts.references[stranger])
            found.append(
                {"key": new_key(), "row_id": row, "arm_1": REFERENCE, "arm_2": STRANGER, "kind": "known",
                 "other_row": stranger, "words": text, "wanted": 0, "missing": 0, "place": 0}
            )  # fmt: skip
    return found


def cards_of(store: Store, this: Round) -> list[Card]:
    """The cards of a round. A round opened before there were cards gets them now, keyed by row as its votes are."""
    found = ratings.cards_of(store, this.id)
    if found or this.closed or this.design:
        return found
    texts = Texts.of(store, this.evaluation_id, this.arms)
    cards = make_cards(texts, this.arms, Design.of({}), this.seed)
    said = ratings.standing(ratings.votes_of(store, this.id))
    rated = [row for _, row in said]
    for card in cards:
        wanted = 0 if card["kind"] == "same" else LEGACY_RATERS
        card |= {"key": card["row_id"], "wanted": wanted, "missing": max(0, wanted - rated.count(card["row_id"]))}
    ratings.add_cards(store, this.id, cards)
    return ratings.cards_of(store, this.id)


def digest_of(this: Round, cards: Sequence[Card]) -> str:
    """A hash by which a round is known in packs and their results; it tells nothing, since the seed is part of it."""
    shared = sorted(one.key for one in cards if not one.rater)
    parts = [str(this.id), str(this.seed), *this.arms, *shared]
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
