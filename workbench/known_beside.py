"""What is known beside the rows of a version: its sheet, golden rows, benchmark file and a tuned model's losses."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl

from workbench.checks.context import Context
from workbench.errors import GoldloopError
from workbench.formats.read import read_file
from workbench.records import Version
from workbench.rows import Rows
from workbench.sheet import Sheet
from workbench.store import Store, goldens, runs
from workbench.store.sheets import sheet_of

LOSSES = "losses.parquet"  # in a run's folder: row_id, text (digest), nats, tokens


def context_of(store: Store, version: Version, rows: Rows) -> Context:
    """The context in which the checks of a version are measured. rows: its rows.

    Losses are those of the newest run on this dataset that has some, for rows whose text is still the same. A benchmark
    file that cannot be read is no error here: the check that needs it says why.
    """
    frozen = goldens.listed(store, version.dataset)
    losses, losses_of = losses_known(store, version.dataset, rows)
    sheet = sheet_of(store, version.dataset)
    benchmark, name, problem = benchmark_of(sheet)
    return Context(
        sheet=sheet,
        golden=goldens.barred(store, frozen[-1]) if frozen else None,
        sealed=frozenset(frozen[-1].ids("sealed")) if frozen else frozenset(),
        benchmark=benchmark,
        benchmark_name=name,
        benchmark_problem=problem,
        losses=losses,
        losses_of=losses_of,
    )


def context_of_file(sheet: Sheet | None, benchmark: str | Path | None = None) -> Context:
    """The context of a file outside any store: a sheet, and a benchmark file in place of the sheet's."""
    sheet = sheet or Sheet()
    if benchmark is not None:
        sheet = sheet.model_copy(update={"benchmark": str(benchmark)})
    rows, name, problem = benchmark_of(sheet)
    return Context(sheet=sheet, benchmark=rows, benchmark_name=name, benchmark_problem=problem)


def benchmark_of(sheet: Sheet) -> tuple[Rows | None, str, str]:
    """The rows of the sheet's benchmark file, its name, and why it could not be read ("" where it could)."""
    if not sheet.benchmark.strip():
        return None, "", ""
    path = Path(sheet.benchmark.strip()).expanduser()
    try:
        return read_file(path).rows, path.name, ""
    except (GoldloopError, OSError) as error:
        way_out = "Name another file on the dataset's sheet, under benchmark."
        return None, path.name, f"The benchmark file {path} could not be read: {error} {way_out}"


def losses_known(store: Store, dataset: str, rows: Rows) -> tuple[Mapping[str, float], str]:
    """Row id -> nats per token of its reply, and the run that they were measured with; empty where no run has any."""
    for run in runs.listed(store):
        path = runs.folder(store, run.id) / LOSSES
        if run.version.rpartition("@")[0] == dataset and path.exists():
            known = pl.read_parquet(path, columns=["row_id", "text", "nats"])
            here = pl.DataFrame({"row_id": rows.row_id, "text": rows.text_digests})
            same = here.join(known, on=["row_id", "text"])
            return dict(zip(same["row_id"], same["nats"], strict=True)), f"run {run.id}"
    return {}, ""
