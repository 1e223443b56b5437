"""Reads a file of examples, whatever it is, into Rows; what cannot become a row comes back with line and reason."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl

from workbench.errors import BadInput
from workbench.formats import (
    archive,
    arrow_table,
    csv_table,
    excel,
    folder,
    hub,
    ids,
    json_array,
    json_lines,
    openassistant,
    parquet_table,
)
from workbench.formats.detect import asked_for, container_of, fitting, format_of
from workbench.formats.format import Format, Record, Seen, quoted
from workbench.formats.gather import (
    Found,
    Reject,
    Report,
    gather,
    nothing_found,
    refusal_of,
    reject_of,
    sample_of,
    up_to,
)
from workbench.formats.look import Look, look_at, shown_name, text_of_file
from workbench.formats.notes import sentences
from workbench.formats.part import Part, Skipped
from workbench.rows import Rows

NOT_UNPACKED = "is an archive among the files. Unpack it yourself and import the result."
MOST_REFUSED = 10_000  # records of a file without any example that are named one by one


class NothingRead(BadInput):
    """A file that gave no row; `rejects` says why record by record."""

    def __init__(self, message: str, rejects: tuple[Reject, ...] = ()) -> None:
        super().__init__(message)
        self.rejects = rejects


@dataclass(frozen=True)
class Read:
    """What a file gave: its rows, what was rejected, and what a person should know about the reading."""

    rows: Rows
    rejects: tuple[Reject, ...]
    format: str  # chat, pairs, alpaca, sharegpt, preference, ...; several joined by "and"
    container: str  # jsonl, json, csv, parquet, arrow, xlsx, lines, zip, folder, hub
    notes: tuple[str, ...]
    file_digest: str  # SHA-256 of the file's bytes; of all names and digests where there are several files


@dataclass(frozen=True)
class _Asked:
    """What the caller wants of every file."""

    form: Format | None
    container: str | None
    report: Report | None


def read_file(
    path: str | Path, *, format: str | None = None, report: Report | None = None, load: hub.Load | None = None
) -> Read:
    """The rows of a file, a folder, a ZIP archive or a data set on the hub, told by its content.

    format: "chat", "pairs", "pairs:PROMPT,REPLY", "alpaca", "prompts:KEY", "csv", ... (see `detect.asked_for`) or None.
    load: stands in for `datasets.load_dataset` where the path is hf:owner/name. Raises BadInput where nothing at all
    can be imported.
    """
    asked = _Asked(*asked_for(format), report)
    if hub.is_hub_name(path):
        return _read_hub(str(path), asked, load)
    path = Path(path)
    if path.is_dir():
        return _read_parts(shown_name(path), folder.parts(path), "folder", "", asked)
    look = look_at(path)
    if look.binary == "zip":
        return _read_parts(look.name, archive.parts(look), "zip", look.digest, asked)
    return _read_look(look, asked)


def _read_look(look: Look, asked: _Asked) -> Read:
    """The rows of one file."""
    container = container_of(look, asked.container, lines=asked.form is not None and asked.form.name == "prompts")
    seen: Seen = Counter()
    if container == "xlsx":
        return _read_sheets(look, seen, asked)
    rows, rejects, form = _read_records(_found(look, container, seen), look.name, container, seen, asked)
    notes = (*look.notes, *sentences(seen, form.name))
    return Read(rows, tuple(rejects), form.name, container, notes, look.digest)


def _read_records(
    found: Iterator[Found], name: str, container: str, seen: Seen, asked: _Asked
) -> tuple[Rows, list[Reject], Format]:
    """The rows of some records. Raises NothingRead where there are none."""
    sample = list(sample_of(found))
    if not sample:
        raise BadInput(f"No examples found in {name}.")
    if all(record.value is None for record, _ in sample):
        rejects = [reject_of(name, record, record.problem) for record, _ in sample]
        raise NothingRead(nothing_found(name, rejects), tuple(rejects))
    try:
        form = asked.form or format_of((record for record, _ in sample), name, container)
    except BadInput as refused:
        rejects = [refusal_of(name, record) for record, _ in up_to(chain(sample, found), MOST_REFUSED)]
        raise NothingRead(str(refused), tuple(rejects)) from None
    every = chain(sample, found)
    if form.name == "openassistant" and any(
        record.value is not None and openassistant.is_flat(record.value) for record, _ in sample
    ):
        every = openassistant.trees(every)  # type: ignore[assignment]
    rows, rejects = gather(every, form, name, seen, asked.report)
    if not len(rows):
        raise NothingRead(nothing_found(name, rejects), tuple(rejects))
    return ids.told_apart(rows) if seen["ids kept", ""] else rows, rejects, form


def _read_sheets(look: Look, seen: Seen, asked: _Asked) -> Read:
    """The rows of every sheet of a workbook; where several have rows, the source names the sheet."""
    wanted = asked.form.fits if asked.form else (lambda record: fitting(record) is not None)
    done: list[tuple[Rows, list[Reject], Format]] = []
    without, first = [], None
    found = list(excel.sheets(look, seen, wanted))
    for title, records in found:
        name = f"{look.name}: {title}" if len(found) > 1 else look.name
        try:
            done.append(_read_records(((record, 0.5) for record in records), name, "xlsx", seen, asked))
        except BadInput as refused:
            without.append(title)
            first = first or refused
    if not done:
        raise first or BadInput(f"No examples found in {look.name}: its sheets are empty.")
    skipped = (excel.skipped(look.name, without),) if without else ()
    names = list(dict.fromkeys(form.name for _, _, form in done))
    notes = (*look.notes, *skipped, *sentences(seen, names[0]))
    rows = Rows(pl.concat([rows.frame for rows, _, _ in done]))
    rejects = tuple(reject for _, rejects, _ in done for reject in rejects)
    return Read(ids.told_apart(rows), rejects, " and ".join(names), "xlsx", notes, look.digest)


def _read_parts(name: str, parts: Iterator[Part | Skipped], container: str, digest: str, asked: _Asked) -> Read:
    """The rows of several files as one dataset; a file without rows is among the rejected, with its reason."""
    reads: list[tuple[Part, Read]] = []
    rejects: list[Reject] = []
    for part in parts:
        if isinstance(part, Skipped):
            rejects.append(Reject(0, f"{part.name} {part.reason}", ""))
            continue
        try:
            look = look_at(part.path, part.name)
            if look.binary == "zip":
                rejects.append(Reject(0, f"{part.name} {NOT_UNPACKED}", ""))
                continue
            read = _read_look(look, asked)
        except NothingRead as refused:
            rejects.append(Reject(0, str(refused), ""))
            rejects += refused.rejects
        except BadInput as refused:
            rejects.append(Reject(0, str(refused), ""))
        else:
            reads.append((part, read))
            rejects += read.rejects
    if not reads:
        if not rejects:
            raise BadInput(f"No examples found in {name}: there is no file of examples in it.")
        raise NothingRead(nothing_found(name, rejects), tuple(rejects))
    frames = [_tagged(read.rows.frame, part.tags) for part, read in reads]
    kinds = list(dict.fromkeys(kind for _, read in reads for kind in read.format.split(" and ")))
    sha = hashlib.sha256("\n".join(f"{part.name} {read.file_digest}" for part, read in reads).encode())
    return Read(
        ids.told_apart(Rows(pl.concat(frames))),
        tuple(rejects),
        " and ".join(kinds),
        container,
        _notes_of_parts(reads, rejects),
        digest or sha.hexdigest(),
    )


def _notes_of_parts(reads: list[tuple[Part, Read]], rejects: list[Reject]) -> tuple[str, ...]:
    """The notes of several files, each said once, with the files it is about."""
    said: dict[str, list[str]] = {}
    for part, read in reads:
        for note in read.notes:
            said.setdefault(note, []).append(part.name)
    listed = [f"{part.name}: {len(read.rows):,} rows as {read.format}" for part, read in reads]
    more = f" and {len(listed) - 12} more files" if len(listed) > 12 else ""
    without = sum(reject.line == 0 for reject in rejects)
    told = (f"{without} files without examples were passed over; see the rejected rows.",) if without else ()
    notes = [note if len(reads) == 1 else f"{note} ({quoted(names, 3)})" for note, names in said.items()]
    return (f"Read {'; '.join(listed[:12])}{more}.", *told, *notes)


def _tagged(frame: pl.DataFrame, tags: tuple[str, ...]) -> pl.DataFrame:
    return frame.with_columns(pl.col("tags").list.concat(pl.lit(list(tags)))) if tags else frame


def _read_hub(given: str, asked: _Asked, load: hub.Load | None) -> Read:
    """The rows of a data set on the hub; where it has several splits, each row is tagged with its own."""
    seen: Seen = Counter()
    found = hub.splits(given, load)
    frames, rejects, kinds, prints = [], list[Reject](), dict[str, None](), []
    for split, dataset in found.items():
        name = f"{given}:{split}" if len(found) > 1 else given
        rows, rejected, form = _read_records(hub.records(dataset, seen), name, "parquet", seen, asked)
        frames.append(_tagged(rows.frame, (f"split:{split}",) if len(found) > 1 else ()))
        rejects += rejected
        kinds[form.name] = None
        prints.append(f"{split} {getattr(dataset, '_fingerprint', '')}")
    digest = hashlib.sha256("\n".join([given, *prints]).encode()).hexdigest()
    rows, said = Rows(pl.concat(frames)), sentences(seen, next(iter(kinds)))
    return Read(rows, tuple(rejects), " and ".join(kinds), "hub", said, digest)


def _found(look: Look, container: str, seen: Seen) -> Iterator[Found]:
    """Every record of the file, read as it is asked for."""
    if container in ("parquet", "arrow"):
        yield from (parquet_table if container == "parquet" else arrow_table).records(look, seen)
        return
    newline = "" if container in ("csv", "json") else "\r" if look.lone_cr else "\n"
    with text_of_file(look, newline) as (text, below):
        if container == "json":
            records = json_array.records(text, seen, lone_cr=look.lone_cr)
        elif container == "csv":
            records = csv_table.records(text, look.name, seen)
        else:
            records = (json_lines.plain_lines if container == "lines" else json_lines.records)(text, seen)
        for record in records:
            yield record, below.tell() / max(1, look.size)


def raw_records(path: str | Path, fits: Callable[[dict[str, Any]], bool]) -> tuple[Look, Iterator[Record]]:
    """The records of a file as they stand, whatever they hold. fits: tells the header of a sheet.

    Raises BadInput where there is no such file, or none that holds records.
    """
    path = Path(path)
    if path.is_dir():
        raise BadInput(f"{shown_name(path)} is a folder. Name the file in it that holds the tickets.")
    look = look_at(path)
    if look.binary == "zip":
        raise BadInput(f"{look.name} is a ZIP archive. Unpack it and name the file in it.")
    container, seen = container_of(look, None, lines=True), Seen()
    if container == "xlsx":
        return look, (record for _, records in excel.sheets(look, seen, fits) for record in records)
    return look, (record for record, _ in _found(look, container, seen))
