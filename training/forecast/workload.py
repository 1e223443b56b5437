"""What a run really computes: its batches with their padding, its evaluations, its steps, before any of it is begun

A run reads its rows in the order of `training.run.trainer.LengthOrder`, which depends on the seed alone, and on a CPU
computes a batch in the parts of `training.run.replies.parts_of`. So what goes through the model at once is known
beforehand, and with it the padding, the largest batch and the number of tokens.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from training.plan import TrainingPlan
from training.run.replies import PART_TOKENS, parts_of
from training.run.trainer import LengthOrder, steps_per_epoch, total_steps
from training.run.watch import evaluation_steps
from training.tokens.encode import EncodedRow

MOST_FOLLOWED = 200_000  # rows whose way through the epochs is followed one by one; beyond, one epoch stands for all


@dataclass(frozen=True)
class Batch:
    """What goes through the model at once. longest: tokens every row is padded to; trained: tokens with a label."""

    rows: int
    longest: int
    tokens: int
    trained: int

    @property
    def padded(self) -> int:
        """Tokens computed, padding included."""
        return self.rows * self.longest


@dataclass(frozen=True)
class Workload:
    """All that a run computes. `batches`: what goes through the model at once in its steps, `times` over; `evaluation`:
    the same for the validation rows, forward only, `evaluations` times; `tried`: the longest rows, which a run puts
    through once before its first step, to run out of memory at once if it must. soonest: the first step after which
    patience may end the run, None where it cannot."""

    steps: int
    saves: int
    batches: tuple[Batch, ...]
    times: float
    evaluation: tuple[Batch, ...]
    evaluations: int
    rows: int
    validation_rows: int
    tried: tuple[Batch, ...] = ()
    soonest: int | None = None

    @property
    def tokens(self) -> float:
        """Tokens read in training, padding not counted, over all epochs."""
        return self.times * sum(batch.tokens for batch in self.batches)

    @property
    def trained(self) -> float:
        """Tokens learned from, over all epochs."""
        return self.times * sum(batch.trained for batch in self.batches)

    @property
    def padded(self) -> float:
        """Tokens computed in training, padding included."""
        return self.times * sum(batch.padded for batch in self.batches)

    @property
    def padding_share(self) -> float:
        """Part of what is computed that is padding, 0 to 1."""
        return 1 - self.tokens / self.padded if self.padded else 0.0


Measures = Sequence[tuple[int, int]]  # (tokens, trained tokens) of each row


def measures_of(rows: Sequence[EncodedRow]) -> list[tuple[int, int]]:
    return [(len(row.ids), row.trained) for row in rows]


def workload(
    plan: TrainingPlan, rows: Measures, validation: Measures = (), *, device: Literal["cpu", "cuda"] = "cpu"
) -> Workload:
    """The batches of this plan's run on rows of these lengths; `validation`: the rows kept aside."""
    in_parts = device == "cpu"
    steps = total_steps(plan, len(rows), plan.batch_size, plan.accumulation)
    per_epoch = steps_per_epoch(len(rows), plan.batch_size, plan.accumulation)
    epochs = math.ceil(steps / per_epoch)
    followed = 1 if len(rows) * epochs > MOST_FOLLOWED else epochs
    batches: list[Batch] = []
    for epoch in range(followed):
        left = min(per_epoch, steps - epoch * per_epoch)
        order = _order(plan, rows, epoch)[: left * plan.batch_size * plan.accumulation]
        batches += _batches(rows, order, plan.batch_size, in_parts)
    due = evaluation_steps(per_epoch, plan.evaluations_per_epoch, steps)
    saves = len(due) if plan.save_every is None else steps // plan.save_every + 1
    ordered = sorted(validation)
    return Workload(
        steps=steps,
        saves=saves,
        batches=tuple(batches),
        times=steps / per_epoch / followed if followed < epochs else 1.0,
        evaluation=tuple(_batches(ordered, range(len(ordered)), plan.batch_size, in_parts)),
        evaluations=len(due) + 1 if validation else 0,  # and the untuned model, before the first step
        rows=len(rows),
        validation_rows=len(validation),
        tried=tuple(at_once(sorted(rows, reverse=True)[: plan.batch_size], in_parts=in_parts)),
        soonest=_soonest(sorted(due), plan.patience) if validation else None,
    )


def _soonest(due: Sequence[int], patience: int | None) -> int | None:
    """The step of the first evaluation that may end a run: its first was the best, and `patience` more were not."""
    return due[patience] if patience is not None and patience < len(due) else None


def typical(
    plan: TrainingPlan, *, rows: int, tokens: float, trained_share: float, longest: int | None,
    device: Literal["cpu", "cuda"] = "cpu",
) -> Workload:  # fmt: skip
    """The workload where only totals are known: rows of the mean length, and one batch of the longest."""
    kept = max(1, round(rows * (1 - plan.validation_share)))
    mean = max(1, int(min(tokens / rows, plan.max_length)))
    most = min(plan.max_length, longest if longest is not None else 2 * mean)
    over = 0 if mean == plan.max_length else round(tokens * kept / rows) - mean * kept  # rows with one token more
    lengths = [mean + (place < over) for place in range(kept)]
    found = workload(
        plan,
        [(one, round(one * trained_share)) for one in lengths],
        [(mean, round(mean * trained_share))] * (rows - kept),
        device=device,
    )
    size = min(plan.batch_size, max(1, PART_TOKENS // most)) if device == "cpu" else plan.batch_size
    largest = Batch(size, most, size * most, round(size * most * trained_share))
    return replace(found, batches=(*found.batches[:-1], largest)) if most > mean and len(found.batches) > 1 else found


def _order(plan: TrainingPlan, rows: Measures, epoch: int) -> list[int]:
    order = LengthOrder(
        [tokens for tokens, _ in rows],
        step_rows=plan.batch_size * plan.accumulation,
        seed=plan.seed,
        epoch=lambda: epoch,
    )
    return list(order)


def _batches(rows: Measures, order: Sequence[int], size: int, in_parts: bool) -> list[Batch]:
    found = []
    for at in range(0, len(order), size):
        found += at_once([rows[place] for place in order[at : at + size]], in_parts=in_parts)
    return found


def at_once(rows: Measures, *, in_parts: bool) -> list[Batch]:
    """What goes through the model at once of a batch of such rows; in_parts: as a processor computes it."""
    places = parts_of([tokens for tokens, _ in rows]) if in_parts else [list(range(len(rows)))]
    found = []
    for part in ([rows[place] for place in group] for group in places):
        longest = max(tokens for tokens, _ in part)
        found.append(Batch(len(part), longest, sum(one[0] for one in part), sum(one[1] for one in part)))
    return found
