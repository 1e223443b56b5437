"""The training side of a version: what may be trained on, after making sure that nothing golden stands in it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import polars as pl

from evaluators.models import embedded
from training.plan import TrainingPlan
from workbench.errors import BadInput, Refused
from workbench.records import Golden, Version
from workbench.rows import Rows
from workbench.settings import DEFAULT_MODEL, models_folder
from workbench.splits import Leak, copy_groups, leaks
from workbench.store import Store, datasets, goldens

FEWEST_ROWS = 8  # fewer do not fill one batch, let alone a validation part
SHOWN = 5  # offending pairs spelled out in a refusal


@dataclass(frozen=True)
class Prepared:
    """A version ready to be trained on. rows: those that can be; left_out: (row id, reason) of the others."""

    version: Version
    golden: Golden
    plan: TrainingPlan
    rows: Rows
    left_out: tuple[tuple[str, str], ...]

    def table(self) -> pl.DataFrame:
        """What training takes: row_id, messages, and group, so that copies share a side of the validation split."""
        labels = [str(label) for label in copy_groups(self.rows)]
        return self.rows.frame.select("row_id", "messages").with_columns(pl.Series("group", labels, dtype=pl.String))


def prepare(
    store: Store, version: str | None = None, *, model: str | None = None, settings: Iterable[str] = ()
) -> Prepared:
    """The plan and the rows of a run, before anything is started.

    Raises NotFound without a golden set, Refused with the offending pairs when a golden row or a near copy of one
    stands in the rows, BadInput when too few rows are left, PlanError for a wrong knob, ModelUnusable for a model that
    is not there.
    """
    of = datasets.version(store, version)
    plan = TrainingPlan(model=model or DEFAULT_MODEL).with_settings(settings)
    golden = goldens.newest(store, of.dataset)
    rows = store.row_files.verified(of.digest)
    refuse_leaks(of, rows, golden, goldens.rows_of(store, golden))
    usable, left_out = _usable(rows)
    if len(usable) < FEWEST_ROWS:
        raise BadInput(f"{of.label} has {len(usable)} rows to train on; at least {FEWEST_ROWS} are needed.")
    embedded.resolve(plan.model, models_folder())  # a model that is not there is told now, not by a failed job
    return Prepared(of, golden, plan, usable, left_out)


def refuse_leaks(version: Version, rows: Rows, golden: Golden, golden_rows: Rows) -> None:
    """Raises Refused with every training row that repeats a golden row."""
    found = leaks(rows, golden_rows)
    if not found:
        return
    shown = "\n".join(_pair(rows, golden_rows, leak) for leak in found[:SHOWN])
    more = f"\n... and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    noun = "1 row" if len(found) == 1 else f"{len(found)} rows"
    ids = "+".join(sorted(leak.training_id for leak in found))
    raise Refused(
        f"Training is refused: {noun} of {version.label} would show the model what stands in {golden.label}, which it "
        f"must never see.\n{shown}{more}\nTake the training rows out with: goldloop fix drop_rows --where row={ids}",
        tuple((leak.training_id, leak.golden_id, leak.score, leak.how) for leak in found),
    )


def _pair(rows: Rows, golden_rows: Rows, leak: Leak) -> str:
    ours, kept = rows.having([leak.training_id]), golden_rows.having([leak.golden_id])
    place = f"line {ours.frame['line'][0]} of {ours.frame['source'][0]}"
    return (
        f'  row {leak.training_id} ({place}): "{_short(ours.prompt[0])}"\n'
        f'  golden {leak.golden_id}: "{_short(kept.prompt[0])}" ({leak.how}, likeness {leak.score:.2f})'
    )


def _short(text: str) -> str:
    return " ".join(text.split())[:90]


def _usable(rows: Rows) -> tuple[Rows, tuple[tuple[str, str], ...]]:
    """The rows that end in a reply, and the others with the reason."""
    left_out = []
    for row_id, turns, reply in zip(rows.row_id, rows.messages, rows.reply, strict=True):
        if not turns or turns[-1]["role"] != "assistant":
            left_out.append((row_id, "does not end in a reply"))
        elif not reply.strip():
            left_out.append((row_id, "its reply is empty"))
    return rows.without([row_id for row_id, _ in left_out]), tuple(left_out)
