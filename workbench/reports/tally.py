"""Counts a closed round of blind rating: who won, how sure that is, and whether the sides were fair."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

from scipy import stats

from evaluators.statistics.estimate import ALPHA, Estimate
from evaluators.statistics.wilson import wilson
from evaluators.statistics.win_rate import WinRate, win_rate
from evaluators.verdict import FEWEST_UNITS, Verdict, signed
from workbench.records import Answer, Round, Vote
from workbench.reports.tables import arm_name

FASTEST = 1500  # milliseconds; nobody reads two answers in less. Such votes are counted and told, not dropped
SIDE_UNKNOWN = "?"  # before the arm in `Vote.left`: an imported vote that names the arm and not the side it stood on


@dataclass(frozen=True)
class Rater:
    """What one person chose; wins are the second arm's. too_fast: choices made faster than anyone reads."""

    name: str
    wins: int
    ties: int
    losses: int
    both_bad: int
    skipped: int
    left_share: Estimate
    too_fast: int


@dataclass(frozen=True)
class RoundResult:
    """What a closed round found. The unit is the golden row: several raters of one row make one verdict by majority.

    arms: (the one compared against, the one whose wins are counted). identical: rows on which both arms said the same;
    they were not shown and count as ties in `rate`. left_share: how often the answer on the left was preferred, where
    one was; left_p: two-sided, against one half. agreed of pairs: how often two raters of the same row chose alike.
    """

    round_id: int
    evaluation_id: int
    arms: tuple[str, str]
    rate: WinRate
    rows: int
    rated: int
    identical: int
    votes: int
    raters: tuple[Rater, ...]
    left_share: Estimate
    left_p: float
    agreed: int
    pairs: int
    reasons: tuple[tuple[str, str, str], ...]
    """(row id, preferred arm, "tie" or "bad", what the rater wrote), in the order they came in."""
    rows_against: tuple[str, ...]
    """Golden rows on which the second arm lost."""
    rows_bad: tuple[str, ...]
    """Golden rows on which both answers were called bad."""
    verdicts: Mapping[str, str] = field(default_factory=dict)
    """Golden row -> the arm that most of its raters preferred, "tie" or "bad"; rows not shown are not in it."""
    rows_identical: tuple[str, ...] = ()
    """Golden rows on which both arms said the same: even, and shown to nobody."""
    anytime: Estimate | None = None
    """Under the e-value rule: b's share of the decided first votes, with an interval that holds at whatever look."""

    @property
    def verdict(self) -> Verdict:
        """better, worse or can't tell, of the second arm.

        Under the fixed rule the interval of the net win rate and the exact test must both find it, as for passes and
        fails; under the e-value rule, where people looked while they voted, only the interval that allows for that.
        """
        if self.anytime is not None:
            low, high = self.anytime.low or 0.0, 1.0 if self.anytime.high is None else self.anytime.high
            return "better" if low > 0.5 else "worse" if high < 0.5 else "can't tell"
        if self.rate.wins + self.rate.losses < FEWEST_UNITS or self.rate.p >= ALPHA:
            return "can't tell"
        return "better" if (self.rate.net.low or 0) > 0 else "worse" if (self.rate.net.high or 0) < 0 else "can't tell"

    @property
    def sentence(self) -> str:
        """What people said, in one sentence with its interval."""
        return in_words(self)


def paired(first: Sequence[Answer], second: Sequence[Answer]) -> tuple[dict[str, dict[str, str]], tuple[str, ...]]:
    """Row id -> arm -> answer where two arms said different things, and the ids of rows where they said the same."""
    both: dict[str, dict[str, str]] = {}
    for one in (*first, *second):
        both.setdefault(one.row_id, {})[one.arm] = one.output
    whole = {row: said for row, said in both.items() if len(said) == 2}
    same = tuple(row for row, said in whole.items() if len({normalised(text) for text in said.values()}) == 1)
    return {row: said for row, said in whole.items() if row not in same}, same


def normalised(answer: str) -> str:
    """An answer as compared with the other arm's: two that differ in case or blanks only are the same answer."""
    return " ".join(answer.split()).casefold()


