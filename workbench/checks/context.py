"""What a check may know beside the rows: the dataset's sheet, golden, a benchmark, a tuned model's losses."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from workbench.rows import Rows
from workbench.sheet import Sheet


@dataclass(frozen=True)
class Context:
    """Everything outside the rows; whatever is not there is None or empty, and a check that needs it raises NotRun.

    sheet: what the user declared. golden: all frozen golden rows; sealed: the ids of those whose text no note may tell,
    since nobody is to read them. benchmark: rows of the user's benchmark file, its name, and why it could not be read,
    where it could not. losses: row id -> nats per token of the reply under the user's own tuned model, and the name of
    that run.
    """

    sheet: Sheet = field(default_factory=Sheet)
    golden: Rows | None = None
    sealed: frozenset[str] = frozenset()
    benchmark: Rows | None = None
    benchmark_name: str = ""
    benchmark_problem: str = ""
    losses: Mapping[str, float] = field(default_factory=dict)
    losses_of: str = ""

    @cached_property
    def digest(self) -> str:
        """What tells this context from another: measures taken in equal contexts are alike."""
        parts = [
            self.sheet.model_dump_json(),
            self.golden.digest if self.golden is not None else "",
            *sorted(self.sealed),
            self.benchmark.digest if self.benchmark is not None else "",
            self.benchmark_name,
            self.benchmark_problem,
            json.dumps(sorted(self.losses.items())),
            self.losses_of,
        ]
        return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()
