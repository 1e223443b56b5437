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

from training.machine import Machine
from training.methods import adapter_config, unpacked
from training.plan import TrainingPlan
from training.run import on_gpu, ranks, replies
from training.run.checkpoints import full_disk, is_complete, seal
from training.run.low_rank import scale_first
from training.run.on_gpu import CHECKPOINT_FROM as CHECKPOINT_FROM
from training.run.replies import reply_loss
from training.tokens.encode import EncodedRow
from training.tokens.template import MASKED

POOL = 50  # steps whose rows are sorted by length together; transformers' group_by_length takes 50 batches, too
EMPTY_ROW = EncodedRow("", [0], [MASKED], 0, False)  # makes the processes' shares even; nothing in it is learned
CLOSE = 0.02  # nats: bf16 rounding between two ways to compute the same loss stays below (0.001 measured)


class LengthOrder:
    """The order of the rows in an epoch: random, but rows of like length share a step, so that little is padding.

    Depends on seed and epoch alone, and not on how a step is divided into batches: a resumed run, and one that had to
    halve its batch, go on with the very same steps. The longest rows of a step come first. Several processes take turns
    in the batches of a step; `among`, the rows they compute at once, makes the odd rest of an epoch whole with a row of
    no tokens, whose place is the one after the last row.
    """

    def __init__(
        self, lengths: Sequence[int], *, step_rows: int, seed: int, epoch: Callable[[], int], among: int = 1
    ) -> None:
        self.lengths, self.step_rows, self.seed, self.epoch = lengths, step_rows, seed, epoch
        self.empty = -len(lengths) % among

    def __len__(self) -> int:
        return len(self.lengths) + self.empty

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
        return iter([row for step in steps + last for row in step] + [len(self.lengths)] * self.empty)


class ReplyTrainer:
    """What differs from SFTTrainer; `trainer_for` joins the two."""

    step_rows: int
    seed: int
    row_lengths: Sequence[int]
    score_replies_only = False
    part_tokens: int | None = None  # a batch is computed in parts of this many tokens
    parts_only_if_large = False  # a smaller batch stays whole, and nobody looks how long its rows are
    _read: Any = 0  # a tensor: asking for its value at every batch would make an accelerator wait

    @property
    def tokens_read(self) -> int:
        """Tokens that this process has trained on so far, padding not counted."""
        return int(self._read)

    @tokens_read.setter
    def tokens_read(self, value: int) -> None:
        self._read = value

    def _get_train_sampler(self, train_dataset: Any = None) -> Any:
        me: Any = self
        return LengthOrder(
            self.row_lengths,
            step_rows=self.step_rows,
            seed=self.seed,
            epoch=lambda: int(me.state.epoch or 0),
            among=me.args.per_device_train_batch_size * ranks.count() if ranks.count() > 1 else 1,
        )

    def training_step(self, model: Any, inputs: Any, num_items_in_batch: Any = None) -> Any:
        whole = super().training_step  # type: ignore[misc]
        if self.part_tokens is None or num_items_in_batch is None:
            return whole(model, inputs, num_items_in_batch)
        *early, last = self.parts(inputs)
        loss: Any = 0.0
        for part in early:
            with replies.unsynced(self, model):
                loss = loss + whole(model, part, num_items_in_batch)
        return loss + whole(model, last, num_items_in_batch)

    def parts(self, inputs: dict[str, Any]) -> list[dict[str, Any]]:
        """A batch as the batches that are computed at once."""
        if self.part_tokens is None:
            return [inputs]
        if self.parts_only_if_large and inputs["input_ids"].numel() <= self.part_tokens:
            return [inputs]
        return replies.split(inputs, self.part_tokens)

    def compute_loss(
        self, model: Any, inputs: Any, return_outputs: bool = False, num_items_in_batch: Any = None
    ) -> Any:
        if model.training:
            lengths = inputs["attention_mask"].sum(dim=1)
            self._read = self._read + (lengths * (lengths > 1)).sum()  # EMPTY_ROW does not count
        if self.score_replies_only:
            total, count = reply_loss(self, model, inputs)
            if num_items_in_batch is None:
                return total / count
            return total / num_items_in_batch * ranks.count()  # the processes' gradients and losses are averaged
        return super().compute_loss(  # type: ignore[misc]
            model, inputs, return_outputs=return_outputs, num_items_in_batch=num_items_in_batch
        )

    def save_whole(self) -> Path:
        """A checkpoint of this very step, sealed. Raises TrainingError when the disk is full."""
        from transformers import Trainer

        me: Any = self
        folder = Path(me.args.output_dir) / f"checkpoint-{me.state.global_step}"
        if ranks.once(lambda: is_complete(folder)):
            return folder
        try:
            # past SFTTrainer's own, which writes a model card each time; every process saves its random state
            ranks.together(lambda: Trainer._save_checkpoint(me, me.model, None))
            ranks.once(lambda: seal(folder))
        except Exception as problem:
            if ranks.is_first():
                shutil.rmtree(folder, ignore_errors=True)
            full = full_disk(problem, folder.parent)
            if full is None:
                raise
            raise full from problem
        return folder


