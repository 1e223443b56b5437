"""Near copies in Parquet files of any size: read in batches, joined exactly, with memory that does not hold the texts.

Each batch is hashed and its sets go to files in a temporary folder, about 2.5 bytes a byte of text, from where the
operating system maps what is needed. In memory stay some 100 bytes a row, a table of counts of at most 270 MB, and the
tokens of the rows that may have a partner (past half a gigabyte these lie in a file, too). The result is that of
`near_pairs`, but for one thing: a row with `PAIRS_A_ROW` near copies gets further ones only where they link rows that
are not linked yet, else a template with 100,000 rows would have five billion pairs. Groups lose nothing by it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from workbench.checks.set_join import in_memory
from workbench.checks.similarity import LONG, MOST, RUN, Pairs, pairs_between_of, pairs_of
from workbench.checks.text_hashes import Hashed, Hashes, chunks, hashed_chunk, in_threads, joined
from workbench.errors import BadInput
from workbench.formats.pairs import PAIRS
from workbench.rows import SCHEMA, Rows

BATCH = 50_000  # rows read at a time
PAIRS_A_ROW = 100
IN_MEMORY = 1 << 26  # hashes up to which room is made in memory: half a gigabyte
KINDS = (np.uint64, np.int64, np.uint64, np.int64, np.uint64, np.uint64, np.int64, np.uint64, np.int64)
FIELDS = ("prompt", "reply", "both", "conversation")

Report = Callable[[float, str], None]


class ParquetTexts:
    """The texts of one field of a Parquet file, in order, a batch at a time."""

    def __init__(self, path: Path, field: str) -> None:
        import pyarrow.parquet as pq

        self.path = path
        self.field = field
        try:
            with pq.ParquetFile(path) as file:
                self.names: list[str] = file.schema_arrow.names
                self.rows: int = file.metadata.num_rows
        except (OSError, ValueError) as error:
            raise BadInput(f"{path.name} cannot be read as Parquet: {str(error).splitlines()[0]}") from None

    @property
    def columns(self) -> list[str]:
        """The columns that the field is made of. Raises BadInput where the file has none such."""
        if self.field in self.names:
            return [self.field]
        if self.field not in FIELDS:
            known = ", ".join((*FIELDS, *self.names))
            raise BadInput(f'{self.path.name} has no column "{self.field}". Compare one of: {known}.')
        if "messages" in self.names:
            return ["messages"]
        pair = next((pair for pair in PAIRS if set(pair) <= set(self.names)), None)
        if pair is None:
            raise BadInput(
                f"{self.path.name} has neither messages nor a prompt and a reply; its columns are "
                f"{', '.join(self.names)}. Name the one to compare with --field."
            )
        return {"prompt": [pair[0]], "reply": [pair[1]]}.get(self.field, list(pair))

    def batches(self) -> Iterator[list[str]]:
        """The texts of up to `BATCH` rows each."""
        import pyarrow.parquet as pq

        with pq.ParquetFile(self.path) as file:
            for batch in file.iter_batches(batch_size=BATCH, columns=self.columns):
                frame = pl.from_arrow(batch)
                assert isinstance(frame, pl.DataFrame), "a batch of columns gives a frame"
                yield self._texts(frame)

    def _texts(self, frame: pl.DataFrame) -> list[str]:
        if self.columns == ["messages"] and self.field != "messages":
            return field_of(_as_rows(frame), self.field)
        return (
            frame.select(pl.concat_str(pl.col(self.columns).cast(pl.String).fill_null(""), separator="\n"))
            .to_series()
            .to_list()
        )

    def at(self, rows: Sequence[int]) -> list[str]:
        """The texts of these rows, given in ascending order."""
        wanted, found, start = np.asarray(rows, np.int64), [], 0
        for texts in self.batches() if len(wanted) else ():
            low, high = np.searchsorted(wanted, [start, start + len(texts)])
            found += [texts[i - start] for i in wanted[low:high].tolist()]
            start += len(texts)
        return found


def _as_rows(frame: pl.DataFrame) -> Rows:
    """Rows of a frame that has messages; turns without the key `more` get an empty one."""
    inner = frame.schema["messages"].inner  # type: ignore[attr-defined]
    has = {field.name for field in getattr(inner, "fields", ())}
    if not {"role", "content"} <= has:
        raise BadInput('"messages" must hold turns with role and content.')
    turn = pl.struct(
        *(
            pl.element().struct.field(name) if name in has else pl.lit(None).alias(name)
            for name in ("role", "content", "more")
        )
    )
    others = [pl.lit(None).cast(kind).alias(name) for name, kind in SCHEMA.items() if name != "messages"]
    return Rows(frame.select(pl.col("messages").list.eval(turn), *others).select(list(SCHEMA)))


def field_of(rows: Rows, field: str) -> list[str]:
    """(N,) what is compared: the prompt, the reply, both (one text), or the whole conversation with its system text."""
    if field == "conversation":
        return [f"{system}\n{text}" if system else text for system, text in zip(rows.system, rows.text, strict=True)]
    return {"prompt": rows.prompt, "reply": rows.reply, "both": rows.text}[field]


class Spill:
    """Arrays that grow in files of a folder and are mapped when they are whole."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.rooms = 0

    def append(self, columns: Sequence[np.ndarray]) -> None:
        for number, column in enumerate(columns):
            with (self.folder / str(number)).open("ab") as file:
                column.tofile(file)

    def hashed(self) -> Hashed:
        """What was appended, as one; sizes and keys in memory, sets mapped."""
        return joined([self._mapped(self.folder / str(number), kind) for number, kind in enumerate(KINDS)])

    def room(self, hashes: int) -> Hashes:
        """An array for so many hashes, in a file when it would not be small."""
        if hashes <= IN_MEMORY:
            return in_memory(hashes)
        self.rooms += 1
        path = self.folder / f"room-{self.rooms}"
        return np.asarray(np.memmap(path, np.uint64, "w+", shape=(hashes,)))

    def _mapped(self, path: Path, kind: Any) -> np.ndarray:
        size = path.stat().st_size // np.dtype(kind).itemsize if path.exists() else 0
        return np.asarray(np.memmap(path, kind, "r+", shape=(size,))) if size else np.zeros(0, kind)


def streamed_pairs(sources: Sequence[ParquetTexts], *, between: bool = False, report: Report | None = None) -> Pairs:
    """The near copies among all rows of some files, numbered on from file to file.

    between: only those of a row of the first file and one of the others, b counted in these.
    """
    total, done = sum(source.rows for source in sources), 0

    def texts_at(rows: Sequence[int]) -> list[str]:
        wanted, start, found = np.asarray(rows, np.int64), 0, []
        for source in sources:
            low, high = np.searchsorted(wanted, [start, start + source.rows])
            found += source.at((wanted[low:high] - start).tolist())
            start += source.rows
        return found

    with tempfile.TemporaryDirectory(prefix="goldloop-copies-") as folder:
        spill = Spill(Path(folder))
        for source in sources:
            for texts in source.batches():
                for columns in in_threads(lambda part: hashed_chunk(part, RUN, LONG, MOST), chunks(texts)):
                    spill.append(columns)
                done += len(texts)
                if report:
                    report(0.6 * done / max(total, 1), f"Reading: {done:,} of {total:,} rows")
        if report:
            report(0.6, f"Comparing {total:,} rows")
        every = spill.hashed()
        if between:
            return pairs_between_of(every, sources[0].rows, texts_at, most=PAIRS_A_ROW, room=spill.room)
        return pairs_of(every, texts_at, most=PAIRS_A_ROW, room=spill.room)
