"""A few real steps of a run, timed, in a process of their own: `python -m training.forecast.measuring SPEC RESULT`

The steps are the run's: its model, its trainer, its precision, batches of its own rows. What is learned is thrown away.
The process prints a line of progress as JSON after each step and leaves its figures in RESULT.
"""

from __future__ import annotations

import json
import os
import shutil
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

from training.errors import TrainingError
from training.machine import machine_for, settle_environment
from training.plan import TrainingPlan
from training.tokens.encode import EncodedRow, Encoding

if TYPE_CHECKING:
    from training.run.prepared import Run

ENOUGH_SECONDS = 14.0  # of timed steps; after that no further one is begun, once each size was timed
LEAST_STEPS = 4  # the warm-up, and a step of each of three sizes
LARGEST_SAVED = 2e9  # bytes of a checkpoint that is written to time it; of a larger one a sample is
SAMPLE = 256_000_000  # bytes of that sample: more than a disk's own memory swallows at once
OPTIMIZED = 12  # bytes of a checkpoint for each learned weight: itself and AdamW's two moments, in fp32
SPARE = 3  # times its size that must be free on the disk before a checkpoint is tried
MISTAKE = 2


def say(done: float, line: str) -> None:
    print(json.dumps({"done": done, "line": line}), flush=True)


def resident() -> int:
    """Memory of this process now, in bytes."""
    import psutil

    return int(psutil.Process().memory_info().rss)


