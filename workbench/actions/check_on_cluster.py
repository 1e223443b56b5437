"""Run the catalogue of checks over a file on a Ray cluster, or on Ray started on this machine."""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import polars as pl

from workbench.checks.run import Result, as_json
from workbench.errors import BadInput
from workbench.formats.read import read_file
from workbench.known_beside import context_of_file
from workbench.on_a_cluster import check_on_cluster
from workbench.rows import SCHEMA
from workbench.sheet import Sheet

LOCAL = "local"  # in place of an address: Ray is started here, and stopped again


def check_file_on_cluster(
    path: str | Path,
    address: str = LOCAL,
    *,
    format: str | None = None,
    only: Sequence[str] | None = None,
    knobs: Mapping[str, Mapping[str, Any]] | None = None,
    limits: Mapping[str, float] | None = None,
    sheet: Sheet | None = None,
    benchmark: str | Path | None = None,
) -> dict[str, Any]:
    """What `check_file` gives, measured by the machines of a cluster; without its advice on how many rows are enough.

    address: of the cluster, "local" for Ray on this machine. A file of rows (Parquet with the columns of `Rows`) is
    read by the machines themselves, from the same path or bucket. Any other file is read here, which only Ray on this
    machine allows. Raises NotRun where Ray is not installed and BadInput for another file on a cluster.
    """
    asked: dict[str, Any] = {"only": only, "knobs": knobs, "context": context_of_file(sheet, benchmark)}
    where = None if address == LOCAL else address
    if holds_rows(path):
        count = int(pl.scan_parquet(str(path)).select(pl.len()).collect().item())
        return as_json(range(count), _judged(check_on_cluster([path], address=where, **asked), limits), [])
    if where is not None:
        raise BadInput(
            f"The machines of a cluster read the rows themselves, and {path} is no Parquet file with the columns "
            f"{', '.join(SCHEMA)}. Check it on this machine: --cluster local."
        )
    read = read_file(Path(path), format=format)
    if read.rejects:  # its places would have to be counted anew
        raise BadInput(f"{path} has {len(read.rejects):,} records that cannot be read. Check it without --cluster.")
    with tempfile.TemporaryDirectory(prefix="goldloop-cluster-") as folder:
        laid = Path(folder) / "rows.parquet"
        read.rows.frame.write_parquet(laid)
        return as_json(read.rows, _judged(check_on_cluster([laid], address=None, **asked), limits), [])


def holds_rows(path: str | Path) -> bool:
    """True for a Parquet file, here or at an address, with the columns of `Rows`."""
    if not str(path).endswith(".parquet"):
        return False
    try:
        return set(SCHEMA) <= set(pl.scan_parquet(str(path)).collect_schema().names())
    except (pl.exceptions.PolarsError, OSError) as error:
        raise BadInput(f"{path} cannot be read as Parquet: {str(error).splitlines()[0]}") from None


def _judged(results: Sequence[Result], limits: Mapping[str, float] | None) -> list[Result]:
    """The results under other limits, where some were given."""
    return [
        replace(one, findings=one.findings.at(limits[one.check.name]))
        if one.findings is not None and limits and one.check.name in limits
        else one
        for one in results
    ]
