"""One training run from rows to an adapter, which may be stopped, killed and resumed at any time"""

from __future__ import annotations

import json
import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from training.adapters.adapter import check_adapter, digest_of
from training.errors import BadAdapter, Diverged, TrainingError
from training.machine import Machine, machine_for, settle_environment
from training.methods import load_model, notes_on
from training.plan import TrainingPlan, rate_for
from training.result import (
    NOT_A_NUMBER,
    Ended,
    Training,
    keep_metrics,
    read_metrics,
    read_training,
)
from training.run import ranks
from training.run import trainer as tuning
from training.run.attempts import note_attempt
from training.run.checkpoints import complete_ones, demand_room, discard_broken, full_disk, step_of
from training.run.energy import meter_for
from training.run.finishing import finish
from training.run.out_of_memory import free_memory, half, is_out_of_memory, with_smaller_batches, within_free_memory
from training.run.peaks import peak_of
from training.run.provenance import (
    PROVENANCE,
    differences,
    digest_of_model,
    provenance_of,
    read_provenance,
    write_provenance,
)
from training.run.run_folder import ADAPTER, CHECKPOINTS, begin_with, begun_with, keep_inputs
from training.run.split import kept_aside
from training.run.tally import Tally
from training.run.trackers import refuse_missing, reporting
from training.run.watch import Report, Watch
from training.tokens import preflight
from training.tokens.encode import EncodedRow, Encoding, clean, encode
from training.tokens.template import tokenizer_for

OPTIMIZER_BYTES = 8  # a trained weight: two moments of AdamW in fp32
BESIDES = 6 << 20  # bytes of a checkpoint that are neither weights nor optimizer: tokenizer, random states


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
    eval_batch: int = 0  # rows evaluated at once; as many as are trained at once unless memory was short
    begun: float = field(default_factory=time.monotonic)
    seconds_loading: float = 0.0
    provenance: dict[str, Any] | None = None

    @property
    def checkpoints(self) -> Path:
        return self.out / CHECKPOINTS

    def remember(self) -> None:
        if ranks.is_first():
            begin_with(
                self.out, self.plan, self.digest, batch_size=self.batch_size, accumulation=self.accumulation,
                eval_batch=self.eval_batch, notes=self.notes,
            )  # fmt: skip

    def note(self, said: str) -> None:
        """Keeps a sentence about what the run does on its own account, once, and tells it."""
        if said not in self.notes:
            self.notes.append(said)
            self.remember()
        self.report(0.0, said)


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
    in training or in validation; or validation (bool), where it is decided which rows are kept aside. `out` gets
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
    digest = data_digest(rows)
    earlier = ranks.once(lambda: read_provenance(out) if resume else None)
    model = ranks.once(lambda: digest_of_model(plan.model) if Path(plan.model).is_dir() else None)
    before = ranks.once(lambda: begun_with(out, plan, digest, resume=resume, model_digest=model))
    done = ranks.once(lambda: read_training(out) if before and _is_whole(out / ADAPTER) else None)
    if done is not None:
        return done
    with _computing_with(threads or (earlier or {}).get("threads")):
        try:
            ranks.once(lambda: keep_inputs(plan, rows, out))
            run = _prepared(plan, rows, out, report or (lambda done, line: None), digest, before, begun)
            run.provenance = _provenance(run, rows.height, model, earlier)
            run.remember()
            return with_less_memory(run, _attempt)
        except Exception as problem:
            full = full_disk(problem, out)
            if full is None or isinstance(problem, TrainingError):
                raise
            raise full from problem


def _prepared(
    plan: TrainingPlan, rows: pl.DataFrame, out: Path, tell: Report, digest: str, before: dict[str, Any], begun: float
) -> Run:
    """Rows read, divided and encoded."""
    tell(0.0, f"reading {rows.height} rows")
    machine = machine_for(plan.precision, plan.quantization)
    tokenizer = tokenizer_for(plan.model)
    encoding = encode(rows, tokenizer, max_length=plan.max_length)
    if not before:  # a run that is begun goes on as it was begun
        preflight.refuse_untrained([(row.row_id, row.reason) for row in encoding.skipped], plan)
    kept = rows.filter(pl.col("row_id").cast(pl.String).is_in([row.row_id for row in encoding.rows]))
    aside = set(kept_aside(kept, share=plan.validation_share, seed=plan.seed))
    batch_size = before.get("batch_size", plan.batch_size)
    ranks.share_of(batch_size)
    return Run(
        plan=plan,
        out=out,
        rows=[row for place, row in enumerate(encoding.rows) if place not in aside],
        validation=[row for place, row in enumerate(encoding.rows) if place in aside],
        encoding=encoding,
        machine=machine,
        digest=digest,
        tokenizer=tokenizer,
        report=tell,
        batch_size=batch_size,
        accumulation=before.get("accumulation", plan.accumulation),
        eval_batch=before.get("eval_batch") or batch_size,
        notes=before.get("notes") or _notes(plan, encoding, len(aside)),
        begun=begun,
    )


