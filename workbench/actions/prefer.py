"""Let a run go on learning from what people preferred: a second stage, which is a run of its own."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from evaluators.models import embedded
from training.adapters.whole import is_whole
from training.pairs.preferences import FEW, FEWEST, PreferencePlan
from training.plan import TrainingPlan
from workbench.blind.usable import Usable, digest_words, guard_lines, usable_pairs, what_to_do
from workbench.errors import BadInput, Refused
from workbench.records import Run
from workbench.settings import Report, models_folder, no_report, user_name
from workbench.store import Store, runs
from workbench.store.row_files import write_whole

PLAN = "preference_plan.json"
SOURCE = "pairs_from"  # a column of the run's pairs: where they came from


@dataclass(frozen=True)
class Preferring:
    """What a second stage would do. steps: what to do first, where it cannot begin or would begin on little."""

    usable: Usable
    plan: PreferencePlan
    steps: tuple[str, ...]

    @property
    def may(self) -> bool:
        """Whether it can begin."""
        return not self.usable.blocked and self.usable.table.height >= FEWEST

    @property
    def guard(self) -> list[str]:
        """What the leak guard found in the pairs, and what it could not look at."""
        return guard_lines(self.usable)

    @property
    def sentence(self) -> str:
        count, found = self.usable.table.height, self.usable.found
        said = (
            f"{found} pairs in {self.usable.source}; {count} may be used for a second stage on run "
            f"{self.usable.run.id}."
        )
        if self.usable.left_out:
            said += f" Left out: {', '.join(digest_words(self.usable.reasons))}."
        if self.usable.undecided:
            said += f" {self.usable.undecided} were judged without a winner."
        if FEWEST <= count < FEW:
            said += (
                f" {count} pairs are few: under {FEW} the likely outcome on golden rows is that nobody can tell a "
                "difference."
            )
        return said


def plan_preferences(
    store: Store,
    run_id: int,
    *,
    pairs: str | Path | None = None,
    settings: Iterable[str] = (),
    drop_alike: bool = False,
    report: Report = no_report,
) -> Preferring:
    """How many pairs there are for a second stage on a run, how many may be used, why not the others, what to do.

    pairs: a preference file ("prompt", "chosen", "rejected"), by default the closed blind rounds of the dataset.
    drop_alike: leave out what only resembles a golden row, too, such as nearly the same question.
    Nothing is started. Raises NotFound, BadInput for a run without an adapter, PlanError for a wrong knob.
    """
    run = _parent(store, run_id)
    plan = PreferencePlan.after(TrainingPlan.model_validate(run.plan), settings)
    found = usable_pairs(store, run, pairs, drop_alike=drop_alike, report=report)
    return Preferring(found, plan, tuple(what_to_do(found, FEWEST)))


def prefer(
    store: Store,
    run_id: int,
    *,
    pairs: str | Path | None = None,
    settings: Iterable[str] = (),
    drop_alike: bool = False,
    report: Report = no_report,
    job_id: int | None = None,
) -> Run:
    """Trains a run's adapter on to prefer the chosen replies, measured against the run as it is.

    The result is a run with stage "dpo" and the run as its parent, evaluated and compared like any other. With the
    job_id of an earlier try that one goes on. Raises Refused while too few pairs may be used, with what to do, and for
    a run that has seen rows which are golden now.
    """
    earlier = runs.of_job(store, job_id) if job_id is not None else None
    if earlier is not None and (runs.folder(store, earlier.id) / PLAN).is_file():
        return _carry_on(store, earlier, report, resume=True)
    planned = plan_preferences(
        store, run_id, pairs=pairs, settings=settings, drop_alike=drop_alike,
        report=lambda done, line: report(0.0, line),
    )  # fmt: skip
    refuse(planned)
    run = earlier or runs.add(
        store, planned.usable.version, planned.usable.golden, planned.plan.training.model_dump(), user_name(), job_id,
        stage="dpo", parent_id=run_id,
    )  # fmt: skip
    folder = runs.folder(store, run.id)
    table = planned.usable.table.with_columns(pl.lit(planned.usable.source).alias(SOURCE))
    write_whole(folder / "rows.parquet", lambda part: table.write_parquet(part))
    write_whole(folder / PLAN, lambda part: part.write_text(planned.plan.model_dump_json(indent=2), "utf-8"))
    return _carry_on(store, run, report, resume=False)


def refuse(planned: Preferring) -> None:
    """Raises Refused where the stage cannot begin, with what to do."""
    if planned.usable.blocked:
        raise Refused(planned.usable.blocked)
    if not planned.may:
        raise Refused("\n".join([f"{planned.sentence} At least {FEWEST} are needed.", *planned.steps]))


def _parent(store: Store, run_id: int) -> Run:
    run = runs.get(store, run_id)
    folder = runs.folder(store, run.id) / "adapter"
    if run.result is None or not folder.is_dir():
        raise BadInput(f"Run {run_id} has no adapter yet, so nothing can go on learning. See: goldloop jobs")
    if is_whole(folder):
        raise BadInput(
            f"Run {run_id} tuned every weight and left no adapter; a second stage goes on with an adapter. Train with "
            "--set method=lora."
        )
    return run


def _carry_on(store: Store, run: Run, report: Report, *, resume: bool) -> Run:
    from training.pairs.preferences import train_preferences
    from training.result import read_metrics
    from training.run.provenance import read_provenance

    assert run.parent_id is not None
    folder = runs.folder(store, run.id)
    plan = PreferencePlan.model_validate_json((folder / PLAN).read_text("utf-8"))
    base = str(embedded.resolve(plan.training.model, models_folder()))
    here = plan.model_copy(update={"training": plan.training.model_copy(update={"model": base})})
    parent = runs.folder(store, run.parent_id) / "adapter"
    pairs = pl.read_parquet(folder / "rows.parquet")
    result = train_preferences(here, pairs, parent, folder, report=report, resume=resume)
    held_out = [line for line in read_metrics(folder) if line["step"] == result.best_step and "eval_pairs" in line]
    summary: dict[str, Any] = {
        **dataclasses.asdict(result),
        "adapter": "adapter",
        "preferences": {
            "beta": plan.strength, "rewards": plan.rewards, "pairs": pairs.height, "parent": run.parent_id,
            **({"source": pairs[SOURCE][0]} if SOURCE in pairs.columns else {}),
            **{name: value for line in held_out for name, value in line.items()
               if name.startswith("eval_") and name not in ("eval_loss", "eval_memory", "eval_seconds")},
        },
    }  # fmt: skip
    if provenance := read_provenance(folder):
        runs.note(store, run.id, provenance=provenance)
    runs.finish(store, run.id, json.loads(json.dumps(summary, default=str)))
    return runs.get(store, run.id)
