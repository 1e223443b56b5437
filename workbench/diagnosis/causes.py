"""Why an answer probably failed: one of nine diagnoses, with the work that follows from it

A diagnosis says what is likely from the training rows nearby, never what is proven; the proof is a run without them.

Source
    The table of findings and fixes follows the practice of error analysis (Husain and Shankar) and of attribution by
    nearest rows; gradients (LESS, TRAK) are not used.
"""

from __future__ import annotations

from collections.abc import Sequence, Set
from dataclasses import dataclass

from evaluators.copied_spans import Copied
from evaluators.metrics.facts import facts, stated
from evaluators.metrics.refusal import refuses
from workbench.diagnosis.neighbours import Neighbour, Side

SAME_QUESTION = 0.8  # two questions this alike should get the same facts
AGREEING = 2  # training rows that ask the same, say the same, and differ from the reference
RARE = 2  # a fact that no more training replies state was made up there, or is of one case only
TEMPLATE_SHARE = 0.5  # of the answer's words in one run that training has word for word
TEMPLATE_WORDS = 8  # a shorter run is a turn of phrase
TEMPLATE_ROWS = 3  # a run that fewer rows hold is no template
EACH_ITS_OWN = 3  # near rows that each state a fact of their own: the answer hangs on something outside the prompt

DIAGNOSES = (
    "coverage gap", "wrong neighbours", "template dominance", "missing context", "invented in training", "prompt",
    "golden error", "general skill lost", "not learned",
)  # fmt: skip


@dataclass(frozen=True)
class Work:
    """A diagnosis in words and what to do. `work` has a place for {about}, the slice and its words."""

    diagnosis: str
    cause: str
    work: str


WORK = {
    "no neighbour": Work(
        "coverage gap",
        "Coverage gap: no training row asks anything like it.",
        "Write or collect 5 to 20 new rows {about}, each with names, numbers and wording of its own.",
    ),
    "fact missing": Work(
        "coverage gap",
        "Coverage gap: training rows nearby ask about it, but none of their replies holds the facts that are expected.",
        "Add 5 to 20 rows {about} whose replies state the policy in full; see whether the nearest rows leave it out.",
    ),
    "conflict": Work(
        "wrong neighbours",
        "Wrong or conflicting rows: training rows that ask nearly the same give different facts.",
        "Compare the nearest rows with the policy, correct the wrong ones or drop them, then check again.",
    ),
    "taught refusal": Work(
        "wrong neighbours",
        "Training rows nearby refuse too, so the model was taught to.",
        "Look at the nearest rows {about}: drop or correct the refusals that the policy does not ask for.",
    ),
    "template": Work(
        "template dominance",
        "Template dominance: most of the answer is one run of words that several training replies share.",
        "Find copies and near copies of that reply, cap how many rows use it, and write rows {about} in other words.",
    ),
    "context": Work(
        "missing context",
        "Missing context: training rows nearby each state a fact of their own, and the prompts do not hold it.",
        "The answer hangs on something looked up. Put it into the prompt of these rows {about}, or answer with a "
        "search; more rows will teach the model to make it up.",
    ),
    "invented": Work(
        "invented in training",
        "Invented in training: the unsupported facts of the answer stand in one or two training replies only.",
        "Look those rows up, and take out or correct what nothing in their prompts or in the policy supports.",
    ),
    "prompt": Work(
        "prompt",
        "Not a data gap: the training rows nearby agree, and the base model with a better prompt gets it right.",
        "Keep the better prompt for this slice, or train and answer with the same prompt. New rows can wait.",
    ),
    "golden": Work(
        "golden error",
        "Perhaps a golden error: training rows that ask the same agree with one another and not with the reference.",
        "Have somebody who knows the policy look at the golden row. If it is wrong, edit it: that makes a new golden "
        "version. If it is right, correct the training rows {about}.",
    ),
    "skill": Work(
        "general skill lost",
        "General skill lost: the base model gets it right, the tuned one does not, and no training row is near.",
        "Measure forgetting (goldloop probe RUN); then fewer epochs, a lower rate, a smaller adapter scale, or 5 to 20 "
        "rows in a hundred of general conversation.",
    ),
    "stopping": Work(
        "not learned",
        "Probably not a data gap: the end of a turn was not learned, or the longest answer allowed is too short.",
        "Look for training replies {about} that are cut off, train longer, or allow longer answers in the evaluation.",
    ),
    "training": Work(
        "not learned",
        "Probably not a data gap: training rows nearby do not lack what is expected and do not contradict each other.",
        "Try more epochs, a higher rank or another learning rate before writing new rows; more wordings may help.",
    ),
}


