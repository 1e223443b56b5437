"""Writes Rows to a file in any format: whole or not at all."""

from __future__ import annotations

import os
import secrets
import zipfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from workbench.errors import BadInput
from workbench.formats import csv_table, excel, hf_folder, openai, parquet_table, preferred, trl
from workbench.formats.data_card import data_card
from workbench.formats.detect import FORMATS
from workbench.formats.format import CannotHold
from workbench.formats.ids import kept_place
from workbench.formats.packed import SUFFIXES, bare_name, packing
from workbench.formats.strict_json import dumps
from workbench.formats.tags import with_others
from workbench.rows import Rows

WRITABLE = (  # each to one file
    "chat", "pairs", "alpaca", "sharegpt", "csv", "parquet", "xlsx", "openai", "trl", "preference", "kto", "dolly",
    "squad", "self_instruct", "talk", "openassistant",
)  # fmt: skip
FOLDER = "hf"  # to a folder, or to a .zip of it
ENDINGS = {"csv": ".csv", "parquet": ".parquet", "xlsx": ".xlsx", FOLDER: ".zip"}  # the rest: .jsonl
TABLES = ("csv", "parquet", "xlsx")
SHOWN = 10  # rows that a refusal names

KEEPS = {  # format -> what comes back when an export is imported; messages always do, or the row is refused
    "chat": "everything; with ids the very same rows",
    "sharegpt": "everything; with ids the very same rows",
    "parquet": "everything; with ids the very same rows",
    "hf": "everything; with ids the very same rows",
    "trl": "everything; only rows that end in a reply",
    "kto": "everything, and a label; only rows that end in a reply",
    "preference": "everything, the unwanted reply as text or turns; only rows that have one",
    "csv": "messages, tags, kept keys as texts",
    "xlsx": "messages, tags, kept keys as texts; at most 32,767 characters a cell",
    "pairs": "messages, tags, kept keys; only one exchange, with or without a system text",
    "alpaca": "messages, tags, kept keys; only exchanges of user and assistant, plain texts",
    "dolly": "messages, tags, kept keys; only one exchange without a system text",
    "squad": "messages, tags, kept keys; only one exchange without a system text",
    "self_instruct": "messages, tags, kept keys; only one exchange without a system text",
    "talk": "messages, tags, kept keys; only plain texts of taking turns",
    "openassistant": "messages, tags, kept keys; only plain texts of user and assistant",
    "openai": "messages and tools; no tags, ids or other keys, as the service refuses them",
}


@dataclass(frozen=True)
class LeftOut:
    """A row that a format could not hold, and why."""

    row_id: str
    line: int
    source: str
    reason: str

    @property
    def sentence(self) -> str:
        return f"Row {self.row_id} (line {self.line} of {self.source}) {self.reason}"


class CannotExport(BadInput):
    """Rows that the format cannot hold; `rows` names every one."""

    def __init__(self, message: str, rows: tuple[LeftOut, ...]) -> None:
        super().__init__(message)
        self.rows = rows


@dataclass(frozen=True)
class Written:
    """How many rows were written, and which were left out."""

    count: int
    left_out: tuple[LeftOut, ...] = ()


def write_file(
    rows: Rows, format: str, path: str | Path, *, formula_guard: bool = True, skip: bool = False, ids: bool = False
) -> Written:
    """Writes the rows, one record each; a file of that name is replaced in one step, or stays as it is.

    Formats of records become JSON Lines (a list where the name ends in .json), packed where it ends in .gz, .zst or
    .zip; "hf" becomes a folder (or a .zip of it). formula_guard: in csv, put ' before cells that a spreadsheet would
    run as a formula; an import takes it off again. skip: leave out the rows that the format cannot hold. ids: keep row
    ids, sources and lines in the file, so that an import gives the very same rows.
    Raises CannotExport where a row does not fit, BadInput where nothing is there to write or the disk refuses.
    """
    if format not in (*WRITABLE, FOLDER):
        raise BadInput(f"There is no format {format!r} to export to. Known are {', '.join((*WRITABLE, FOLDER))}.")
    if not len(rows):
        raise BadInput("There are no rows to export.")
    path = Path(path)
    if format in TABLES:
        _replace(path, lambda file: _write_table(file, rows, format, path, formula_guard, ids))
        return Written(len(rows))
    if format == FOLDER:
        _write_folder(rows, path, ids)
        return Written(len(rows))
    fitting, left_out = _sorted_out(rows, format)
    if left_out and not skip:
        raise CannotExport(_refusal(left_out, len(rows)), left_out)
    kept = rows.keep(fitting) if left_out else rows
    if not len(kept):
        raise CannotExport(f"None of the rows fits {format}. {left_out[0].sentence}", left_out)
    if format == "openai" and len(kept) < openai.FEWEST_ROWS:
        raise CannotExport(
            f"OpenAI takes no fewer than {openai.FEWEST_ROWS} rows, and {len(kept)} would be written. Add some.",
            left_out,
        )
    as_list = Path(bare_name(path.name)).suffix.lower() == ".json" and format != "openai"
    _replace(path, lambda file: _write_records(file, _records(kept, format, ids), path, as_list, format))
    return Written(len(kept), left_out)


