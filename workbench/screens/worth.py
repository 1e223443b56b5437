"""What to look at first: how grave a finding is, how sure its check is, and how many rows it concerns."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import workbench.checks
from workbench.checks.check import Check

MEASURED = Path(workbench.checks.__file__).parent / "measured.json"
# What a wrong row costs, in rows of a hint: an error teaches the model something false, a warning something poor.
GRAVITY = {"error": 10.0, "warning": 3.0, "info": 1.0}
# Where a check's precision was not measured, the least that its severity promises (a hint promises nothing: half).
PROMISED = {"error": 0.97, "warning": 0.85, "info": 0.5}


@dataclass(frozen=True)
class Sureness:
    """How often a check was right when it was measured: `hits` of `flags` were, of `faults` that were there.

    Told as counts, since "right in 8 of 8" says how little "100 %" would rest on. flags 0: it was not measured.
    """

    hits: int = 0
    flags: int = 0
    faults: int = 0

    @property
    def precision(self) -> float | None:
        """Right flags of all flags, 0 to 1; None where there was none."""
        return self.hits / self.flags if self.flags else None

    @property
    def words(self) -> str:
        """One sentence for a person."""
        if not self.flags:
            return "How often it is right has not been measured yet."
        return f"When it was measured, {self.hits:,} of {self.flags:,} flags were right, and it found " + (
            f"{self.hits:,} of {self.faults:,} such faults."
        )

    @property
    def short(self) -> str:
        return f"{self.hits:,} of {self.flags:,} flags right" if self.flags else ""


@cache
def measured() -> Mapping[str, Any]:
    """Check -> what was measured of it, as `benchmarks/` wrote it; {} where nothing was."""
    try:
        found = json.loads(MEASURED.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def sureness(check: str) -> Sureness:
    """How often a check is right, as far as that was measured: planted faults and real truths together."""
    said = measured().get(check)
    truths = said.get("truths") if isinstance(said, dict) else None
    lines = [one for one in truths if isinstance(one, dict)] if isinstance(truths, list) else []
    return Sureness(*(sum(_count(one.get(part)) for one in lines) for part in ("hits", "flagged", "true")))


def _count(value: Any) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else 0


def worth(check: Check, flagged: int) -> float:
    """What mending the findings of a check is worth: gravity times sureness times rows, in rows of a sure hint."""
    sure = sureness(check.name).precision
    return GRAVITY[check.severity] * (PROMISED[check.severity] if sure is None else sure) * flagged