class Stopwatch:
    """Times each step and notes what went through the model in it."""

    def __init__(self, trainer: Any, steps: int) -> None:
        self.trainer, self.steps, self.parent = trainer, steps, os.getppid()
        self.timed: list[dict[str, Any]] = []
        self.now: dict[str, Any] = {}
        self.optimizer: list[float] = []
        self.begun = time.monotonic()
        self.beginning = 0.0  # from the call of `train` to its first step
        self._compute_loss, self._clip = trainer.compute_loss, trainer.accelerator.clip_grad_norm_
        trainer.compute_loss, trainer.accelerator.clip_grad_norm_ = self.compute_loss, self.clip

    def compute_loss(self, model: Any, inputs: Any, *rest: Any, **named: Any) -> Any:
        rows, longest = inputs["input_ids"].shape
        read = int(inputs["attention_mask"].sum()) if "attention_mask" in inputs else rows * longest
        trained = int((inputs["labels"] != -100).sum())
        shape = {"rows": int(rows), "longest": int(longest), "tokens": read, "trained": trained}
        self.now.setdefault("parts", []).append(shape)
        return self._compute_loss(model, inputs, *rest, **named)

    def clip(self, *given: Any, **named: Any) -> Any:
        """Shortening the gradients belongs to the optimizer's part of a step: it is done once, however many batches."""
        finish_device_work()
        self.now["pre"] = time.monotonic()
        return self._clip(*given, **named)

    def start(self) -> None:
        finish_device_work()
        self.now = {"begun": time.monotonic(), "cpu": time.process_time()}

    def stop(self) -> dict[str, Any]:
        finish_device_work()
        now = self.now
        return {
            "parts": now.get("parts", []),
            "seconds": time.monotonic() - now["begun"],
            "cpu_seconds": time.process_time() - now["cpu"],
        }

    def optimizer_seconds(self) -> float:
        """Of the optimizer's part of a step; that of the first, which makes its memory, is not like the others."""
        return median(self.optimizer[1:]) if len(self.optimizer) > 1 else 0.0

    def beginning_seconds(self) -> float:
        """What a run takes once, in its first step: setting the trainer up, and making the optimizer's memory."""
        first = self.optimizer[0] - self.optimizer_seconds() if len(self.optimizer) > 1 else 0.0
        return self.beginning + max(0.0, first)

    def callback(self) -> Any:
        from transformers import TrainerCallback

        watch = self

        class Timing(TrainerCallback):
            def on_step_begin(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
                if not watch.now:
                    watch.beginning = time.monotonic() - watch.begun
                    watch.start()

            def on_pre_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
                finish_device_work()
                watch.now.setdefault("pre", time.monotonic())  # where nothing was clipped

            def on_optimizer_step(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
                finish_device_work()
                if "pre" in watch.now:
                    watch.optimizer.append(time.monotonic() - watch.now.pop("pre"))

            def on_step_end(self, args: Any, state: Any, control: Any, **kwargs: Any) -> None:
                watch.timed.append(watch.stop())
                watch.start()  # what comes between two steps is time of the next
                count = len(watch.timed)
                say(
                    0.4 + 0.5 * count / watch.steps,
                    f"step {count} of {watch.steps}: {watch.timed[-1]['seconds']:.1f} s",
                )
                if os.getppid() != watch.parent:
                    raise TrainingError("whoever asked for the measurement is gone.")
                if count >= LEAST_STEPS and time.monotonic() - watch.begun > ENOUGH_SECONDS:
                    control.should_training_stop = True

        return Timing()


def finish_device_work() -> None:
    """Waits until an accelerator has done what was asked of it; a clock read before that times nothing."""
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.synchronize()


def measure_here(spec: dict[str, Any]) -> dict[str, Any]:
    """The figures of `training.forecast.measure.Measured`, as a dict."""
    settle_environment()
    begun = time.monotonic()
    say(0.05, "loading the libraries")
    import peft  # noqa: F401
    import torch
    import trl  # noqa: F401

    from training.run.peaks import peak_of
    from training.run.steps import loaded

    with tempfile.TemporaryDirectory(prefix="run-", dir=spec.get("folder")) as folder:
        run = run_of(spec, Path(folder))
        libraries = resident()
        peak = peak_of(run.machine.device)
        trainer, _ = loaded(run)  # as a run does it, the pass over its longest rows with it
        loading = time.monotonic() - begun
        trainer._get_train_sampler = lambda *given, **named: spec["order"]
        watch = Stopwatch(trainer, int(spec["steps"]))
        trainer.add_callback(watch.callback())
        busy, own, begun = busy_seconds(), time.process_time(), time.monotonic()
        say(0.4, "the first step, on the largest batch")
        watch.begun = time.monotonic()
        trainer.train()
        most = peak.so_far()
        others = max(0.0, (busy_seconds() - busy) - (time.process_time() - own))
        spent = time.monotonic() - begun
        peak.restart()
        evaluated = [_evaluation(watch, trainer, [run.rows[at] for at in places]) for places in spec["evaluate"]]
        say(0.95, "saving a checkpoint")
        saved = _checkpoint(trainer, Path(folder))
        peaked = peak.so_far()
        peak.close()
        ending = _ending(run, saved.folder)
    cores = os.cpu_count() or 1
    return {
        "device": run.machine.device,
        "machine": run.machine.name,
        "precision": run.machine.precision,
        "threads": torch.get_num_threads(),
        "cores": cores,
        "seconds_loading": loading,
        "steps": watch.timed[1:],
        "evaluations": evaluated,
        "optimizer_seconds": watch.optimizer_seconds(),
        "beginning_seconds": watch.beginning_seconds(),
        "checkpoint_seconds": saved.seconds,
        "checkpoint_bytes": saved.size,
        "ending_seconds": ending,
        "memory_libraries": libraries,
        "memory_peak": most,
        "memory_evaluation": peaked,
        "largest": [part for one in watch.timed for part in one["parts"]] + spec["tried"],
        "others_share": others / (spent * cores) if spent > 0 else 0.0,
    }


def run_of(spec: dict[str, Any], folder: Path) -> Run:
    """The run whose steps are timed, up to the loading of its model, and without its end."""
    from training.run.prepared import Run
    from training.run.provenance import digest_of_model
    from training.tokens.template import tokenizer_for

    plan = TrainingPlan.model_validate(spec["plan"])
    digest_of_model(plan.model)  # a run reads the files for its provenance, and that takes time
    rows = [EncodedRow(str(place), ids, labels, 0, False) for place, (ids, labels) in enumerate(spec["rows"])]
    size, accumulation = spec["batch_size"], spec["accumulation"]
    plan = plan.model_copy(
        update={
            "batch_size": size,
            "accumulation": accumulation,
            "max_steps": spec["steps"],
            "epochs": float(spec["steps"]),
        }
    )
    return Run(
        plan=plan,
        out=folder,
        rows=rows,
        validation=[],
        encoding=Encoding(rows, []),
        machine=machine_for(plan.precision, plan.quantization),
        digest="",
        tokenizer=tokenizer_for(plan.model),
        report=lambda done, line: say(0.2, line),
        batch_size=size,
        accumulation=accumulation,
        notes=[],
    )


def busy_seconds() -> float:
    """Seconds of all processors together in which any program computed."""
    import psutil

    spent = psutil.cpu_times()
    return float(sum(spent) - spent.idle - getattr(spent, "iowait", 0.0) - getattr(spent, "guest", 0.0))


def _evaluation(watch: Stopwatch, trainer: Any, rows: list[EncodedRow]) -> dict[str, Any]:
    from training.run.trainer import validation_loss

    watch.start()
    validation_loss(trainer, rows, len(rows))
    return watch.stop()


@dataclass(frozen=True)
class Saved:
    """A checkpoint that was written, or reckoned from a sample. size: bytes; folder: None where it was not written."""

    seconds: float | None
    size: int
    folder: Path | None = None


def _checkpoint(trainer: Any, folder: Path) -> Saved:
    """Writes a checkpoint as a run does, weights looked at first; of one too large for that, or for the disk, a sample.

    Without the room for a sample its seconds are None.
    """
    from training.run.steps import trained_weights
    from training.run.watch import weights_are_finite

    size, free = trained_weights(trainer) * OPTIMIZED, shutil.disk_usage(folder).free
    if size > LARGEST_SAVED or SPARE * size > free:
        return Saved(_sample(folder) * size / SAMPLE if free > SPARE * SAMPLE else None, size)
    begun = time.monotonic()
    weights_are_finite(trainer.model)
    written = trainer.save_whole()
    spent = time.monotonic() - begun
    return Saved(spent, sum(file.stat().st_size for file in written.rglob("*") if file.is_file()), written)


def _sample(folder: Path) -> float:
    """Seconds to write SAMPLE bytes as a checkpoint's are written, onto the disk and not into its cache."""
    import torch

    numbers = torch.randn(SAMPLE // 4)
    begun = time.monotonic()
    with (folder / "sample.pt").open("wb") as file:
        torch.save(numbers, file)
        file.flush()
        os.fsync(file.fileno())
    return time.monotonic() - begun


def _ending(run: Run, checkpoint: Path | None) -> float:
    """Seconds to put the adapter (or the whole model) in place, and to look whether it is whole."""
    from training.adapters.adapter import check_adapter, write_adapter
    from training.run.run_folder import ADAPTER

    if checkpoint is None:
        return 0.0
    begun = time.monotonic()
    write_adapter(checkpoint, run.out / ADAPTER, plan=run.plan, base=run.plan.model, licence=None, data_digest="",
                  facts={})  # fmt: skip
    check_adapter(run.out / ADAPTER)
    return time.monotonic() - begun


def main(arguments: list[str] | None = None) -> int:
    spec, result = arguments or sys.argv[1:]
    from training.run.out_of_memory import is_out_of_memory

    try:
        found = measure_here(json.loads(Path(spec).read_text("utf-8")))
    except TrainingError as mistake:
        print(str(mistake), file=sys.stderr)
        return MISTAKE
    except Exception as problem:
        if not is_out_of_memory(problem):
            raise
        print("the memory does not suffice for the largest batch of this run.", file=sys.stderr)
        return MISTAKE
    Path(result).write_text(json.dumps(found), "utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
