"""From where a run was begun or gone on with, and with which batch: attempts.jsonl, a line each time it starts"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

ATTEMPTS = "attempts.jsonl"


def note_attempt(out: Path, *, step: int, batch_size: int, accumulation: int) -> None:
    """Writes down that the run in `out` starts after this step (0: at its beginning)."""
    line = {"step": max(0, step), "batch_size": batch_size, "accumulation": accumulation}
    with (out / ATTEMPTS).open("a", encoding="utf-8") as file:
        file.write(json.dumps(line) + "\n")


def read_attempts(out: Path) -> list[dict[str, Any]]:
    """The starts of a run, oldest first; empty for runs from before they were noted. A torn line is left out."""
    try:
        text = (out / ATTEMPTS).read_text("utf-8", "replace")
    except OSError:
        return []
    found = []
    for line in text.splitlines():
        try:
            facts = json.loads(line)
        except ValueError:
            continue
        if isinstance(facts, dict) and isinstance(facts.get("step"), int):
            found.append(facts)
    return found
