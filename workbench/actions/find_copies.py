"""Find copies in a version or a file, in one field or all of the row, also against another version or file."""

from __future__ import annotations

import json
import tempfile
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from workbench import history
from workbench.checks.check import catalogue
from workbench.checks.copy_stream import FIELDS, ParquetTexts, field_of, streamed_pairs
from workbench.checks.duplicates.copies import alike_replies
from workbench.checks.duplicates.found_copies import IDS, PAIRS, FoundCopies
from workbench.checks.similarity import LEAST_RUNS, Pairs, near_pairs, near_pairs_between
from workbench.diff import Diff, diff
from workbench.errors import BadInput, Refused
from workbench.formats.read import read_file
from workbench.records import Version
from workbench.rows import Rows, word_list
from workbench.settings import Report, no_report
from workbench.store import Store, datasets, findings
from workbench.store.row_files import write_whole

STREAMED = 200_000  # rows from which files are read in batches instead of being held in memory
FAULTS = ("structure", "text", "safety")  # families that judge a row by itself


@dataclass(frozen=True)
class DroppedCopies:
    """What dropping copies did or would do; after is None for a preview."""

    before: Version
    difference: Diff
    after: Version | None


def find_copies(
    store: Store,
    version: str | None = None,
    *,
    field: str = "both",
    against: str | None = None,
    least: float = LEAST_RUNS,
    report: Report = no_report,
    preview: bool = False,
) -> FoundCopies:
    """The near copies in a version or file, or between it and another one; remembered unless `preview` or a file.

    field: prompt, reply, both (alike as a whole and in their replies) or conversation (with the system text); of a
    Parquet file also any column. version, against: a version's label or the path of a file. least: 0.7 to 1. Past
    200,000 rows the rows are read from disk in batches. Raises BadInput for a field or file that cannot be compared.
    """
    mine = _side(store, version)
    theirs = None if against is None else _side(store, against)
    if field not in FIELDS and not all(side.path for side in (mine, theirs) if side):
        raise BadInput(f'Rows have no field "{field}". Compare one of: {", ".join(FIELDS)}.')
    report(0.0, "Comparing")
    pairs = _measured(mine, theirs, field, report)
    found = FoundCopies(
        label=mine.label,
        version=mine.version,
        field=field,
        against="" if theirs is None else theirs.label,
        least=least,
        rows=mine.size,
        pairs=pl.DataFrame({"a": pairs.a, "b": pairs.b, "score": pairs.score}, schema=PAIRS),
        members=_members(store, mine, np.unique(pairs.a if theirs else np.concatenate([pairs.a, pairs.b]))),
        others=_ids(theirs, np.unique(pairs.b)) if theirs else pl.DataFrame(schema=IDS),
    ).at(least)
    if mine.version is not None and not preview:
        _save(store, mine.version, found)
    report(1.0, f"{found.near.height:,} pairs")
    return found


def copies_of_parquet(
    path: str | Path, field: str = "both", *, least: float = LEAST_RUNS, report: Report = no_report
) -> FoundCopies:
    """The near copies in a Parquet file of any size, without a store; see `find_copies`."""
    mine = _Side(Path(path).name, None, Path(path), None, ParquetTexts(Path(path), field).rows)
    pairs = _measured(mine, None, field, report)
    rows = np.unique(np.concatenate([pairs.a, pairs.b]))
    members = _ids(mine, rows).with_columns(faults=pl.lit(0, pl.Int64), words=pl.lit(0, pl.Int64))
    frame = pl.DataFrame({"a": pairs.a, "b": pairs.b, "score": pairs.score}, schema=PAIRS)
    return FoundCopies(mine.label, None, field, "", least, mine.size, frame, members, members.head(0)).at(least)


def known_copies(
    store: Store, version: str | None = None, *, field: str = "both", against: str = ""
) -> FoundCopies | None:
    """What `find_copies` found last on a version; None when it was not asked."""
    of = datasets.version(store, version)
    folder = _folder(store, of, field, against)
    if not (folder / "found.json").exists():
        return None
    said = json.loads((folder / "found.json").read_text("utf-8"))
    frames = {name: pl.read_parquet(folder / f"{name}.parquet") for name in ("pairs", "members", "others")}
    return FoundCopies(of.label, of, said["field"], said["against"], said["least"], said["rows"], **frames)


def drop_copies(
    store: Store,
    found: FoundCopies,
    *,
    keep: Mapping[int, str] | None = None,
    why: str = "",
    preview: bool = False,
) -> DroppedCopies:
    """The version without the copies that need not stay, as the next one; undo brings them back.

    keep: for a cluster the row_id that is to stay instead of the proposed one. Raises BadInput for copies found in a
    file, NotFound for a cluster without that row, Refused when there is nothing to drop.
    """
    if found.version is None:
        raise BadInput(f"{found.label} is a file: import it first, then its copies can be dropped.")
    rows = datasets.rows_of(store, found.version)
    gone = found.dropped(keep)
    left = rows.without(gone)
    difference = diff(rows, left)
    if preview:
        return DroppedCopies(found.version, difference, None)
    if not gone:
        raise Refused(f"{found.label} has no copies at {found.least:g} or more: nothing was dropped.")
    if not len(left):
        raise Refused(f"Every row of {found.label} has a copy in {found.against}: no new version was made.")
    settings = {"field": found.field, "against": found.against, "least": found.least, "dropped": len(gone)}
    after, difference = history.commit(store, found.version, left, verb="drop copies", settings=settings, why=why)
    return DroppedCopies(found.version, difference, after)


