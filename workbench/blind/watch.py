"""What may be seen of an open round: how far it is and how far people agree, never who is ahead."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from evaluators.statistics.e_value import e_value
from workbench.blind.plan import Design
from workbench.records import Round
from workbench.reports.agreement import Agreement, agreement
from workbench.reports.tally import first_votes
from workbench.store import Store, rating_packs, ratings


@dataclass(frozen=True)
class Evidence:
    """How strongly the votes so far speak against "both are preferred alike", whichever is ahead.

    value: the e-value of the pair that decides, from the first standing vote of each row; needed: where to stop.
    """

    value: float
    needed: float

    @property
    def enough(self) -> bool:
        return self.value >= self.needed


@dataclass(frozen=True)
class Watched:
    """An open round as everybody may see it. rows of all_rows: rated at least once, and asked about.

    missing: judgements that are still needed. by_rater: name -> choices that stand. away: (rater, until) of packs that
    have not come back. evidence: None under the fixed rule.
    """

    round_id: int
    rows: int
    all_rows: int
    votes: int
    missing: int
    by_rater: dict[str, int]
    agreement: Agreement
    away: tuple[tuple[str, float], ...]
    evidence: Evidence | None


def watch(store: Store, round_id: int) -> Watched:
    """How far a round is. Nothing in it says which arm is ahead, so that it may be shown to raters."""
    this = ratings.get_round(store, round_id)
    cards = ratings.cards_of(store, round_id)
    pairs = [one for one in cards if one.kind == "pair"]
    votes = list(ratings.standing(ratings.votes_of(store, round_id)).values())
    said = [one for one in votes if one.choice != "skip"]
    packs = [(one.rater, one.until) for one in rating_packs.of_round(store, round_id) if not one.brought]
    return Watched(
        round_id, len({one.row_id for one in said}), len({one.row_id for one in pairs}), len(said),
        sum(one.missing for one in pairs), dict(sorted(Counter(one.rater for one in votes).items())),
        agreement(this, votes), tuple(packs),
        evidence(store, this) if Design.of(this.design).stop == "e-value" else None,
    )  # fmt: skip


def evidence(store: Store, this: Round) -> Evidence:
    """The e-value of a round so far. One vote a row, the first that stands, so that every row is one fair coin."""
    votes = list(ratings.standing(ratings.votes_of(store, this.id)).values())
    counts = first_votes(this, votes, (this.arms[0], this.arms[-1]))
    return Evidence(e_value(counts[this.arms[-1]], counts[this.arms[0]]), 1 / Design.of(this.design).alpha)
