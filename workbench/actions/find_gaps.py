"""Turns failures on golden rows into pieces of work on the training data.

A gap names a slice, a kind of failure, what probably causes it and what to do, and the training rows that stand nearest
to the failed questions. It never holds a golden question or reply: whoever writes new rows must not see them, or golden
would end up in training by way of his memory. The golden texts stay on the evaluation screen.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from typing import Any

from evaluators.copied_spans import Copied
from evaluators.models.embedder import embedder
from evaluators.sample import Scorer, catalogue
from workbench.blind.results import results_of
from workbench.diagnosis.causes import WORK, Failed, cause_of
from workbench.diagnosis.failures import BASE, KINDS, PROMPTED, TUNED, failures, right, topic
from workbench.diagnosis.neighbours import NEIGHBOURS, Side, best_of, nearest
from workbench.diagnosis.policy_words import policy_words
from workbench.errors import BadInput
from workbench.records import Answer, Evaluation, Gap
from workbench.rows import Rows
from workbench.settings import EMBEDDER, Report, models_folder, no_report
from workbench.store import Store, datasets, evaluations, failure_notes, gaps, goldens, ratings, runs

SNIPPET = 400  # characters of a training row shown beside a gap
STATES = ("open", "done", "dismissed")
LONGEST_POLICY = 4_000  # characters


def find_gaps(store: Store, evaluation_id: int, report: Report = no_report) -> tuple[Gap, ...]:
    """Groups the failed golden rows of an evaluation, finds what in the training data may explain them, and saves that.

    Failed are rows on which the tuned model refused, did not stop, lost to the base model on the deciding metric,
    stayed below half of a share, stated unsupported facts, lost a closed blind round, or drew "both bad" there; and
    rows that somebody noted something on, which count under the kind that the note was put under. Only rows that people
    may read are looked at, never sealed ones. Gaps of the evaluation that nobody touched are replaced.
    """
    evaluation = evaluations.get(store, evaluation_id)
    if not evaluation.summary:
        raise BadInput(f"Evaluation {evaluation_id} is not finished, so its failures are not known yet.")
    if evaluation.summary.get("part") == "sealed":
        raise BadInput(
            f"Evaluation {evaluation_id} was made on the sealed rows, which nobody reads. Find gaps on an evaluation "
            "of the dev part: goldloop evaluate RUN"
        )
    golden = goldens.readable(store, goldens.by_id(store, evaluation.golden_id))
    scorer = catalogue()[evaluation.summary["primary"]["scorer"]]
    report(0.05, "looking for failed rows")
    arms = answers_by_arm(store, evaluation_id)
    kinds = {row_id: found[0] for row_id, found in failures(arms, scorer, *_rated_down(store, evaluation)).items()}
    kinds |= {one.row_id: one.kind for one in failure_notes.listed(store, evaluation_id) if one.kind}
    run = runs.get(store, evaluation.run_id)
    training = datasets.rows_of(store, datasets.by_id(store, run.version_id)).without(golden.row_id)
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for place, (row_id, tags) in enumerate(zip(golden.row_id, golden.tags, strict=True)):
        if row_id in kinds and row_id in arms[TUNED]:
            groups[topic(tags), kinds[row_id]].append(place)
    report(0.1, f"comparing with {len(training)} training rows")
    side = Side(training, embedder(models_folder() / EMBEDDER, corpus=training.prompt))
    sizes = Counter(topic(tags) for tags in golden.tags)
    ready = []
    for done, ((slice_name, kind), places) in enumerate(groups.items()):
        report(0.5 + 0.5 * done / len(groups), f"{slice_name}: {kind}")
        failed = golden.having([golden.row_id[place] for place in places])
        gap = _gap(evaluation, slice_name, kind, failed, side, arms, scorer)
        evidence = {**gap.evidence, "of": sizes[slice_name], "version": run.version}
        ready.append(Gap(**{**vars(gap), "evidence": evidence}))
    order = [*KINDS]
    ready.sort(
        key=lambda gap: (
            order.index(gap.failure) if gap.failure in order else -1, -len(gap.golden_rows), gap.slice, gap.failure
        )
    )  # fmt: skip
    return tuple(gaps.replace_open(store, evaluation_id, ready))


def answers_by_arm(store: Store, evaluation_id: int) -> dict[str, dict[str, Answer]]:
    """Arm -> golden row id -> what it answered."""
    return {
        arm: {one.row_id: one for one in evaluations.answers_of(store, evaluation_id, arm)}
        for arm in (BASE, PROMPTED, TUNED)
    }


def settle_gap(store: Store, gap_id: int, state: str, note: str = "") -> Gap:
    """Marks a gap as done or dismissed, or opens it again."""
    if state not in STATES:
        raise BadInput(f'A gap cannot be "{state[:20]}"; it is one of: {", ".join(STATES)}.')
    gaps.get(store, gap_id)
    return gaps.settle(store, gap_id, state, note.strip()[:2000])


def state_policy(store: Store, gap_id: int, policy: str) -> Gap:
    """Writes on a gap's card what the right answer must say: all that whoever writes the new rows is told."""
    gaps.get(store, gap_id)
    return gaps.set_policy(store, gap_id, policy.strip()[:LONGEST_POLICY])


