"""A text file put in place whole, or what was there left as it was."""

from __future__ import annotations

import os
from pathlib import Path

from workbench.errors import StoreError


def put(path: Path, text: str) -> None:
    """Writes a text to `path`: beside it, synced, renamed. Raises StoreError where it cannot be written."""
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("w", encoding="utf-8", errors="replace") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
    except OSError as error:
        part.unlink(missing_ok=True)
        raise StoreError(f"{path} could not be written ({error.strerror}). Nothing was changed.") from None
