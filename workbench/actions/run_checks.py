"""Run the catalogue of checks over a version, or over a file without any store."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import polars as pl

from workbench.checks.advice import count_advice
from workbench.checks.check import Findings
from workbench.checks.run import Result, as_json, run_catalogue
from workbench.formats.read import read_file
from workbench.records import CheckRun, Version
from workbench.settings import Report, no_report
from workbench.store import Store, datasets, findings

Knobs = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Checked:
    """What the checks found on a version; the rows behind it are in `store.findings`."""

    version: Version
    runs: tuple[CheckRun, ...]
    advice: tuple[str, ...]

    def worst(self) -> str | None:
        """The gravest severity that has findings, or None."""
        found = {run.severity for run in self.runs if run.flagged}
        return next((one for one in ("error", "warning", "info") if one in found), None)


def run_checks(
    store: Store,
    version: str | None = None,
    *,
    only: Sequence[str] | None = None,
    knobs: Knobs | None = None,
    report: Report = no_report,
) -> Checked:
    """Measures every check (or only those named) on a version and remembers what they found.

    knobs: check name -> {knob: value}. Raises NotFound for a version or a check that is not there.
    """
    of = datasets.version(store, version)
    rows = datasets.rows_of(store, of)
    results = run_catalogue(rows, only=only, knobs=knobs, report=report)
    runs = [_summary(of, result, (knobs or {}).get(result.check.name, {})) for result in results]
    findings.save(store, of, runs, {one.check.name: _table(one) for one in results if one.findings is not None})
    return Checked(of, tuple(runs), tuple(count_advice(rows, results=results)))


def check_file(
    path: str | Path,
    *,
    format: str | None = None,
    only: Sequence[str] | None = None,
    knobs: Knobs | None = None,
    limits: Mapping[str, float] | None = None,
    report: Report = no_report,
) -> dict[str, Any]:
    """The findings of a file as a JSON-ready dict, with `row` the zero-based position in the file.

    Records that cannot be read have a position too: they are counted in "rows" and stand under "rejects" with line and
    reason.
    """
    read = read_file(Path(path), format=format)
    results = [
        replace(one, findings=one.findings.at(limits[one.check.name]))
        if one.findings is not None and limits and one.check.name in limits
        else one
        for one in run_catalogue(read.rows, only=only, knobs=knobs, report=report)
    ]
    said = as_json(read.rows, results, count_advice(read.rows, results=results))
    place = _places([*read.rows.frame["line"]], [one.line for one in read.rejects])
    for found in said["findings"]:
        for row in found["rows"]:
            row["row"] = place[row["row"]]
    said["rows"] += len(read.rejects)
    said["rejects"] = [{"line": one.line, "reason": one.reason} for one in read.rejects]
    return said


def _places(lines: Sequence[int], rejected: Sequence[int]) -> list[int]:
    """Where each readable row stands among all records of its file. lines, rejected: line numbers, ascending."""
    return [number + bisect_left(rejected, line) for number, line in enumerate(lines)]


def checked_as_json(store: Store, checked: Checked) -> dict[str, Any]:
    """What was found on a version, in the shape of `check_file`."""
    found = []
    for run in checked.runs:
        flagged = findings.of_check(store, checked.version, run.check).filter("flagged")
        line: dict[str, Any] = {
            "check": run.check,
            "family": run.family,
            "severity": run.severity,
            "flagged": run.flagged,
            "limit": run.limit,
            "rows": [
                {**row, "spans": row["spans"] or []}
                for row in flagged.select("row", "measure", "note", "spans").to_dicts()
            ],
        }
        if run.not_run:
            line["not_run"] = run.not_run
        found.append(line)
    return {"rows": checked.version.size, "findings": found, "advice": list(checked.advice)}


def _summary(version: Version, result: Result, knobs: Mapping[str, Any]) -> CheckRun:
    found = result.findings
    return CheckRun(
        version_id=version.id,
        check=result.check.name,
        family=result.check.family,
        severity=result.check.severity,
        edition=result.check.edition,
        knobs={**result.check.knobs, **knobs},
        limit=None if found is None else found.limit,
        side="above" if found is None else found.side,
        flagged=0 if found is None else int(found.flagged.sum()),
        not_run=result.not_run,
        seconds=round(result.seconds, 3),
        measured=0 if found is None else found.measure.len() - found.measure.null_count(),
    )


def _places_in_rows(found: Findings) -> pl.Series:
    """(N,) the spans of each row, null where there are none."""
    listed = [[list(span) for span in spans] or None for spans in found.spans] or [None] * len(found.measure)
    return pl.Series("spans", listed, dtype=pl.List(pl.List(pl.Int64)))


def _table(result: Result) -> pl.DataFrame:
    """A line per row that has a measure: check, row, measure, note, flagged, spans."""
    found = result.findings
    assert found is not None
    return pl.DataFrame(
        {
            "check": [result.check.name] * len(found.measure),
            "row": range(len(found.measure)),
            "measure": found.measure,
            "note": list(found.note),
            "flagged": found.flagged,
            "spans": _places_in_rows(found),
        }
    ).filter(pl.col("measure").is_not_null())
