"""Packed files: gzip and zstd, read as a stream that stops a bomb and tells where a cut file ends."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Any, BinaryIO, cast

from workbench.errors import BadInput

CHUNK = 1 << 20
LEAST_BUDGET = 256 << 20  # bytes: what any compressed file may unpack to
MOST_RATIO = 100  # real training text packs 3 to 20 times, templated text in Parquet up to some 50 times
MAGIC = {b"\x1f\x8b": "gzip", b"\x28\xb5\x2f\xfd": "zstd"}
SUFFIXES = {".gz": "gzip", ".zst": "zstd", ".zstd": "zstd"}


def packing_of(head: bytes) -> str:
    """ "gzip", "zstd" or "" by a file's first bytes."""
    return next((kind for magic, kind in MAGIC.items() if head.startswith(magic)), "")


def bare_name(name: str) -> str:
    """A file's name without the suffix that says how it is packed."""
    suffix = Path(name).suffix.lower()
    return name[: -len(suffix)] if suffix in SUFFIXES else name


def budget_of(size: int) -> int:
    """How many bytes a compressed file of this size may unpack to."""
    return max(LEAST_BUDGET, MOST_RATIO * size)


@contextmanager
def opened(path: Path, name: str, size: int, packed: str) -> Iterator[IO[bytes]]:
    """The file's bytes, unpacked; reading past the budget or a broken end raises BadInput."""
    with path.open("rb") as file:
        if not packed:
            yield file
            return
        with unpacking(file, name, size, packed) as unpacked:
            yield unpacked


def unpacking(file: IO[bytes], name: str, size: int, packed: str) -> io.BufferedReader:
    """The unpacked bytes of an open file."""
    return io.BufferedReader(_Unpacked(cast(BinaryIO, file), name, size, packed), CHUNK)


@contextmanager
def packing(file: IO[bytes], packed: str) -> Iterator[IO[bytes]]:
    """A stream whose bytes end up packed in `file`; the same bytes on every run."""
    if packed == "gzip":
        with gzip.GzipFile(filename="", fileobj=file, mode="wb", mtime=0) as stream:
            yield cast(IO[bytes], stream)
    elif packed == "zstd":
        import pyarrow as pa

        sink = pa.PythonFile(_Open(file), mode="w")
        with pa.CompressedOutputStream(sink, "zstd") as stream:
            yield cast(IO[bytes], _Written(stream))
    else:
        yield file


class _Open:
    """A file that Arrow does not close when it is done."""

    closed = False

    def __init__(self, file: IO[bytes]) -> None:
        self.write, self.flush = file.write, file.flush

    def close(self) -> None:
        """The file is its owner's to close."""


class _Written(io.RawIOBase):
    """What text writers and Polars need of a stream, over one of Arrow's."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def writable(self) -> bool:
        return True

    def write(self, data: Any) -> int:
        self._stream.write(bytes(data))
        return len(data)


class _Unpacked(io.RawIOBase):
    """A packed stream that stops a bomb and tells where a cut file ends."""

    def __init__(self, file: BinaryIO, name: str, size: int, packed: str) -> None:
        self._name, self._left, self._given = name, budget_of(size), 0
        if packed == "gzip":
            self._file: Any = gzip.GzipFile(fileobj=file)
        else:
            import pyarrow as pa

            self._file = pa.CompressedInputStream(pa.PythonFile(file, mode="r"), "zstd")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            got = self._file.read(len(buffer))
        except (EOFError, OSError, zlib.error):  # a BadGzipFile is an OSError, and so is what Arrow raises
            raise BadInput(
                f"{self._name} is damaged: its packed data breaks off after {self._given:,} readable bytes. "
                "Copy it again."
            ) from None
        self._given += len(got)
        if self._given > self._left:
            raise BadInput(
                f"{self._name} unpacks to more than {self._left >> 20:,} MB, {MOST_RATIO} times its size or more. "
                "Nothing was imported. If you trust it, unpack it yourself and import the result."
            )
        buffer[: len(got)] = got
        return len(got)
