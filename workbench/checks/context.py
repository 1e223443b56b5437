"""What a check may know beside the rows: the dataset's sheet, golden, a benchmark, a tuned model's losses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from workbench.rows import Rows
from workbench.sheet import Sheet


@dataclass(frozen=True)
class Context:
    """Everything outside the rows; whatever is not there is None or empty, and a check that needs it raises NotRun.

    sheet: what the user declared. golden: all frozen golden rows. benchmark: rows of the user's benchmark file, and its
    name. losses: row id -> nats per token of the reply under the user's own tuned model, and the name of that run.
    """

    sheet: Sheet = field(default_factory=Sheet)
    golden: Rows | None = None
    benchmark: Rows | None = None
    benchmark_name: str = ""
    losses: Mapping[str, float] = field(default_factory=dict)
    losses_of: str = ""
