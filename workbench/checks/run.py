"""Runs the catalogue over rows; a check that cannot run here, or breaks, takes none of the others with it."""

from __future__ import annotations

import math
import os
import time
from collections.abc import Callable, Mapping, Sequence, Sized
from dataclasses import dataclass
from typing import Any

import polars as pl

from workbench.checks.check import Check, Findings, catalogue, check_named, with_knobs
from workbench.checks.context import Context
from workbench.errors import NotRun
from workbench.rows import Rows

Report = Callable[[float, str], None]
DIGITS = 6  # of a measure or limit in JSON
WORTH_SPREADING = 20_000  # rows: below, a second process takes longer to start than it saves
MOST_PROCESSES = 4  # each holds the rows: with more, memory runs out before time does


@dataclass(frozen=True)
class Result:
    """What one check said of the rows: findings, or why there are none (`not_run`); and the seconds it took."""

    check: Check
    findings: Findings | None
    not_run: str
    seconds: float

    @property
    def flagged(self) -> int:
        """How many rows it flagged; 0 when it did not run."""
        return 0 if self.findings is None else int(self.findings.flagged.sum())


LEFT_OUT = "It takes minutes, so it runs only when it is asked for: goldloop check --only {name}"


def run_catalogue(
    rows: Rows,
    *,
    only: Sequence[str] | None = None,
    knobs: Mapping[str, Mapping[str, Any]] | None = None,
    context: Context | None = None,
    report: Report | None = None,
    processes: int | None = None,
) -> list[Result]:
    """One result a check, in the order of the catalogue (or of `only`).

    knobs: settings by name of the check; a costly check runs only when it is named in `only` or has a knob there.
    report(done 0..1, line) is called before each check and may raise to stop. processes: over how many the work is
    spread, by default one below 20,000 rows and one a core, at most four, above; the results are the same.
    Raises NotFound for a check that does not exist and BadInput for a knob that it does not have.
    """
    chosen = list(catalogue().values()) if only is None else [check_named(name) for name in only]
    given = knobs or {}
    settings = {check_named(name).name: with_knobs(check_named(name), dict(asked)) for name, asked in given.items()}
    run = [check for check in chosen if only is not None or not check.costly or check.name in settings]
    spread = fitting_processes(len(rows)) if processes is None else max(1, processes)
    if spread > 1 and run:
        from workbench.checks.spread import run_spread  # it imports this module

        found = {one.check.name: one for one in run_spread(rows, run, settings, context, spread, report)}
    else:
        found = _run_here(rows, run, settings, context, report)
    if report:
        report(1.0, f"{len(run)} checks done")
    return [found.get(one.name) or left_out(one) for one in chosen]


def left_out(check: Check) -> Result:
    """The result of a costly check that nobody asked for."""
    return Result(check, None, LEFT_OUT.format(name=check.name), 0.0)


def fitting_processes(rows: int) -> int:
    """Over how many processes checking so many rows is worth its start: one, or one a core, at most four."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return 1 if rows < WORTH_SPREADING else min(cores, MOST_PROCESSES)


def _run_here(
    rows: Rows,
    run: Sequence[Check],
    settings: Mapping[str, Mapping[str, Any]],
    context: Context | None,
    report: Report | None,
) -> dict[str, Result]:
    found = {}
    for number, check in enumerate(run):
        if report:
            report(number / len(run), f"Checking: {check.title}")
        found[check.name] = run_one(check, rows, context, settings.get(check.name, {}))
    return found


def run_one(check: Check, rows: Rows, context: Context | None, settings: Mapping[str, Any]) -> Result:
    """What one check says of the rows, or why it says nothing."""
    began = time.perf_counter()
    findings: Findings | None = None
    reason = ""
    try:
        measured = check.measured(rows, context, **settings)
        if len(measured.measure) == len(rows):
            findings = measured
        else:
            reason = f"it measured {len(measured.measure)} of {len(rows)} rows"
    except NotRun as error:
        reason = str(error)
    except Exception as error:  # one input must not hide what the other checks have to say
        reason = f"it broke on this input ({type(error).__name__}: {error})"
    return Result(check, findings, reason, time.perf_counter() - began)


def flagged_by(rows: Rows, names: Sequence[str]) -> pl.Series:
    """(N,) True where any of the named checks flags the row; a check that did not run flags nothing."""
    mask = pl.repeat(False, len(rows), dtype=pl.Boolean, eager=True)
    for result in run_catalogue(rows, only=names):
        if result.findings is not None:
            mask = mask | result.findings.flagged
    return mask.alias("flagged")


def as_json(rows: Sized, results: Sequence[Result], advice: Sequence[str]) -> dict[str, Any]:
    """What `goldloop check --json` prints; `row` is the zero-based position of a flagged row.

    `spans` are the places that the note speaks of, as [turn, first character, one past the last], counted from 0;
    `about` says what is true of the dataset as a whole.
    """
    return {"rows": len(rows), "findings": [_as_json(result) for result in results], "advice": list(advice)}


def _as_json(result: Result) -> dict[str, Any]:
    check, findings = result.check, result.findings
    entry: dict[str, Any] = {
        "check": check.name,
        "family": check.family,
        "severity": check.severity,
        "flagged": result.flagged,
        "limit": None,
        "about": [],
        "rows": [],
    }
    if findings is None:
        return {**entry, "not_run": result.not_run}
    entry["limit"] = _number(findings.limit)
    entry["about"] = list(findings.about)
    entry["rows"] = [
        {
            "row": row,
            "measure": _number(findings.measure[row]),
            "note": findings.note[row],
            "spans": [list(span) for span in findings.spans[row]] if findings.spans else [],
        }
        for row in findings.flagged.arg_true().to_list()
    ]
    return entry


def _number(value: float | None) -> float | None:
    """Rounded for JSON, which knows no infinity."""
    return round(value, DIGITS) if value is not None and math.isfinite(value) else None
