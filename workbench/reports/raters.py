"""What the silent checks say of each rater. They flag and never block: the result is given with and without."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from scipy import stats

from evaluators.statistics.estimate import Estimate
from evaluators.statistics.wilson import wilson
from workbench.records import Card, Round, Vote
from workbench.reports.tally import FASTEST, SIDE_UNKNOWN, preferred

WORDS_A_SECOND = 15  # evaluation notes; three times as fast as people read for sense
REFERENCE = "reference"  # the better side of a known pair
MOST_TOO_FAST = 0.2  # share of a rater's choices
LEAST_KNOWN_RIGHT, FEWEST_KNOWN = 0.7, 3  # Potato flags below 70 % of its known items
LEAST_REPEATED, FEWEST_REPEATED = 0.6, 3  # a choice among four that is thrown like a coin repeats in about 40 %
SIDE_P = 0.01  # left-right balance; one of a hundred fair raters is flagged
MOST_ALIKE, FEWEST_ALIKE = 0.95, 20  # the same key for nearly all


@dataclass(frozen=True)
class RaterChecks:
    """What is known of one rater. left: share of his decided choices for the answer on the left, p against one half.

    known_right of known pairs; repeated_alike of repeats (skips left out); guessed_right of guesses which answer was
    the tuned model's. flags: why his votes deserve a second look, in words; () for none.
    """

    name: str
    choices: int
    too_fast: int
    known_right: int
    known: int
    repeated_alike: int
    repeats: int
    left: Estimate
    left_p: float
    guessed_right: int
    guesses: int
    reference_opened: int
    seconds: float | None
    """Median seconds a card."""
    flags: tuple[str, ...]


def too_fast(vote: Vote, words: int) -> bool:
    """Whether a choice came sooner than anybody can have read the card. 0 milliseconds: not measured."""
    return 0 < vote.milliseconds < max(FASTEST, 1000 * words / WORDS_A_SECOND)


def checks_of(this: Round, votes: Sequence[Vote], cards: Mapping[str, Card]) -> tuple[RaterChecks, ...]:
    """The silent checks of every rater, by name. votes: all standing ones, checks and guesses too."""
    return tuple(
        _rater(this, name, [one for one in votes if one.rater == name], cards)
        for name in sorted({one.rater for one in votes})
    )


def _rater(this: Round, name: str, votes: Sequence[Vote], cards: Mapping[str, Card]) -> RaterChecks:
    by_card = {vote.card: vote for vote in votes}
    said = [vote for vote in votes if vote.choice != "skip"]
    regular = [vote for vote in said if vote.kind == "pair"]
    known = [vote for vote in said if vote.kind == "known"]
    repeats = [
        (vote, by_card.get(cards[vote.card].twin)) for vote in said if vote.kind == "repeat" and vote.card in cards
    ]
    twice = [(again, first) for again, first in repeats if first is not None and first.choice != "skip"]
    guesses = [vote for vote in said if vote.kind == "guess" and vote.choice in ("a", "b")]
    lefts = [v.choice for v in regular if v.choice in ("a", "b") and not v.left.startswith(SIDE_UNKNOWN)]
    left, decided = lefts.count("a"), len(lefts)
    p = float(stats.binomtest(left, decided).pvalue) if decided else 1.0
    times = sorted(vote.milliseconds for vote in regular if vote.milliseconds)
    found = RaterChecks(
        name, len(regular),
        sum(too_fast(vote, cards[vote.card].words if vote.card in cards else 0) for vote in regular),
        sum(preferred(this, vote) == REFERENCE for vote in known), len(known),
        sum(preferred(this, again) == preferred(this, first) for again, first in twice), len(twice),
        wilson(left, decided), p, sum(preferred(this, vote) == "tuned" for vote in guesses), len(guesses),
        sum(vote.reference_opened for vote in regular), times[len(times) // 2] / 1000 if times else None, (),
    )  # fmt: skip
    return RaterChecks(**{**vars(found), "flags": tuple(_flags(found, regular))})


def _flags(found: RaterChecks, votes: Sequence[Vote]) -> list[str]:
    """Why a rater's votes deserve a second look."""
    flags = []
    if found.choices and found.too_fast > MOST_TOO_FAST * found.choices:
        flags.append(f"{found.too_fast} of {found.choices} choices came faster than the texts can be read")
    if found.known >= FEWEST_KNOWN and found.known_right < LEAST_KNOWN_RIGHT * found.known:
        flags.append(f"preferred the golden reply in {found.known_right} of {found.known} known pairs only")
    if found.repeats >= FEWEST_REPEATED and found.repeated_alike < LEAST_REPEATED * found.repeats:
        flags.append(f"chose the same again in {found.repeated_alike} of {found.repeats} repeated pairs only")
    if found.left_p < SIDE_P:
        flags.append(f"preferred the answer on the left in {found.left.value:.0%} of {found.left.n} decided choices")
    if len(votes) >= FEWEST_ALIKE:
        choice, times = Counter(vote.choice for vote in votes).most_common(1)[0]
        if times >= MOST_ALIKE * len(votes):
            flags.append(f'pressed the same key ("{choice}") for {times} of {len(votes)} pairs')
    return flags
