"""How a round is set up, how long it will take people, and how small a preference it can show."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any, Literal

from workbench.errors import BadInput

Stop = Literal["fixed", "e-value"]
ARMS = ("base", "prompted", "tuned")
SECONDS_A_CARD = 35  # evaluation notes: 100 rows by two people are about an hour each
ALPHA = 0.05
TIE_RATES = (0.0, 0.2, 0.4, 0.6)
MOST_RATERS, MOST_TAGS, MOST_GRADES = 20, 24, 6
LONGEST_TAG, LONGEST_GUIDE = 40, 20_000  # characters
SHARE_LIMIT = 0.25  # silent checks above it would be most of what tires people
TAGS = {
    "w": "wrong fact", "i": "incomplete", "p": "off policy", "o": "tone", "f": "format", "l": "too long",
    "m": "made up", "r": "refused wrongly",
}  # fmt: skip
GRADES = ("helpful", "correct", "tone")


@dataclass(frozen=True)
class Design:
    """What was decided when a round was opened, and is not changed after that.

    rows: how many golden rows are asked about, 0 for all. raters: how many people rate each of the first `overlap_rows`
    rows; the others are rated once. repeats, known: shares of cards that are silent checks. tags: key -> reason.
    grades: questions answered from 1 to 5 for each answer, after the choice. stop: "fixed" asks about all rows chosen
    and shows no figure before the round is closed; "e-value" may be watched and stops at 1/alpha.
    """

    rows: int = 0
    raters: int = 2
    overlap_rows: int = 40
    repeats: float = 0.05
    known: float = 0.05
    tags: Mapping[str, str] | None = None
    grades: tuple[str, ...] = ()
    stop: Stop = "fixed"
    alpha: float = ALPHA
    lock_minutes: float = 10.0
    guide: str = ""

    @property
    def reasons(self) -> dict[str, str]:
        """Key -> reason tag."""
        return dict(TAGS if self.tags is None else self.tags)

    @property
    def checks(self) -> float:
        """Share of cards that are silent checks."""
        return self.repeats + self.known

    def as_values(self) -> dict[str, Any]:
        """As the store keeps it."""
        return {**asdict(self), "tags": self.reasons, "grades": list(self.grades)}

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Design:
        """From what the store kept; {} (a round of before) is a design without checks."""
        if not values:
            return cls(raters=1, overlap_rows=0, repeats=0.0, known=0.0)
        kept = {name: values[name] for name in cls.__dataclass_fields__ if name in values}
        return cls(**{**kept, "grades": tuple(kept.get("grades", ()))})


def checked(design: Design) -> Design:
    """The design, if it can be worked with. Raises BadInput and says what to change."""
    if not 1 <= design.raters <= MOST_RATERS:
        raise BadInput(f"1 to {MOST_RATERS} people can rate a row; {design.raters} were asked for.")
    if design.rows < 0 or design.overlap_rows < 0:
        raise BadInput("Rows cannot be fewer than none.")
    if min(design.repeats, design.known) < 0 or design.checks > SHARE_LIMIT:
        raise BadInput(f"Silent checks can be up to {SHARE_LIMIT:.0%} of the cards in all.")
    if design.stop not in ("fixed", "e-value"):
        raise BadInput(f'There is no stop rule "{design.stop}"; there are "fixed" and "e-value".')
    if not 0 < design.alpha <= 0.5:
        raise BadInput("The error rate alpha lies between 0 and .5.")
    if not 0.1 <= design.lock_minutes <= 1440:
        raise BadInput("A card can stay with one person for 0.1 to 1440 minutes.")
    if len(design.grades) > MOST_GRADES or any(not one.strip() or len(one) > LONGEST_TAG for one in design.grades):
        raise BadInput(f"Up to {MOST_GRADES} questions can be graded, each with a name of up to {LONGEST_TAG} letters.")
    if len(design.guide) > LONGEST_GUIDE:
        raise BadInput(f"The guide for raters can have up to {LONGEST_GUIDE:,} characters.")
    return design


def tags_of(texts: Sequence[str]) -> dict[str, str]:
    """Reasons as people write them, "w wrong fact" or "wrong fact", by key; without a key the first free letter is it.

    Raises BadInput for a key used twice and for too many.
    """
    found: dict[str, str] = {}
    for text in (" ".join(one.split()) for one in texts if one.strip()):
        key, _, rest = text.partition(" ")
        if len(key) == 1 and rest:
            key, name = key.lower(), rest
        else:
            name = text
            free = [letter for letter in name.lower() if letter.isalpha() and letter not in found]
            key = free[0] if free else ""
        if not key or key in found:
            raise BadInput(f'The reason "{name[:LONGEST_TAG]}" needs a letter of its own: write it as "x {name[:20]}".')
        found[key] = name[:LONGEST_TAG]
    if len(found) > MOST_TAGS:
        raise BadInput(f"Up to {MOST_TAGS} reasons have room on the screen; {len(found)} were given.")
    return found


def arms_in_order(arms: Sequence[str]) -> tuple[str, ...]:
    """Two or three arms, the one whose wins are counted last. Raises BadInput."""
    chosen = tuple(one for one in ARMS if one in arms) + tuple(one for one in arms if one not in ARMS)
    if len(set(arms)) != len(arms) or len(chosen) not in (2, 3):
        raise BadInput("A round compares two or three different arms: base, prompted, tuned.")
    return chosen


def pairs_of(arms: Sequence[str]) -> list[tuple[str, str]]:
    """Every pair of arms once: the round robin."""
    return list(combinations(arms, 2))


@dataclass(frozen=True)
class RatingPlan:
    """What a round will take and can show, known before the first vote.

    rows, same: with different answers, and with the same, in the pair that decides (first and last arm). cards: pairs
    to judge, silent checks left out. judgements: cards times raters. minutes: of one person, where `raters` people
    share the work. shows: share of ties -> smallest share of decided rows found with 80 % power (None: no share is).
    """

    rows: int
    same: int
    cards: int
    judgements: int
    minutes: int
    shows: Mapping[float, float | None]

    @property
    def sentence(self) -> str:
        """What the round takes and can show, before anybody has voted."""
        found = [(ties, share) for ties, share in self.shows.items() if share is not None]
        shows = (
            ", ".join(f"{share:.1%} of the decided rows where {ties:.0%} are ties" for ties, share in found)
            if found else "no preference, however strong: there are too few rows"
        )  # fmt: skip
        same = f" {self.same} rows on which arms said the same are not shown." if self.same else ""
        return (
            f"{self.cards} pairs on {self.rows} rows, {self.judgements} judgements, about {self.minutes} minutes a "
            f"person.{same} With 80 % power it finds a preference of {shows}."
        )


def plan_of(cards: Sequence[Mapping[str, Any]], design: Design, arms: Sequence[str]) -> RatingPlan:
    """The plan of a round from its cards (values of their columns)."""
    from evaluators.statistics.smallest_detectable import smallest_rate  # scipy takes half a second

    shown = [card for card in cards if card["kind"] == "pair"]
    deciding = {card["row_id"] for card in shown if {card["arm_1"], card["arm_2"]} == {arms[0], arms[-1]}}
    same = [one for one in cards if one["kind"] == "same" and {one["arm_1"], one["arm_2"]} == {arms[0], arms[-1]}]
    judgements = sum(card["wanted"] for card in shown)
    seconds = judgements / design.raters * (1 + design.checks) * SECONDS_A_CARD
    shows = {}
    for ties in TIE_RATES:
        difference = smallest_rate(len(deciding), 1 - ties)
        shows[ties] = None if difference is None else round((1 + difference / (1 - ties)) / 2, 3)
    return RatingPlan(len(deciding), len(same), len(shown), judgements, max(1, round(seconds / 60)), shows)
