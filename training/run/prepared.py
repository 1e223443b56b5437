"""A run between its attempts: its rows read, divided and encoded, and what it had to change on its own account"""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from training.machine import Machine, machine_for
from training.methods import notes_on
from training.plan import TrainingPlan
from training.run import ranks
from training.run.provenance import differences, provenance_of
from training.run.run_folder import CHECKPOINTS, begin_with
from training.run.split import kept_aside
from training.run.watch import Report
from training.tokens import preflight
from training.tokens.encode import EncodedRow, Encoding, encode
from training.tokens.template import tokenizer_for


@dataclass
class Run:
    """A run between its attempts: what it works on, and what it had to change on its own account."""

    plan: TrainingPlan
    out: Path
    rows: list[EncodedRow]
    validation: list[EncodedRow]
    encoding: Encoding
    machine: Machine
    digest: str
    tokenizer: Any
    report: Report
    batch_size: int
    accumulation: int
    notes: list[str]
    eval_batch: int = 0  # rows evaluated at once; as many as are trained at once unless memory was short
    begun: float = field(default_factory=time.monotonic)
    seconds_loading: float = 0.0
    provenance: dict[str, Any] | None = None

    @property
    def checkpoints(self) -> Path:
        return self.out / CHECKPOINTS

    def remember(self) -> None:
        if ranks.is_first():
            begin_with(
                self.out, self.plan, self.digest, batch_size=self.batch_size, accumulation=self.accumulation,
                eval_batch=self.eval_batch, notes=self.notes,
            )  # fmt: skip

    def note(self, said: str) -> None:
        """Keeps a sentence about what the run does on its own account, once, and tells it."""
        if said not in self.notes:
            self.notes.append(said)
            self.remember()
        self.report(0.0, said)


def prepared(
    plan: TrainingPlan, rows: pl.DataFrame, out: Path, tell: Report, digest: str, before: dict[str, Any], begun: float
) -> Run:
    """Rows read, divided and encoded."""
    tell(0.0, f"reading {rows.height} rows")
    machine = machine_for(plan.precision, plan.quantization)
    tokenizer = tokenizer_for(plan.model)
    encoding = encode(rows, tokenizer, max_length=plan.max_length)
    if not before:  # a run that is begun goes on as it was begun
        preflight.refuse_untrained([(row.row_id, row.reason) for row in encoding.skipped], plan)
    kept = rows.filter(pl.col("row_id").cast(pl.String).is_in([row.row_id for row in encoding.rows]))
    aside = set(kept_aside(kept, share=plan.validation_share, seed=plan.seed))
    batch_size = before.get("batch_size", plan.batch_size)
    ranks.share_of(batch_size)
    return Run(
        plan=plan,
        out=out,
        rows=[row for place, row in enumerate(encoding.rows) if place not in aside],
        validation=[row for place, row in enumerate(encoding.rows) if place in aside],
        encoding=encoding,
        machine=machine,
        digest=digest,
        tokenizer=tokenizer,
        report=tell,
        batch_size=batch_size,
        accumulation=before.get("accumulation", plan.accumulation),
        eval_batch=before.get("eval_batch") or batch_size,
        notes=before.get("notes") or _notes(plan, encoding, len(aside)),
        begun=begun,
    )


def made_from(run: Run, rows: int, model: str | None, earlier: dict[str, Any] | None) -> dict[str, Any]:
    """What the run is made from; of a resumed run what it was begun with, with a note where that has changed."""
    now = provenance_of(
        run.plan,
        data_digest=run.digest,
        rows=rows,
        device=run.machine.name,
        precision=run.machine.precision,
        model_digest=model,
    )
    if earlier is None:
        return now
    changed = differences(earlier, now)
    said = f"resumed under other circumstances, so the last digits may differ: {'; '.join(changed)}"
    if changed and said not in run.notes:
        run.notes.append(said)
    return earlier


def _notes(plan: TrainingPlan, encoding: Encoding, validation_rows: int) -> list[str]:
    notes = notes_on(plan)
    if encoding.cut:
        notes.append(f"{len(encoding.cut)} rows are longer than {plan.max_length} tokens and were cut")
    if encoding.skipped:
        notes.append(f"{len(encoding.skipped)} rows were left out: nothing in them can be trained on")
    notes += [*preflight.notes_on(encoding), *encoding.notes]
    part = sum(row.last_reply_only for row in encoding.rows)
    if part:
        notes.append(f"of {part} rows only the last reply is trained: the chat template changes earlier ones")
    if plan.validation_share and not validation_rows:
        notes.append("no validation rows: there are too few groups to keep one aside, so the last step is taken")
    return notes
