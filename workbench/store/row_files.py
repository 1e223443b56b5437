"""Rows on disk: immutable Parquet files named by the digest of what they hold.

A version that differs little from another is kept as the difference: `<digest>.changes.parquet` holds the rows that are
new or other than in a whole file, and names that file. So an edit of one row among 100,000 writes one row, not all.
"""

from __future__ import annotations

import errno
import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import polars as pl

from workbench import digests
from workbench.errors import StoreError
from workbench.rows import Rows
from workbench.store.recent_rows import RecentRows
from workbench.store.row_changes import Changes, changes_between

T = TypeVar("T")

# Rows in a piece of the file. With 4,096 one row of 100,000 is read in 8 ms instead of 95, and all of them in half the
# time of one large piece; the file is 2 % larger.
PIECE = 4_096
WORTH_IT = 2 * PIECE  # rows from which on a difference is kept instead of the whole; below, a whole file takes .03 s
MOST_CHANGED = 0.05  # of the rows; more are written whole, so that reading stays quick


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
        self._recent = RecentRows()

    def path(self, digest: str) -> Path:
        """Where the whole file of these rows lies, or would; a version that is kept as a difference has none."""
        return self.folder / f"{digest}.parquet"

    def changes_path(self, digest: str) -> Path:
        """Where the difference lies that makes these rows of another file's."""
        return self.folder / f"{digest}.changes.parquet"

    def save(self, rows: Rows, like: str | None = None) -> str:
        """Writes the rows if they are not there yet and returns their digest.

        like: the digest of saved rows that these differ little from.
        """
        digest = rows.digest
        if self.path(digest).exists() or self.changes_path(digest).exists():
            return digest
        changes = self._changes(like, rows) if like and len(rows) >= WORTH_IT else None
        if changes is None:
            whole = rows.frame.with_columns(digests.as_column(rows.row_digests))
            write_whole(self.path(digest), lambda part: whole.write_parquet(part, row_group_size=PIECE))
        else:
            write_whole(self.changes_path(digest), changes.write)
        self._recent.add(digest, rows)
        return digest

    def _changes(self, like: str, rows: Rows) -> Changes | None:
        """The difference to the whole file that `like` rests on; None where it is too large or there is none."""
        whole = like
        if self.changes_path(like).exists():
            whole = Changes.read(self.changes_path(like)).whole
        if not self.path(whole).exists():
            return None
        return changes_between(whole, self.load(whole), rows, most=int(MOST_CHANGED * len(rows)))

    def load(self, digest: str) -> Rows:
        """The rows of that digest. Raises StoreError when the file is gone or cannot be read."""
        known = self._recent.get(digest)
        if known is not None:
            return known
        rows = self._read(digest, _with_kept_digests)
        return self._recent.add(digest, rows)

    def at(self, digest: str, position: int) -> Rows:
        """The row at a position, from 0; reads only the piece of the file in which it stands."""
        if known := self._recent.get(digest):
            return Rows(known.frame.slice(position, 1))
        if not self.path(digest).exists() and self.changes_path(digest).exists():
            changes = self._told(self.changes_path(digest), Changes.read)
            fresh, place = changes.at(position)
            return Rows(fresh) if fresh is not None else self.at(changes.whole, place)
        return Rows(self._told(self.path(digest), lambda path: pl.scan_parquet(path).slice(position, 1).collect()))

    def verified(self, digest: str) -> Rows:
        """As load, and what the disk holds is hashed again; a file that was tampered with raises StoreError."""
        rows = self._read(digest, Rows.read)
        if digest not in (rows.digest, rows.first_digest):
            raise StoreError(
                f"{self.path(digest)} no longer holds the rows that it was locked with: its content hashes to "
                f"{rows.digest[:12]} instead of {digest[:12]}. Restore it from a backup."
            )
        return rows

    def _read(self, digest: str, read: Callable[[Path], Rows]) -> Rows:
        """The rows as the disk has them, from their own file or from the whole file and the difference."""
        if self.path(digest).exists() or not self.changes_path(digest).exists():
            return self._told(self.path(digest), read)
        changes = self._told(self.changes_path(digest), Changes.read)
        trusting = read == _with_kept_digests
        return changes.on(self.load(changes.whole) if trusting else self._told(self.path(changes.whole), read))

    def _told(self, path: Path, read: Callable[[Path], T]) -> T:
        """What `read(path)` gives, or StoreError in plain words."""
        try:
            return read(path)
        except FileNotFoundError:
            raise StoreError(
                f"The rows file {path} is missing: the store is damaged. Restore it from a backup."
            ) from None
        except pl.exceptions.PolarsError as error:
            raise StoreError(f"The rows file {path} cannot be read ({error}).") from error


def _with_kept_digests(path: Path) -> Rows:
    """The rows of a whole file with the row digests that it keeps, which spares hashing 100,000 rows before an edit.

    Whoever must know that the file is as it was written hashes instead: `RowFiles.verified`.
    """
    frame = pl.read_parquet(path)
    if digests.KEPT not in frame.columns:  # a store of the first edition, or a file put there by hand
        return Rows(frame)
    return Rows.known(frame.drop(digests.KEPT), digests.from_bytes(frame[digests.KEPT].to_list()))
