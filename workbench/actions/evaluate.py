"""Evaluate a run: base, base with a better prompt, and tuned, on the same golden rows with the same decoding."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from evaluators.beside import measure_beside
from evaluators.conclusion import BASE, MARGIN, PROMPTED, TUNED, conclude
from evaluators.errors import BadRequest
from evaluators.evaluate import Arm, Decoding
from evaluators.guards import margins_of
from evaluators.ladder import improves
from evaluators.models import embedded
from evaluators.primary_metric import primary_metric, unfit_as_primary
from evaluators.registration import deviations, plan_hash, registration
from evaluators.sample import Sample, Score, catalogue
from evaluators.statistics.estimate import ALPHA
from evaluators.statistics.looks import alpha_of_look
from workbench.asked import DEV, SEALED, asked_rows, embedder_for, examples_of, slices_for
from workbench.asked import samples_of as samples_of
from workbench.errors import BadInput
from workbench.prompting.arms import arm_of
from workbench.records import Answer, Evaluation, Golden, Run
from workbench.settings import Report, models_folder, no_report, user_name
from workbench.sheet import Sheet
from workbench.store import Store, datasets, evaluations, goldens, prompts, runs, sheets

DEFAULT_EXAMPLES = 3  # few-shot examples where the user brings no prompt of their own


def evaluate(
    store: Store,
    run_id: int,
    *,
    part: str = DEV,
    prompt: str = "",
    examples: int | None = None,
    saved_prompt: int | None = None,
    max_new_tokens: int | None = None,
    primary: str | None = None,
    margins: Mapping[str, float | str | None] | None = None,
    useful: float = 0.0,
    why: str = "",
    report: Report = no_report,
    job_id: int | None = None,
) -> Evaluation:
    """Answers every golden row three times, scores the answers and says what can be concluded.

    part: "dev" answers the rows that may be read (calibration rows too, which count in no statistic); "sealed" spends
    one of the counted looks, keeps no answer and tells aggregates only, at the share of alpha that a look costs.
    prompt: the better prompt, as a system text. examples: how many training rows stand before the question as
    examples; by default none beside a prompt and three without one. saved_prompt: instead of both, the number of a
    saved prompt of the dataset (`store.prompts`). primary: the metric that decides, by default read off the references.
    margins: how much worse each guard may be, in its unit, "off" for none (`evaluators.guards`). useful: the smallest
    gain worth having. why: the reason of a look, needed past the budget. All of that is written down with a hash before
    the first answer. With the job_id of an earlier try that one goes on. Raises BadInput for a run without an adapter
    or a plan that cannot be kept, Refused for a look past the budget.
    """
    ready = prepare(
        store, run_id, part=part, prompt=prompt, examples=examples, saved_prompt=saved_prompt,
        max_new_tokens=max_new_tokens, primary=primary, margins=margins, useful=useful,
    )  # fmt: skip
    run, golden, plan, counted = ready.run, ready.golden, ready.plan, ready.counted
    evaluation = evaluations.of_job(store, job_id) if job_id is not None else None
    if evaluation is None:
        evaluation = _begun(store, ready, why, job_id, saved_prompt=saved_prompt, max_new_tokens=max_new_tokens)
    kept = evaluation.settings.get("plan") or plan  # the plan of the first try stands, whatever a later one asks for
    look = goldens.add_look(store, golden, evaluation.id, why) if part == SEALED else None
    answered, decoding, weights = _answer(store, run, ready.asked, ready.arms, max_new_tokens, part, report)
    report(0.96, "comparing the answers with the training rows and with the references")
    taught = datasets.rows_of(store, datasets.by_id(store, run.version_id))
    answered = measure_beside(
        answered, taught=zip(taught.row_id, taught.reply, strict=True), embed=embedder_for(taught.reply)
    )
    report(0.97, "scoring the answers")
    scores = {arm: {name: one.by_id(said) for name, one in catalogue().items()} for arm, said in answered.items()}
    said = conclude(
        _of(scores, counted), counted, kept["primary"], kept["reason"], margins=_margins(kept),
        useful=kept["smallest_useful"], alpha=kept["alpha"], sealed=part == SEALED,
        slices=slices_for(counted, ready.sheet, topics=part != SEALED),
    )  # fmt: skip
    summary = {
        **said,
        **_kept_to(plan, evaluation, said, look),
        "part": part,
        "arms": ready.shown,
        "model": run.plan["model"],
        **weights,
        "decoding": asdict(decoding),
        "rows": len(counted),
        "answered": len(ready.asked),
        "golden": {"label": golden.label, "digest": golden.digest, "size": golden.size},
        "version": run.version,
        "margin": MARGIN,
    }
    if look is not None:
        summary["look"] = _looked(store, golden, look, kept["primary"], scores)
    evaluations.finish(store, evaluation.id, _answers(answered, scores, sealed=part == SEALED), summary)
    if part == SEALED:  # what was kept for a resume; an answer to a sealed row stays nowhere
        shutil.rmtree(_cache(store, run, part), ignore_errors=True)
    return evaluations.get(store, evaluation.id)


def _begun(
    store: Store, ready: Prepared, why: str, job_id: int | None, *, saved_prompt: int | None, max_new_tokens: int | None
) -> Evaluation:
    """The evaluation with its plan and the plan's hash, before the first answer; a look that may not be is refused."""
    plan = ready.plan
    if plan["part"] == SEALED:
        goldens.may_look(store, ready.golden, why)
    settings = {
        "part": plan["part"],
        "prompt": ready.arms[1].system or "",
        "examples": ready.shots,
        "saved_prompt": saved_prompt,
        "primary": plan["primary"],
        "primary_reason": plan["reason"],
        "margin": MARGIN,
        "margins": _margins(plan),
        "useful": plan["smallest_useful"],
        "why": why,
        "max_new_tokens": max_new_tokens,
        "plan": plan,
        "plan_hash": plan_hash(plan),
    }
    return evaluations.add(store, ready.run.id, ready.golden.id, settings, user_name(), job_id)


