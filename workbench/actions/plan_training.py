"""Show what a training run would do, before its first step."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from evaluators.models import embedded
from training.encode import encode
from training.estimate import Cost, estimate, size_of
from training.machine import cpu_has_bf16
from training.template import tokenizer_for
from workbench.settings import models_folder
from workbench.store import Store
from workbench.training_side import Prepared, prepare


@dataclass(frozen=True)
class Planned:
    """What would be trained and what it would take. cut: (row id, tokens lost); left_out: (row id, reason)."""

    prepared: Prepared
    cost: Cost
    cut: tuple[tuple[str, int], ...]
    left_out: tuple[tuple[str, str], ...]


def plan_training(
    store: Store, version: str | None = None, *, model: str | None = None, settings: Iterable[str] = ()
) -> Planned:
    """The plan of a run with its expected tokens, steps, time and memory; nothing is started.

    Raises as `training_side.prepare` does, and ModelUnusable or ModelError when the model is not there.
    """
    prepared = prepare(store, version, model=model, settings=settings, wait=False)
    folder = embedded.resolve(prepared.plan.model, models_folder())
    tokenizer = tokenizer_for(folder)
    encoding = encode(prepared.table(), tokenizer, max_length=prepared.plan.max_length)
    cost = estimate(
        prepared.plan,
        size_of(folder),
        rows=len(encoding.rows),
        tokens=encoding.tokens,
        trained_share=sum(row.trained for row in encoding.rows) / max(1, encoding.tokens),
        longest=max((len(row.ids) for row in encoding.rows), default=0),
        bf16=cpu_has_bf16(),
    )
    cut = tuple((row.row_id, row.cut) for row in encoding.cut)
    skipped = tuple((row.row_id, row.reason) for row in encoding.skipped)
    return Planned(prepared, cost, cut, (*prepared.left_out, *skipped))