@dataclass(frozen=True)
class Failed:
    """One failed answer. near: training rows by question, nearest first; prompt: all that the model was given."""

    near: Sequence[Neighbour]
    prompt: str
    reference: str
    answer: str
    kind: str = ""
    base_right: bool = False
    prompted_right: bool = False
    copied: Copied | None = None


def cause_of(one: Failed, side: Side) -> str:
    """The likely cause of one failure, a key of `WORK`: possible, not proven."""
    near = [found for found in one.near if found.likeness >= side.near]
    replies = [side.rows.reply[found.place] for found in near]
    if one.kind == "does not stop":
        return "stopping"
    if one.kind == "refuses" and any(refuses(reply) for reply in replies):
        return "taught refusal"
    if not near:
        return "skill" if one.base_right else "no neighbour"
    expected = facts(one.reference)
    if clash := _clash(near, replies, expected, side):
        return clash
    missing = expected - stated(one.answer)
    if invented_from(one, side):
        return "invented"
    if missing and is_template(one.copied):
        return "template"
    if missing and not any(missing & stated(reply) for reply in replies):
        return "context" if _each_its_own(near, replies, side) else "fact missing"
    return "prompt" if one.prompted_right else "training"


def _clash(near: Sequence[Neighbour], replies: Sequence[str], expected: Set[str], side: Side) -> str:
    """ "conflict" where near rows that ask the same contradict one another; "golden" where only the reference does."""
    alike = [
        (i, j)
        for i in range(len(near))
        for j in range(i)
        if float(side.vectors[near[i].place] @ side.vectors[near[j].place]) >= SAME_QUESTION
    ]
    if any(contradict(replies[i], replies[j]) for i, j in alike):
        return "conflict"
    same = [reply for found, reply in zip(near, replies, strict=True) if found.likeness >= SAME_QUESTION]
    astray = [reply for reply in same if expected and facts(reply) and not expected & stated(reply)]
    if same and len(astray) == len(same):
        return "golden" if len(astray) >= AGREEING else "conflict"
    return ""


def contradict(one: str, other: str) -> bool:
    """Whether two replies to the same question each state a fact that the other does not."""
    return bool(facts(one) - stated(other)) and bool(facts(other) - stated(one))


def invented_from(one: Failed, side: Side) -> list[int]:
    """Training rows whose reply states a fact that the answer made up, where next to no other row states it."""
    loose = facts(one.answer) - stated(one.prompt) - stated(one.reference)
    if not loose:
        return []
    holders = [side.holders.get(fact, []) for fact in loose]
    return sorted({place for places in holders if len(places) <= RARE for place in places})


def is_template(copied: Copied | None) -> bool:
    """Whether an answer is for its greater part one run of words that several training replies share."""
    return (
        copied is not None
        and copied.words >= TEMPLATE_WORDS
        and copied.words >= TEMPLATE_SHARE * copied.of
        and len(copied.row_ids) >= TEMPLATE_ROWS
    )


def _each_its_own(near: Sequence[Neighbour], replies: Sequence[str], side: Side) -> bool:
    """Whether near rows state facts that are in no prompt and in no other near reply: order numbers, dates, names."""
    own = []
    for place, (found, reply) in enumerate(zip(near, replies, strict=True)):
        others = set().union(*(stated(other) for i, other in enumerate(replies) if i != place))
        own.append(bool(facts(reply) - stated(side.rows.prompt[found.place]) - others))
    return sum(own) >= EACH_ITS_OWN
