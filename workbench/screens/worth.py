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
    """How often a check is right. precision, recall: 0 to 1, None where not measured; on: what it was measured on."""

    precision: float | None
    recall: float | None
    on: str

    @property
    def words(self) -> str:
        """One sentence for a person."""
        if self.precision is None:
            return "How often it is right has not been measured yet."
        found = f" It finds {_of_hundred(self.recall)} such faults." if self.recall is not None else ""
        return f"When it speaks it is right in {_of_hundred(self.precision)} cases.{found}"

    @property
    def short(self) -> str:
        return "" if self.precision is None else f"right in {_of_hundred(self.precision)}"


def _of_hundred(share: float | None) -> str:
    number = 100 * (share or 0)
    # 99.6 of 100 must not read as a promise of never being wrong
    return f"{min(99, round(number)) if number < 100 else 100} of 100"


@cache
def measured() -> Mapping[str, Any]:
    """Check -> what was measured of it, as `benchmarks/` wrote it; {} where nothing was."""
    try:
        found = json.loads(MEASURED.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) else {}


def sureness(check: str) -> Sureness:
    """How often a check is right, as far as that was measured."""
    said = measured().get(check)
    said = said if isinstance(said, dict) else {}
    return Sureness(_share(said.get("precision")), _share(said.get("recall")), str(said.get("on") or ""))


def _share(value: Any) -> float | None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    return float(value) if number and 0 <= value <= 1 else None


def worth(check: Check, flagged: int) -> float:
    """What mending the findings of a check is worth: gravity times sureness times rows, in rows of a sure hint."""
    sure = sureness(check.name).precision
    return GRAVITY[check.severity] * (PROMISED[check.severity] if sure is None else sure) * flagged
