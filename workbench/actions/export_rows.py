"""Write a version to a file in one of the formats that can be read."""

from __future__ import annotations

from pathlib import Path

from workbench.formats.write import write_file
from workbench.store import Store, datasets


def export_rows(store: Store, version: str | None = None, *, format: str = "chat", path: str | Path) -> Path:
    """Writes the rows of a version to `path`, whole or not at all. Raises BadInput for rows the format cannot hold."""
    of = datasets.version(store, version)
    target = Path(path)
    write_file(datasets.rows_of(store, of), format, target)
    return target
