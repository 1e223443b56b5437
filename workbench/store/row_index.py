"""What the screens search, sort and page by: flat columns beside the rows of a version, made once and free to delete

Opening a version's rows file for every click would read and unfold all its conversations. Instead the first click
makes an uncompressed Parquet file of flat columns in `index/`, and all clicks scan that lazily. Measured on 100,000
rows of 80 words on two cores: made in .4 s, a search 20 ms, a page 3 ms. A version that is kept as a difference has no
file of its own: its rows are laid over those of the whole file that it rests on.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from sqlalchemy import select

from workbench.errors import NotFound
from workbench.records import CheckRun, Version
from workbench.rows import Rows
from workbench.store import findings
from workbench.store.datasets import by_id
from workbench.store.row_changes import Changes
from workbench.store.row_files import write_whole
from workbench.store.store import Store
from workbench.store.tables import check_runs, versions

EXCERPT = 240  # characters of a question and of a reply that a list shows a part of
# Rows in a piece of the file. A page is read from one piece; 4,096 gave 3 ms a page, and a search the same as 65,536.
PIECE = 4_096
FEW = 12  # rows that are read one by one rather than with all others
KEPT_FILES = 12  # of each kind; beyond them the one that was used longest ago goes
EDITION = f"1-{pl.__version__}"  # Polars promises its hashes only within an edition

FLAG_SCHEMA: dict[str, Any] = {
    "place": pl.Int64,  # of the row in the version, from 0
    "check": pl.String,
    "measure": pl.Float64,
    "note": pl.String,
    "spans": pl.List(pl.List(pl.Int64)),
}


@dataclass(frozen=True)
class Flags:
    """Which rows of a version are flagged. of: the version that was measured, None where none was.

    runs: what was measured on it; frame: a line a finding, with the columns of FLAG_SCHEMA, in the order of the rows.
    """

    of: Version | None
    runs: tuple[CheckRun, ...]
    frame: pl.LazyFrame

    def counts(self) -> dict[str, int]:
        """Check -> how many rows of this version it flags, the most first."""
        counted = self.frame.group_by("check").len().sort("len", "check", descending=[True, False]).collect()
        return dict(counted.iter_rows())

    def at(self, place: int) -> list[dict[str, Any]]:
        """The findings on the row at a place, as dicts of check, measure, note and spans."""
        ordered = self.frame.select("place").collect().to_series()
        first, end = (ordered.search_sorted(place, side) for side in ("left", "right"))  # type: ignore[arg-type]
        found = self.frame.slice(first, end - first).select("check", "measure", "note", "spans").collect()
        return found.to_dicts()

    def of_check(self, check: str) -> pl.DataFrame:
        """The findings of one check in the order of the rows: place, measure, note and spans."""
        wanted = self.frame.filter(pl.col("check") == check)
        return wanted.select("place", "measure", "note", "spans").collect()

    def checks_at(self, places: Sequence[int]) -> dict[int, list[str]]:
        """Place -> the checks that flag the row there, for the rows of a page."""
        wanted = pl.LazyFrame({"place": places}, schema={"place": pl.Int64})
        found: dict[int, list[str]] = {}
        for place, check in self.frame.select("place", "check").join(wanted, on="place", how="semi").collect().rows():
            found.setdefault(place, []).append(check)
        return found


def rows_index(store: Store, version: Version) -> pl.LazyFrame:
    """The rows of a version as flat columns, in their order.

    row_id, tags; prompt and reply: their beginnings; prompt_length, reply_length and length (of all turns) in
    characters; turns: how many; text: all turns in lower case, joined by newlines; mark: a number that two rows share
    only when their messages are the same.
    """
    files = store.row_files
    if files.path(version.digest).exists() or not files.changes_path(version.digest).exists():
        return _whole_index(store, version.digest)
    changes = Changes.read(files.changes_path(version.digest))
    return _overlaid(_whole_index(store, changes.whole), changes)


def excerpts_at(store: Store, version: Version, places: Sequence[int]) -> pl.DataFrame:
    """row_id, prompt, reply and tags of some rows in that order, for a page of a list."""
    names, files = ["row_id", "prompt", "reply", "tags"], store.row_files
    if files.path(version.digest).exists() or not files.changes_path(version.digest).exists():
        return _gathered(_whole_index(store, version.digest).select(names), places)
    # laying changes over 100,000 excerpts to show a hundred of them took 90 ms of a click
    changes = Changes.read(files.changes_path(version.digest))
    found = [changes.at(place) for place in places]
    held = _gathered(_whole_index(store, changes.whole).select(names), [at for fresh, at in found if fresh is None])
    changed = [fresh for fresh, _ in found if fresh is not None]
    if not changed:
        return held
    laid = pl.concat([held, _flat(Rows(pl.concat(changed))).select(names)])
    stayed, fresh_at = iter(range(held.height)), iter(range(held.height, laid.height))
    return laid[[next(stayed if fresh is None else fresh_at) for fresh, _ in found]]


def _gathered(flat: pl.LazyFrame, places: Sequence[int]) -> pl.DataFrame:
    """Some rows of the flat columns in that order; reads the pieces of the file that lie between the outermost."""
    if not places:
        return flat.head(0).collect()
    low = min(places)
    part = flat.slice(low, max(places) - low + 1).collect()
    return part[[place - low for place in places]]


def row_at(store: Store, version: Version, place: int) -> Rows:
    """One row of a version by its place, without reading the others."""
    return store.row_files.at(version.digest, place)


def rows_at(store: Store, version: Version, places: Sequence[int]) -> Rows:
    """Some rows of a version by their places, in that order."""
    if not places:
        return Rows.empty()
    if len(places) > FEW:
        return Rows(store.row_files.load(version.digest).frame[list(places)])
    return Rows(pl.concat([row_at(store, version, place).frame for place in places]))


def place_of(store: Store, version: Version, row_id: str) -> int | None:
    """Where in a version a row stands, None where it is not in it."""
    found = rows_index(store, version).select((pl.col("row_id") == row_id).arg_true()).collect().to_series()
    return int(found[0]) if len(found) else None


def row_of(store: Store, version: Version, row_id: str) -> Rows:
    """One row of a version by its id, without reading the others. Raises NotFound."""
    place = place_of(store, version, row_id)
    if place is None:
        raise NotFound(f"{version.label} has no row {row_id}.")
    return row_at(store, version, place)


def flags_of(store: Store, version: Version) -> Flags:
    """The findings that hold for a version's rows.

    A version that was not checked itself takes them from the one that was checked last: a row whose messages are the
    same keeps its findings, a row that changed has none until the checks run again.
    """
    measured = _measured_last(store, version)
    if measured is None:
        return Flags(None, (), pl.LazyFrame(schema=FLAG_SCHEMA))
    runs = tuple(findings.runs(store, measured))
    stamp = _stamp(store, measured, runs)
    path = store.root / "index" / f"flags-{version.id}-{measured.id}-{stamp}-{EDITION}.parquet"
    frame = _kept(path, "flags-", lambda: _flagged(store, version, measured, runs))
    return Flags(measured, runs, frame)


def _whole_index(store: Store, digest: str) -> pl.LazyFrame:
    path = store.root / "index" / f"rows-{digest}-{EDITION}.parquet"
    return _kept(path, "rows-", lambda: _flat(store.row_files.load(digest)))


def _overlaid(whole: pl.LazyFrame, changes: Changes) -> pl.LazyFrame:
    """The flat columns of a version kept as a difference: those of the whole file with the changed rows laid over.

    So an edit costs its own rows and not the file: a join of 100,000 positions with a few takes 5 ms.
    """
    names = whole.collect_schema().names()
    fresh = _flat(Rows(changes.fresh))
    count = len(changes.replaced)
    laid = whole.with_row_index("at").with_columns(pl.col("at").cast(pl.Int64))
    if count:
        over = fresh[:count].with_columns(at=pl.Series(list(changes.replaced), dtype=pl.Int64)).lazy()
        laid = laid.join(over, on="at", how="left", suffix=" new", maintain_order="left")
        laid = laid.with_columns(pl.coalesce(f"{name} new", name).alias(name) for name in names)
    if changes.removed:
        laid = laid.filter(~pl.col("at").is_in(list(changes.removed)))
    return pl.concat([laid.select(names), fresh[count:].lazy()]) if fresh.height > count else laid.select(names)


def _flat(rows: Rows) -> pl.DataFrame:
    turns = rows.turns.lazy().with_columns(last=pl.col("row") != pl.col("row").shift(-1).fill_null(-1))
    is_reply = (pl.col("last") & (pl.col("role") == "assistant")).fill_null(False)
    said = pl.concat_str(
        pl.col("role").fill_null("\x01"), pl.col("content"), pl.col("more").fill_null(""), separator="\x1f"
    )
    in_rows = turns.group_by("row", maintain_order=True).agg(
        prompt=pl.col("content").filter(pl.col("role").ne_missing("system") & ~is_reply).str.join("\n"),
        reply=pl.col("content").filter(is_reply).first().fill_null(""),
        turns=pl.len(),
        text=pl.col("content").str.join("\n"),
        mark=said.str.join("\x1e").hash(seed=1),
    )
    whole = rows.frame.lazy().select("row_id", "tags").with_row_index("row").with_columns(pl.col("row").cast(pl.Int64))
    joined = whole.join(in_rows, on="row", how="left", maintain_order="left")  # a row without turns has no line there
    filled = joined.with_columns(pl.col("prompt", "reply", "text").fill_null(""), pl.col("turns", "mark").fill_null(0))
    return filled.select(
        "row_id",
        "tags",
        pl.col("prompt", "reply").str.slice(0, EXCERPT),
        "turns",
        "mark",
        prompt_length=pl.col("prompt").str.len_chars(),
        reply_length=pl.col("reply").str.len_chars(),
        length=pl.col("text").str.len_chars(),
        text=pl.col("text").str.to_lowercase(),
    ).collect()


def _flagged(store: Store, version: Version, measured: Version, runs: tuple[CheckRun, ...]) -> pl.DataFrame:
    if version.id != measured.id:  # from the one file that the measured version has, not from one for each check
        found = flags_of(store, measured).frame.collect()
        if measured.digest != version.digest:
            found = found.join(_moves(store, measured, version), on="place", how="inner")
            found = found.drop("place").rename({"now": "place"}).select(list(FLAG_SCHEMA))
        return found.sort("place", "check")
    parts = [findings.of_check(store, measured, run.check).filter("flagged") for run in runs if run.flagged]
    wanted = [pl.col("row").alias("place"), "check", "measure", "note", "spans"]
    found = pl.concat([part.select(wanted) for part in parts]) if parts else pl.DataFrame(schema=FLAG_SCHEMA)
    return found.select([pl.col(name).cast(kind) for name, kind in FLAG_SCHEMA.items()]).sort("place", "check")


def _moves(store: Store, measured: Version, version: Version) -> pl.DataFrame:
    """Where the rows of one version whose messages are the same stand in another: place and now."""
    files = store.row_files
    if not files.path(version.digest).exists() and files.changes_path(version.digest).exists():
        changes = Changes.read(files.changes_path(version.digest))
        if changes.whole == measured.digest:  # an edit of what was checked: counting beats comparing 100,000 marks
            return _counted_moves(_whole_index(store, changes.whole), changes)
    marks = [rows_index(store, one).select("row_id", "mark").with_row_index("place") for one in (measured, version)]
    same = marks[0].join(marks[1], on=["row_id", "mark"], how="inner", suffix="_now").collect()
    return same.select(pl.col("place").cast(pl.Int64), pl.col("place_now").cast(pl.Int64).alias("now"))


def _counted_moves(whole: pl.LazyFrame, changes: Changes) -> pl.DataFrame:
    """The same for a version that is kept as a difference to the one that was measured."""
    replaced = list(changes.replaced)
    were = whole.select("mark").collect().to_series().gather(replaced)
    are = _flat(Rows(changes.fresh[: len(replaced)]))["mark"]
    other = pl.Series(replaced, dtype=pl.Int64).filter(were != are)
    places = pl.int_range(changes.size, eager=True).alias("place")
    stayed = places.filter(~places.is_in([*changes.removed, *other.to_list()]))
    gone_before = pl.Series(list(changes.removed), dtype=pl.Int64).search_sorted(stayed).cast(pl.Int64)
    return pl.DataFrame({"place": stayed, "now": stayed - gone_before})


def _stamp(store: Store, measured: Version, runs: tuple[CheckRun, ...]) -> str:
    """Changes whenever a check of that version was measured again, judged by another limit or overruled."""
    folder = store.root / "findings" / str(measured.id)
    known = {entry.name: entry.stat() for entry in os.scandir(folder)} if folder.is_dir() else {}
    state = [(run.check, run.flagged, known.get(f"{run.check}.parquet")) for run in runs if run.flagged]
    told = [(name, flagged, (file.st_mtime_ns, file.st_size) if file else None) for name, flagged, file in state]
    return hashlib.sha256(repr(told).encode()).hexdigest()[:16]


def _measured_last(store: Store, version: Version) -> Version | None:
    """The version itself if it was checked, else one with the very same rows, else the nearest one before it."""
    same = (versions.c.id == version.id, versions.c.digest == version.digest)
    query = (
        select(versions.c.id)
        .join(check_runs, check_runs.c.version_id == versions.c.id)
        .where(versions.c.dataset_id == version.dataset_id, versions.c.number <= version.number)
        .order_by(same[0].desc(), same[1].desc(), versions.c.number.desc())
        .limit(1)
    )
    with store.read() as connection:
        found = connection.scalar(query)
    return None if found is None else by_id(store, found)


def _kept(path: Path, kind: str, make: Callable[[], pl.DataFrame]) -> pl.LazyFrame:
    """The file as it is, made first where it is not there."""
    if path.exists():
        path.touch()  # the one that was used longest ago is the first to go
    else:
        ready = make()
        write_whole(path, lambda part: ready.write_parquet(part, compression="uncompressed", row_group_size=PIECE))
        _tidy(path.parent, kind)
    return pl.scan_parquet(path, glob=False)


def _tidy(folder: Path, kind: str) -> None:
    files = sorted(folder.glob(f"{kind}*.parquet"), key=lambda file: file.stat().st_mtime, reverse=True)
    for file in files[KEPT_FILES:]:
        file.unlink(missing_ok=True)
