"""Train a finished run once more and say whether it comes out the same, to the last bit."""

from __future__ import annotations

import json
from dataclasses import dataclass

from evaluators.models import embedded
from training.run.repeat import repeat
from workbench.records import Run
from workbench.settings import Report, models_folder, no_report
from workbench.store import Store, runs
from workbench.store.row_files import write_whole
from workbench.store.store import now

REPEATED = "repeated.json"  # beside the run: what its newest repetition said


@dataclass(frozen=True)
class RunRepeated:
    """A run, whether its repetition is the same to the last bit, and what to tell a person, one sentence a line."""

    run: Run
    equal: bool
    lines: tuple[str, ...]
    when: str


def repeat_run(store: Store, run_id: int, *, model: str | None = None, report: Report = no_report) -> RunRepeated:
    """A finished run, trained again from its own folder and compared; takes as long as the run itself did.

    model: where the base model lies by now, by default where the plan's name is found on this computer. The run stays
    as it is; what was said is kept beside it. Raises NotFound, NotResumable for a run that is not finished,
    ModelError for another base model, BadAdapter where the adapter that a second stage began from is gone or another,
    RowsError for rows that are gone or changed.
    """
    run = runs.get(store, run_id)
    folder = runs.folder(store, run.id)
    base = model or str(embedded.resolve(str(run.plan["model"]), models_folder()))
    parent = runs.folder(store, run.parent_id) / "adapter" if run.parent_id is not None else None
    done = repeat(folder, model=base, parent=parent, report=report)
    said = RunRepeated(run, done.equal, tuple(done.lines()), now())
    kept = json.dumps({"equal": said.equal, "lines": said.lines, "when": said.when}, indent=2)
    write_whole(folder / REPEATED, lambda part: part.write_text(kept, encoding="utf-8"))
    return said


def read_repeated(store: Store, run_id: int) -> RunRepeated | None:
    """What the newest repetition of a run said, or None."""
    run = runs.get(store, run_id)
    try:
        kept = json.loads((runs.folder(store, run.id) / REPEATED).read_text("utf-8"))
        return RunRepeated(run, bool(kept["equal"]), tuple(map(str, kept["lines"])), str(kept["when"]))
    except (OSError, ValueError, TypeError, KeyError):
        return None
