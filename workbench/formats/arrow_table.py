"""Arrow: the files that the `datasets` library saves, in both of Arrow's layouts; columns as in Parquet."""

from __future__ import annotations

from collections.abc import Iterator

from workbench.errors import BadInput
from workbench.formats.csv_table import JSON_COLUMNS
from workbench.formats.format import Record, Seen
from workbench.formats.look import Look
from workbench.formats.packed import MOST_RATIO, budget_of
from workbench.formats.parquet_table import BATCH, record_of, size_of
from workbench.formats.strict_json import Reader


def records(look: Look, seen: Seen) -> Iterator[tuple[Record, float]]:
    """A Record a row, and how far in the file it is (0 to 1). Raises BadInput where the file is broken or a bomb."""
    import pyarrow as pa

    reader, number, decoded, budget = Reader(), 0, 0, budget_of(look.size)
    try:
        with pa.OSFile(str(look.path)) as file:
            for batch in _batches(file):
                json_at = [name for name in batch.schema.names if name in JSON_COLUMNS]
                for start in range(0, batch.num_rows, BATCH):
                    rows = batch.slice(start, BATCH).to_pylist()
                    decoded += size_of(rows)
                    if decoded > budget:
                        raise BadInput(
                            f"{look.name} holds more than {budget >> 20:,} MB of data in {look.size:,} bytes, "
                            f"over {MOST_RATIO} times its size. Nothing was imported."
                        )
                    done = file.tell() / max(1, look.size)
                    for row in rows:
                        number += 1
                        yield record_of(row, number, json_at, reader, seen), done
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"{look.name} is a damaged Arrow file: {str(error).splitlines()[0]} Copy it again.") from None


def _batches(file):  # type: ignore[no-untyped-def]  # Arrow has no stubs here
    import pyarrow as pa

    layout = file.read(6)
    file.seek(0)
    if layout != b"ARROW1":
        yield from pa.ipc.open_stream(file)
        return
    whole = pa.ipc.open_file(file)
    for place in range(whole.num_record_batches):
        yield whole.get_batch(place)
