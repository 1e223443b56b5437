"""Train an adapter on a version, after making sure that nothing golden stands in it."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from evaluators.models import embedded
from training.plan import TrainingPlan
from workbench.errors import BadInput, Refused
from workbench.records import Golden, Run, Version
from workbench.rows import Rows
from workbench.settings import DEFAULT_MODEL, Report, models_folder, no_report, user_name
from workbench.splits import Leak, copy_groups, leaks
from workbench.store import Store, datasets, goldens, runs

FEWEST_ROWS = 8  # fewer do not fill one batch, let alone a validation part
SHOWN = 5  # offending pairs spelled out in a refusal


@dataclass(frozen=True)
class Planned:
    """What a run would do, before its first step. rows: rows to train on, the validation part among them."""

    version: Version
    golden: Golden
    plan: TrainingPlan
    rows: int
    left_out: tuple[tuple[str, str], ...]
    """(row id, reason) of rows that cannot be trained on."""
    estimate: Mapping[str, Any]


def train(
    store: Store,
    version: str | None = None,
    *,
    model: str | None = None,
    settings: Iterable[str] = (),
    preview: bool = False,
    report: Report = no_report,
    job_id: int | None = None,
) -> Planned | Run:
    """Trains an adapter and remembers the run; with `preview` gives the plan and its estimate instead.

    settings: texts such as "epochs=2". With the job_id of an earlier try the run goes on from its last checkpoint.
    Raises Refused with the offending pairs when a golden row, or a near copy of one, stands in the rows.
    """
    earlier = runs.of_job(store, job_id) if job_id is not None else None
    if earlier is not None:
        return _resume(store, earlier, report)
    of = datasets.version(store, version)
    golden = goldens.newest(store, of.dataset)
    rows = datasets.rows_of(store, of)
    refuse_leaks(of, rows, golden, goldens.rows_of(store, golden))
    usable, left_out = _usable(rows)
    if len(usable) < FEWEST_ROWS:
        raise BadInput(f"{of.label} has {len(usable)} rows to train on; at least {FEWEST_ROWS} are needed.")
    plan = TrainingPlan(model=model or DEFAULT_MODEL).with_settings(settings)
    table = training_table(usable)
    if preview:
        return Planned(of, golden, plan, len(usable), left_out, _estimate(plan, table))
    run = runs.add(store, of, golden, plan.model_dump(), user_name(), job_id)
    folder = runs.folder(store, run.id)
    table.write_parquet(folder / "rows.parquet")
    return _run(store, run, plan, table, report, resume=False)


def refuse_leaks(version: Version, rows: Rows, golden: Golden, golden_rows: Rows) -> None:
    """Raises Refused with every pair of a training row and the golden row that it repeats."""
    found = leaks(rows, golden_rows)
    if not found:
        return
    shown = "\n".join(_pair(rows, golden_rows, leak) for leak in found[:SHOWN])
    more = f"\n... and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
    offending = len({leak.training_id for leak in found})
    raise Refused(
        f"Training is refused: {offending} rows of {version.label} repeat rows of {golden.label}, which training must "
        f"never see.\n{shown}{more}\nTake them out with: goldloop fix drop_rows --where "
        f"row={'+'.join(sorted({leak.training_id for leak in found}))}",
        tuple((leak.training_id, leak.golden_id, leak.score, leak.how) for leak in found),
    )


def _pair(rows: Rows, golden_rows: Rows, leak: Leak) -> str:
    ours = rows.frame.row(by_predicate=pl.col("row_id") == leak.training_id, named=True)
    text = rows.having([leak.training_id]).prompt[0].replace("\n", " ")[:80]
    kept = golden_rows.having([leak.golden_id]).prompt[0].replace("\n", " ")[:80]
    return (
        f'  row {leak.training_id} (line {ours["line"]} of {ours["source"]}): "{text}"\n'
        f'  golden {leak.golden_id}: "{kept}" ({leak.how}, likeness {leak.score:.2f})'
    )


def training_table(rows: Rows) -> pl.DataFrame:
    """The rows as training takes them: row_id, messages, and group, so that copies share a side of the validation."""
    labels = [str(label) for label in copy_groups(rows)]
    return rows.frame.select("row_id", "messages").with_columns(pl.Series("group", labels, dtype=pl.String))


def _usable(rows: Rows) -> tuple[Rows, tuple[tuple[str, str], ...]]:
    """The rows that end in a reply, and the others with the reason."""
    left_out = []
    for row_id, turns, reply in zip(rows.row_id, rows.messages, rows.reply, strict=True):
        if not turns or turns[-1]["role"] != "assistant":
            left_out.append((row_id, "does not end in a reply"))
        elif not reply.strip():
            left_out.append((row_id, "its reply is empty"))
    return rows.without([row_id for row_id, _ in left_out]), tuple(left_out)


def _estimate(plan: TrainingPlan, table: pl.DataFrame) -> Mapping[str, Any]:
    from training.estimate import estimate

    found = estimate(resolved(plan), table)
    return dataclasses.asdict(found)


def resolved(plan: TrainingPlan) -> TrainingPlan:
    """The plan with the folder of its model in place of an embedded model's name."""
    return plan.model_copy(update={"model": str(embedded.resolve(plan.model, models_folder()))})


def _resume(store: Store, run: Run, report: Report) -> Run:
    folder = runs.folder(store, run.id)
    plan = TrainingPlan.model_validate(run.plan)
    table = pl.read_parquet(folder / "rows.parquet")
    return _run(store, run, plan, table, report, resume=True)


def _run(store: Store, run: Run, plan: TrainingPlan, table: pl.DataFrame, report: Report, *, resume: bool) -> Run:
    from training.lora import train as train_adapter

    result = train_adapter(resolved(plan), table, runs.folder(store, run.id), report=report, resume=resume)
    summary = {**dataclasses.asdict(result), "adapter": "adapter"}
    runs.finish(store, run.id, _plain(summary))
    return runs.get(store, run.id)


def _plain(summary: Mapping[str, Any]) -> dict[str, Any]:
    import json

    return dict(json.loads(json.dumps(summary, default=str)))