def _provenance(run: Run, rows: int, model: str | None, earlier: dict[str, Any] | None) -> dict[str, Any]:
    """What the run is made from; of a resumed run what it was begun with, with a note where that has changed."""
    now = provenance_of(
        run.plan,
        data_digest=run.digest,
        rows=rows,
        device=run.machine.name,
        precision=run.machine.precision,
        model_digest=model,
    )
    if earlier is None:
        return now
    changed = differences(earlier, now)
    if changed:
        run.notes.append(f"resumed under other circumstances, so the last digits may differ: {'; '.join(changed)}")
    return earlier


def with_less_memory(run: Run, attempt: Callable[[Run], Training]) -> Training:
    """The attempt's result; when memory runs out, again with smaller batches and as many rows a step as before."""
    while True:
        try:
            return attempt(run)
        except Exception as problem:
            if not is_out_of_memory(problem):
                raise
            if ranks.count() > 1:  # the others wait in the middle of a step: there is no way back for them
                raise TrainingError(
                    f"the memory does not suffice for {ranks.share_of(run.batch_size)} rows in each of "
                    f"{ranks.count()} processes. Begin a new run with half the batch_size and twice the accumulation."
                ) from problem
            if run.batch_size == 1:
                longest = max(len(row.ids) for row in run.rows)
                raise TrainingError(
                    f"the memory does not suffice for one row at a time (the longest has {longest} tokens). "
                    "Lower max_length, set quantization=4bit, or take a smaller base model."
                ) from problem
        smaller = half(run.batch_size)
        run.accumulation *= run.batch_size // smaller
        run.batch_size = smaller
        run.eval_batch = min(run.eval_batch, smaller)
        free_memory()
        run.note(
            f"memory ran out: going on with batch_size={smaller}, accumulation={run.accumulation}, same rows a step"
        )


def _attempt(run: Run) -> Training:
    """The run from its newest whole checkpoint, or from the start, to its end."""
    plan = run.plan
    ranks.once(lambda: discard_broken(run.checkpoints))
    newest = ranks.once(lambda: _newest(run))
    peak = peak_of(run.machine.device)
    try:
        trainer, rate = _loaded(run)
        lines = ranks.once(lambda: keep_metrics(run.out, step_of(newest) if newest else -1))
        watch = Watch(
            out=run.out,
            plan=plan,
            trainer=trainer,
            steps=tuning.total_steps(plan, len(run.rows), run.batch_size, run.accumulation),
            per_epoch=tuning.steps_per_epoch(len(run.rows), run.batch_size, run.accumulation),
            validate=(lambda: _validation_loss(run, trainer)) if run.validation else None,
            report=run.report,
            lines=lines,
            tally=Tally(lines, peak, meter_for(run.machine.device)),
            checkpoint_bytes=_demand_room(run, trainer),
        )
        step = step_of(newest) if newest else 0
        ranks.once(lambda: note_attempt(run.out, step=step, batch_size=run.batch_size, accumulation=run.accumulation))
        trainer.add_callback(watch.callback())
        run.seconds_loading = time.monotonic() - run.begun
        if ranks.is_first() and not (run.out / PROVENANCE).exists():
            write_provenance(run.provenance or {}, run.out)
        with reporting(trainer, plan.report_to, run.out, watch.lines):
            ended = _trained(run, watch, trainer, newest)
        run.report(0.98, "saving the adapter")
        return ranks.once(lambda: finish(run, watch, rate, _trained_weights(trainer), ended))
    finally:
        peak.close()


def _loaded(run: Run) -> tuple[Any, float]:
    """A trainer with the base model and a fresh adapter, and its learning rate; its largest batch has been tried."""
    plan = run.plan
    run.report(0.0, f"loading {Path(plan.model).name}")
    try:
        model = load_model(plan, run.machine)
        rate = plan.learning_rate or rate_for(model.num_parameters(), plan.method, plan.rank)
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
    except Exception as problem:
        if not is_out_of_memory(problem):
            raise
        raise TrainingError(
            f"the memory does not suffice to load {Path(plan.model).name}, whatever the batch. "
            "Set quantization=4bit, or take a smaller base model."
        ) from problem
    if not ranks.is_sharded():
        _learn_in_fp32(trainer)
    run.report(0.0, "trying the longest rows")
    with within_free_memory(OPTIMIZER_BYTES * _trained_weights(trainer)):
        ranks.together(lambda: tuning.probe_memory(trainer, run.rows, run.batch_size))
    return trainer, rate


