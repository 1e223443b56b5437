"""What differs between two runs: knobs, rows, golden, model, code, the doctor's words, and what can be compared."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import polars as pl

from training.doctor import Finding, diagnose
from training.result import read_metrics
from training.run.attempts import read_attempts
from workbench.diff import Diff, diff
from workbench.errors import BadInput
from workbench.records import Evaluation, Run
from workbench.reports.run_table import Column, columns_of, facts_of, git_words, text_of, validation_side
from workbench.reports.tables import table
from workbench.rows import Rows
from workbench.store import Store, datasets, evaluations, goldens, runs

Line = tuple[str, str, str]
RESULTS = ("state", "steps", "kept", "ended", "loss", "validation", "seconds", "memory", "kwh")
VERSIONS_SHOWN = 12  # libraries whose versions differ
MOST_LETTERS = 40  # of a hash or a device's name


@dataclass(frozen=True)
class RunsCompared:
    """Two runs side by side; every line is (what, of a, of b) as a person reads it.

    knobs: those that differ; origins: dataset version, golden, model, code; results: what came out. rows: what each was
    trained on, None where the datasets differ or the rows are gone; sealed: rows left out of it since they are sealed
    by now. findings: what the doctor says of each. evaluations: ids of two evaluations on the same golden rows, to be
    compared row by row, None with the reason in notes. notes: what can and cannot be concluded.
    """

    a: Run
    b: Run
    knobs: tuple[Line, ...]
    origins: tuple[Line, ...]
    results: tuple[Line, ...]
    rows: Diff | None
    sealed: int
    findings: tuple[tuple[Finding, ...], tuple[Finding, ...]]
    evaluations: tuple[int, int] | None
    notes: tuple[str, ...]

    @property
    def rows_said(self) -> str:
        """What happened to the rows from a to b, in a sentence."""
        if self.rows is None:
            return "The rows of the two cannot be held against each other."
        if not self.rows:
            return "Both were trained on the very same rows."
        return (
            f"Trained on by run {self.b.id} only: {len(self.rows.added):,} rows; by run {self.a.id} only: "
            f"{len(self.rows.removed):,}; changed in between: {len(self.rows.changed):,}."
        )

    @property
    def lines(self) -> tuple[str, ...]:
        """All of it as lines of text."""
        head = ("", f"run {self.a.id}", f"run {self.b.id}")
        told = [*table(head, [*self.origins, *self.knobs, *self.results]).split("\n"), self.rows_said]
        for run, found in zip((self.a, self.b), self.findings, strict=True):
            told += [f"run {run.id}: {one.text}" for one in found] or [f"run {run.id}: the curve shows nothing wrong."]
        return (*told, *self.notes)


def compare_runs(store: Store, a: int, b: int) -> RunsCompared:
    """Everything that differs between two runs. Raises NotFound, and BadInput for a run and itself."""
    if a == b:
        raise BadInput(f"Run {a} cannot be compared with itself. Choose two different runs.")
    first, second = runs.get(store, a), runs.get(store, b)
    columns = columns_of((first.plan, second.plan))
    facts = [facts_of(run, state="trained" if run.result else "not finished") for run in (first, second)]
    knobs = [one for one in columns if one.kind == "knob" and facts[0].get(one.key) != facts[1].get(one.key)]
    rows, sealed = _trained_on(store, first, second)
    pair, why_not = _evaluated(store, first, second)
    return RunsCompared(
        first,
        second,
        tuple(_line(one, facts) for one in knobs),
        tuple(_origins(facts, first, second)),
        tuple(_line(one, facts) for one in columns if one.key in RESULTS),
        rows,
        sealed,
        (_doctor(store, first), _doctor(store, second)),
        pair,
        tuple(
            filter(None, (_golden_note(first, second), _loss_note(facts), *_batch_notes(store, first, second), why_not))
        ),
    )


def _line(column: Column, facts: list[dict[str, Any]]) -> Line:
    return column.title, text_of(column, facts[0]), text_of(column, facts[1])


def _origins(facts: list[dict[str, Any]], a: Run, b: Run) -> list[Line]:
    """Where both come from: always the data and golden; hashes, code and libraries where they differ."""
    lines: list[Line] = [("trained on", a.version, b.version), ("golden", a.golden, b.golden)]
    if (a.stage, a.parent_id) != (b.stage, b.parent_id):
        lines.append(("stage", _stage(a), _stage(b)))
    known = [one.provenance or {} for one in (a, b)]
    for title, key in (("data hash", "data_hash"), ("model hash", "model_hash"), ("device", "device"),
                       ("precision", "used_precision"), ("threads", "threads"), ("goldloop", "goldloop")):  # fmt: skip
        if facts[0].get(key) != facts[1].get(key):
            said = [str(one.get(key) or "–")[:MOST_LETTERS] for one in facts]
            lines.append((title, said[0], said[1]))
    code = [git_words(one) for one in known]
    if code[0] != code[1]:
        lines.append(("code", code[0] or "–", code[1] or "–"))
    versions: list[Mapping[str, str]] = [one.get("versions") or {} for one in known]
    apart = [name for name in sorted({*versions[0], *versions[1]}) if versions[0].get(name) != versions[1].get(name)]
    return lines + [
        (name, versions[0].get(name) or "–", versions[1].get(name) or "–") for name in apart[:VERSIONS_SHOWN]
    ]


def _stage(run: Run) -> str:
    return f"{run.stage} on run {run.parent_id}" if run.parent_id else run.stage


def _trained_on(store: Store, a: Run, b: Run) -> tuple[Diff | None, int]:
    """How the rows that were really trained on differ, and how many stay unsaid since they are sealed by now."""
    if a.dataset != b.dataset:
        return None, 0
    both = [_rows_of(store, run) for run in (a, b)]
    shown = [goldens.unsealed(store, a.dataset, rows) for rows in both]
    return diff(*shown), sum(map(len, both)) - sum(map(len, shown))


def _rows_of(store: Store, run: Run) -> Rows:
    """The rows of a run's version that it was given; a study gives an arm a part of them."""
    rows = datasets.rows_of(store, datasets.by_id(store, run.version_id))
    try:
        given = pl.read_parquet(runs.folder(store, run.id) / "rows.parquet", columns=["row_id"])["row_id"]
    except (OSError, pl.exceptions.PolarsError):  # swept away: the version is what is left
        return rows
    return rows.having(given.cast(pl.String).to_list())


