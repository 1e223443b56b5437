"""Records become rows of the table, or rejects with line and reason."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import polars as pl

from workbench.formats import csv_table, ids
from workbench.formats.detect import fitting
from workbench.formats.format import Conversation, Format, Record, Seen, Unreadable, quoted
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


def sample_of(found: Iterator[Found]) -> Iterator[Found]:
    """Records up to the first SAMPLE that could be read."""
    readable = 0
    for record, done in found:
        yield record, done
        readable += record.value is not None
        if readable == SAMPLE:
            return


def up_to(found: Iterator[Found], most: int) -> Iterator[Found]:
    for _, one in zip(range(most), found, strict=False):
        yield one


def gather(
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
            ready += _rows(record, form, name, seen, count if record.line == last_line else 0)
        except Unreadable as problem:
            rejects.append(reject_of(name, record, str(problem)))
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


def _rows(record: Record, form: Format, name: str, seen: Seen, again: int) -> list[dict[str, Any]]:
    """A record as rows of the table, mostly one. again: its number where another stands on the same line."""
    value = record.value
    if value is None:
        raise Unreadable(record.problem)
    if not form.fits(value):
        raise Unreadable(_misfit(value, form))
    stands_in = f"{name}#{again}" if again else name
    if form.read_all is None:
        return [_row(record, value, form.read(value, seen), stands_in, name, seen)]
    return [
        _row(record, value, one, f"{stands_in}#{number}" if number else stands_in, name, seen)
        for number, one in enumerate(form.read_all(value, seen))
    ]


def _row(
    record: Record, value: dict[str, Any], conversation: Conversation, stands_in: str, name: str, seen: Seen
) -> dict[str, Any]:
    others = {key: cell for key, cell in value.items() if key not in conversation.used}
    place = ids.place_in(others) if ids.KEY in others else None
    if place:
        del others[ids.KEY]
        seen["ids kept", ""] += 1
    tags, extra = split_tags(others)
    for key in extra:
        seen["kept aside", key] += 1
    if record.raw is not None and "'" in record.raw:
        _count_guarded(value, seen)
    return {
        "row_id": place["row_id"] if place else new_row_id(conversation.messages, stands_in, record.line),
        "messages": conversation.messages,
        "tags": tags,
        "source": place["source"] if place else name,
        "line": place["line"] if place else record.line,
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


def refusal_of(name: str, record: Record) -> Reject:
    """A record of a file that has no format: what it has instead."""
    problem = record.problem
    if record.value is not None:
        held = f"it has {quoted(record.value)}" if record.value else "it is empty"
        problem = f"has no prompt with its reply: {held}."
    return reject_of(name, record, problem)


def reject_of(name: str, record: Record, problem: str) -> Reject:
    raw = record.raw if record.raw is not None else json.dumps(record.value, ensure_ascii=False)
    return Reject(record.line, f"{record.unit} {record.line} of {name} {problem}", raw)


def nothing_found(name: str, rejects: list[Reject]) -> str:
    """Why no row came out: the first reasons."""
    first = " ".join(reject.reason for reject in rejects[:3])
    more = f" {len(rejects) - 3:,} more could not be read either." if len(rejects) > 3 else ""
    return f"No examples found in {name}: {first}{more}"