@dataclass(frozen=True)
class Prepared:
    """An evaluation before its first answer: what is asked of which arms, by which plan; statistics use `counted`."""

    run: Run
    golden: Golden
    sheet: Sheet
    asked: list[Sample]
    counted: list[Sample]
    arms: tuple[Arm, ...]
    shown: Mapping[str, Any]
    shots: int
    plan: dict[str, Any]


def prepare(
    store: Store,
    run_id: int,
    *,
    part: str = DEV,
    prompt: str = "",
    examples: int | None = None,
    saved_prompt: int | None = None,
    max_new_tokens: int | None = None,
    primary: str | None = None,
    margins: Mapping[str, float | str | None] | None = None,
    useful: float = 0.0,
) -> Prepared:
    """What `evaluate` would ask and by which plan, without asking: to be shown first. Nothing is written down."""
    run = trained_run(store, run_id)
    golden = goldens.with_errata(store, goldens.by_id(store, run.golden_id))
    sheet = sheets.sheet_of(store, datasets.by_id(store, run.version_id).dataset)
    asked = asked_rows(store, golden, part, sheet)
    counted = [one for one in asked if golden.part_of(one.id) == part]
    shots, prompted, told = _prompted(store, run, golden, prompt, examples, saved_prompt)
    arms = (
        Arm(BASE, adapter=False, system=None, examples=()),
        prompted,
        Arm(TUNED, adapter=True, system=None, examples=()),
    )
    shown = {
        BASE: {"adapter": False},
        PROMPTED: told,
        TUNED: {"adapter": True, "run": run.id},
    }
    plan = planned(golden, counted, part, primary, margins, useful, arms=shown, max_new_tokens=max_new_tokens)
    return Prepared(run, golden, sheet, asked, counted, arms, shown, shots, plan)


def _prompted(
    store: Store, run: Run, golden: Golden, prompt: str, examples: int | None, saved: int | None
) -> tuple[int, Arm, dict[str, Any]]:
    """How many examples the better prompt shows, its arm, and what is told of it."""
    if saved is None:
        shots = DEFAULT_EXAMPLES if examples is None and not prompt.strip() else examples or 0
        arm = Arm(PROMPTED, adapter=False, system=prompt.strip() or None, examples=examples_of(store, run, shots))
        return shots, arm, {"adapter": False, "system": prompt, "examples": [list(pair) for pair in arm.examples]}
    if prompt.strip() or examples:
        raise BadInput("Give a saved prompt, or a text and examples, not both.")
    one = prompts.get(store, golden.dataset, saved)
    told = {
        "adapter": False,
        "system": one.system,
        "examples": [],
        "saved_prompt": one.number,
        "title": one.title,
        "chosen": one.examples_mode,
        "k": one.k,
        "from": datasets.by_id(store, one.version_id).label,
    }
    return one.k, arm_of(store, one, PROMPTED, golden=golden), told


def _margins(plan: Mapping[str, Any]) -> dict[str, float]:
    return {name: one["margin"] for name, one in plan["margins"].items()}


def _kept_to(plan: Mapping[str, Any], evaluation: Evaluation, said: Mapping[str, Any], look: Any) -> dict[str, Any]:
    """The plan as it was stored before the first answer, its hash, and what was done otherwise."""
    stored = evaluation.settings.get("plan")
    extra = [] if stored else ["No plan was stored before the first answer: an earlier edition began this evaluation."]
    if look is not None and look.over:
        extra.append(
            f"This is look {look.number} of {look.budget} at the sealed rows: past the budget, signed by {look.who}."
        )
    before = stored or plan
    return {"plan": before, "plan_hash": plan_hash(before), "deviations": deviations(before, plan, said, extra=extra)}