def _doctor(store: Store, run: Run) -> tuple[Finding, ...]:
    return tuple(diagnose(read_metrics(runs.folder(store, run.id)), plan=run.plan, result=run.result))


def _evaluated(store: Store, a: Run, b: Run) -> tuple[tuple[int, int] | None, str]:
    """The newest evaluations of both on the same golden rows, or why there are none."""
    found = [[one for one in evaluations.listed(store, finished=True) if one.run_id == run.id] for run in (a, b)]
    missing = [run.id for run, had in zip((a, b), found, strict=True) if not had]
    if missing:
        ways = " and ".join(f"goldloop evaluate {one}" for one in missing)
        said = " and ".join(f"Run {one}" for one in missing)
        return None, f"{said} {'is' if len(missing) == 1 else 'are'} not evaluated yet: {ways}"
    for one in found[0]:
        for other in found[1]:
            if _place(store, one) == _place(store, other):
                return (one.id, other.id), ""
    return None, (
        f"No evaluation of run {a.id} stands on the golden rows of one of run {b.id}, so their scores are not set "
        "side by side. Evaluate both on one golden version."
    )


def _place(store: Store, one: Evaluation) -> tuple[str, str]:
    """The golden rows that an evaluation stands on; the dev part only."""
    part = (one.summary or {}).get("part", "dev")
    return goldens.by_id(store, one.golden_id).digest, part if part == "dev" else f"sealed {one.id}"


def _golden_note(a: Run, b: Run) -> str:
    if a.golden_id == b.golden_id:
        return ""
    return f"Run {a.id} was held against {a.golden}, run {b.id} against {b.golden}: scores on the two are never joined."


def _loss_note(facts: list[dict[str, Any]]) -> str:
    if any(one["validation"] is None for one in facts):
        return ""
    if validation_side(facts[0]) == validation_side(facts[1]):
        return "Both kept the same rows aside, so their validation losses can be compared."
    return (
        "Their validation rows, or the tokens these are counted in, differ, so the losses cannot be compared; evaluate "
        "both on one golden set."
    )


def _batch_notes(store: Store, a: Run, b: Run) -> list[str]:
    """Runs that had to take smaller batches than their plan says."""
    said = []
    for run in (a, b):
        sizes = [one.get("batch_size") for one in read_attempts(runs.folder(store, run.id))]
        if sizes and sizes[-1] != sizes[0]:
            said.append(
                f"Run {run.id} ran out of memory and went on with batches of {sizes[-1]} instead of {sizes[0]}."
            )
    return said
