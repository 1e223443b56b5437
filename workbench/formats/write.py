"""Writes Rows to a file in any format: whole or not at all."""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Any

from workbench.errors import BadInput
from workbench.formats import csv_table, parquet_table
from workbench.formats.detect import FORMATS
from workbench.formats.format import CannotHold, Format
from workbench.formats.strict_json import dumps
from workbench.formats.tags import with_others
from workbench.rows import Rows

WRITABLE = ("chat", "pairs", "alpaca", "sharegpt", "csv", "parquet")


def write_file(rows: Rows, format: str, path: str | Path, *, formula_guard: bool = True) -> None:
    """Writes the rows, one record each; a file of that name is replaced in one step, or stays as it is.

    chat, pairs, alpaca and sharegpt become JSON Lines (a list where the name ends in .json), csv and parquet tables.
    formula_guard: in csv, put ' before cells that a spreadsheet would run as a formula; an import takes it off again.
    Raises BadInput where a row does not fit the format, nothing is there to write, or the disk refuses.
    """
    if format not in WRITABLE:
        raise BadInput(f"There is no format {format!r} to export to. Known are {', '.join(WRITABLE)}.")
    if not len(rows):
        raise BadInput("There are no rows to export.")
    path = Path(path)
    if format == "csv":
        _replace(path, lambda file: csv_table.write(file, rows, formula_guard))
    elif format == "parquet":
        _replace(path, lambda file: parquet_table.write(file, rows))
    else:
        records = _records(rows, FORMATS[format])
        _replace(path, lambda file: _write_json(file, records, as_list=path.suffix.lower() == ".json"))


def _records(rows: Rows, form: Format) -> Iterator[dict[str, Any]]:
    """Each row as a record of the format, with its tags and the keys that were kept aside."""
    assert form.write, "only WRITABLE formats come here"
    for row in rows.frame.iter_rows(named=True):
        try:
            record = form.write(row["messages"])
        except CannotHold as problem:
            raise BadInput(f"Row {row['row_id']} (line {row['line']} of {row['source']}) {problem}") from None
        yield with_others(record, row)


def _write_json(file: IO[bytes], records: Iterable[dict[str, Any]], *, as_list: bool) -> None:
    """Strict JSON, a record a line; with brackets and commas around them as a list."""
    before = b"[\n" if as_list else b""
    for record in records:
        file.write(before + dumps(record).encode("utf-8"))
        before = b",\n" if as_list else b"\n"
    file.write(b"\n]\n" if as_list else b"\n")


def _replace(path: Path, write: Any) -> None:
    """Lets `write` fill a new file beside `path`, then puts it in its place."""
    beside = path.with_name(f".{path.name[:100]}.{secrets.token_hex(4)}.part")
    try:
        with beside.open("xb") as file:
            write(file)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
        _sync_folder(path.parent)
    except OSError as error:
        raise BadInput(f"{path} cannot be written: {error.strerror or error}. Nothing was changed there.") from None
    finally:
        beside.unlink(missing_ok=True)


def _sync_folder(folder: Path) -> None:
    """Makes the new name last through a power cut; Windows has no such call."""
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
