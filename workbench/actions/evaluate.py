"""Evaluate a run: base, base with a better prompt, and tuned, on the same golden rows with the same decoding."""

from __future__ import annotations

import json
import random
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from evaluators.beside import Embed, measure_beside
from evaluators.conclusion import BASE, MARGIN, PROMPTED, TUNED, conclude
from evaluators.evaluate import Arm, Decoding
from evaluators.models import embedded
from evaluators.primary_metric import primary_metric, unfit_as_primary
from evaluators.rules import rules_of
from evaluators.sample import Sample, catalogue
from evaluators.slices import question_of, slices_of
from workbench.errors import BadInput
from workbench.records import Answer, Evaluation, Golden, Run
from workbench.rows import Rows
from workbench.settings import EMBEDDER, Report, models_folder, no_report, user_name
from workbench.sheet import Sheet
from workbench.splits import askable
from workbench.store import Store, datasets, evaluations, goldens, runs, sheets

DEFAULT_EXAMPLES = 3  # few-shot examples where the user brings no prompt of their own


def evaluate(
    store: Store,
    run_id: int,
    *,
    prompt: str = "",
    examples: int | None = None,
    max_new_tokens: int | None = None,
    primary: str | None = None,
    report: Report = no_report,
    job_id: int | None = None,
) -> Evaluation:
    """Answers every golden row three times, scores the answers and says what can be concluded.

    prompt: the better prompt, as a system text. examples: how many training rows stand before the question as examples;
    by default none beside a prompt and three without one. primary: the metric that decides, by default read off the
    references. All of that is written down before the first answer. With the job_id of an earlier try that one goes
    on. Raises BadInput for a run without an adapter.
    """
    run = trained_run(store, run_id)
    golden = goldens.by_id(store, run.golden_id)
    trained_on = datasets.by_id(store, run.version_id)
    sheet = sheets.sheet_of(store, trained_on.dataset)
    samples = samples_of(goldens.rows_of(store, golden), golden, sheet.demands())
    shots = DEFAULT_EXAMPLES if examples is None and not prompt.strip() else examples or 0
    chosen, reason = (primary, "chosen by the user") if primary else primary_metric(samples)
    if chosen not in catalogue():
        raise BadInput(f'There is no metric "{chosen}". The metrics are: {", ".join(catalogue())}.')
    if why := unfit_as_primary(chosen, samples):
        raise BadInput(f"The metric {why}")
    arms = (
        Arm(BASE, adapter=False, system=None, examples=()),
        Arm(PROMPTED, adapter=False, system=prompt.strip() or None, examples=_examples(store, run, shots)),
        Arm(TUNED, adapter=True, system=None, examples=()),
    )
    settings = {
        "prompt": prompt,
        "examples": shots,
        "primary": chosen,
        "primary_reason": reason,
        "margin": MARGIN,
        "max_new_tokens": max_new_tokens,
    }
    evaluation = evaluations.of_job(store, job_id) if job_id is not None else None
    if evaluation is None:
        evaluation = evaluations.add(store, run.id, golden.id, settings, user_name(), job_id)
    answered, decoding, adapter_digest = _answer(store, run, samples, arms, max_new_tokens, report)
    report(0.96, "comparing the answers with the training rows and with the references")
    taught = datasets.rows_of(store, trained_on)
    answered = measure_beside(
        answered, taught=zip(taught.row_id, taught.reply, strict=True), embed=_embedder(taught.reply)
    )
    report(0.97, "scoring the answers")
    scores = {arm: {name: one.by_id(said) for name, one in catalogue().items()} for arm, said in answered.items()}
    summary = {
        **conclude(scores, samples, chosen, reason, slices=_slices(samples, sheet)),
        "arms": {
            BASE: {"adapter": False},
            PROMPTED: {"adapter": False, "system": prompt, "examples": [list(pair) for pair in arms[1].examples]},
            TUNED: {"adapter": True, "run": run.id},
        },
        "model": run.plan["model"],
        "adapter_digest": adapter_digest,
        "decoding": asdict(decoding),
        "rows": len(samples),
        "golden": {"label": golden.label, "digest": golden.digest, "size": golden.size},
        "version": run.version,
        "margin": MARGIN,
    }
    evaluations.finish(store, evaluation.id, _answers(answered, scores), summary)
    return evaluations.get(store, evaluation.id)


