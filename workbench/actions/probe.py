"""Probe a run: what its tuned model forgot, learned by heart, or says where nobody asked, against its base model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import polars as pl

from evaluators.models import embedded
from evaluators.probes import items, lm_harness
from evaluators.probes.choices import FORMATS
from evaluators.probes.memorised import MOST_ROWS, Taught
from evaluators.probes.ways import NO_DORA_SCALE, Way, at_scale
from training.plan import TrainingPlan
from training.run.checkpoints import complete_ones, step_of
from training.run.split import kept_aside
from training.tokens.calls import unfolded
from training.tokens.encode import offered
from training.tokens.learned import context_mark
from workbench.asked import as_asked, tools_asked_with
from workbench.errors import BadInput
from workbench.records import ProbeRun, Run
from workbench.settings import Report, models_folder, no_report, user_name
from workbench.store import Store, probes, runs
from workbench.told.probes import told as told

ROWS = "rows.parquet"  # what the run was trained on, as `actions.train` wrote it
MOST_SCALES = 6


def probe(
    store: Store,
    run_id: int,
    *,
    scales: Sequence[float] = (),
    checkpoints: bool = False,
    form: str = "plain",
    sample: int = MOST_ROWS,
    seed: int = 0,
    folder: str | Path | None = None,
    lm_eval: Sequence[str] = (),
    report: Report = no_report,
    job_id: int | None = None,
) -> ProbeRun:
    """Puts the probes to the base and the tuned model of a run and keeps what was found.

    scales: the adapter is also measured at these strengths (0.5 is half of what it changes). checkpoints: the run's
    kept checkpoints are measured, too. form: plain or chat, how multiple-choice questions are put. sample: training
    rows asked about. folder: probes of your own in the shipped format. lm_eval: tasks of lm-evaluation-harness, by
    name or YAML file (an optional extra). Stopped, it goes on where it was. Raises NotFound, BadInput for a run
    without an adapter, BadRequest.
    """
    from evaluators.probes.probe import Asked
    from evaluators.probes.probe import probe as ask

    run = probed_run(store, run_id, scales=scales, form=form, sample=sample, lm_eval=lm_eval)
    questions = items.load(folder)
    taught, aside = training_rows(store, run)
    ways = [*(at_scale(scale) for scale in dict.fromkeys(scales) if scale != 1)]
    if checkpoints:
        ways += kept_checkpoints(store, run)
    settings: dict[str, Any] = {
        "scales": list(scales),
        "checkpoints": checkpoints,
        "form": form,
        "sample": sample,
        "seed": seed,
    }
    settings["lm_eval"] = list(lm_eval)
    known = probes.of_job(store, job_id) if job_id is not None else None
    mine = known or probes.add(store, run.id, settings, user_name(), job_id)
    asked = Asked(
        questions,
        taught,
        aside,
        ways,
        form="chat" if form == "chat" else "plain",
        sample=sample,
        seed=seed,
        trained=trained_as(run),
        harness=lm_eval,
    )
    found = ask(
        embedded.resolve(run.plan["model"], models_folder()),
        runs.folder(store, run.id) / "adapter",
        asked,
        cache=probes.folder(store, run.id),
        report=report,
    )
    probes.finish(store, mine.id, {**found, "run": run.id, "model": run.plan["model"], "version": run.version})
    return probes.get(store, mine.id)


def probed_run(
    store: Store,
    run_id: int,
    *,
    scales: Sequence[float] = (),
    form: str = "plain",
    sample: int = 1,
    lm_eval: Sequence[str] = (),
) -> Run:
    """The run, if it can be probed so; ask before a job is started. Raises NotFound, BadInput, BadRequest."""
    run = runs.get(store, run_id)
    if run.result is None:
        raise BadInput(
            f"Run {run_id} has no adapter yet. Wait for it (goldloop jobs watch {run.job_id}) or go on with it "
            f"(goldloop jobs resume {run.job_id})."
        )
    if form not in FORMATS:
        raise BadInput(f'There is no format "{form}"; the formats are: {", ".join(FORMATS)}.')
    if not 1 <= sample <= 1000:
        raise BadInput("Ask about 1 to 1,000 training rows.")
    if len(scales) > MOST_SCALES:
        raise BadInput(f"Measure at most {MOST_SCALES} scales at a time.")
    for scale in scales:
        at_scale(scale)
    if scales and run.plan.get("method") == "dora":
        raise BadInput(NO_DORA_SCALE[0].upper() + NO_DORA_SCALE[1:])
    lm_harness.check(lm_eval)
    return run


def training_rows(store: Store, run: Run) -> tuple[list[Taught], list[Taught]]:
    """(rows that the run was trained on, rows that it kept aside for validation), as it split them itself."""
    path = runs.folder(store, run.id) / ROWS
    if not path.is_file():
        raise BadInput(f"The rows of run {run.id} are not in {path}; train it again to probe what it learned by heart.")
    rows = pl.read_parquet(path)
    skipped = [str(row[0]) for row in (run.result or {}).get("skipped_rows", ())]
    rows = rows.filter(~pl.col("row_id").cast(pl.String).is_in(skipped))
    plan = TrainingPlan.model_validate(run.plan)
    aside = set(kept_aside(rows, share=plan.validation_share, seed=plan.seed))
    trained: list[Taught] = []
    kept: list[Taught] = []
    named = zip(rows["row_id"].to_list(), rows["messages"].to_list(), offered(rows), strict=True)
    for place, (row_id, turns, tools) in enumerate(named):
        learned = len(turns) > 1 and context_mark(unfolded(turns[-1])) is None
        if learned and (turns[-1]["content"] or "").strip():
            (kept if place in aside else trained).append(taught(str(row_id), turns, tools))
    return trained, kept


def taught(row_id: str, turns: Sequence[Mapping[str, Any]], tools: str | None = None) -> Taught:
    """A training row as the probes take it; a turn's other keys (name, tool_calls) stand beside its content."""
    before = [as_asked(turn) for turn in turns[:-1]]
    return Taught(row_id, tuple(before), turns[-1]["content"] or "", tools_asked_with(tools))


def kept_checkpoints(store: Store, run: Run) -> list[Way]:
    """The checkpoints that the run still has, other than the one its adapter was taken from, oldest first."""
    best = (run.result or {}).get("best_step")
    found = complete_ones(runs.folder(store, run.id) / "checkpoints")
    return [Way(f"step {step_of(one)}", folder=one) for one in found if step_of(one) != best]


def trained_as(run: Run) -> dict[str, Any]:
    """How the adapter was made, for the proposals."""
    result = run.result or {}
    return {
        "run": run.id,
        "rows": result.get("train_rows"),
        "epochs": run.plan.get("epochs"),
        "alpha": run.plan.get("alpha"),
        "method": run.plan.get("method", "lora"),
        "learning_rate": result.get("learning_rate"),
        "steps": result.get("steps"),
        "best_step": result.get("best_step"),
        "validation_losses": result.get("validation_losses"),
    }
