"""One training run from rows to an adapter, which may be stopped, killed and resumed at any time"""

from __future__ import annotations

import gc
import json
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from training import trainer as tuning
from training.adapter import check_adapter, digest_of, licence_of, write_adapter
from training.attempts import note_attempt
from training.checkpoints import complete_ones, discard_broken, full_disk, step_of
from training.encode import EncodedRow, Encoding, clean, encode
from training.errors import NotResumable, TrainingError
from training.machine import Machine, machine_for, peak_memory, settle_environment
from training.methods import load_model
from training.plan import TrainingPlan, rate_for
from training.result import (
    METRICS,
    Training,
    keep_metrics,
    read_training,
    validation_curve,
    write_training,
    write_whole,
)
from training.split import groups_of, validation_places
from training.template import tokenizer_for
from training.watch import Report, Watch

RUN = "run.json"  # what a run was begun with; a resume must not change it
CHECKPOINTS = "checkpoints"
ADAPTER = "adapter"


@dataclass
class Run:
    """A run between its attempts: what it works on, and what it had to change on its own account."""

    plan: TrainingPlan
    out: Path
    rows: list[EncodedRow]
    validation: list[EncodedRow]
    encoding: Encoding
    machine: Machine
    digest: str
    tokenizer: Any
    report: Report
    batch_size: int
    accumulation: int
    notes: list[str]

    @property
    def checkpoints(self) -> Path:
        return self.out / CHECKPOINTS

    def remember(self) -> None:
        facts = {
            "plan": self.plan.model_dump(),
            "data_digest": self.digest,
            "batch_size": self.batch_size,
            "accumulation": self.accumulation,
            "notes": self.notes,
        }
        write_whole(self.out / RUN, json.dumps(facts, indent=2))


def train(
    plan: TrainingPlan, rows: pl.DataFrame, out: Path, *, report: Report | None = None, resume: bool = False
) -> Training:
    """A LoRA adapter for the plan's base model, trained on the assistant's turns of these rows.

    rows: columns row_id, messages (list of role, content), and group where rows belong together: a group stands whole
    in training or in validation. `out` gets adapter/, metrics.jsonl (a line a step), training.json, checkpoints/.
    `report` is called after each step; when it raises, a checkpoint is saved and the exception goes on. With `resume`
    the run in `out` goes on from its newest whole checkpoint; a finished one is returned as it is.
    Raises TrainingError and its children, each with the way out.
    """
    settle_environment()
    tell: Report = report or (lambda done, line: None)
    digest = digest_of([json.dumps(clean(row["messages"]), sort_keys=True) for row in rows.iter_rows(named=True)]
                       if "messages" in rows.columns else [])  # fmt: skip
    before = _look_into(out, plan, digest, resume)
    done = read_training(out) if resume else None
    if done is not None:
        return done
    tell(0.0, f"reading {rows.height} rows")
    machine = machine_for(plan.precision, plan.quantization)
    tokenizer = tokenizer_for(plan.model)
    encoding = encode(rows, tokenizer, max_length=plan.max_length)
    kept = rows.filter(pl.col("row_id").cast(pl.String).is_in([row.row_id for row in encoding.rows]))
    aside = set(validation_places(groups_of(kept), share=plan.validation_share, seed=plan.seed))
    run = Run(
        plan=plan,
        out=out,
        rows=[row for place, row in enumerate(encoding.rows) if place not in aside],
        validation=[row for place, row in enumerate(encoding.rows) if place in aside],
        encoding=encoding,
        machine=machine,
        digest=digest,
        tokenizer=tokenizer,
        report=tell,
        batch_size=before.get("batch_size", plan.batch_size),
        accumulation=before.get("accumulation", plan.accumulation),
        notes=before.get("notes") or _notes(plan, encoding, len(aside)),
    )
    out.mkdir(parents=True, exist_ok=True)
    try:
        run.remember()
        return with_less_memory(run, _attempt)
    except Exception as problem:
        full = full_disk(problem, out)
        if full is None or isinstance(problem, TrainingError):
            raise
        raise full from problem


