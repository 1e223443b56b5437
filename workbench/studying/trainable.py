"""Which rows a base model can learn from, looked at before the budget of a study is agreed"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from evaluators.models import embedded
from training.errors import RowsError
from training.plan import TrainingPlan
from training.tokens.encode import encode
from training.tokens.preflight import refuse_untrained
from training.tokens.template import tokenizer_for
from workbench.settings import models_folder


@dataclass(frozen=True)
class Trainable:
    """The rows of a version by one model's tokenizer and template.

    lengths: row id -> (tokens, tokens with a label); skipped: (row id, reason) of those that train on nothing.
    """

    model: str
    lengths: Mapping[str, tuple[int, int]]
    skipped: tuple[tuple[str, str], ...]


def look(model: str, table: pl.DataFrame, max_length: int) -> Trainable:
    """The rows of a table by one model. Raises TemplateError, RowsError, ModelUnusable as the run itself would."""
    encoding = encode(table, tokenizer_for(embedded.resolve(model, models_folder())), max_length=max_length)
    return Trainable(
        model,
        {row.row_id: (len(row.ids), row.trained) for row in encoding.rows},
        tuple((row.row_id, row.reason) for row in encoding.skipped),
    )


def refuse(seen: Sequence[Trainable], plan: TrainingPlan, used: Collection[str]) -> None:
    """Raises RowsError where a row that the study uses trains on nothing, and the plan stops at such rows."""
    for one in seen:
        try:
            refuse_untrained([(row, reason) for row, reason in one.skipped if row in used], plan)
        except RowsError as stopped:
            raise RowsError(str(stopped) if len(seen) == 1 else f"With {one.model}: {stopped}") from None
