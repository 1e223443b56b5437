"""Reads a file of examples, whatever it is, into Rows; what cannot become a row comes back with line and reason."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import polars as pl

from workbench.errors import BadInput
from workbench.formats import csv_table, json_array, json_lines, parquet_table
from workbench.formats.detect import asked_for, container_of, fitting, format_of
from workbench.formats.format import Format, Record, Seen, Unreadable, quoted
from workbench.formats.look import Look, look_at, text_of_file
from workbench.formats.notes import sentences
from workbench.formats.strict_json import dumps
from workbench.formats.tags import split_tags
from workbench.rows import Rows, frame_of, new_row_id

SAMPLE = 200  # records that decide on the format
CHUNK = 20_000  # records that become a frame at a time, so that Python objects never stand for the whole file

Report = Callable[[float, str], None]
Found = tuple[Record, float]  # a record, and how far in the file it stands (0 to 1)


@dataclass(frozen=True)
class Reject:
    """A record that did not become a row: where it is, why, and its own text."""

    line: int
    reason: str
    raw: str


@dataclass(frozen=True)
class Read:
    """What a file gave: its rows, what was rejected, and what a person should know about the reading."""

    rows: Rows
    rejects: tuple[Reject, ...]
    format: str  # chat, pairs, alpaca, sharegpt, preference
    container: str  # jsonl, json, csv, parquet
    notes: tuple[str, ...]
    file_digest: str  # SHA-256 of the file's bytes


def read_file(path: str | Path, *, format: str | None = None, report: Report | None = None) -> Read:
    """The rows of a file, its container and format told by its content.

    format: "chat", "pairs", "pairs:PROMPT,REPLY", "alpaca", "sharegpt", "preference"; "csv", "parquet" or None leave it
    open. Raises BadInput where nothing at all can be imported.
    """
    wanted, container_wanted = asked_for(format)
    look = look_at(Path(path))
    container = container_of(look, container_wanted)
    seen: Seen = Counter()
    found = _found(look, container, seen)
    sample = list(_sample(found))
    if not sample:
        raise BadInput(f"No examples found in {look.name}.")
    if all(record.value is None for record, _ in sample):
        raise BadInput(_nothing(look.name, [_reject(look.name, record, record.problem) for record, _ in sample]))
    form = wanted or format_of((record for record, _ in sample), look, container)
    rows, rejects = _gather(chain(sample, found), form, look.name, seen, report)
    if not len(rows):
        raise BadInput(_nothing(look.name, rejects))
    notes = (*look.notes, *sentences(seen, form.name))
    return Read(rows, tuple(rejects), form.name, container, notes, look.digest)


def _found(look: Look, container: str, seen: Seen) -> Iterator[Found]:
    """Every record of the file, read as it is asked for."""
    if container == "parquet":
        yield from parquet_table.records(look, seen)
        return
    newline = "" if container in ("csv", "json") else "\r" if look.lone_cr else "\n"
    with text_of_file(look, newline) as (text, below):
        if container == "json":
            whole = text.read().replace("\x00", "")
            whole = whole.replace("\r", "\n") if look.lone_cr else whole
            for record in json_array.records(whole, seen):
                yield record, 0.5  # the text is read; how far its records are is not worth counting
            return
        table = container == "csv"
        for record in csv_table.records(text, look.name, seen) if table else json_lines.records(text, seen):
            yield record, below.tell() / max(1, look.size)


def _sample(found: Iterator[Found]) -> Iterator[Found]:
    """Records up to the first SAMPLE that could be read."""
    readable = 0
    for record, done in found:
        yield record, done
        readable += record.value is not None
        if readable == SAMPLE:
            return


def _gather(
    found: Iterator[Found], form: Format, name: str, seen: Seen, report: Report | None
) -> tuple[Rows, list[Reject]]:
    """All records as rows or rejects."""
    frames: list[pl.DataFrame] = []
    rejects: list[Reject] = []
    ready: list[dict[str, Any]] = []
    count = last_line = 0
    done = 0.0
    for record, done in found:
        count += 1
        try:
            row = _row(record, form, name, seen, count if record.line == last_line else 0)
        except Unreadable as problem:
            rejects.append(_reject(name, record, str(problem)))
        else:
            ready.append(row)
        last_line = record.line
        if len(ready) >= CHUNK or (report and count % CHUNK == 0):
            if ready:
                frames.append(frame_of(ready))
                ready = []
            if report:
                report(min(done, 0.99), f"{count:,} examples read from {name}")
    frames.append(frame_of(ready))
    if report:
        report(1.0, f"{count:,} examples read from {name}, {len(rejects):,} rejected")
    return Rows(pl.concat(frames)), rejects


def _row(record: Record, form: Format, name: str, seen: Seen, again: int) -> dict[str, Any]:
    """A record as a row of the table. again: the record's number where another stands on the same line."""
    value = record.value
    if value is None:
        raise Unreadable(record.problem)
    if not form.fits(value):
        raise Unreadable(_misfit(value, form))
    conversation = form.read(value, seen)
    tags, extra = split_tags({key: cell for key, cell in value.items() if key not in conversation.used})
    for key in extra:
        seen["kept aside", key] += 1
    if record.raw is not None and "'" in record.raw:
        _count_guarded(value, seen)
    stands_in = f"{name}#{again}" if again else name
    return {
        "row_id": new_row_id(conversation.messages, stands_in, record.line),
        "messages": conversation.messages,
        "tags": tags,
        "source": name,
        "line": record.line,
        "extra": dumps(extra) if extra else None,
    }


def _count_guarded(value: dict[str, Any], seen: Seen) -> None:
    for cell in value.values():
        if isinstance(cell, str) and len(cell) > 1 and cell[0] == "'" and cell[1] in csv_table.FORMULA_SIGNS:
            seen["guarded cell", ""] += 1


def _misfit(value: dict[str, Any], form: Format) -> str:
    """What is missing for the format, what is there, and which format would do."""
    keys = f"its {'key is' if len(value) == 1 else 'keys are'} {quoted(value)}" if value else "it is empty"
    other = fitting(value)
    way_out = f" Import it with --format {other.name}." if other and other.name != form.name else ""
    return f"has no {form.needs}; {keys}.{way_out}"


def _reject(name: str, record: Record, problem: str) -> Reject:
    raw = record.raw if record.raw is not None else json.dumps(record.value, ensure_ascii=False)
    return Reject(record.line, f"{record.unit} {record.line} of {name} {problem}", raw)


def _nothing(name: str, rejects: list[Reject]) -> str:
    """Why no row came out: the first reasons."""
    first = " ".join(reject.reason for reject in rejects[:3])
    more = f" {len(rejects) - 3:,} more could not be read either." if len(rejects) > 3 else ""
    return f"No examples found in {name}: {first}{more}"