def _rated_down(store: Store, evaluation: Evaluation) -> tuple[frozenset[str], frozenset[str]]:
    """Golden rows on which the tuned answer lost in a closed round, and on which both were called bad."""
    against, bad = set(), set()
    for this in ratings.rounds_of(store, evaluation.id):
        if not this.closed or TUNED not in this.arms:
            continue
        for found in results_of(store, this):  # pair by pair: a row won against the base may be lost to the prompt
            if TUNED in found.arms:
                against |= {row for row, said in found.verdicts.items() if said in this.arms and said != TUNED}
                bad |= set(found.rows_bad)
    return frozenset(against), frozenset(bad)


def _gap(
    evaluation: Evaluation, slice_name: str, kind: str, failed: Rows, side: Side,
    arms: Mapping[str, Mapping[str, Answer]], scorer: Scorer,
) -> Gap:  # fmt: skip
    """One gap from the failed rows of one slice and kind."""
    per_row = [nearest(vector, side.vectors) for vector in side.embed(failed.prompt)]
    tuned = [arms[TUNED][row_id].output for row_id in failed.row_id]
    by_answer = [nearest(vector, side.reply_vectors) for vector in side.embed(tuned)]
    copied = [side.longest_copied(answer) for answer in tuned]
    causes = Counter(
        cause_of(
            Failed(
                found, prompt, reference, answer, kind, right(arms[BASE].get(row_id), scorer),
                right(arms[PROMPTED].get(row_id), scorer), run,
            ),
            side,
        )
        for found, prompt, reference, answer, row_id, run in zip(
            per_row, _given(failed), failed.reply, tuned, failed.row_id, copied, strict=True
        )
    )  # fmt: skip
    best, near_answers = best_of(per_row), best_of(by_answer)
    places = list(best)[:NEIGHBOURS]
    words = policy_words(places, side.rows)
    work = WORK[causes.most_common(1)[0][0]]
    about = f'on "{slice_name}"' + (f" (words of the nearest rows: {', '.join(words)})" if words else "")
    evidence = {
        "rows": len(failed), "causes": dict(causes), "policy_words": words, "compared_by": side.embed.name,
        "near_from": side.near, "nearest": max(best.values(), default=None),
        "diagnoses": dict(Counter(WORK[cause].diagnosis for cause in causes.elements())),
        "means": {arm: _mean(arms[arm], failed.row_id, scorer.name) for arm in arms}, "scorer": scorer.name,
        "near_answers": [_shown(side, place, near_answers[place]) for place in list(near_answers)[:NEIGHBOURS]],
        "copied": _copied(copied),
    }  # fmt: skip
    return Gap(
        0, evaluation.id, slice_name, kind, work.cause, work.work.format(about=about), tuple(failed.row_id),
        tuple(_shown(side, place, best[place]) for place in places), "open", "", evidence, work.diagnosis,
    )  # fmt: skip


def _given(rows: Rows) -> list[str]:
    """(N,) all that stood before the final reply."""
    return ["\n".join(turn["content"] or "" for turn in turns[:-1]) for turns in rows.messages]


def _copied(found: Sequence[Copied | None]) -> dict[str, Any] | None:
    """The longest run that one of the answers has word for word from training, as training has it."""
    longest = max((one for one in found if one), key=lambda one: one.words, default=None)
    if longest is None:
        return None
    return {"words": longest.words, "of": longest.of, "text": longest.span[:SNIPPET],
            "rows": list(longest.row_ids[:NEIGHBOURS]), "holders": len(longest.row_ids)}  # fmt: skip


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
