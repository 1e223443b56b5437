"""What closed rounds found: per pair of arms, with and without flagged raters, and how far people can be trusted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from scipy import stats

from evaluators.sample import catalogue
from evaluators.statistics.confidence_sequence import confidence_sequence
from evaluators.statistics.davidson import Strengths, strengths
from evaluators.statistics.estimate import Estimate
from evaluators.statistics.length_fair import LengthFair, length_fair
from evaluators.statistics.wilson import wilson
from workbench.blind.cards import shown_text, words_in
from workbench.blind.plan import Design, pairs_of
from workbench.blind.watch import Evidence, evidence
from workbench.errors import Refused
from workbench.records import Card, Round, Vote
from workbench.reports.agreement import Agreement, Disputed, agreement, disputed, with_people
from workbench.reports.raters import RaterChecks, checks_of
from workbench.reports.tally import RoundResult, first_votes, paired, preferred, tally
from workbench.store import Store, evaluations, ratings


@dataclass(frozen=True)
class Guessed:
    """How often raters said rightly which answer was the tuned model's; near one half the blinding held."""

    right: Estimate
    p: float


@dataclass(frozen=True)
class RoundFound:
    """All that a closed round found.

    pairs: one result a pair of arms. without: the same without flagged raters, () where nobody is flagged. asked: cards
    that were to be judged; judged: cards that were. strengths: of three arms (Davidson). metrics: scorer -> how often
    it agrees with people, where the agreement of people is the ceiling. evidence: under the e-value rule, with the
    interval that stays right however often one looked.
    """

    round: Round
    pairs: tuple[RoundResult, ...]
    without: tuple[RoundResult, ...]
    raters: tuple[RaterChecks, ...]
    agreement: Agreement
    disputed: tuple[Disputed, ...]
    guessed: Guessed | None
    strengths: Strengths | None
    length: LengthFair | None
    metrics: Mapping[str, Estimate]
    evidence: Evidence | None
    sequence: Estimate | None
    asked: int
    judged: int
    reasons: tuple[tuple[str, str, int], ...]
    """(arm that was not preferred, "tie" or "bad"; reason; times), most frequent first."""
    grades: Mapping[str, Mapping[str, float]]
    """Question -> arm -> mean grade."""

    @property
    def deciding(self) -> RoundResult:
        """The pair of the first and the last arm: base against tuned."""
        wanted = (self.round.arms[0], self.round.arms[-1])
        return next(one for one in self.pairs if one.arms == wanted)

    @property
    def flagged(self) -> tuple[str, ...]:
        return tuple(one.name for one in self.raters if one.flags)


def found_of(store: Store, round_id: int) -> RoundFound:
    """What a closed round found. Raises Refused while it is open, since the score so far would sway the raters."""
    this = ratings.get_round(store, round_id)
    if not this.closed:
        raise Refused(f"Round {round_id} is still open. Its result shows once it is closed.")
    cards = ratings.cards_of(store, round_id)
    everything = list(ratings.standing(ratings.votes_of(store, round_id), checks=True).values())
    votes = [vote for vote in everything if vote.kind == "pair"]
    by_key = {card.key: card for card in cards}
    raters = checks_of(this, everything, by_key)
    flagged = {one.name for one in raters if one.flags}
    pairs = _pairs(store, this, cards, votes)
    trusted = [vote for vote in votes if vote.rater not in flagged]
    deciding = next(one for one in pairs if one.arms == (this.arms[0], this.arms[-1]))
    agreed, design = agreement(this, votes), Design.of(this.design)
    watched = evidence(store, this) if design.stop == "e-value" else None
    return RoundFound(
        this, pairs, _pairs(store, this, cards, trusted) if flagged and trusted else (), raters, agreed,
        disputed(this, votes), _guessed(raters),
        strengths(_for_davidson(this, pairs), this.arms) if len(this.arms) > 2 else None,
        _length(store, this, deciding), _metrics(store, this, deciding), watched,
        deciding.anytime,
        sum(card.kind == "pair" for card in cards) or sum(one.rows - one.identical for one in pairs),
        len({vote.card or vote.row_id for vote in votes if vote.choice != "skip"}),
        _reasons(this, votes), _grades(votes),
    )  # fmt: skip


def results_of(store: Store, this: Round) -> tuple[RoundResult, ...]:
    """The result of each pair of arms of a closed round; one for a round of two arms. For the report and the gaps."""
    votes = list(ratings.standing(ratings.votes_of(store, this.id)).values())
    return _pairs(store, this, ratings.cards_of(store, this.id), votes)


