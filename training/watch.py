"""What happens after each step: the metric line, the validation loss, the checkpoint, the word to whoever waits"""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from training.checkpoints import thin_out
from training.errors import Diverged
from training.plan import TrainingPlan
from training.result import append_metrics, validation_curve

Report = Callable[[float, str], None]
TRAINING_SHARE = 0.97  # of the progress bar; the rest is for saving the adapter


@dataclass
class Watch:
    """The state of a run between its steps; `callback` hangs it into a trainer."""

    out: Path
    plan: TrainingPlan
    trainer: Any
    steps: int
    per_epoch: int
    validate: Callable[[], float] | None
    report: Report
    lines: list[dict[str, Any]]  # those of earlier sessions
    stopped_early: bool = False
    clock: Callable[[], float] = time.monotonic
    seconds_before: float = 0.0
    tokens_before: int = 0
    begun: float = 0.0
    step_begun: float = 0.0
    steps_here: int = 0
    due: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        if self.lines:
            self.seconds_before = self.lines[-1]["seconds"]
            self.tokens_before = self.lines[-1]["tokens"]
        self.begun = self.step_begun = self.clock()
        self.due = evaluation_steps(self.per_epoch, self.plan.evaluations_per_epoch, self.steps)

    def before_the_first_step(self) -> None:
        """The validation loss of the untuned model, as line 0."""
        self.report(0.0, "measuring the untuned model" if self.validate else "starting")
        loss = self.validate() if self.validate else None
        self._write(step=0, epoch=0.0, loss=None, eval_loss=loss, lr=None, grad_norm=None, step_tokens=0)

    def after_step(self, logs: dict[str, float], state: Any, control: Any) -> None:
        """One step is done. Raises Diverged, and whatever `report` raises, after a checkpoint was saved."""
        step = state.global_step
        self.steps_here += 1
        tokens = self.tokens_before + self.trainer.tokens_read - (self.lines[-1]["tokens"] if self.lines else 0)
        facts = {"epoch": round(state.epoch, 4), "lr": logs["learning_rate"], "step_tokens": tokens}
        loss, gradient = logs["loss"], float(logs.get("grad_norm", 0.0))
        if not (math.isfinite(loss) and math.isfinite(gradient)):
            self._write(step=step, loss=None, eval_loss=None, grad_norm=None, **facts)
            raise Diverged(self._diverged(step))
        evaluated = self.validate is not None and step in self.due
        eval_loss = self.validate() if evaluated and self.validate else None
        if eval_loss is not None and not math.isfinite(eval_loss):
            self._write(step=step, loss=loss, eval_loss=None, grad_norm=gradient, **facts)
            raise Diverged(self._diverged(step))
        best = self._best()
        better = eval_loss is not None and (best is None or eval_loss < best[1])
        self._write(step=step, loss=loss, eval_loss=eval_loss, grad_norm=gradient, **facts)
        every = self.plan.save_every
        if better or step == self.steps or (step in self.due if every is None else step % every == 0):
            self.save()
        if self._patience_is_over() and step < self.steps:
            self.stopped_early = True
            control.should_training_stop = True
        try:
            self.report(TRAINING_SHARE * step / self.steps, self._said(step, loss, eval_loss))
        except BaseException:
            self.save()  # whoever stops a run wants to go on from here
            raise

    def save(self) -> None:
        self.trainer.save_whole()
        best = self._best()
        thin_out(Path(self.trainer.args.output_dir), best[0] if best else None)

    def best_step(self) -> int:
        """The step with the lowest validation loss; without a validation side the last one."""
        best = self._best()
        return best[0] if best else int(self.lines[-1]["step"])

    def callback(self) -> Any:
        from transformers import TrainerCallback

        watch = self

        class AfterEachStep(TrainerCallback):
            def on_log(self, args: Any, state: Any, control: Any, logs: Any = None, **kwargs: Any) -> None:
                if logs and "loss" in logs and "learning_rate" in logs:  # not the summary at the end
                    watch.after_step(logs, state, control)

        return AfterEachStep()

    def _best(self) -> tuple[int, float] | None:
        tuned = [(step, loss) for step, loss in validation_curve(self.lines) if step > 0]
        return min(tuned, key=lambda pair: (pair[1], pair[0])) if tuned else None

    def _patience_is_over(self) -> bool:
        best = self._best()
        if self.plan.patience is None or best is None:
            return False
        since = [step for step, _ in validation_curve(self.lines) if step > best[0]]
        return len(since) >= self.plan.patience

    def _write(self, *, step: int, step_tokens: int, **facts: Any) -> None:
        now = self.clock()
        here = now - self.step_begun
        left = (now - self.begun) / self.steps_here * (self.steps - step) if self.steps_here else None
        line = {
            "step": step,
            **facts,
            "tokens": (self.lines[-1]["tokens"] if self.lines else 0) + step_tokens,
            "tokens_per_second": round(step_tokens / here, 1) if here > 0 and step_tokens else None,
            "seconds": round(self.seconds_before + now - self.begun, 3),
            "time_left": None if left is None else round(left, 1),
        }
        append_metrics(self.out, line)
        self.lines.append(line)
        self.step_begun = now
        if step == 0:
            self.begun = now  # the time left counts training steps only
            self.seconds_before = line["seconds"]

    def _said(self, step: int, loss: float, eval_loss: float | None) -> str:
        left = self.lines[-1]["time_left"]
        validation = "" if eval_loss is None else f", validation {eval_loss:.2f}"
        return f"step {step} of {self.steps}, loss {loss:.2f}{validation}, {in_words(left)} left"

    def _diverged(self, step: int) -> str:
        return (
            f"the loss is no longer a number at step {step} of {self.steps}. Mostly the learning rate is too high: "
            f"begin a new run with a tenth of it ({self.trainer.args.learning_rate / 10:.0e})."
        )


def evaluation_steps(per_epoch: int, evaluations: int, steps: int) -> set[int]:
    """The steps after which the validation loss is measured: evenly through each epoch, and the last one."""
    gap = per_epoch / min(evaluations, per_epoch)
    return {round(gap * count) for count in range(1, math.ceil(steps / gap) + 1) if round(gap * count) <= steps} | {
        steps
    }


def in_words(seconds: float | None) -> str:
    """A time as one says it: "40 s", "12 min", "3 h 20 min"."""
    if seconds is None:
        return "some time"
    if seconds < 60:
        return f"{seconds:.0f} s"
    minutes = round(seconds / 60)
    return f"{minutes} min" if minutes < 60 else f"{minutes // 60} h {minutes % 60} min"
