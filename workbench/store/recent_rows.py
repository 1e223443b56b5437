"""The rows files that were read last, kept in memory: they never change, so nothing can be out of date."""

from __future__ import annotations

import threading
from collections import OrderedDict

from workbench.rows import Rows

MOST_FILES = 6
MOST_BYTES = 768 * 2**20  # of all together, as Polars estimates them; rows that alone are larger are not kept


class RecentRows:
    """Digest -> rows, for some files. Safe to use from many threads.

    Given out are the same frames without their derived columns, so that no more than the frames and the digests stay.
    """

    def __init__(self) -> None:
        self._kept: OrderedDict[str, tuple[Rows, int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, digest: str) -> Rows | None:
        """The rows of that digest when they are here."""
        with self._lock:
            if digest not in self._kept:
                return None
            self._kept.move_to_end(digest)
            return self._kept[digest][0].again()

    def add(self, digest: str, rows: Rows) -> Rows:
        """Keeps rows that were read or written; those that were used longest ago make place. Gives the rows back."""
        size = int(rows.frame.estimated_size())
        if size > MOST_BYTES:
            return rows
        kept = rows.again()
        with self._lock:
            self._kept[digest] = kept, size
            self._kept.move_to_end(digest)
            while len(self._kept) > MOST_FILES or sum(size for _, size in self._kept.values()) > MOST_BYTES:
                self._kept.popitem(last=False)
        return kept.again()
