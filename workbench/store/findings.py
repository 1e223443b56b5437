"""What checks measured: a summary line in SQL, the numbers and notes per row in a Parquet file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import delete, insert, select

from workbench.records import CheckRun, Version
from workbench.store.row_files import write_whole
from workbench.store.store import Store
from workbench.store.tables import check_runs, datasets, versions

SCHEMA: dict[str, Any] = {
    "check": pl.String,
    "row": pl.Int64,
    "measure": pl.Float64,
    "note": pl.String,
    "flagged": pl.Boolean,
    "spans": pl.List(pl.List(pl.Int64)),  # places in the row: [turn, first character, one past the last]
    "ruled": pl.Boolean,  # a person ruled that this text is not a problem for this check; never flagged
}
LATER: dict[str, pl.Expr] = {  # columns that files written before them lack, and what they hold then
    "spans": pl.lit(None, SCHEMA["spans"]),
    "ruled": pl.lit(False),
}


def _path(store: Store, version: Version, check: str) -> Path:
    return store.root / "findings" / str(version.id) / f"{check}.parquet"


def save(store: Store, version: Version, runs: Sequence[CheckRun], measured: Mapping[str, pl.DataFrame]) -> None:
    """Remembers check runs of a version, in place of earlier runs of the same checks.

    measured: check name -> frame of `SCHEMA`, a line for each row that has a measure; `ruled` may be absent.
    """
    for name, frame in measured.items():
        ready = _whole(frame).select([pl.col(column).cast(kind) for column, kind in SCHEMA.items()])
        write_whole(_path(store, version, name), lambda part, ready=ready: ready.write_parquet(part))  # type: ignore[misc]
    lines = [asdict(run) for run in runs]
    with store.write() as connection:
        # two who check one version at once take turns (SQLite has one writer anyway and ignores the clause)
        connection.execute(select(versions.c.id).where(versions.c.id == version.id).with_for_update())
        connection.execute(
            delete(check_runs).where(
                check_runs.c.version_id == version.id, check_runs.c.check.in_([run.check for run in runs])
            )
        )
        if lines:
            connection.execute(insert(check_runs), lines)


def runs(store: Store, version: Version) -> list[CheckRun]:
    """The checks that ran on a version, the most findings first; [] when none did."""
    query = select(check_runs).where(check_runs.c.version_id == version.id)
    with store.read() as connection:
        lines = connection.execute(query.order_by(check_runs.c.flagged.desc(), check_runs.c.check)).mappings().all()
    return [CheckRun(**{key: value for key, value in line.items() if key != "id"}) for line in lines]


def last_runs(store: Store, dataset: str, checks: Sequence[str]) -> dict[str, CheckRun]:
    """Check -> its last run on any version of a dataset, for those of the checks that ran on one."""
    query = (
        select(check_runs)
        .join(versions, check_runs.c.version_id == versions.c.id)
        .join(datasets, versions.c.dataset_id == datasets.c.id)
        .where(datasets.c.name == dataset, check_runs.c.check.in_(checks), check_runs.c.not_run == "")
        .order_by(versions.c.number)
    )
    with store.read() as connection:
        lines = connection.execute(query).mappings().all()
    return {line["check"]: CheckRun(**{key: value for key, value in line.items() if key != "id"}) for line in lines}


def of_check(store: Store, version: Version, check: str) -> pl.DataFrame:
    """The measured rows of one check, with the columns of `SCHEMA`; empty when it did not run."""
    path = _path(store, version, check)
    if not path.exists():
        return pl.DataFrame(schema=SCHEMA)
    return _whole(pl.read_parquet(path))


def _whole(frame: pl.DataFrame) -> pl.DataFrame:
    """The frame with every column of `SCHEMA`."""
    return frame.with_columns(**{name: value for name, value in LATER.items() if name not in frame.columns})


def rule(store: Store, version: Version, ruled: Mapping[str, pl.Series]) -> None:
    """Judges the saved findings of a version anew after rulings were made or taken back; nothing is measured again.

    ruled: check -> (N,) True for the rows that are ruled out; checks that did not run on this version are passed over.
    """
    fresh, frames = [], {}
    for run in runs(store, version):
        if run.check not in ruled or run.not_run or run.limit is None:
            continue
        frame = of_check(store, version, run.check)
        mask = ruled[run.check].gather(frame["row"])
        past = frame["measure"] > run.limit if run.side == "above" else frame["measure"] < run.limit
        frames[run.check] = frame.with_columns(flagged=past & ~mask, ruled=mask)
        fresh.append(replace(run, flagged=int((past & ~mask).sum()), ruled=int((past & mask).sum())))
    if fresh:
        save(store, version, fresh, frames)


def flagged(store: Store, version: Version, checks: Sequence[str] | None = None) -> pl.DataFrame:
    """The flagged rows of a version over some or all checks, with the columns of `SCHEMA`."""
    names = [run.check for run in runs(store, version) if run.flagged and (checks is None or run.check in checks)]
    frames = [of_check(store, version, name).filter("flagged") for name in names]
    return pl.concat([frame.select(list(SCHEMA)) for frame in frames]) if frames else pl.DataFrame(schema=SCHEMA)


def reasons(store: Store, version: Version, row: int) -> list[dict[str, Any]]:
    """Why one row is flagged: a dict of check, measure, note and spans for each check that flags it."""
    found = flagged(store, version).filter(pl.col("row") == row)
    return found.select("check", "measure", "note", "spans").to_dicts()