@contextmanager
def measuring(trainer: Any) -> Iterator[None]:
    """No dropout, no gradients, the run's own precision."""
    import torch

    unpacked(trainer.model.eval())
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
    """Mean negative log-likelihood of the labelled tokens of these rows, in nats a token.

    batch_size: rows at once, of all processes together; each computes its share, and every token counts the same.
    """
    ordered = sorted(rows, key=lambda row: len(row.ids))
    size = max(1, batch_size // ranks.count())
    parts = [ordered[at : at + size] for at in range(0, len(ordered), size)]
    parts += [[EMPTY_ROW]] * (-len(parts) % ranks.count())  # weights in shards: all have to compute as often
    total, count = 0.0, 0.0
    with measuring(trainer):
        for part in parts[ranks.number() :: ranks.count()]:
            for inputs in trainer.parts(batch_of(trainer, part)):
                tokens = int((inputs["labels"][:, 1:] != MASKED).sum())
                loss = float(trainer.compute_loss(trainer.model, inputs))
                total += loss * tokens if tokens else 0.0
                count += tokens
    total, count = ranks.sums([total, count])
    return total / count


def probe_memory(trainer: Any, rows: Sequence[EncodedRow], batch_size: int) -> None:
    """One forward and backward pass on the longest rows: better out of memory now than in an hour."""
    import torch

    if ranks.is_sharded():
        return  # the weights lie whole in each process until training divides them
    longest = sorted(rows, key=lambda row: -len(row.ids))[: ranks.share_of(batch_size)]
    with torch.random.fork_rng():
        trainer.model.train()
        for inputs in trainer.parts(batch_of(trainer, longest)):
            with trainer.accelerator.autocast():
                loss = trainer.compute_loss(trainer.model, inputs)
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
    from trl import SFTConfig, SFTTrainer

    held = [*rows, EMPTY_ROW] if ranks.count() > 1 else rows
    settings = arguments_for(plan, len(rows), machine, rate, batch_size, accumulation, folder)
    division = on_gpu.division_for(plan, model, rows, machine, batch_size)
    settings["activation_checkpointing"] = division.recomputes
    joined: Any = type("JoinedTrainer", (ReplyTrainer, SFTTrainer), {})
    joined.step_rows, joined.seed = batch_size * accumulation, plan.seed
    joined.row_lengths = [len(row.ids) for row in rows]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of TRL about transformers: nobody here can act on them
        trainer = joined(
            model=model,
            args=config_of(SFTConfig, settings),
            train_dataset=Dataset.from_list([{"input_ids": row.ids, "labels": row.labels} for row in held]),
            processing_class=tokenizer,
            peft_config=adapter_config(plan),
        )
    trainer.remove_callback(PrinterCallback)
    scale_first(trainer.model, autocast=machine.bf16)
    if machine.device == "cpu":
        _settle_on_cpu(trainer, plan, rows, batch_size)
    else:
        _settle_on_gpu(trainer, machine, division)
    return trainer


def _settle_on_cpu(trainer: Any, plan: TrainingPlan, rows: Sequence[EncodedRow], batch_size: int) -> None:
    """What makes a processor fast and spares its memory; none of it changes what is learned."""
    if trainer.args.bf16 and not ranks.is_sharded():
        if plan.method in ("lora", "rslora"):  # dora measures the frozen weights: rounded ones would be others
            replies.cast_once(trainer.model)
        replies.attend_in_fp32_when_short(trainer.model)
    replies.teach_reply_loss(trainer.model)
    trainer.score_replies_only = may_score_replies_only(trainer, min(rows, key=lambda row: len(row.ids)))
    if not ranks.is_sharded():  # with weights in shards all processes have to compute equally many parts
        # a batch that was halved for want of memory has its parts halved, too
        trainer.part_tokens = max(1, replies.PART_TOKENS * batch_size // max(batch_size, plan.batch_size))


def _settle_on_gpu(trainer: Any, machine: Machine, division: on_gpu.Division) -> None:
    """What spares a GPU work; none of it changes what is learned."""
    if machine.bf16:
        replies.spare_casts(trainer.model)
    on_gpu.attend_without_padding_mask(trainer.model)
    trainer.part_tokens, trainer.parts_only_if_large = division.part_tokens, True


def arguments_for(
    plan: TrainingPlan, rows: int, machine: Machine, rate: float, batch_size: int, accumulation: int, folder: Path
) -> dict[str, Any]:
    """What every trainer of the library is told, by the library's names."""
    steps = total_steps(plan, rows, batch_size, accumulation)
    return {
        "output_dir": str(folder),
        "max_steps": steps,
        "per_device_train_batch_size": ranks.share_of(batch_size),
        "gradient_accumulation_steps": accumulation,
        "learning_rate": rate,
        "lr_scheduler_type": "constant_with_warmup" if plan.schedule == "constant" else plan.schedule,
        # the rate of the first step of a warm-up is 0: a run of one step would learn nothing
        "warmup_steps": min(math.ceil(plan.warmup * steps), steps - 1),
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
        "ddp_find_unused_parameters": False,  # every process uses every weight, EMPTY_ROW sees to it
        "ddp_broadcast_buffers": False,  # they are constants, and processes do not compute equally many parts
        "remove_unused_columns": False,
    }


def config_of(kind: Any, settings: dict[str, Any]) -> Any:
    """TRL's SFTConfig or DPOConfig of these settings, under the names that transformers 5.17 to 5.23 know."""
    known = {field.name for field in fields(kind)}
    if "activation_checkpointing" not in known:
        settings["gradient_checkpointing"] = settings.pop("activation_checkpointing")
    return kind(**{name: value for name, value in settings.items() if name in known})
