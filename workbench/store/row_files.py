"""Rows on disk: immutable Parquet files named by the digest of what they hold."""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path

import polars as pl

from workbench.errors import StoreError
from workbench.rows import Rows

# Rows in a piece of the file. With 4,096 one row of 100,000 is read in 8 ms instead of 95, and all of them in half the
# time of one large piece; the file is 2 % larger.
PIECE = 4_096


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Lets `write(path)` fill a temporary file beside the target, syncs it and renames it into place.

    A reader sees the old file or the whole new one. Raises StoreError, with the old file intact, when the disk is full.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{path.name}.", suffix=".part", dir=path.parent)
        os.close(handle)
        part = Path(name)
        try:
            write(part)
            with part.open("rb+") as file:
                os.fsync(file.fileno())
            part.replace(path)
            folder = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(folder)
            finally:
                os.close(folder)
        finally:
            part.unlink(missing_ok=True)
    except (OSError, pl.exceptions.PolarsError) as error:
        raise StoreError(unwritable(path, error)) from error


def unwritable(path: Path, error: Exception) -> str:
    """Why a file could not be written, with the way out."""
    if getattr(error, "errno", None) == errno.ENOSPC or "No space left" in str(error):
        return f"The disk is full: {path} could not be written. Nothing was changed; free some space and try again."
    return f"{path} could not be written: {error}. Nothing was changed."


class RowFiles:
    """The folder of row files. save() is safe to repeat: the same rows give the same file."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def path(self, digest: str) -> Path:
        return self.folder / f"{digest}.parquet"

    def save(self, rows: Rows) -> str:
        """Writes the rows if they are not there yet and returns their digest."""
        digest = rows.digest
        if not self.path(digest).exists():
            write_whole(self.path(digest), lambda part: rows.frame.write_parquet(part, row_group_size=PIECE))
        return digest

    def load(self, digest: str) -> Rows:
        """The rows of that digest, as the file has them. Raises StoreError when it is gone or cannot be read."""
        try:
            return Rows.read(self.path(digest))
        except FileNotFoundError:
            raise self._missing(digest) from None
        except pl.exceptions.PolarsError as error:
            raise StoreError(f"The rows file {self.path(digest)} cannot be read ({error}).") from error

    def at(self, digest: str, position: int) -> Rows:
        """The row at a position, from 0; reads only the piece of the file in which it stands."""
        try:
            return Rows(pl.scan_parquet(self.path(digest)).slice(position, 1).collect())
        except FileNotFoundError:
            raise self._missing(digest) from None

    def _missing(self, digest: str) -> StoreError:
        return StoreError(
            f"The rows file {self.path(digest)} is missing: the store is damaged. Restore it from a backup."
        )

    def verified(self, digest: str) -> Rows:
        """As load, and the content is hashed again; a file that was tampered with raises StoreError."""
        rows = self.load(digest)
        if digest not in (rows.digest, rows.first_digest):
            raise StoreError(
                f"{self.path(digest)} no longer holds the rows that it was locked with: its content hashes to "
                f"{rows.digest[:12]} instead of {digest[:12]}. Restore it from a backup."
            )
        return rows
