"""A run from its newest whole checkpoint, or from its start, to its end; with smaller batches where memory is short"""

from __future__ import annotations

import time
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from training.errors import Diverged, TrainingError
from training.methods import load_model
from training.plan import rate_for
from training.result import NOT_A_NUMBER, Ended, Training, keep_metrics, read_metrics
from training.run import ranks
from training.run import trainer as tuning
from training.run.attempts import note_attempt
from training.run.checkpoints import complete_ones, demand_room, discard_broken, step_of
from training.run.energy import meter_for
from training.run.finishing import finish
from training.run.out_of_memory import free_memory, half, is_out_of_memory, with_smaller_batches, within_free_memory
from training.run.peaks import peak_of
from training.run.prepared import Run
from training.run.provenance import PROVENANCE, write_provenance
from training.run.tally import Tally
from training.run.trackers import reporting
from training.run.watch import Watch

OPTIMIZER_BYTES = 8  # a trained weight: two moments of AdamW in fp32
BESIDES = 6 << 20  # bytes of a checkpoint that are neither weights nor optimizer: tokenizer, random states


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


def attempt(run: Run) -> Training:
    """The run from its newest whole checkpoint, or from the start, to its end."""
    plan = run.plan
    ranks.once(lambda: discard_broken(run.checkpoints))
    newest = ranks.once(lambda: newest_of(run))
    peak = peak_of(run.machine.device)
    try:
        trainer, rate = loaded(run)
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
            checkpoint_bytes=room_for(run, trainer),
        )
        step = step_of(newest) if newest else 0
        ranks.once(lambda: note_attempt(run.out, step=step, batch_size=run.batch_size, accumulation=run.accumulation))
        trainer.add_callback(watch.callback())
        run.seconds_loading = time.monotonic() - run.begun
        if ranks.is_first() and not (run.out / PROVENANCE).exists():
            write_provenance(run.provenance or {}, run.out)
        with reporting(trainer, plan.report_to, run.out, watch.lines):
            ended = trained(run, watch, trainer, newest)
        run.report(0.98, "saving the adapter")
        return ranks.once(lambda: finish(run, watch, rate, trained_weights(trainer), ended))
    finally:
        peak.close()


def loaded(run: Run) -> tuple[Any, float]:
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
        learn_in_fp32(trainer)
    # Threads read the weights, each into a heap of its own. What casting them to 16 bit leaves free there serves nobody
    # else until it is given back: 0.44 of 1.43 GB with SmolLM2-135M.
    free_memory()
    run.report(0.0, "trying the longest rows")
    with within_free_memory(OPTIMIZER_BYTES * trained_weights(trainer)):
        ranks.together(lambda: tuning.probe_memory(trainer, run.rows, run.batch_size))
    return trainer, rate


def trained(run: Run, watch: Watch, trainer: Any, newest: Path | None) -> Ended:
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


def newest_of(run: Run) -> Path | None:
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


def learn_in_fp32(trainer: Any) -> None:
    """Learned weights in fp32: TRL puts those over a 4-bit model in bf16, and PEFT reads them back as fp32 on a resume.

    Found by the kill loop: a resumed run went on in other digits than the one that was not killed.
    """
    for one in trainer.model.parameters():
        if one.requires_grad:
            one.data = one.data.float()


def trained_weights(trainer: Any) -> int:
    return sum(one.numel() for one in trainer.model.parameters() if one.requires_grad)


def room_for(run: Run, trainer: Any) -> int:
    """Bytes of a checkpoint, about. Raises DiskFull when the folder has no room for the run."""
    learned = [one for one in trainer.model.parameters() if one.requires_grad]
    weights = sum(one.numel() * one.element_size() for one in learned)
    checkpoint = weights + sum(OPTIMIZER_BYTES * one.numel() for one in learned) + BESIDES
    demand_room(run.out, checkpoint, weights, tuning.total_steps(run.plan, len(run.rows), run.batch_size,
                                                                  run.accumulation))  # fmt: skip
    return checkpoint


@contextmanager
def computing_with(threads: int | None) -> Iterator[None]:
    """So many threads on a CPU, where a number is given, and as many as before afterwards."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(threads or before)
    try:
        yield
    finally:
        torch.set_num_threads(before)
