"""Show what the model will see of a version's rows before it is trained on them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import polars as pl

from evaluators.models import embedded
from training.plan import TrainingPlan
from training.tokens.preflight import Preflight, SeenRow, inspect, look_into
from workbench.errors import NotFound
from workbench.records import Version
from workbench.rows import Rows
from workbench.settings import DEFAULT_MODEL, models_folder
from workbench.store import Store, datasets
from workbench.training_side import trainable


@dataclass(frozen=True)
class Seen:
    """A version through a model's chat template. rows: how many were looked at; of: how many there are."""

    version: Version
    plan: TrainingPlan
    preflight: Preflight
    rows: int
    of: int


def see(
    store: Store,
    version: str | None = None,
    *,
    model: str | None = None,
    settings: Iterable[str] = (),
    most: int | None = None,
) -> Seen:
    """Which tokens of which rows a run would train on, and what is wrong with the template; nothing is started.

    most: look at so many rows only, evenly through the version, for faces that must answer at once. Raises NotFound,
    PlanError for a wrong knob, ModelUnusable or ModelError for a model that is not there.
    """
    of = datasets.version(store, version)
    plan = TrainingPlan(model=model or DEFAULT_MODEL).with_settings(settings)
    table = _trainable(store.row_files.verified(of.digest).frame)
    total = table.height
    if most is not None and total > most:
        table = table.gather([at * total // most for at in range(most)])
    sight = inspect(table, tokenizer_of(plan.model), plan)
    return Seen(of, plan, sight, table.height, total)


def see_row(
    store: Store, version: str | None, row_id: str, *, model: str | None = None, settings: Iterable[str] = ()
) -> SeenRow:
    """One row token by token: trained, read only, cut; with the reason where it trains on nothing. Raises NotFound."""
    of = datasets.version(store, version)
    plan = TrainingPlan(model=model or DEFAULT_MODEL).with_settings(settings)
    found = store.row_files.verified(of.digest).having([row_id])
    if not len(found):
        raise NotFound(f"{of.label} has no row {row_id}.")
    tokenizer, tools = tokenizer_of(plan.model), found.tools[0]
    return look_into(row_id, found.messages[0], tokenizer, max_length=plan.max_length, tools=tools)


def tokenizer_of(model: str) -> Any:
    """The tokenizer of a fetched model, a folder or a hub name; kept, since reading one takes half a second."""
    return _tokenizer(str(embedded.resolve(model, models_folder())))


@lru_cache(maxsize=2)
def _tokenizer(folder: str) -> Any:
    from training.tokens.template import tokenizer_for

    return tokenizer_for(folder)


def _trainable(frame: pl.DataFrame) -> pl.DataFrame:
    """The rows that end in a reply: the others are left out of training before any template sees them."""
    last = pl.col("messages").list.last().struct.field("role")
    return trainable(Rows(frame.filter(last == "assistant")))
