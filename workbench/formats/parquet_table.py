"""Parquet: the same columns as CSV, with lists of turns as lists; read in small batches under a budget of bytes."""

from __future__ import annotations

import datetime
import decimal
import math
from collections.abc import Iterator
from typing import IO, Any

import polars as pl

from workbench.errors import BadInput
from workbench.formats.csv_table import JSON_COLUMNS, parse_json_columns
from workbench.formats.format import Record, Seen, quoted
from workbench.formats.ids import KEY
from workbench.formats.look import Look
from workbench.formats.packed import MOST_RATIO, budget_of
from workbench.formats.strict_json import BrokenJson, Reader, clean, dumps
from workbench.formats.tags import CONVERSATIONS
from workbench.rows import Rows

BATCH = 64  # rows decoded at a time: 64 examples of 5 MB are 320 MB


def records(look: Look, seen: Seen) -> Iterator[tuple[Record, float]]:
    """A Record a row, and how far in the file it is (0 to 1). Raises BadInput where the file is broken or a bomb."""
    import pyarrow as pa
    import pyarrow.parquet as pq

    budget, decoded, number = budget_of(look.size), 0, 0
    try:
        with pq.ParquetFile(look.path, memory_map=False) as file:
            names = file.schema_arrow.names
            if twice := sorted({name for name in names if names.count(name) > 1}):
                raise BadInput(f"{look.name} has two columns of the same name: {quoted(twice)}. Rename one of each.")
            json_at = [name for name in names if name in JSON_COLUMNS]
            reader, total = Reader(), max(1, file.metadata.num_rows)
            for batch in file.iter_batches(batch_size=BATCH):
                batch_rows = batch.to_pylist()
                decoded += size_of(batch_rows)  # not batch.nbytes, which counts a repeated text once
                if decoded > budget:
                    raise BadInput(
                        f"{look.name} holds more than {budget >> 20:,} MB of data in {look.size:,} bytes, "
                        f"over {MOST_RATIO} times its size. Nothing was imported. Write it again uncompressed if you "
                        "trust it."
                    )
                for row in batch_rows:
                    number += 1
                    yield record_of(row, number, json_at, reader, seen), number / total
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"{look.name} is a damaged Parquet file: {str(error).splitlines()[0]} Copy it again.") from None


def size_of(value: Any) -> int:
    """How many characters and bytes of text a value holds."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, dict):
        return sum(size_of(inner) for inner in value.values())
    return sum(size_of(inner) for inner in value) if isinstance(value, list | tuple) else 8


def record_of(row: dict[str, Any], number: int, json_at: list[str], reader: Reader, seen: Seen) -> Record:
    value = {name: plain(cell, name, seen) for name, cell in row.items()}
    if problem := parse_json_columns(value, json_at, reader, seen):
        return Record(number, None, dumps(value), problem, "row")
    if not value.get("tags"):
        value.pop("tags", None)
    extra = value.get("extra")
    if isinstance(extra, str) and extra.startswith("{"):
        own = {name: cell for name, cell in value.items() if name != "extra"}
        value = _beside(own, _unfolded(extra, reader, "extra"))
    elif extra is None:
        value.pop("extra", None)
    for name in json_at:
        if isinstance(cell := value[name], list):
            value[name] = [_turn(turn, reader) for turn in cell]
    return Record(number, clean(value, seen), unit="row")


def _beside(value: dict[str, Any], kept: dict[str, Any]) -> dict[str, Any]:
    """The columns with the keys that were kept aside; those that would stand for the conversation go under "extra"."""
    clashing = {key: cell for key, cell in kept.items() if key in value or key in CONVERSATIONS}
    rest = {key: cell for key, cell in kept.items() if key not in clashing}
    return value | rest | ({"extra" if "extra" not in rest else "extra_2": clashing} if clashing else {})


def _turn(turn: Any, reader: Reader) -> Any:
    """A turn without the keys that the table's other turns have, and with our own `more` unfolded."""
    if not isinstance(turn, dict):
        return turn
    always = ("role", "content", "from", "value")
    kept = {name: cell for name, cell in turn.items() if cell is not None or name in always}
    more = kept.pop("more", None)
    if isinstance(more, str) and more.startswith("{"):
        return kept | _unfolded(more, reader, "more")
    return kept if more is None else kept | {"more": more}


def _unfolded(text: str, reader: Reader, name: str) -> dict[str, Any]:
    """The keys that an export of ours folded into one text."""
    try:
        unfolded, end, problem = reader.read(text)
    except BrokenJson:
        return {name: text}
    return unfolded if isinstance(unfolded, dict) and not problem and end == len(text) else {name: text}


def plain(cell: Any, name: str, seen: Seen) -> Any:
    """A cell as JSON can hold it: dates and decimals as text, NaN as null, bytes left out; each is noted."""
    if cell is None or isinstance(cell, str | bool | int):
        return cell
    if isinstance(cell, float):
        if math.isfinite(cell):
            return cell
        seen["not a number", name] += 1
        return None
    if isinstance(cell, dict):
        return {str(key): plain(inner, name, seen) for key, inner in cell.items()}
    if isinstance(cell, list | tuple):
        return [plain(inner, name, seen) for inner in cell]
    if isinstance(cell, datetime.date | datetime.time | datetime.timedelta | decimal.Decimal):
        return str(cell)
    seen["left out", name] += 1
    return None


def write(file: IO[bytes], rows: Rows, *, ids: bool = False) -> None:
    """The rows with their messages as lists of role and content; other keys as JSON text, in `more` and `extra`."""
    place = [pl.struct("row_id", "source", "line").alias(KEY)] if ids else []
    frame = rows.frame.select("messages", "tags", "extra", *place)
    if not any(turn["more"] for turns in rows.messages for turn in turns):
        fields = pl.element().struct
        frame = frame.with_columns(
            pl.col("messages").list.eval(pl.struct(fields.field("role"), fields.field("content")))
        )
    if frame["extra"].null_count() == frame.height:
        frame = frame.drop("extra")
    frame.write_parquet(file)
