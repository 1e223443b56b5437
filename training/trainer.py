"""TRL's SFTTrainer, set up for LoRA on labelled tokens: what it scores, in which order it reads, when it saves"""

from __future__ import annotations

import math
import random
import shutil
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import fields
from pathlib import Path
from typing import Any

from training.checkpoints import full_disk, is_complete, seal
from training.encode import EncodedRow
from training.machine import Machine
from training.methods import adapter_config
from training.plan import TrainingPlan
from training.template import MASKED

POOL = 50  # steps whose rows are sorted by length together; transformers' group_by_length takes 50 batches, too
CHECKPOINT_FROM = 1_000_000_000  # parameters from which on activations are recomputed on a GPU to save memory
CLOSE = 0.02  # nats: bf16 rounding between two ways to compute the same loss stays below (0.001 measured)


class LengthOrder:
    """The order of the rows in an epoch: random, but rows of like length share a step, so that little is padding.

    Depends on seed and epoch alone, and not on how a step is divided into batches: a resumed run, and one that had to
    halve its batch, go on with the very same steps. The longest rows of a step come first.
    """

    def __init__(self, lengths: Sequence[int], *, step_rows: int, seed: int, epoch: Callable[[], int]) -> None:
        self.lengths, self.step_rows, self.seed, self.epoch = lengths, step_rows, seed, epoch

    def __len__(self) -> int:
        return len(self.lengths)

    def __iter__(self) -> Iterator[int]:
        chance = random.Random(f"{self.seed} {self.epoch()}")
        order = list(range(len(self.lengths)))
        chance.shuffle(order)
        pool = self.step_rows * POOL
        steps: list[list[int]] = []
        for start in range(0, len(order), pool):
            alike = sorted(order[start : start + pool], key=lambda row: -self.lengths[row])
            steps += [alike[at : at + self.step_rows] for at in range(0, len(alike), self.step_rows)]
        last = [steps.pop()] if steps and len(steps[-1]) < self.step_rows else []  # the odd rest closes the epoch
        chance.shuffle(steps)
        return iter([row for step in steps + last for row in step])


class ReplyTrainer:
    """What differs from SFTTrainer; `trainer_for` joins the two."""

    step_rows: int
    seed: int
    row_lengths: Sequence[int]
    score_replies_only = False
    tokens_read = 0

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        epoch: Callable[[], int] = lambda: int(self.state.epoch or 0)  # type: ignore[attr-defined]  # noqa: E731
        return LengthOrder(self.row_lengths, step_rows=self.step_rows, seed=self.seed, epoch=epoch)

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        if model.training:
            self.tokens_read += int(inputs["attention_mask"].sum())
        if self.score_replies_only:
            total, count = reply_loss(self, model, inputs)
            return total / (count if num_items_in_batch is None else num_items_in_batch)
        return super().compute_loss(  # type: ignore[misc]
            model, inputs, return_outputs=return_outputs, num_items_in_batch=num_items_in_batch
        )

    def save_whole(self) -> Path:
        """A checkpoint of this very step, sealed. Raises TrainingError when the disk is full."""
        from transformers import Trainer

        me: Any = self
        folder = Path(me.args.output_dir) / f"checkpoint-{me.state.global_step}"
        if is_complete(folder):
            return folder
        try:
            Trainer._save_checkpoint(me, me.model, None)  # past SFTTrainer's, which writes a model card each time
            seal(folder)
        except Exception as problem:
            shutil.rmtree(folder, ignore_errors=True)
            full = full_disk(problem, folder.parent)
            if full is None:
                raise
            raise full from problem
        return folder


def reply_loss(trainer: Any, model: Any, inputs: Any) -> tuple[Any, Any]:
    """Sum of the negative log-likelihoods of the labelled tokens, in nats, and their number.

    Only their positions go through the output layer; SFTTrainer computes all of them on a CPU, which with a vocabulary
    of 49 thousand takes 1.6 times as long. The inner model is called directly, out of reach of accelerate's wrapper, so
    autocast has to be switched on here.
    """
    import torch

    whole = trainer.accelerator.unwrap_model(model)
    base = whole.get_base_model() if hasattr(whole, "get_base_model") else whole  # method=full has no adapter
    with trainer.accelerator.autocast():
        hidden = base.base_model(
            input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], use_cache=False
        ).last_hidden_state
        labels = inputs["labels"][:, 1:]
        wanted = labels != MASKED
        scores = base.get_output_embeddings()(hidden[:, :-1][wanted])
        total = torch.nn.functional.cross_entropy(scores.float(), labels[wanted], reduction="sum")
    return total, wanted.sum()


@contextmanager
def measuring(trainer: Any) -> Iterator[None]:
    """No dropout, no gradients, the run's own precision.

    Layers in 4 bit stay in training mode: on a CPU bitsandbytes 0.50 packs their weights anew at the first pass in
    evaluation mode, and from then on passes no gradient through them, with no more than a warning.
    """
    import torch

    trainer.model.eval()
    for layer in trainer.model.modules():
        if type(layer).__name__ == "Linear4bit":
            layer.training = True
    try:
        with torch.no_grad(), trainer.accelerator.autocast():
            yield
    finally:
        trainer.model.train()


def may_score_replies_only(trainer: Any, row: EncodedRow) -> bool:
    """Whether `reply_loss` gives what the library gives for this model: some scale or cap their scores afterwards."""
    inputs = batch_of(trainer, [row])
    try:
        with measuring(trainer):
            total, count = reply_loss(trainer, trainer.model, inputs)
            stock = trainer.compute_loss(trainer.model, inputs)
        return bool(abs(float(total / count) - float(stock)) < CLOSE)
    except (AttributeError, TypeError, RuntimeError):
        return False