def in_words(found: RoundResult) -> str:
    """The result of a round as one sentence."""
    base, other = (arm_name(arm) for arm in found.arms)
    rate = found.rate
    people = f"{len(found.raters)} {'person' if len(found.raters) == 1 else 'people'}"
    counts = f"{rate.wins} won, {rate.losses} lost, {rate.ties} even, {rate.both_bad} both bad"
    where = f"{people} on {found.rated + found.identical} of {found.rows} golden rows"
    net, share = rate.net, rate.share
    if share.value is None or share.low is None or share.high is None:
        return f"Rated blind by {where}, no answer was preferred ({counts})."
    told = found.verdict
    head = (
        f"whether {other} is better than {base} can't be told"
        if told == "can't tell" else f"{other} is {told} than {base}"
    )  # fmt: skip
    if found.anytime is not None and found.anytime.value is not None:
        one = found.anytime
        return (
            f"Rated blind by {where}, {head}: {counts} ({other} has {one.value:.0%} of the decided first votes, "
            f"{one.confidence:.0%} interval at any look {one.low:.0%} to {one.high:.0%})."
        )
    span = (
        ""
        if net.value is None or net.low is None or net.high is None
        else (
            f"net win rate {signed(net.value, 'share')} points, 95 % interval {signed(net.low, 'share')} to "
            f"{signed(net.high, 'share')}; "
        )
    )
    return (
        f"Rated blind by {where}, {head}: {counts} ({span}{other} has {share.value:.0%} of the decided rows, "
        f"{share.low:.0%} to {share.high:.0%})."
    )


def tally(
    this: Round, votes: Sequence[Vote], *, shown: int, identical: Sequence[str], anytime: Estimate | None = None
) -> RoundResult:
    """The result of a round of two arms (or of one pair of three) from its standing votes, one a rater and row.

    shown: how many rows had two different answers; identical: ids of rows with the same answer twice, which are ties
    whatever was voted on them. anytime: the share by first votes of a round that could be watched.
    """
    by_row: dict[str, list[str]] = defaultdict(list)
    for one in votes:
        if one.choice != "skip" and one.row_id not in identical:
            by_row[one.row_id].append(preferred(this, one))
    verdicts = {row: majority(this, said) for row, said in by_row.items()}
    counts = Counter(verdicts.values())
    lefts, decided = _lefts(votes)
    pairs = [pair for said in by_row.values() for pair in combinations(said, 2)]
    return RoundResult(
        this.id, this.evaluation_id, (this.arms[0], this.arms[1]),
        win_rate(counts[this.arms[1]], counts[this.arms[0]], counts["tie"] + len(identical), counts["bad"]),
        shown + len(identical), len(by_row), len(identical), sum(len(said) for said in by_row.values()),
        tuple(_rater(this, name, votes) for name in sorted({one.rater for one in votes})),
        wilson(lefts, decided), float(stats.binomtest(lefts, decided).pvalue) if decided else 1.0,
        sum(one == other for one, other in pairs), len(pairs),
        tuple((one.row_id, preferred(this, one), one.reason) for one in votes if one.reason and one.choice != "skip"),
        tuple(row for row, said in verdicts.items() if said == this.arms[0]),
        tuple(row for row, said in verdicts.items() if said == "bad"), verdicts,
        tuple(identical), anytime,
    )  # fmt: skip


def preferred(this: Round, one: Vote) -> str:
    """The arm that a vote prefers, or "tie", "bad" or "skip"."""
    if one.choice not in ("a", "b"):
        return one.choice
    left = one.left.removeprefix(SIDE_UNKNOWN)
    other = one.right or (this.arms[1] if left == this.arms[0] else this.arms[0])
    return left if one.choice == "a" else other


def majority(this: Round, said: Sequence[str]) -> str:
    """One verdict of all raters of a row: "bad" where more than half say so; an arm that more of them prefer than the
    other, unless still more say "equal" or "bad"; else "tie"."""
    counts = Counter(said)
    if counts["bad"] * 2 > len(said):
        return "bad"
    most = max(counts[arm] for arm in this.arms)
    first = [arm for arm in this.arms if counts[arm] == most]
    return first[0] if len(first) == 1 and most >= max(counts["tie"], counts["bad"]) else "tie"


def first_votes(this: Round, votes: Sequence[Vote], arms: Sequence[str]) -> Counter[str]:
    """Arm -> on how many rows the first standing vote for an arm was for it: one fair coin a row, for the e-value."""
    first: dict[str, str] = {}
    for vote in sorted(votes, key=lambda one: one.number):
        if vote.choice in ("a", "b") and {vote.left, vote.right or vote.left} <= set(arms):
            first.setdefault(vote.row_id, preferred(this, vote))
    return Counter(first.values())


def _lefts(votes: Sequence[Vote]) -> tuple[int, int]:
    decided = [v.choice for v in votes if v.choice in ("a", "b") and not v.left.startswith(SIDE_UNKNOWN)]
    return decided.count("a"), len(decided)


def _rater(this: Round, name: str, votes: Sequence[Vote]) -> Rater:
    own = [one for one in votes if one.rater == name]
    counts = Counter(preferred(this, one) for one in own)
    fast = sum(0 < one.milliseconds < FASTEST for one in own if one.choice != "skip")
    return Rater(
        name, counts[this.arms[1]], counts["tie"], counts[this.arms[0]], counts["bad"], counts["skip"],
        wilson(*_lefts(own)), fast,
    )  # fmt: skip
