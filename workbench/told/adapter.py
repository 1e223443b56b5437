"""What is known of the weights that a run left."""

from __future__ import annotations

import hashlib

from training.adapters.whole import is_whole
from workbench.records import Run
from workbench.store import Store, runs

PART = 1 << 20  # bytes read at once


def adapter_digest(store: Store, run: Run) -> str | None:
    """SHA-256 of a run's adapter weights, or of its whole model's; None where they are not there (any more)."""
    folder = runs.folder(store, run.id) / "adapter"
    files = [folder / "adapter_model.safetensors"] if not is_whole(folder) else sorted(folder.glob("*.safetensors"))
    total = hashlib.sha256()
    try:
        for path in files:  # of one file, the hash of that file
            with path.open("rb") as file:
                while part := file.read(PART):
                    total.update(part)
    except OSError:
        return None
    return total.hexdigest() if files else None