def planned(
    golden: Golden,
    samples: Sequence[Sample],
    part: str,
    primary: str | None,
    margins: Mapping[str, float | str | None] | None,
    useful: float,
    *,
    arms: Mapping[str, Any],
    max_new_tokens: int | None,
) -> dict[str, Any]:
    """What is decided before the first answer (`evaluators.registration`). Raises BadInput for what cannot be kept."""
    known = catalogue()
    chosen, reason = (primary, "chosen by the user") if primary else primary_metric(samples)
    if chosen not in known:
        raise BadInput(f'There is no metric "{chosen}". The metrics are: {", ".join(known)}.')
    if unfit := unfit_as_primary(chosen, samples):
        raise BadInput(unfit)
    if not 0 <= useful < float("inf"):
        raise BadInput(f"The smallest useful gain is {useful}; give 0 or more, in the unit of {chosen}.")
    try:
        held = margins_of(margins, known)
    except BadRequest as error:
        raise BadInput(str(error)) from error
    return registration(
        samples, part=part, golden=golden.digest, primary=chosen, reason=reason, useful=useful, margins=held,
        alpha=alpha_of_look(golden.budget) if part == SEALED else ALPHA, arms=arms, max_new_tokens=max_new_tokens,
    )  # fmt: skip


def trained_run(store: Store, run_id: int) -> Run:
    """The run, if it has an adapter. Raises NotFound, or BadInput with the way to one; ask before a job is started."""
    run = runs.get(store, run_id)
    if run.result is None:
        raise BadInput(
            f"Run {run_id} has no adapter yet. Wait for it (goldloop jobs watch {run.job_id}) or go on with it "
            f"(goldloop jobs resume {run.job_id})."
        )
    return run


def _cache(store: Store, run: Run, part: str) -> Any:
    """The folder in which answers wait for a resume; those to sealed rows lie apart, and go when it is over."""
    return runs.folder(store, run.id) / ("answers" if part == DEV else "answers-sealed")


def _answer(
    store: Store,
    run: Run,
    samples: list[Sample],
    arms: tuple[Arm, ...],
    max_new_tokens: int | None,
    part: str,
    report: Report,
) -> tuple[Mapping[str, list[Sample]], Decoding, dict[str, Any]]:
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
        cache=_cache(store, run, part),
        report=lambda done, line: report(0.95 * done, line),
    )
    return answered, decoding, {"adapter_digest": chat.adapter_digest, "precision": chat.precision}


Scored = Mapping[str, Mapping[str, Mapping[str, Score]]]


def _of(scores: Scored, samples: Sequence[Sample]) -> dict[str, dict[str, dict[str, Score]]]:
    """The scores of these rows only."""
    ids = [one.id for one in samples]
    return {
        arm: {name: {row_id: values[row_id] for row_id in ids} for name, values in by_name.items()}
        for arm, by_name in scores.items()
    }


def _looked(store: Store, golden: Golden, look: Any, primary: str, scores: Scored) -> dict[str, Any]:
    """Finishes a look: tuned less base by row, held against the best look so far by the Ladder rule."""
    sign = 1 if catalogue()[primary].higher_is_better else -1
    base, tuned = scores[BASE][primary], scores[TUNED][primary]
    per_row = {
        row: sign * (second - first)
        for row, one in base.items()
        if (first := one.value) is not None and (second := tuned[row].value) is not None
    }
    best = goldens.best_look(store, golden, primary, but=look.id)  # a resumed look does not stand against itself
    step = None
    try:
        step = improves(per_row, best.per_row if best is not None else None)
    except ValueError as error:
        ladder: dict[str, Any] = {"improved": False, "sentence": str(error)}
    else:
        ladder = {**asdict(step), "best_look": best.number if best is not None else None}
    mean = sum(per_row.values()) / len(per_row) if per_row else 0.0
    goldens.finish_look(store, look.id, primary, per_row, mean, bool(step and step.improved))
    return {
        "number": look.number, "budget": look.budget, "over": look.over, "why": look.why, "who": look.who,
        "when": look.when, "ladder": ladder,
    }  # fmt: skip


def _answers(answered: Mapping[str, list[Sample]], scores: Scored, *, sealed: bool) -> list[Answer]:
    """What is kept of each answer; of an answer to a sealed row nothing but its scores."""
    kept = [
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
    return [replace(one, output="", measured={}, notes={}) for one in kept] if sealed else kept