def with_less_memory(run: Run, attempt: Callable[[Run], Training]) -> Training:
    """The attempt's result; when memory runs out, again with smaller batches and as many rows a step as before."""
    while True:
        try:
            return attempt(run)
        except Exception as problem:
            if not is_out_of_memory(problem):
                raise
            if run.batch_size == 1:
                longest = max(len(row.ids) for row in run.rows)
                raise TrainingError(
                    f"the memory does not suffice for one row at a time (the longest has {longest} tokens). "
                    "Lower max_length, set quantization=4bit, or take a smaller base model."
                ) from problem
        smaller = max(size for size in range(1, run.batch_size // 2 + 1) if run.batch_size % size == 0)
        run.accumulation *= run.batch_size // smaller
        run.batch_size = smaller
        said = f"memory ran out: going on with batch_size={smaller}, accumulation={run.accumulation}, same rows a step"
        run.notes.append(said)
        run.remember()
        run.report(0.0, said)
        _free_memory()


def is_out_of_memory(problem: BaseException) -> bool:
    """Whether an accelerator's or the processor's memory was too small."""
    if isinstance(problem, MemoryError) or type(problem).__name__ == "OutOfMemoryError":
        return True
    return isinstance(problem, RuntimeError) and any(
        said in str(problem) for said in ("out of memory", "can't allocate memory", "not enough memory")
    )


def _attempt(run: Run) -> Training:
    """The run from its newest whole checkpoint, or from the start, to its end."""
    plan = run.plan
    discard_broken(run.checkpoints)
    saved = complete_ones(run.checkpoints)
    run.report(0.0, f"loading {Path(plan.model).name}")
    model = load_model(plan, run.machine)
    rate = plan.learning_rate or rate_for(model.num_parameters())
    trainer = tuning.trainer_for(
        plan,
        run.rows,
        model=model,
        tokenizer=run.tokenizer,
        machine=run.machine,
        rate=rate,
        batch_size=run.batch_size,
        accumulation=run.accumulation,
        folder=run.checkpoints,
    )
    if run.machine.device == "cuda":
        run.report(0.0, "trying the longest rows")
        tuning.probe_memory(trainer, run.rows, run.batch_size)
    watch = Watch(
        out=run.out,
        plan=plan,
        trainer=trainer,
        steps=tuning.total_steps(plan, len(run.rows), run.batch_size, run.accumulation),
        per_epoch=tuning.steps_per_epoch(len(run.rows), run.batch_size, run.accumulation),
        validate=(lambda: tuning.validation_loss(trainer, run.validation, run.batch_size)) if run.validation else None,
        report=run.report,
        lines=keep_metrics(run.out, step_of(saved[-1]) if saved else -1),
    )
    note_attempt(
        run.out, step=step_of(saved[-1]) if saved else 0, batch_size=run.batch_size, accumulation=run.accumulation
    )
    trainer.add_callback(watch.callback())
    if not saved:
        watch.before_the_first_step()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of TRL about transformers: nobody here can act on them
        trainer.train(resume_from_checkpoint=str(saved[-1]) if saved else None)
    run.report(0.98, "saving the adapter")
    return _finish(run, watch, trainer, rate)


def _finish(run: Run, watch: Watch, trainer: Any, rate: float) -> Training:
    best, last = watch.best_step(), watch.lines[-1]
    result = Training(
        adapter=str((run.out / ADAPTER).resolve()),
        steps=last["step"],
        best_step=best,
        losses=[line["loss"] for line in watch.lines if line["step"] > 0],
        validation_losses=validation_curve(watch.lines),
        tokens=last["tokens"],
        seconds=last["seconds"],
        seed=run.plan.seed,
        learning_rate=rate,
        train_rows=len(run.rows),
        validation_rows=len(run.validation),
        cut_rows=[(row.row_id, row.cut) for row in run.encoding.cut],
        skipped_rows=[(row.row_id, row.reason) for row in run.encoding.skipped],
        device=run.machine.name,
        precision=run.machine.precision if run.plan.quantization == "none" else f"4bit, {run.machine.precision}",
        batch_size=run.batch_size,
        accumulation=run.accumulation,
        trainable_parameters=sum(one.numel() for one in trainer.model.parameters() if one.requires_grad),
        peak_memory=peak_memory(run.machine.device),
        ended="stopped early" if watch.stopped_early else "finished",
        notes=run.notes,
    )
    facts = {
        "Steps": f"{result.steps}, best after {best}",
        "Loss of the last step": f"{result.losses[-1]:.4f}",
        "Validation loss, untuned": next((f"{loss:.4f}" for step, loss in result.validation_losses if step == 0), "-"),
        "Validation loss, best": "-" if result.best_validation_loss is None else f"{result.best_validation_loss:.4f}",
        "Rows": f"{result.train_rows} trained, {result.validation_rows} for validation",
        "Tokens": result.tokens,
        "Learning rate": rate,
        "Device": f"{result.device}, {result.precision}",
        "Seconds": round(result.seconds, 1),
    }
    folder = write_adapter(
        run.checkpoints / f"checkpoint-{best}",
        run.out / ADAPTER,
        plan=run.plan,
        base=run.plan.model,
        licence=licence_of(run.plan.model),
        data_digest=run.digest,
        facts=facts,
    )
    check_adapter(folder)
    write_training(result, run.out)
    run.report(1.0, f"adapter of step {best} saved")
    return result


def _look_into(out: Path, plan: TrainingPlan, digest: str, resume: bool) -> dict[str, Any]:
    """What the run in this folder was begun with; empty for a new run. Raises NotResumable."""
    try:
        before = json.loads((out / RUN).read_text("utf-8"))
    except (OSError, ValueError):
        before = {}
    if not resume:
        if before or (out / METRICS).exists():
            raise NotResumable(f"{out} already holds a run. Resume it, or choose another folder.")
        return {}
    if not before:
        return {}
    changed = [name for name, value in plan.model_dump().items() if before["plan"].get(name) != value]
    if changed:
        raise NotResumable(
            f"the run in {out} was begun with another {', '.join(changed)}. "
            "Resume it with its own plan, or begin a new run in another folder."
        )
    if before["data_digest"] != digest:
        raise NotResumable(f"the run in {out} was begun with other rows. Begin a new run in another folder.")
    return dict(before)


def _notes(plan: TrainingPlan, encoding: Encoding, validation_rows: int) -> list[str]:
    notes = []
    if encoding.cut:
        notes.append(f"{len(encoding.cut)} rows are longer than {plan.max_length} tokens and were cut")
    if encoding.skipped:
        notes.append(f"{len(encoding.skipped)} rows were left out: nothing in them can be trained on")
    part = sum(row.last_reply_only for row in encoding.rows)
    if part:
        notes.append(f"of {part} rows only the last reply is trained: the chat template changes earlier ones")
    if plan.validation_share and not validation_rows:
        notes.append("no validation rows: there are too few groups to keep one aside, so the last step is taken")
    return notes


def _free_memory() -> None:
    import torch

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