def batch_of(trainer: Any, rows: Sequence[EncodedRow]) -> dict[str, Any]:
    """Rows padded to one tensor, on the device of the model."""
    batch = trainer.data_collator([{"input_ids": row.ids, "labels": row.labels} for row in rows])
    return {name: tensor.to(trainer.model.device) for name, tensor in batch.items()}


def validation_loss(trainer: Any, rows: Sequence[EncodedRow], batch_size: int) -> float:
    """Mean negative log-likelihood of the labelled tokens of these rows, in nats a token."""
    ordered = sorted(rows, key=lambda row: len(row.ids))
    total, count = 0.0, 0
    with measuring(trainer):
        for at in range(0, len(ordered), batch_size):
            part = ordered[at : at + batch_size]
            tokens = sum(row.trained for row in part)
            total += float(trainer.compute_loss(trainer.model, batch_of(trainer, part))) * tokens
            count += tokens
    return total / count


def probe_memory(trainer: Any, rows: Sequence[EncodedRow], batch_size: int) -> None:
    """One forward and backward pass on the longest rows: better out of memory now than in an hour."""
    import torch

    longest = sorted(rows, key=lambda row: -len(row.ids))[:batch_size]
    with torch.random.fork_rng():
        trainer.model.train()
        with trainer.accelerator.autocast():
            loss = trainer.compute_loss(trainer.model, batch_of(trainer, longest))
        loss.backward()
    trainer.model.zero_grad(set_to_none=True)
    trainer.tokens_read = 0


def steps_per_epoch(rows: int, batch_size: int, accumulation: int) -> int:
    return math.ceil(math.ceil(rows / batch_size) / accumulation)


def total_steps(plan: TrainingPlan, rows: int, batch_size: int, accumulation: int) -> int:
    """How many steps a run takes in all."""
    wanted = max(1, math.ceil(plan.epochs * steps_per_epoch(rows, batch_size, accumulation)))
    return wanted if plan.max_steps is None else min(wanted, plan.max_steps)


def trainer_for(
    plan: TrainingPlan,
    rows: Sequence[EncodedRow],
    *,
    model: Any,
    tokenizer: Any,
    machine: Machine,
    rate: float,
    batch_size: int,
    accumulation: int,
    folder: Path,
) -> Any:
    """A trainer whose checkpoints go to `folder`; its model carries a fresh adapter on all linear layers."""
    from datasets import Dataset
    from transformers import PrinterCallback
    from trl import SFTTrainer

    settings = _arguments(plan, len(rows), machine, rate, batch_size, accumulation, folder)
    settings["activation_checkpointing"] = machine.device == "cuda" and model.num_parameters() >= CHECKPOINT_FROM
    joined: Any = type("JoinedTrainer", (ReplyTrainer, SFTTrainer), {})
    joined.step_rows, joined.seed = batch_size * accumulation, plan.seed
    joined.row_lengths = [len(row.ids) for row in rows]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of TRL about transformers: nobody here can act on them
        trainer = joined(
            model=model,
            args=_config(settings),
            train_dataset=Dataset.from_list([{"input_ids": row.ids, "labels": row.labels} for row in rows]),
            processing_class=tokenizer,
            peft_config=adapter_config(plan),
        )
    trainer.remove_callback(PrinterCallback)
    if machine.device == "cpu":
        trainer.score_replies_only = may_score_replies_only(trainer, min(rows, key=lambda row: len(row.ids)))
    return trainer


def _arguments(
    plan: TrainingPlan, rows: int, machine: Machine, rate: float, batch_size: int, accumulation: int, folder: Path
) -> dict[str, Any]:
    steps = total_steps(plan, rows, batch_size, accumulation)
    return {
        "output_dir": str(folder),
        "max_steps": steps,
        "per_device_train_batch_size": batch_size,
        "gradient_accumulation_steps": accumulation,
        "learning_rate": rate,
        "lr_scheduler_type": "constant_with_warmup" if plan.schedule == "constant" else plan.schedule,
        "warmup_steps": math.ceil(plan.warmup * steps),
        "weight_decay": plan.weight_decay,
        "max_grad_norm": plan.max_gradient,
        "seed": plan.seed,
        "bf16": machine.bf16,
        "fp16": False,
        "use_cpu": machine.device == "cpu",  # without it the library refuses to start on a CPU
        "max_length": None,  # rows are cut, and reported, in encode
        "dataset_kwargs": {"skip_prepare_dataset": True},
        "logging_steps": 1,
        "logging_nan_inf_filter": False,  # with it a loss that is not a number is logged as 0.0
        "save_strategy": "no",  # checkpoints are saved by `watch`, whole
        "eval_strategy": "no",
        "report_to": "none",
        "disable_tqdm": True,
        "dataloader_pin_memory": machine.device == "cuda",
        "remove_unused_columns": False,
    }


def _config(settings: dict[str, Any]) -> Any:
    """SFTConfig from these settings, under the names that the installed transformers knows (5.17 to 5.23)."""
    from trl import SFTConfig

    known = {field.name for field in fields(SFTConfig)}
    if "activation_checkpointing" not in known:
        settings["gradient_checkpointing"] = settings.pop("activation_checkpointing")
    return SFTConfig(**{name: value for name, value in settings.items() if name in known})