def trained_run(store: Store, run_id: int) -> Run:
    """The run, if it has an adapter. Raises NotFound, or BadInput with the way to one; ask before a job is started."""
    run = runs.get(store, run_id)
    if run.result is None:
        raise BadInput(
            f"Run {run_id} has no adapter yet. Wait for it (goldloop jobs watch {run.job_id}) or go on with it "
            f"(goldloop jobs resume {run.job_id})."
        )
    return run


def _embedder(texts: Sequence[str]) -> Embed | None:
    """The embedding model, where it is there: without one the likeness of meaning is not measured."""
    from evaluators.models.embedder import embedder

    found = embedder(models_folder() / EMBEDDER, corpus=texts[:1])
    return found if found.meaning else None


def _slices(samples: Sequence[Sample], sheet: Sheet) -> dict[str, tuple[str, ...]]:
    """The slices of each golden row; its topic by the same clustering that the data's pictures show."""
    from workbench.checks.balance.topics import find_topics

    topics = find_topics([question_of(one) for one in samples])
    named = {one.id: topics.names[label] for one, label in zip(samples, topics.label, strict=True) if label >= 0}
    cases = [(case.name, case.words, case.tag) for case in sheet.edge_cases]
    return slices_of(samples, edge_cases=cases, topics=named)


def samples_of(rows: Rows, golden: Golden, demands: Mapping[str, Any] | None = None) -> list[Sample]:
    """Golden rows as samples: the turns before the final reply, and that reply as the reference.

    Rows that cannot be asked (no user turn or no reply; sets frozen by early editions hold some) are left out, so the
    number of samples is the number of rows asked. A turn's other keys (name, tool_calls) stand beside its content.
    demands: what the dataset's sheet demands of every answer; a row's tags may demand more.
    """
    groups = golden.groups
    counts: dict[int, int] = {}
    for label in groups.values():
        counts[label] = counts.get(label, 0) + 1
    samples = []
    rows = rows.keep(askable(rows))
    for row_id, turns, reply, tags in zip(rows.row_id, rows.messages, rows.reply, rows.tags, strict=True):
        own = groups.get(row_id)
        asked = []
        for turn in turns[:-1]:
            more = json.loads(turn["more"]) if turn["more"] else {}
            kept = {key: value for key, value in more.items() if value is not None}
            asked.append({**kept, "role": turn["role"], "content": turn["content"] or ""})
        group = str(own) if own is not None and counts[own] > 1 else None
        samples.append(
            Sample(
                id=row_id,
                prompt=tuple(asked),
                output=None,
                reference=reply,
                tags=tuple(tags),
                group=group,
                rules=rules_of(tags, demands),
            )
        )
    return samples


def _examples(store: Store, run: Run, count: int) -> tuple[tuple[str, str], ...]:
    """`count` single-turn training rows as (question, reply), drawn by the run's seed."""
    rows = datasets.rows_of(store, datasets.by_id(store, run.version_id))
    single = [
        (prompt, reply)
        for prompt, reply, turns in zip(rows.prompt, rows.reply, rows.messages, strict=True)
        if reply.strip() and [m["role"] for m in turns if m["role"] != "system"] == ["user", "assistant"]
    ]
    return tuple(random.Random(run.plan.get("seed", 0)).sample(single, min(count, len(single))))


def _answer(
    store: Store, run: Run, samples: list[Sample], arms: tuple[Arm, ...], max_new_tokens: int | None, report: Report
) -> tuple[Mapping[str, list[Sample]], Decoding, str | None]:
    from evaluators.evaluate import evaluate as answer
    from evaluators.models.chat_model import ChatModel

    folder = runs.folder(store, run.id)
    model = embedded.resolve(run.plan["model"], models_folder())
    references = [one.reference for one in samples]
    chat = ChatModel(model, folder / "adapter")  # reads no weights yet
    decoding = chat.settle(Decoding(max_new_tokens=max_new_tokens), references)
    answered = answer(
        model,
        folder / "adapter",
        samples,
        arms,
        decoding,
        cache=folder / "answers",
        report=lambda done, line: report(0.95 * done, line),
    )
    return answered, decoding, chat.adapter_digest


def _answers(answered: Mapping[str, list[Sample]], scores: Mapping[str, Any]) -> list[Answer]:
    return [
        Answer(
            row_id=one.id,
            arm=arm,
            output=one.output or "",
            measured=dict(one.measured),
            scores={name: values[one.id].value for name, values in scores[arm].items()},
            notes={name: values[one.id].note for name, values in scores[arm].items() if values[one.id].note},
        )
        for arm, said in answered.items()
        for one in said
    ]
