"""What is known of a run's adapter file."""

from __future__ import annotations

import hashlib

from workbench.records import Run
from workbench.store import Store, runs


def adapter_digest(store: Store, run: Run) -> str | None:
    """SHA-256 of a run's adapter weights, None where they are not there (any more)."""
    path = runs.folder(store, run.id) / "adapter" / "adapter_model.safetensors"
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return None
