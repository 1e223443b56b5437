"""A training loop as plain as can be, which leaves the metric lines and the result that a run of Goldloop leaves

TRL's trainer costs more than a tiny model's arithmetic; here a run of a hundred steps is done in seconds, so that some
hundreds can be made. Rows, order, methods, schedules, the clip and the steps of evaluation are those of `training`.
Beside the run, rows that it never sees and rows that it does see are scored by the model as it stands: the truth about
the run.
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import polars as pl

from training.methods import adapter_config
from training.plan import TrainingPlan
from training.result import Training, write_training
from training.run.split import validation_places
from training.run.trainer import LengthOrder, steps_per_epoch, total_steps
from training.run.watch import evaluation_steps
from training.tokens.encode import EncodedRow, encode

PROBED = 32  # rows a side that the truth is measured on
POINTS = 8  # of a run at which it is
LOADED: dict[Path, tuple[Any, Any]] = {}


@dataclass
class Lines:
    """What the run writes and what is true of it. probes: [step, loss of unseen rows, of seen ones, share of seen
    replies given back whole, of unseen ones]."""

    metrics: list[dict[str, Any]] = field(default_factory=list)
    probes: list[list[float]] = field(default_factory=list)


def loaded(base: Path) -> tuple[Any, Any]:
    """A copy of the base model to change, and its tokenizer."""
    from transformers import AutoModelForCausalLM, AutoTokenizer

    if base not in LOADED:
        LOADED[base] = AutoModelForCausalLM.from_pretrained(base), AutoTokenizer.from_pretrained(base)
    model, tokenizer = LOADED[base]
    return copy.deepcopy(model), tokenizer


def table_of(talks: Sequence[Any]) -> pl.DataFrame:
    numbers = range(len(talks))
    return pl.DataFrame(
        {"row_id": [f"r{at}" for at in numbers], "messages": list(talks), "group": [f"g{at}" for at in numbers]}
    )


def batch_of(rows: Sequence[EncodedRow]) -> tuple[Any, Any, Any]:
    """ids, mask and labels, padded on the right."""
    import torch

    longest = max(len(row.ids) for row in rows)
    ids = torch.zeros(len(rows), longest, dtype=torch.long)
    mask, labels = torch.zeros_like(ids), torch.full_like(ids, -100)
    for at, row in enumerate(rows):
        size = len(row.ids)
        ids[at, :size], mask[at, :size] = torch.tensor(row.ids), 1
        labels[at, :size] = torch.tensor(row.labels)
    return ids, mask, labels


def summed_loss(model: Any, rows: Sequence[EncodedRow]) -> tuple[Any, int, Any]:
    """Loss in nats, summed over the learned tokens; their count; which rows are given back whole."""
    import torch

    ids, mask, labels = batch_of(rows)
    scores, labels = model(input_ids=ids, attention_mask=mask).logits[:, :-1].float(), labels[:, 1:]
    loss = torch.nn.functional.cross_entropy(scores.transpose(1, 2), labels, ignore_index=-100, reduction="sum")
    whole = ((scores.argmax(-1) == labels) | (labels == -100)).all(1)
    return loss, int((labels != -100).sum()), whole


def scored(model: Any, rows: Sequence[EncodedRow]) -> tuple[float, float]:
    """Mean loss a learned token, and the share of rows given back whole."""
    import torch

    total, count, back = 0.0, 0, 0
    ordered = sorted(rows, key=lambda row: len(row.ids))
    model.eval()
    with torch.no_grad():
        for at in range(0, len(ordered), 16):
            loss, tokens, whole = summed_loss(model, ordered[at : at + 16])
            total, count, back = total + float(loss), count + tokens, back + int(whole.sum())
    model.train()
    return total / max(count, 1), back / len(rows)


def run(
    plan: TrainingPlan, base: Path, talks: Sequence[Any], unseen: Sequence[Any], out: Path, order: list[int] | None
) -> Lines:
    """A run of this plan; its metrics.jsonl, run.json and, unless it diverged, training.json are in `out`."""
    import torch
    from peft import get_peft_model
    from transformers import get_scheduler

    torch.manual_seed(plan.seed)
    model, tokenizer = loaded(base)
    config = adapter_config(plan)
    model = model if config is None else get_peft_model(model, config)
    rows = encode(table_of(talks), tokenizer, max_length=plan.max_length, none_is_an_error=False).rows
    aside = set(validation_places([row.row_id for row in rows], share=plan.validation_share, seed=plan.seed))
    kept = [row for at, row in enumerate(rows) if at not in aside]
    held = [row for at, row in enumerate(rows) if at in aside]
    sides = (
        encode(table_of(unseen), tokenizer, max_length=plan.max_length).rows,
        kept[:: max(1, len(kept) // PROBED)][:PROBED],
    )
    steps = total_steps(plan, len(kept), plan.batch_size, plan.accumulation)
    per_epoch = steps_per_epoch(len(kept), plan.batch_size, plan.accumulation)
    due = evaluation_steps(per_epoch, plan.evaluations_per_epoch, steps)
    probed = {round(steps * at / POINTS) for at in range(POINTS + 1)}
    learned = [one for one in model.parameters() if one.requires_grad]
    optimizer = torch.optim.AdamW(learned, lr=plan.learning_rate, weight_decay=plan.weight_decay)
    name = "constant_with_warmup" if plan.schedule == "constant" else plan.schedule
    scheduler = get_scheduler(name, optimizer, min(math.ceil(plan.warmup * steps), steps - 1), steps)
    told = Lines()

    def note(step: int, epoch: float, loss: float | None, rate: float | None, gradient: float | None) -> None:
        measured = (
            scored(model, held)[0] if held and (step == 0 or step in due) and (loss is not None or not step) else None
        )
        told.metrics.append({"step": step, "epoch": round(epoch, 4), "loss": loss, "eval_loss": measured, "lr": rate,
                             "grad_norm": gradient, "tokens": 0, "time_left": float(steps - step)})  # fmt: skip
        if step in probed and (loss is not None or not step):
            (one, again), (two, back) = scored(model, sides[0]), scored(model, sides[1])
            told.probes.append([step, one, two, back, again])

    note(0, 0.0, None, None, None)
    model.train()
    size, step, epoch = plan.batch_size * plan.accumulation, 0, 0
    diverged = False
    while step < steps and not diverged:
        read = [at for at in order or () if at < len(kept)] or list(
            LengthOrder([len(row.ids) for row in kept], step_rows=size, seed=plan.seed, epoch=partial(int, epoch))
        )
        for at in range(0, len(read), size):
            loss, count, _ = summed_loss(model, [kept[place] for place in read[at : at + size]])
            (loss / count).backward()
            gradient = float(torch.nn.utils.clip_grad_norm_(learned, plan.max_gradient))
            rate = float(scheduler.get_last_lr()[0])
            optimizer.step()
            scheduler.step()
            optimizer.zero_grad()
            step += 1
            value = float(loss) / count
            diverged = not (math.isfinite(value) and math.isfinite(gradient))
            note(
                step, epoch + (at + size) / len(read), None if diverged else value, rate, None if diverged else gradient
            )
            if diverged or step == steps:
                break
        epoch += 1
    write(plan, told, out, kept=len(kept), held=len(held), steps=steps, diverged=diverged)
    return told


def write(plan: TrainingPlan, told: Lines, out: Path, *, kept: int, held: int, steps: int, diverged: bool) -> None:
    """The files that `training.result` reads."""
    out.mkdir(parents=True, exist_ok=True)
    (out / "metrics.jsonl").write_text("".join(json.dumps(line) + "\n" for line in told.metrics), "utf-8")
    (out / "run.json").write_text(json.dumps({"plan": plan.model_dump()}), "utf-8")
    if diverged:
        return
    curve = [(line["step"], line["eval_loss"]) for line in told.metrics if line["eval_loss"] is not None]
    best = min((pair for pair in curve if pair[0]), key=lambda pair: (pair[1], pair[0]), default=(steps, 0.0))[0]
    write_training(Training(
        adapter=str(out / "adapter"), steps=steps, best_step=best, losses=[line["loss"] for line in told.metrics[1:]],
        validation_losses=curve, tokens=0, seconds=1.0, seed=plan.seed, learning_rate=plan.learning_rate or 0.0,
        train_rows=kept, validation_rows=held, cut_rows=[], skipped_rows=[], device="cpu", precision="fp32",
        batch_size=plan.batch_size, accumulation=plan.accumulation, trainable_parameters=1, peak_memory=0,
        ended="finished", notes=[],
    ), out)  # fmt: skip