@dataclass(frozen=True)
class _Side:
    """One side of a comparison: rows in memory, or a Parquet file to be read in batches."""

    label: str
    version: Version | None
    path: Path | None
    rows: Rows | None
    size: int

    def texts_at(self, field: str) -> Callable[[Sequence[int]], Sequence[str]]:
        """What gives one field's texts at some rows, in ascending order."""
        if self.rows is None:
            assert self.path is not None
            return ParquetTexts(self.path, field).at
        texts = field_of(self.rows, field)
        return lambda wanted: [texts[i] for i in wanted]


def _side(store: Store, given: str | None) -> _Side:
    path = Path(given) if given else None
    if path is not None and path.is_file():
        if path.suffix.lower() == ".parquet" and (size := ParquetTexts(path, "").rows) > STREAMED:
            return _Side(path.name, None, path, None, size)
        rows = read_file(path).rows
        return _Side(path.name, None, None, rows, len(rows))
    version = datasets.version(store, given)
    if version.size > STREAMED:
        return _Side(version.label, version, store.row_files.path(version.digest), None, version.size)
    rows = datasets.rows_of(store, version)
    return _Side(version.label, version, None, rows, len(rows))


def _measured(mine: _Side, theirs: _Side | None, field: str, report: Report) -> Pairs:
    if mine.rows is not None and (theirs is None or theirs.rows is not None):
        texts = field_of(mine.rows, field)
        pairs = near_pairs(texts) if theirs is None else near_pairs_between(texts, field_of(_rows(theirs), field))
    else:
        with tempfile.TemporaryDirectory(prefix="goldloop-copies-") as folder:
            sources = [ParquetTexts(_as_file(side, Path(folder)), field) for side in (mine, theirs) if side]
            pairs = streamed_pairs(sources, between=theirs is not None, report=report)
    if field != "both":
        return pairs
    return alike_replies(pairs, mine.texts_at("reply"), (theirs or mine).texts_at("reply"))


def _rows(side: _Side) -> Rows:
    assert side.rows is not None
    return side.rows


def _as_file(side: _Side, folder: Path) -> Path:
    if side.path is not None:
        return side.path
    path = folder / "rows.parquet"
    _rows(side).frame.write_parquet(path)
    return path


def _ids(side: _Side, rows: np.ndarray) -> pl.DataFrame:
    """row, row_id of some rows; a file without ids has positions."""
    if side.rows is not None:
        ids = side.rows.frame["row_id"].gather(rows)
    elif "row_id" in ParquetTexts(side.path or Path(), "").names:
        ids = pl.scan_parquet(side.path or Path()).select("row_id").collect()["row_id"].gather(rows)
    else:
        ids = pl.Series(rows).cast(pl.String)
    return pl.DataFrame({"row": rows, "row_id": ids}, schema=IDS)


def _members(store: Store, side: _Side, rows: np.ndarray) -> pl.DataFrame:
    faults: dict[int, int] = defaultdict(int)
    if side.version is not None:
        named = [check.name for check in catalogue().values() if check.family in FAULTS]
        for row in findings.flagged(store, side.version, named)["row"].to_list():
            faults[row] += 1
    replies = side.texts_at("reply")(rows.tolist())
    return _ids(side, rows).with_columns(
        faults=pl.Series([faults.get(row, 0) for row in rows.tolist()], dtype=pl.Int64),
        words=pl.Series([len(word_list(reply)) for reply in replies], dtype=pl.Int64),
    )


def _folder(store: Store, version: Version, field: str, against: str) -> Path:
    name = field + (f" against {against}" if against else "")
    return store.folder(
        "copies", version.id, "".join(sign if sign.isalnum() or sign in " @._-" else "_" for sign in name)
    )


def _save(store: Store, version: Version, found: FoundCopies) -> None:
    folder = _folder(store, version, found.field, found.against)
    frames: dict[str, pl.DataFrame] = {"pairs": found.pairs, "members": found.members, "others": found.others}
    for name, frame in frames.items():
        write_whole(folder / f"{name}.parquet", lambda part, frame=frame: frame.write_parquet(part))  # type: ignore[misc]
    said: dict[str, Any] = {"field": found.field, "against": found.against, "least": found.least, "rows": found.rows}
    write_whole(folder / "found.json", lambda part: part.write_text(json.dumps(said), "utf-8"))