def verdicts(store: Store, evaluation_id: int, arms: tuple[str, str]) -> dict[str, str]:
    """Golden row -> the arm that people preferred, "tie" or "bad", from all closed rounds of a pair; the newest counts.

    For calibrating a judge: rows that nobody was shown are not in it.
    """
    found: dict[str, str] = {}
    for this in reversed(ratings.rounds_of(store, evaluation_id)):
        if this.closed and set(arms) <= set(this.arms):
            for one in results_of(store, this):
                if set(one.arms) == set(arms):
                    found |= one.verdicts
    return found


def _pairs(store: Store, this: Round, cards: Sequence[Card], votes: Sequence[Vote]) -> tuple[RoundResult, ...]:
    results, design = [], Design.of(this.design)
    for pair in pairs_of(this.arms):
        mine = [card for card in cards if card.arms == pair]
        if cards:
            shown = sum(card.kind == "pair" for card in mine)
            same = [card.row_id for card in mine if card.kind == "same"]
        else:  # votes that were brought in, and rounds closed before there were cards
            whole, rows = paired(*(evaluations.answers_of(store, this.evaluation_id, arm) for arm in pair))
            shown, same = len(whole), list(rows)
        said = [vote for vote in votes if not vote.right or {vote.left, vote.right} == set(pair)]
        anytime = None
        if design.stop == "e-value":
            first = first_votes(this, said, pair)
            anytime = confidence_sequence(first[pair[1]], first[pair[0]], alpha=design.alpha)
        results.append(tally(replace(this, arms=pair), said, shown=shown, identical=same, anytime=anytime))
    return tuple(results)


def _guessed(raters: Sequence[RaterChecks]) -> Guessed | None:
    right, of = sum(one.guessed_right for one in raters), sum(one.guesses for one in raters)
    return Guessed(wilson(right, of), float(stats.binomtest(right, of).pvalue)) if of else None


def _for_davidson(this: Round, pairs: Sequence[RoundResult]) -> list[tuple[str, str, str, str | None]]:
    """A line for each row and pair; both bad is a tie here, and so are rows that were not shown."""
    return [
        (row, one.arms[0], one.arms[1], winner if winner in one.arms else None)
        for one in pairs for row, winner in (*one.verdicts.items(), *((row, "tie") for row in one.rows_identical))
    ]  # fmt: skip


def _length(store: Store, this: Round, found: RoundResult) -> LengthFair | None:
    words = {
        arm: {one.row_id: words_in(shown_text(one.output))
              for one in evaluations.answers_of(store, this.evaluation_id, arm)}
        for arm in found.arms
    }  # fmt: skip
    base, other = found.arms
    said = {**found.verdicts, **dict.fromkeys(found.rows_identical, "tie")}
    rows = [row for row in said if row in words[base] and row in words[other]]
    outcomes = [{other: 1.0, base: 0.0}.get(said[row], 0.5) for row in rows]
    return length_fair(outcomes, [words[other][row] - words[base][row] for row in rows])


def _metrics(store: Store, this: Round, found: RoundResult) -> dict[str, Estimate]:
    answers = {arm: evaluations.answers_of(store, this.evaluation_id, arm) for arm in found.arms}
    higher = {name: one.higher_is_better for name, one in catalogue().items()}
    return with_people(found.verdicts, found.arms, answers, higher)


def _reasons(this: Round, votes: Sequence[Vote]) -> tuple[tuple[str, str, int], ...]:
    counts: Counter[tuple[str, str]] = Counter()
    for vote in votes:
        better = preferred(this, vote)
        about = better if better in ("tie", "bad") else vote.right if better == vote.left else vote.left
        counts.update((about, tag) for tag in vote.tags if vote.choice != "skip")
    return tuple((arm, tag, times) for (arm, tag), times in sorted(counts.items(), key=lambda one: (-one[1], one[0])))


def _grades(votes: Sequence[Vote]) -> dict[str, dict[str, float]]:
    given: dict[str, dict[str, list[int]]] = {}
    for vote in votes:
        for side, arm in (("a", vote.left), ("b", vote.right)):
            for question, grade in vote.grades.get(side, {}).items():
                given.setdefault(question, {}).setdefault(arm, []).append(grade)
    return {question: {arm: sum(all_) / len(all_) for arm, all_ in arms.items()} for question, arms in given.items()}
