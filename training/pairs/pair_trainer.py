"""TRL's DPOTrainer on encoded pairs: the same order, checkpoints and metric lines as the first stage"""

from __future__ import annotations

import time
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

from training.errors import BadAdapter
from training.methods import load_model
from training.pairs.pair_rows import EncodedPair
from training.plan import rate_for
from training.result import Training, keep_metrics
from training.run import steps
from training.run import trainer as tuning
from training.run.attempts import note_attempt
from training.run.checkpoints import discard_broken, step_of
from training.run.energy import meter_for
from training.run.finishing import finish
from training.run.peaks import peak_of
from training.run.provenance import PROVENANCE, write_provenance
from training.run.tally import Tally
from training.run.trackers import reporting
from training.run.watch import Watch

if TYPE_CHECKING:
    from training.pairs.preferences import PairRun

LOSSES = {"sum": "sigmoid", "mean": "sigmoid_norm"}  # TRL's names
SEEN = {"rewards/margins": "margin", "rewards/accuracies": "accuracy", "rewards/chosen": "reward_chosen",
        "rewards/rejected": "reward_rejected"}  # fmt: skip


@dataclass
class PairWatch(Watch):
    """A Watch whose metric lines also tell what became of the rewards, in nats times beta."""

    BEFORE: ClassVar[str] = "the run's model as it is"
    seen: dict[str, Any] = field(default_factory=dict)  # of this step
    held_out: dict[str, Any] = field(default_factory=dict)  # of this step's evaluation

    def after_step(self, logs: dict[str, float], state: Any, control: Any) -> None:
        self.seen = {ours: float(logs[theirs]) for theirs, ours in SEEN.items() if theirs in logs}
        if not self.seen.get("margin"):
            self.seen.pop("accuracy", None)  # where nothing has moved, nothing is preferred
        super().after_step(logs, state, control)

    def _write(self, *, step: int, step_tokens: int, **facts: Any) -> None:
        super()._write(step=step, step_tokens=step_tokens, **facts, **self.seen, **self.held_out)
        self.seen, self.held_out = {}, {}


def attempt(run: PairRun) -> Training:
    """The stage from its newest whole checkpoint, or from the start, to its end."""
    plan = run.plan
    discard_broken(run.checkpoints)
    newest = steps.newest_of(run)
    peak = peak_of(run.machine.device)
    try:
        run.report(0.0, f"loading {Path(plan.model).name} and the adapter")
        trainer, rate = trainer_for(run)
        lines = keep_metrics(run.out, step_of(newest) if newest else -1)
        watch = PairWatch(
            out=run.out,
            plan=plan,
            trainer=trainer,
            steps=tuning.total_steps(plan, len(run.pairs), run.batch_size, run.accumulation),
            per_epoch=tuning.steps_per_epoch(len(run.pairs), run.batch_size, run.accumulation),
            validate=None,
            report=run.report,
            lines=lines,
            tally=Tally(lines, peak, meter_for(run.machine.device)),
            checkpoint_bytes=steps.room_for(run, trainer),
        )
        if run.held_out:
            watch.validate = lambda: held_out_loss(run, trainer, watch)
        note_attempt(
            run.out, step=step_of(newest) if newest else 0, batch_size=run.batch_size, accumulation=run.accumulation
        )
        trainer.add_callback(watch.callback())
        run.seconds_loading = time.monotonic() - run.begun
        if not (run.out / PROVENANCE).exists():
            write_provenance(run.provenance or {}, run.out)
        with reporting(trainer, plan.report_to, run.out, watch.lines):
            ended = steps.trained(run, watch, trainer, newest)
        run.report(0.98, "saving the adapter")
        weights = steps.trained_weights(trainer)
        return finish(run, watch, rate, weights, ended, before="first-stage", rows="pairs")
    finally:
        peak.close()


