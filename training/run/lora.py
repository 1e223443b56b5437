"""One training run from rows to an adapter, which may be stopped, killed and resumed at any time"""

from __future__ import annotations

import time
from pathlib import Path

import polars as pl

from training.adapters.adapter import check_adapter
from training.errors import BadAdapter, TrainingError
from training.machine import settle_environment
from training.plan import TrainingPlan
from training.result import Training, read_training
from training.run import ranks
from training.run.checkpoints import full_disk
from training.run.data_digest import as_read_by, data_digest, digest_of_conversations
from training.run.prepared import made_from, prepared
from training.run.provenance import digest_of_model, read_provenance
from training.run.run_folder import ADAPTER, begun_with, digest_begun_with, keep_inputs
from training.run.steps import attempt, computing_with, with_less_memory
from training.run.trackers import refuse_missing
from training.run.watch import Report


def train(
    plan: TrainingPlan,
    rows: pl.DataFrame,
    out: Path,
    *,
    report: Report | None = None,
    resume: bool = False,
    threads: int | None = None,
) -> Training:
    """A LoRA adapter for the plan's base model, trained on the assistant's turns of these rows.

    rows: columns row_id, messages (list of role, content), and group where rows belong together: a group stands whole
    in training or in validation; or validation (bool), where it is decided which rows are kept aside; and tools, where
    rows offer some. Replies marked as context only (weight 0) are read and not learned. `out` gets
    adapter/, metrics.jsonl (a line a step), training.json, checkpoints/, and what the run can be repeated from:
    plan.json, rows.parquet, provenance.json. `report` is called after each step; when it raises, a checkpoint is saved
    and the exception goes on. With `resume` the run in `out` goes on from its newest whole checkpoint, with as many
    threads as it was begun with; a finished one is returned as it is.
    threads: how many compute on a CPU, by default as many as torch takes; another number gives another rounding.
    Raises TrainingError and its children, each with the way out.
    """
    settle_environment()
    refuse_missing(plan.report_to)
    ranks.join()
    begun = time.monotonic()
    known = ranks.once(lambda: digest_begun_with(out) if resume else None)
    given, rows = rows, as_read_by(rows, known)
    digest = data_digest(rows) if rows is given or known is None else known
    earlier = ranks.once(lambda: read_provenance(out) if resume else None)
    model = ranks.once(lambda: digest_of_model(plan.model) if Path(plan.model).is_dir() else None)
    older = digest_of_conversations(rows)
    before = ranks.once(lambda: begun_with(out, plan, digest, resume=resume, model_digest=model, older=older))
    done = ranks.once(lambda: read_training(out) if before and is_still_whole(out / ADAPTER) else None)
    if done is not None:
        return done
    with computing_with(threads or (earlier or {}).get("threads")):
        try:
            ranks.once(lambda: keep_inputs(plan, rows, out))
            run = prepared(plan, rows, out, report or (lambda done, line: None), digest, before, begun)
            run.provenance = made_from(run, rows.height, model, earlier)
            run.remember()
            return with_less_memory(run, attempt)
        except Exception as problem:
            full = full_disk(problem, out)
            if full is None or isinstance(problem, TrainingError):
                raise
            raise full from problem


def is_still_whole(adapter: Path) -> bool:
    """Whether a finished run's adapter is still what it was; otherwise it is made again from its checkpoint."""
    try:
        check_adapter(adapter)
    except BadAdapter:
        return False
    return True
