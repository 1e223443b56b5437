"""Signs that facts are missing rather than skill: what no training reply states, and what looking up brings"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from evaluators.compare import Comparison
from evaluators.metrics.facts import facts, stated
from evaluators.sample import Sample
from evaluators.statistics.wilson import wilson
from evaluators.verdict import figures, verdict

Sign = str  # "yes", "no", "can't tell"
MANY = 0.2  # share of rows: where one row in five asks for an untaught fact, training cannot close most of the rest


@dataclass(frozen=True)
class Untaught:
    """Facts that the references state and no training reply does.

    facts: different facts of the references that their own questions do not give; untaught: those of them in no
    training reply. rows: rows that ask for at least one fact; rows_untaught: rows that ask for an untaught one, ids of
    them in row_ids. A number counts as taught wherever it stands, so the true gap is at least this large.
    """

    facts: int
    untaught: int
    rows: int
    rows_untaught: int
    row_ids: tuple[str, ...]

    @property
    def sign(self) -> Sign:
        """Whether training on these rows must miss much: yes, no, or can't tell from so few rows."""
        share = wilson(self.rows_untaught, self.rows)
        if share.low is None or share.high is None:
            return "can't tell"
        return "yes" if share.low >= MANY else "no" if share.high < MANY else "can't tell"

    @property
    def sentence(self) -> str:
        if not self.facts:
            return "Whether facts are missing can't be told: the references state no checkable fact."
        share = wilson(self.rows_untaught, self.rows)
        assert share.low is not None
        assert share.high is not None
        if not self.untaught:
            return f"Every one of the {self.facts} facts that the references state stands in some training reply."
        counted = (
            f"{self.untaught} of the {self.facts} facts that the references state stand in no training reply: "
            f"{self.rows_untaught} of {self.rows} rows ask for one (95 % interval {100 * share.low:.0f} to "
            f"{100 * share.high:.0f} %)."
        )
        return (
            counted
            + {
                "yes": " Training on these rows cannot teach them: add them to the training rows, or look them up.",
                "no": " The training rows do hold most of what is asked for.",
                "can't tell": " Whether that is a gap that matters can't be told from so few rows.",
            }[self.sign]
        )


def untaught(samples: Sequence[Sample], replies: Iterable[str]) -> Untaught:
    """The facts of the references that neither their question gives nor any of the training replies states."""
    taught: set[str] = set()
    for reply in replies:
        taught |= stated(reply)
    every, missing, rows, lacking = set[str](), set[str](), 0, []
    for sample in samples:
        given = stated("\n".join(turn["content"] for turn in sample.prompt))
        wanted = facts(sample.reference) - given
        every |= wanted
        missing |= wanted - taught
        rows += bool(wanted)
        if wanted - taught:
            lacking.append(sample.id)
    return Untaught(len(every), len(missing), rows, len(lacking), tuple(lacking))


def looked_up(comparison: Comparison | None) -> tuple[Sign, str]:
    """Whether facts are found by looking up, and a sentence with the figures.

    comparison: fact recall with the training rows likest to the question as examples (arm b) against as many random
    ones (arm a). Both show the same number of examples in the same style, so what is left is what stands in them.
    """
    if comparison is None:
        return "can't tell", "Whether looking up helps was not measured: it takes similar and random examples."
    if not comparison.n:
        return "can't tell", "Whether looking up helps can't be told: no reference states a checkable fact."
    word = verdict(comparison)
    shown = figures(comparison)
    if word == "better":
        return "yes", (
            f"Facts recalled rise when similar training rows stand before the question instead of random ones {shown}: "
            "the facts can be looked up. Retrieval (a search that puts the right passage into the prompt) keeps them "
            "up to date without training; train for tone and format."
        )
    if word == "worse":
        return "no", f"Similar training rows before the question do not help with facts {shown}."
    return "can't tell", f"Whether looking up helps can't be told {shown}."
