"""What happens after each step: the metric line, the validation loss, the checkpoint, the word to whoever waits"""

from __future__ import annotations

import errno
import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

from training.errors import DiskFull, Diverged
from training.plan import TrainingPlan
from training.result import append_metrics, validation_curve
from training.run import ranks
from training.run.checkpoints import complete_ones, full_disk, step_of, thin_out
from training.run.tally import Tally

Report = Callable[[float, str], None]
TRAINING_SHARE = 0.97  # of the progress bar; the rest is for saving the adapter
SAVE_SECONDS = 600.0  # at most this much work is lost to a power cut, however rarely the plan saves


@dataclass
class Watch:
    """The state of a run between its steps; `callback` hangs it into a trainer."""

    BEFORE: ClassVar[str] = "the untuned model"  # what stands at step 0

    out: Path
    plan: TrainingPlan
    trainer: Any
    steps: int
    per_epoch: int
    validate: Callable[[], float] | None
    report: Report
    lines: list[dict[str, Any]]  # those of earlier sessions
    tally: Tally
    checkpoint_bytes: int = 0  # what one takes on the disk, about
    clock: Callable[[], float] = time.monotonic
    saved: float = 0.0  # when, by the clock
    due: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.saved = self.clock()
        self.due = evaluation_steps(self.per_epoch, self.plan.evaluations_per_epoch, self.steps)

    @property
    def stopped_early(self) -> bool:
        """Whether patience is over before the last step; told by the lines, so that a resumed run knows it, too."""
        return self._patience_is_over() and self.lines[-1]["step"] < self.steps

    def before_the_first_step(self) -> None:
        """The validation loss of the untuned model, as line 0. Raises Diverged when it is not a number."""
        self.report(0.0, f"measuring {self.BEFORE}" if self.validate else "starting")
        loss = self._evaluated() if self.validate else None
        if loss is not None and not math.isfinite(loss):
            raise Diverged(
                f"the base model {Path(self.plan.model).name} gives no finite loss on the validation rows before any "
                "training. Its files may be damaged, or it cannot compute in this precision: set precision=fp32."
            )
        self._write(step=0, epoch=0.0, loss=None, eval_loss=loss, lr=None, grad_norm=None, step_tokens=0)
        self.tally.from_here(self.lines[-1]["seconds"])

    def after_step(self, logs: dict[str, float], state: Any, control: Any) -> None:
        """One step is done. Raises Diverged, and whatever `report` raises, after a checkpoint was saved."""
        step = state.global_step
        self.tally.steps_here += 1
        tokens = round(ranks.total(self.trainer.tokens_read)) - self.tally.tokens_here
        self.tally.tokens_here += tokens
        facts = {"epoch": round(state.epoch, 4), "lr": logs["learning_rate"], "step_tokens": tokens}
        loss, gradient = logs["loss"], float(logs.get("grad_norm", 0.0))
        if not (math.isfinite(loss) and math.isfinite(gradient)):
            self._write(step=step, loss=None, eval_loss=None, grad_norm=None, **facts)
            raise Diverged(self._diverged(step, "gradient" if math.isfinite(loss) else "loss"))
        eval_loss = self._evaluated() if step in self.due and self.validate else None
        if eval_loss is not None and not math.isfinite(eval_loss):
            self._write(step=step, loss=loss, eval_loss=None, grad_norm=gradient, **facts)
            raise Diverged(self._diverged(step, "validation loss"))
        best = self._best()
        better = eval_loss is not None and (best is None or eval_loss < best[1])
        self._write(step=step, loss=loss, eval_loss=eval_loss, grad_norm=gradient, **facts)
        if better or self._is_time_to_save(step):
            self.save()
        if self.stopped_early:
            control.should_training_stop = True
        try:
            ranks.together(lambda: self.report(TRAINING_SHARE * step / self.steps, self._said(step, loss, eval_loss)))
        except BaseException:
            self.save()  # whoever stops a run wants to go on from here
            raise

    def save(self) -> None:
        """A checkpoint of this step. Raises Diverged when the weights are no numbers, DiskFull without room."""
        if ranks.total(not weights_are_finite(self.trainer.model)):
            raise Diverged(self._diverged(int(self.lines[-1]["step"]), "updated weight"))
        try:
            self.trainer.save_whole()
        except DiskFull as problem:
            raise full_disk(OSError(errno.ENOSPC, ""), self.out, self.checkpoint_bytes) or problem from problem
        best = self._best()
        ranks.once(lambda: thin_out(Path(self.trainer.args.output_dir), best[0] if best else None))
        self.saved = self.clock()
        self.tally.between_steps()

    def good_step(self) -> int | None:
        """The step to keep of a run that diverged: its checkpoint is whole, and its weights gave a finite loss.

        That of the lowest validation loss; without one the newest after which another step had a finite loss: the loss
        of a step is that of the weights before it. None when there is no such checkpoint.
        """
        whole = {step_of(folder) for folder in complete_ones(Path(self.trainer.args.output_dir))}
        best = self._best()
        if best is not None and best[0] in whole:
            return best[0]
        finite = {int(line["step"]) for line in self.lines if line["loss"] is not None}
        return max((step for step in whole if step + 1 in finite), default=None)

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

    def _evaluated(self) -> float:
        assert self.validate is not None
        return self.tally.evaluated(self.validate)

    def _is_time_to_save(self, step: int) -> bool:
        every = self.plan.save_every
        planned = step == self.steps or (step in self.due if every is None else step % every == 0)
        return planned or ranks.total(self.clock() - self.saved > SAVE_SECONDS) > 0

    def _write(self, *, step: int, step_tokens: int, **facts: Any) -> None:
        line = {"step": step, **facts, **self.tally.step(tokens=step_tokens, steps_left=self.steps - step)}
        if ranks.is_first():
            append_metrics(self.out, line)
        self.lines.append(line)

    def _said(self, step: int, loss: float, eval_loss: float | None) -> str:
        left = self.lines[-1]["time_left"]
        validation = "" if eval_loss is None else f", validation {eval_loss:.2f}"
        return f"step {step} of {self.steps}, loss {loss:.2f}{validation}, {in_words(left)} left"

    def _diverged(self, step: int, what: str) -> str:
        rate = self.trainer.args.learning_rate
        return (
            f"the {what} is no longer a number at step {step} of {self.steps}. Mostly the learning rate is too high: "
            f"begin a new run with a tenth of it ({rate / 10:.0e})."
        )


def weights_are_finite(model: Any) -> bool:
    """Whether every weight that is learned is a number."""
    import torch

    return all(bool(torch.isfinite(one).all()) for one in model.parameters() if one.requires_grad)


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
