"""How far the people of a round agree with each other: the ceiling for every judge and metric."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations

from evaluators.statistics.cohen_kappa import cohen_kappa, observed_agreement
from evaluators.statistics.estimate import Estimate
from evaluators.statistics.gwet_ac1 import gwet_ac1
from evaluators.statistics.krippendorff_alpha import krippendorff_alpha
from evaluators.statistics.wilson import wilson
from workbench.records import Answer, Round, Vote
from workbench.reports.tally import preferred

GOOD, TENTATIVE = 0.8, 0.667  # Krippendorff 2004, "Content Analysis", p. 241
MOST_DISPUTED = 10
PLACES = ("first", "second")  # of an arm in its pair
SAME = 1e-9  # scores closer than this prefer no arm


@dataclass(frozen=True)
class TwoRaters:
    """The two people with most cards in common: kappa falls apart where one answer prevails, AC1 does not."""

    names: tuple[str, str]
    cards: int
    agreed: float
    kappa: float | None
    ac1: float | None


@dataclass(frozen=True)
class Agreement:
    """alpha: Krippendorff's, nominal, over better, tie and bad; None where nothing was judged twice or all alike.

    agreed: share of pairs of raters of one card that said the same, with Wilson's interval. decided: the same among
    pairs of raters who both preferred an arm, the ceiling for anything that always prefers one. cards: judged twice or
    more. grades: question -> ordinal alpha of the grades given.
    """

    alpha: float | None
    agreed: Estimate
    decided: Estimate
    cards: int
    two: TwoRaters | None
    grades: Mapping[str, float | None]

    @property
    def sentence(self) -> str:
        """What the agreement means, in one sentence."""
        if not self.cards:
            return "No pair was judged by two people, so nobody knows how far they agree."
        share = f"Two people who judged the same pair said the same in {self.agreed.value:.0%} of cases"
        if self.alpha is None:
            return f"{share}; all said the same throughout, so that agreement beyond chance is not defined."
        word = (
            "good" if self.alpha >= GOOD else "enough for tentative conclusions" if self.alpha >= TENTATIVE
            else "low: people disagree, and the guide for raters needs work"
        )  # fmt: skip
        return f"{share} (Krippendorff's alpha {self.alpha:.2f}, {word})."


@dataclass(frozen=True)
class Disputed:
    """A pair on which people disagreed. said: what each rater preferred, by name; apart: share of pairs of raters that
    differ."""

    row_id: str
    arms: tuple[str, ...]
    said: Mapping[str, str]
    apart: float


def agreement(this: Round, votes: Sequence[Vote]) -> Agreement:
    """How far people agree on the cards that several of them judged. votes: standing ones; skips say nothing."""
    cards = _by_card(this, votes, in_pair=True)
    several = [said for said in cards.values() if len(said) > 1]
    both = [pair for said in several for pair in combinations(said.values(), 2)]
    pairs = [one == other for one, other in both]
    decided = [one == other for one, other in both if {one, other} <= set(PLACES)]
    return Agreement(
        krippendorff_alpha([list(said.values()) for said in several]), wilson(sum(pairs), len(pairs)),
        wilson(sum(decided), len(decided)), len(several),
        _two(several), _grades(votes),
    )  # fmt: skip


def disputed(this: Round, votes: Sequence[Vote]) -> tuple[Disputed, ...]:
    """The pairs on which people differ most, at most ten; to be read after the round, and the guide mended by."""
    row_of = {vote.card or vote.row_id: vote.row_id for vote in votes}
    arms_of = {vote.card or vote.row_id: tuple(sorted({vote.left, vote.right} - {""})) for vote in votes}
    found = []
    for card, said in _by_card(this, votes).items():
        pairs = [one != other for one, other in combinations(said.values(), 2)]
        if any(pairs):
            found.append(Disputed(row_of[card], arms_of[card], said, sum(pairs) / len(pairs)))
    return tuple(sorted(found, key=lambda one: (-one.apart, -len(one.said), one.row_id))[:MOST_DISPUTED])


def with_people(
    verdicts: Mapping[str, str], arms: tuple[str, str], answers: Mapping[str, Sequence[Answer]],
    better_when_higher: Mapping[str, bool],
) -> dict[str, Estimate]:  # fmt: skip
    """Scorer -> how often it prefers the arm that people prefer, on rows where both prefer one.

    answers: arm -> its answers; better_when_higher: scorer -> whether more is better. Between people the same share is
    the ceiling: no measure can agree with people more than they do with each other and be believed.
    """
    scores = {arm: {one.row_id: one.scores for one in said} for arm, said in answers.items()}
    found = {}
    for name, higher in better_when_higher.items():
        hits = []
        for row, winner in verdicts.items():
            first, second = (scores.get(arm, {}).get(row, {}).get(name) for arm in arms)
            if winner in arms and first is not None and second is not None and abs(second - first) > SAME:
                hits.append((arms[1] if (second > first) == higher else arms[0]) == winner)
        if hits:
            found[name] = wilson(sum(hits), len(hits))
    return found


def _by_card(this: Round, votes: Sequence[Vote], *, in_pair: bool = False) -> dict[str, dict[str, str]]:
    """Card -> rater -> what he preferred. in_pair: the place of the arm in its pair instead of its name.

    By name the three pairs of three arms would each have labels that the others cannot get, and what raters agree on
    by chance would look rarer than it is: alpha would come out too high.
    """
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for vote in votes:
        if vote.choice != "skip":
            said = preferred(this, vote)
            if in_pair and said in this.arms:
                pair = [arm for arm in this.arms if arm in (vote.left, vote.right)] if vote.right else this.arms
                said = PLACES[list(pair).index(said)]
            found[vote.card or vote.row_id][vote.rater] = said
    return found


def _two(cards: Sequence[Mapping[str, str]]) -> TwoRaters | None:
    """The two raters with most cards in common."""
    together = Counter(pair for said in cards for pair in combinations(sorted(said), 2))
    if not together:
        return None
    names = min(together, key=lambda pair: (-together[pair], pair))
    both = [(said[names[0]], said[names[1]]) for said in cards if names[0] in said and names[1] in said]
    first, second = [one for one, _ in both], [other for _, other in both]
    return TwoRaters(
        names, len(both), observed_agreement(first, second) or 0.0, cohen_kappa(first, second), gwet_ac1(first, second)
    )


def _grades(votes: Sequence[Vote]) -> dict[str, float | None]:
    """Question -> ordinal alpha over (card, arm)."""
    units: dict[str, dict[tuple[str, str], list[int]]] = defaultdict(lambda: defaultdict(list))
    for vote in votes:
        for side, arm in (("a", vote.left), ("b", vote.right)):
            for question, grade in vote.grades.get(side, {}).items():
                units[question][vote.card, arm].append(grade)
    return {question: krippendorff_alpha(list(said.values()), ordinal=True) for question, said in units.items()}