def _trained(run: Run, watch: Watch, trainer: Any, newest: Path | None) -> Ended:
    """All steps that are left, and how they ended. Raises Diverged when no good step is left to keep."""
    try:
        if newest is None:
            watch.before_the_first_step()
        if not (watch.lines[-1]["step"] >= watch.steps or watch.stopped_early):  # killed when all was done but the end
            with warnings.catch_warnings():
                warnings.simplefilter("ignore", FutureWarning)  # of TRL about transformers: nobody here can act on them
                trainer.train(resume_from_checkpoint=str(newest) if newest else None)
    except Diverged as problem:
        good = ranks.once(watch.good_step)
        if good is None:
            raise
        run.note(f"{problem} Kept is step {good}, the last good one.")
        return NOT_A_NUMBER
    return "stopped early" if watch.stopped_early else "finished"


def data_digest(rows: pl.DataFrame) -> str:
    """SHA-256 of the conversations, in their order; of a table without any, that of nothing."""
    if "messages" not in rows.columns:
        return digest_of([])
    return digest_of([json.dumps(clean(row["messages"]), sort_keys=True) for row in rows.iter_rows(named=True)])


def _newest(run: Run) -> Path | None:
    """The newest checkpoint to go on from: whole, and with all metric lines up to its step."""
    steps = {line["step"] for line in read_metrics(run.out)}
    for folder in reversed(complete_ones(run.checkpoints)):
        if steps.issuperset(range(step_of(folder) + 1)):
            return folder
    return None


def _validation_loss(run: Run, trainer: Any) -> float:
    """The validation loss, with smaller batches from here on when memory runs out; that changes nothing else."""
    try:
        loss, fits = with_smaller_batches(
            lambda size: tuning.validation_loss(trainer, run.validation, size), run.eval_batch
        )
    except Exception as problem:
        if not is_out_of_memory(problem):
            raise
        longest = max(len(row.ids) for row in run.validation)
        raise TrainingError(
            f"the memory does not suffice to evaluate one validation row (the longest has {longest} tokens). "
            "Lower max_length, set validation_share=0, or take a smaller base model."
        ) from problem
    if fits < run.eval_batch:
        run.eval_batch = fits
        run.note(f"memory ran out in an evaluation: evaluating {fits} rows at once from here on")
    return loss


def _learn_in_fp32(trainer: Any) -> None:
    """Learned weights in fp32: TRL puts those over a 4-bit model in bf16, and PEFT reads them back as fp32 on a resume.

    Found by the kill loop: a resumed run went on in other digits than the one that was not killed.
    """
    for one in trainer.model.parameters():
        if one.requires_grad:
            one.data = one.data.float()


def _trained_weights(trainer: Any) -> int:
    return sum(one.numel() for one in trainer.model.parameters() if one.requires_grad)


def _demand_room(run: Run, trainer: Any) -> int:
    """Bytes of a checkpoint, about. Raises DiskFull when the folder has no room for the run."""
    learned = [one for one in trainer.model.parameters() if one.requires_grad]
    weights = sum(one.numel() * one.element_size() for one in learned)
    checkpoint = weights + sum(OPTIMIZER_BYTES * one.numel() for one in learned) + BESIDES
    demand_room(run.out, checkpoint, weights, tuning.total_steps(run.plan, len(run.rows), run.batch_size,
                                                                  run.accumulation))  # fmt: skip
    return checkpoint


def _is_whole(adapter: Path) -> bool:
    """Whether a finished run's adapter is still what it was; otherwise it is made again from its checkpoint."""
    try:
        check_adapter(adapter)
    except BadAdapter:
        return False
    return True


@contextmanager
def _computing_with(threads: int | None) -> Iterator[None]:
    """So many threads on a CPU, where a number is given, and as many as before afterwards."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _notes(plan: TrainingPlan, encoding: Encoding, validation_rows: int) -> list[str]:
    notes = notes_on(plan)
    if encoding.cut:
        notes.append(f"{len(encoding.cut)} rows are longer than {plan.max_length} tokens and were cut")
    if encoding.skipped:
        notes.append(f"{len(encoding.skipped)} rows were left out: nothing in them can be trained on")
    notes += preflight.notes_on(encoding)
    part = sum(row.last_reply_only for row in encoding.rows)
    if part:
        notes.append(f"of {part} rows only the last reply is trained: the chat template changes earlier ones")
    if plan.validation_share and not validation_rows:
        notes.append("no validation rows: there are too few groups to keep one aside, so the last step is taken")
    return notes