def trainer_for(run: PairRun) -> tuple[Any, float]:
    """A DPOTrainer on the run's adapter with a frozen copy of it beside, and its learning rate."""
    from datasets import Dataset
    from peft import PeftModel
    from transformers import PrinterCallback
    from trl import DPOConfig, DPOTrainer

    from training.pairs.preferences import RATE_SHARE

    assert run.stage is not None
    plan = run.plan
    base = load_model(plan, run.machine)
    rate = plan.learning_rate or float(f"{rate_for(base.num_parameters(), plan.method, plan.rank) * RATE_SHARE:.0e}")
    try:
        model = PeftModel.from_pretrained(base, str(run.parent), is_trainable=True)
    except (OSError, ValueError, RuntimeError, KeyError) as problem:
        said = str(problem).strip().splitlines()[0]
        raise BadAdapter(f"the adapter {run.parent} does not fit {plan.model}: {said}") from problem
    settings = tuning.arguments_for(plan, len(run.pairs), run.machine, rate, run.batch_size, run.accumulation,
                                 run.checkpoints)  # fmt: skip
    large = run.machine.device == "cuda" and base.num_parameters() >= tuning.CHECKPOINT_FROM
    settings |= {
        "beta": run.stage.strength, "loss_type": [LOSSES[run.stage.rewards]], "activation_checkpointing": large,
        "disable_dropout": True,
    }  # fmt: skip
    joined: Any = type("JoinedTrainer", (tuning.ReplyTrainer, DPOTrainer), dict(ITS_OWN))
    joined.step_rows, joined.seed = run.batch_size * run.accumulation, plan.seed
    joined.row_lengths = [len(pair.longer) for pair in run.pairs]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # of TRL about transformers: nobody here can act on them
        trainer = joined(
            model=model,
            args=tuning.config_of(DPOConfig, settings),
            train_dataset=Dataset.from_list([_record(pair) for pair in run.pairs]),
            processing_class=run.tokenizer,
        )
    trainer.remove_callback(PrinterCallback)
    if "ref" not in trainer.model.peft_config:
        raise BadAdapter("the installed TRL keeps no copy of the run's adapter to measure against; install trl>=1.16.")
    for name, weight in trainer.model.named_parameters():
        if ".ref." in name:
            weight.requires_grad_(False)
    steps.learn_in_fp32(trainer)
    return trainer, rate


def held_out_loss(run: PairRun, trainer: Any, watch: PairWatch) -> float:
    """Mean loss over the pairs held out; their margin and accuracy go into this step's metric line."""
    import torch

    from training.pairs.preferences import interval_of

    assert run.stage is not None
    margins: list[float] = []
    ordered = sorted(run.held_out, key=lambda pair: len(pair.longer))
    with tuning.measuring(trainer):
        for at in range(0, len(ordered), run.eval_batch):
            margins += reward_margins(trainer, ordered[at : at + run.eval_batch], mean=run.stage.rewards == "mean")
    scaled = run.stage.strength * torch.tensor(margins, dtype=torch.float64)
    watch.held_out = {"eval_margin": float(scaled.mean()), "eval_pairs": len(margins)}
    if any(margins):  # else nothing has moved yet, and nothing is preferred
        right = int((scaled > 0).sum())
        low, high = interval_of(right, len(margins))
        watch.held_out |= {
            "eval_accuracy": right / len(margins), "eval_accuracy_low": low, "eval_accuracy_high": high,
        }  # fmt: skip
    return float(-torch.nn.functional.logsigmoid(scaled).mean())


def reward_margins(trainer: Any, pairs: Sequence[EncodedPair], *, mean: bool) -> list[float]:
    """How much more each pair's chosen reply has gained over the run's model than the rejected one, in nats."""
    from trl.trainer.utils import use_adapter

    batch = trainer.data_collator([_record(pair) for pair in pairs])
    batch = {name: tensor.to(trainer.model.device) for name, tensor in batch.items()}
    replies = batch.pop("completion_mask")
    labels = batch["input_ids"].masked_fill(replies == 0, -100)
    model = trainer.accelerator.unwrap_model(trainer.model)

    def likelihood() -> Any:
        return model(**batch, labels=labels, use_cache=False, fused_lm_head=True).log_probs.sum(dim=1)

    gained = likelihood()
    with use_adapter(model, adapter_name="ref"):
        gained = gained - likelihood()
    if mean:
        gained = gained / replies.sum(dim=1)
    chosen, rejected = gained.double().chunk(2)
    return [float(one) for one in chosen - rejected]


def _record(pair: EncodedPair) -> dict[str, list[int]]:
    return {"prompt_ids": pair.prompt, "chosen_ids": pair.chosen, "rejected_ids": pair.rejected}


def _as_it_is(self: Any, dataset: Any, *others: Any, **options: Any) -> Any:
    """Pairs come as ids: rendering them again would give other bytes than the first stage learned."""
    return dataset


def _both_adapters(self: Any, folder: str, model: Any = None) -> None:
    """Reads from a checkpoint the adapter that is learned, and the frozen one.

    transformers 5.17 reads only adapters in folders of their own, as "ref" is, and silently goes on from the first
    stage; the one that is learned lies beside them. Later versions read both: read twice it is the same.
    """
    from trl import DPOTrainer

    DPOTrainer._load_from_checkpoint(self, folder, model)
    self.model.load_adapter(folder, "default", is_trainable=True)


ITS_OWN = {"_prepare_dataset": _as_it_is, "_load_from_checkpoint": _both_adapters}
