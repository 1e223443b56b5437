"""Say what a run's curves show, and on request whether its adapter recites the rows it was trained on."""

from __future__ import annotations

import dataclasses
import json
from dataclasses import dataclass

from evaluators.models import embedded
from training.doctor import Finding, Recited, diagnose, recited
from training.result import read_metrics
from workbench.errors import BadInput
from workbench.records import Run
from workbench.settings import Report, models_folder, no_report
from workbench.store import Store, runs
from workbench.store.row_files import write_whole

RECITED = "recited.json"  # what the adapter gave back, beside its run, so that it is asked once


@dataclass(frozen=True)
class Examined:
    """A run with the doctor's findings, the gravest first. recited: None until it was asked for."""

    run: Run
    findings: tuple[Finding, ...]
    recited: Recited | None
    running: bool


def examine_run(
    store: Store, run_id: int, *, recite: bool = False, sample: int | None = None, report: Report = no_report
) -> Examined:
    """The doctor's findings on a run, finished or not.

    recite: have the adapter answer some training and validation rows, which takes a minute or more; the result is kept
    in the run's folder and counts from then on. Raises NotFound, BadInput for a run without an adapter.
    """
    run = runs.get(store, run_id)
    folder = runs.folder(store, run_id)
    known = read_recited(store, run_id)
    if recite:
        if run.result is None:
            raise BadInput(f"Run {run_id} is not finished, so there is no adapter to have its rows recited.")
        base = str(embedded.resolve(str(run.plan["model"]), models_folder()))
        options = {} if sample is None else {"sample": sample}
        known = recited(folder, model=base, report=report, **options)
        kept = json.dumps(dataclasses.asdict(known), indent=2)
        write_whole(folder / RECITED, lambda part: part.write_text(kept, encoding="utf-8"))
    found = diagnose(read_metrics(folder), run.plan, run.result, known)
    return Examined(run, tuple(found), known, run.result is None)


def read_recited(store: Store, run_id: int) -> Recited | None:
    """What was measured of a run before, or None."""
    try:
        kept = json.loads((runs.folder(store, run_id) / RECITED).read_text("utf-8"))
        return Recited(**{**kept, "examples": tuple((row, reply) for row, reply in kept["examples"])})
    except (OSError, ValueError, TypeError, KeyError):
        return None
