"""Turns failures on golden rows into pieces of work on the training data.

A gap names a slice, a kind of failure, what probably causes it and what to do, and the training rows that stand nearest
to the failed questions. It never holds a golden question or reply: whoever writes new rows must not see them, or golden
would end up in training by way of his memory. The golden texts stay on the evaluation screen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import log
from typing import Any

import numpy as np

from evaluators.metrics.facts import facts, stated
from evaluators.metrics.refusal import refuses
from evaluators.models.embedder import Embedder, embedder
from evaluators.sample import Scorer, catalogue
from workbench.errors import BadInput
from workbench.records import Answer, Evaluation, Gap
from workbench.reports.tally import majority, preferred
from workbench.rows import Rows
from workbench.settings import EMBEDDER, Report, models_folder, no_report
from workbench.store import Store, datasets, evaluations, gaps, goldens, ratings, runs

TUNED, BASE, PROMPTED = "tuned", "base", "prompted"
BAR = 0.5  # a share or pass score below this counts as a miss: the answer is more wrong than right
SAME = 1e-9  # scores closer than this are equal
NEIGHBOURS = 5  # training rows looked at for each failed golden row
NEAR_IN_MEANING = 0.5  # cosine of MiniLM vectors; below it the nearest training row is about something else
NEAR_IN_WORDS = 0.25  # cosine of TF-IDF vectors, which are lower for the same likeness; set by eye, not measured
SAME_QUESTION = 0.8  # two questions this alike should get the same facts
SHORTEST_WORD = 4  # letters; shorter words say little about a topic
COMMON = 0.08  # share of training rows; a word in more of them than that belongs to no topic
POLICY_WORDS = 6
SNIPPET = 400  # characters of a training row shown beside a gap
STATES = ("open", "done", "dismissed")

KINDS = {  # in the order in which a row is put under one: the gravest first
    "refuses": "The tuned model refuses although an answer is expected",
    "does not stop": "The answer runs on until it is cut",
    "rated worse": "People preferred the other model's answer",
    "both rated bad": "People called both answers bad",
    "worse than base": "The tuned model does worse than the base model",
    "made-up facts": "The answer states facts that nothing supports",
    "misses the point": "The score stays below the bar",
}
WORK = {
    "no neighbour": (
        "Coverage gap: no training row asks anything like it.",
        "Write or collect 5 to 20 new rows {about}, each with names, numbers and wording of its own.",
    ),
    "fact missing": (
        "Coverage gap: training rows nearby ask about it, but none of their replies holds the facts that are expected.",
        "Add 5 to 20 rows {about} whose replies state the policy in full; see whether the nearest rows leave it out.",
    ),
    "conflict": (
        "Wrong or conflicting rows: training rows that ask nearly the same give different facts.",
        "Compare the nearest rows with the policy, correct the wrong ones or drop them, then check again.",
    ),
    "prompt": (
        "Not a data gap: the training rows nearby agree, and the base model with a better prompt gets it right.",
        "Keep the better prompt for this slice, or train and answer with the same prompt. New rows can wait.",
    ),
    "stopping": (
        "Probably not a data gap: the end of a turn was not learned, or the longest answer allowed is too short.",
        "Look for training replies {about} that are cut off, train longer, or allow longer answers in the evaluation.",
    ),
    "taught refusal": (
        "Training rows nearby refuse too, so the model was taught to.",
        "Look at the nearest rows {about}: drop or correct the refusals that the policy does not ask for.",
    ),
    "training": (
        "Probably not a data gap: training rows nearby do not lack what is expected and do not contradict each other.",
        "Try more epochs, a higher rank or another learning rate before writing new rows; more wordings may help.",
    ),
}


@dataclass(frozen=True)
class Neighbour:
    """A training row near a failed question. likeness: cosine, 0 to 1."""

    place: int
    likeness: float


@dataclass(frozen=True)
class Side:
    """The training rows, their questions as (N, d) unit vectors, and from which likeness on a row counts as near."""

    rows: Rows
    vectors: Any
    near: float
    embed: Embedder


def find_gaps(store: Store, evaluation_id: int, report: Report = no_report) -> tuple[Gap, ...]:
    """Groups the failed golden rows of an evaluation, finds what in the training data may explain them, and saves that.

    Failed are rows on which the tuned model refused, did not stop, lost to the base model on the deciding metric,
    stayed below half of a share, stated unsupported facts, lost a closed blind round, or drew "both bad" there. Open
    gaps of the evaluation are replaced; those that a person settled stay.
    """
    evaluation = evaluations.get(store, evaluation_id)
    if not evaluation.summary:
        raise BadInput(f"Evaluation {evaluation_id} is not finished, so its failures are not known yet.")
    arms = {
        arm: {one.row_id: one for one in evaluations.answers_of(store, evaluation_id, arm)}
        for arm in (BASE, PROMPTED, TUNED)
    }
    golden = goldens.rows_of(store, goldens.by_id(store, evaluation.golden_id))
    scorer = catalogue()[evaluation.summary["primary"]["scorer"]]
    report(0.05, "looking for failed rows")
    found = failures(arms, scorer, *_rated_down(store, evaluation))
    run = runs.get(store, evaluation.run_id)
    training = datasets.rows_of(store, datasets.by_id(store, run.version_id)).without(golden.row_id)
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, (row_id, tags) in enumerate(zip(golden.row_id, golden.tags, strict=True)):
        if row_id in found:
            groups[topic(tags), found[row_id][0]].append(place)
    side = _side(training, report)
    questions = side.embed([golden.prompt[place] for places in groups.values() for place in places])
    sizes = Counter(topic(tags) for tags in golden.tags)
    ready, start = [], 0
    for (slice_name, kind), places in groups.items():
        vectors = questions[start : start + len(places)]
        start += len(places)
        report(0.8 + 0.2 * start / max(len(questions), 1), f"{slice_name}: {kind}")
        gap = _gap(
            evaluation, slice_name, kind, golden.having([golden.row_id[p] for p in places]), vectors, side, arms, scorer
        )
        evidence = {**gap.evidence, "of": sizes[slice_name], "version": run.version}
        ready.append(Gap(**{**vars(gap), "evidence": evidence}))
    ready.sort(key=lambda gap: (list(KINDS).index(gap.failure), -len(gap.golden_rows), gap.slice))
    return tuple(gaps.replace_open(store, evaluation_id, ready))


def settle_gap(store: Store, gap_id: int, state: str, note: str = "") -> Gap:
    """Marks a gap as done or dismissed, or opens it again."""
    if state not in STATES:
        raise BadInput(f'A gap cannot be "{state[:20]}"; it is one of: {", ".join(STATES)}.')
    gaps.get(store, gap_id)
    return gaps.settle(store, gap_id, state, note.strip()[:2000])


def failures(
    arms: Mapping[str, Mapping[str, Answer]], scorer: Scorer, against: frozenset[str], bad: frozenset[str]
) -> dict[str, tuple[str, ...]]:
    """Row id -> every kind of failure of the tuned answer, the gravest first; sound rows are not in it."""
    found = {}
    for row_id, tuned in arms[TUNED].items():
        base = arms[BASE].get(row_id)
        value, before = tuned.scores.get(scorer.name), base.scores.get(scorer.name) if base else None
        sign = 1 if scorer.higher_is_better else -1
        holds = {
            "refuses": (tuned.scores.get("refusal") or 0) > 0,
            "does not stop": tuned.scores.get("stopped") == 0,
            "rated worse": row_id in against,
            "both rated bad": row_id in bad,
            "worse than base": value is not None and before is not None and sign * (value - before) < -SAME,
            "made-up facts": (tuned.scores.get("unsupported_facts") or 0) > 0,
            "misses the point": value is not None and not passes(value, scorer),
        }
        if kinds := tuple(kind for kind in KINDS if holds[kind]):
            found[row_id] = kinds
    return found


def passes(value: float | None, scorer: Scorer) -> bool:
    """Whether a score reaches the bar; only shares and passes have one, anything else passes."""
    if value is None or scorer.unit not in ("share", "0 or 1"):
        return True
    return value >= BAR if scorer.higher_is_better else value <= 1 - BAR


def topic(tags: Sequence[str]) -> str:
    """The slice of a row: its first tag."""
    return tags[0] if tags else "untagged"


def _rated_down(store: Store, evaluation: Evaluation) -> tuple[frozenset[str], frozenset[str]]:
    """Golden rows on which the tuned answer lost in a closed round, and on which both were called bad."""
    against, bad = set(), set()
    for this in ratings.rounds_of(store, evaluation.id):
        if not this.closed or TUNED not in this.arms:
            continue
        by_row = defaultdict(list)
        for one in ratings.standing(ratings.votes_of(store, this.id)).values():
            if one.choice != "skip":
                by_row[one.row_id].append(preferred(this, one))
        verdicts = {row: majority(this, said) for row, said in by_row.items()}
        against |= {row for row, said in verdicts.items() if said in this.arms and said != TUNED}
        bad |= {row for row, said in verdicts.items() if said == "bad"}
    return frozenset(against), frozenset(bad)


def _side(training: Rows, report: Report) -> Side:
    report(0.1, f"comparing with {len(training)} training rows")
    embed = embedder(models_folder() / EMBEDDER, corpus=training.prompt)
    near = NEAR_IN_MEANING if embed.meaning else NEAR_IN_WORDS
    return Side(training, embed(training.prompt), near, embed)


def _gap(
    evaluation: Evaluation, slice_name: str, kind: str, failed: Rows, vectors: Any, side: Side,
    arms: Mapping[str, Mapping[str, Answer]], scorer: Scorer,
) -> Gap:  # fmt: skip
    """One gap from the failed rows of one slice and kind. vectors: (N, d), of their questions."""
    per_row = [nearest(vector, side.vectors) for vector in vectors]
    helped = [
        passes(one.scores.get(scorer.name), scorer) and one.scores.get(scorer.name) is not None
        if (one := arms[PROMPTED].get(row_id)) else False
        for row_id in failed.row_id
    ]  # fmt: skip
    causes = Counter(
        cause_of(found, reference, arms[TUNED][row_id].output, right, side, kind)
        for found, reference, row_id, right in zip(per_row, failed.reply, failed.row_id, helped, strict=True)
    )
    best: dict[int, float] = {}
    for neighbour in (neighbour for found in per_row for neighbour in found):
        best[neighbour.place] = max(neighbour.likeness, best.get(neighbour.place, 0.0))
    places = sorted(best, key=lambda place: -best[place])[:NEIGHBOURS]
    words = policy_words(places, side.rows)
    cause, work = WORK[causes.most_common(1)[0][0]]
    about = f'on "{slice_name}"' + (f" (words of the nearest rows: {', '.join(words)})" if words else "")
    return Gap(
        0, evaluation.id, slice_name, kind, cause, work.format(about=about), tuple(failed.row_id),
        tuple(_shown(side, place, best[place]) for place in places), "open", "",
        {
            "rows": len(failed), "causes": dict(causes), "policy_words": words, "compared_by": side.embed.name,
            "near_from": side.near, "nearest": max(best.values(), default=None),
            "means": {arm: _mean(arms[arm], failed.row_id, scorer.name) for arm in arms}, "scorer": scorer.name,
        },
    )  # fmt: skip


def nearest(question: Any, vectors: Any) -> list[Neighbour]:
    """The five training rows nearest to a question, nearest first. question: (d,), vectors: (N, d), of length 1."""
    if not len(vectors):
        return []
    likeness = vectors @ question
    order = np.argsort(-likeness, kind="stable")[:NEIGHBOURS]
    return [Neighbour(int(place), float(min(max(likeness[place], 0.0), 1.0))) for place in order]


def cause_of(
    found: Sequence[Neighbour], reference: str, answer: str, prompted_right: bool, side: Side, kind: str = ""
) -> str:
    """The likely cause of one failure, a key of `WORK`: possible, not proven; the proof is training without them."""
    near = [one for one in found if one.likeness >= side.near]
    replies = [side.rows.reply[one.place] for one in near]
    if kind == "does not stop":
        return "stopping"
    if kind == "refuses" and any(refuses(reply) for reply in replies):
        return "taught refusal"
    if not near:
        return "no neighbour"
    expected = facts(reference)
    twins = [
        (replies[i], replies[j])
        for i in range(len(near))
        for j in range(i)
        if float(side.vectors[near[i].place] @ side.vectors[near[j].place]) >= SAME_QUESTION
    ]
    same = [reply for one, reply in zip(near, replies, strict=True) if one.likeness >= SAME_QUESTION]
    astray = [reply for reply in same if expected and facts(reply) and not expected & stated(reply)]
    if any(contradict(one, other) for one, other in twins) or (same and len(astray) == len(same)):
        return "conflict"
    missing = expected - stated(answer)
    if missing and not any(missing & stated(reply) for reply in replies):
        return "fact missing"
    return "prompt" if prompted_right else "training"


def contradict(one: str, other: str) -> bool:
    """Whether two replies to the same question each state a fact that the other does not."""
    return bool(facts(one) - stated(other)) and bool(facts(other) - stated(one))


def policy_words(places: Sequence[int], training: Rows) -> list[str]:
    """The words that mark the nearest training rows: in two of them or more, rare elsewhere; none is from golden."""
    total = Counter(word for words in training.words for word in set(words))
    here = Counter(word for place in places for word in set(training.words[place]))
    telling = {
        word: count * log(len(training) / total[word])
        for word, count in here.items()
        if count >= min(2, len(places))
        and len(word) >= SHORTEST_WORD
        and not word.isdigit()
        and total[word] <= max(COMMON * len(training), len(places))
    }
    return sorted((word for word in telling if telling[word] > 0), key=lambda word: (-telling[word], word))[
        :POLICY_WORDS
    ]


def _shown(side: Side, place: int, likeness: float) -> dict[str, Any]:
    return {
        "row_id": side.rows.row_id[place],
        "likeness": round(likeness, 4),
        "near": likeness >= side.near,
        "prompt": side.rows.prompt[place][:SNIPPET],
        "reply": side.rows.reply[place][:SNIPPET],
    }


def _mean(said: Mapping[str, Answer], row_ids: Sequence[str], scorer: str) -> float | None:
    values = [said[row].scores.get(scorer) for row in row_ids if row in said]
    judged = [value for value in values if value is not None]
    return sum(judged) / len(judged) if judged else None