def _sorted_out(rows: Rows, format: str) -> tuple[list[bool], tuple[LeftOut, ...]]:
    """(N,) whether a row fits the format, and those that do not with every reason."""
    fits, left_out = [], []
    make = _maker(rows, format)
    for row in rows.frame.iter_rows(named=True):
        try:
            record = make(row)
            problems = openai.problems(record) if format == "openai" else []
        except CannotHold as problem:
            problems = [str(problem)]
        fits.append(not problems)
        if problems:
            reason = problems[0] if len(problems) == 1 and format != "openai" else "; ".join(problems) + "."
            left_out.append(LeftOut(row["row_id"], row["line"], row["source"], reason))
    return fits, tuple(left_out)


def _refusal(left_out: tuple[LeftOut, ...], count: int) -> str:
    if len(left_out) == 1:
        return left_out[0].sentence
    named = "\n".join(one.sentence for one in left_out[:SHOWN])
    more = f"\nand {len(left_out) - SHOWN:,} more." if len(left_out) > SHOWN else ""
    return f"{named}{more}\n{len(left_out):,} of {count:,} rows do not fit; nothing was written."


def _maker(rows: Rows, format: str) -> Any:
    """The function that makes a record of a row; it raises CannotHold."""
    if format == "openai":
        return openai.record_of
    if format == "kto":
        return preferred.kto_record
    if format == "preference":
        as_texts = all(map(preferred.is_plain, rows.frame.iter_rows(named=True)))
        return lambda row: preferred.preference_record(row, as_texts=as_texts)
    form = trl.FORMAT if format == "trl" else FORMATS[format]
    assert form.write, "only WRITABLE formats come here"
    write = form.write
    return lambda row: with_others(write(row["messages"]), row, form.reads)


def _records(rows: Rows, format: str, ids: bool) -> Iterator[dict[str, Any]]:
    """Each row as a record of the format, with its tags and the keys that were kept aside."""
    make = _maker(rows, format)
    for row in rows.frame.iter_rows(named=True):
        record = make(row)
        yield {**record, **kept_place(row)} if ids and format != "openai" else record


def _write_records(file: IO[bytes], records: Iterable[dict[str, Any]], path: Path, as_list: bool, format: str) -> None:
    with _packed(file, path) as packed:
        size = _write_json(packed, records, as_list=as_list)
    if format == "openai" and size > openai.MOST_BYTES:
        raise BadInput(
            f"The file would have {size / 1e6:,.0f} MB, and OpenAI takes {openai.MOST_BYTES >> 20} MB. "
            "Export the rows in parts."
        )


def _packed(file: IO[bytes], path: Path) -> Any:
    """The stream to write to, packed as the name says."""
    suffix = path.suffix.lower()
    if suffix == ".zip":
        return _InArchive(file, path.stem if "." in path.stem else f"{path.stem}.jsonl")
    return packing(file, SUFFIXES.get(suffix, ""))


class _InArchive:
    """A ZIP archive of one file, open for writing that file."""

    def __init__(self, file: IO[bytes], name: str) -> None:
        self._archive = zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED)
        # a fixed date, so that the same rows give the same bytes
        self._member = self._archive.open(zipfile.ZipInfo(name), "w", force_zip64=True)

    def __enter__(self) -> IO[bytes]:
        return self._member

    def __exit__(self, *_: object) -> None:
        self._member.close()
        self._archive.close()


def _write_table(file: IO[bytes], rows: Rows, format: str, path: Path, formula_guard: bool, ids: bool) -> None:
    if format == "csv":
        tabs = "\t" if Path(bare_name(path.name)).suffix.lower() in (".tsv", ".tab") else ","
        with _packed(file, path) as packed:
            csv_table.write(packed, rows, formula_guard, tabs, ids=ids)
    elif format == "xlsx":
        excel.write(file, rows, ids=ids)
    else:
        parquet_table.write(file, rows, ids=ids)


def _write_folder(rows: Rows, path: Path, ids: bool) -> None:
    if path.suffix.lower() != ".zip":
        hf_folder.write(path, rows, _replace, ids)
        return

    def fill(file: IO[bytes]) -> None:
        with zipfile.ZipFile(file, "w", zipfile.ZIP_STORED) as archive:  # Parquet is packed already
            archive.writestr(zipfile.ZipInfo("README.md"), data_card(rows, path.stem))
            with archive.open(zipfile.ZipInfo(f"data/{hf_folder.DATA}"), "w", force_zip64=True) as member:
                parquet_table.write(member, rows, ids=ids)

    _replace(path, fill)


def _write_json(file: IO[bytes], records: Iterable[dict[str, Any]], *, as_list: bool) -> int:
    """Strict JSON, a record a line; with brackets and commas around them as a list. Gives the bytes written."""
    before, size = b"[\n" if as_list else b"", 0
    for record in records:
        size += file.write(before + dumps(record).encode("utf-8"))
        before = b",\n" if as_list else b"\n"
    return size + file.write(b"\n]\n" if as_list else b"\n")


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
