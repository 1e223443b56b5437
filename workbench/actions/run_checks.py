"""Run the catalogue of checks over a version, or over a file without any store."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from workbench.checks.advice import count_advice
from workbench.checks.carried import basis_of, carried, places_before
from workbench.checks.check import Findings, catalogue, check_named, with_knobs
from workbench.checks.context import Context
from workbench.checks.run import Result, as_json, left_out, run_catalogue
from workbench.formats.read import read_file
from workbench.known_beside import context_of, context_of_file
from workbench.records import CheckRun, Version
from workbench.rows import Rows
from workbench.settings import Report, no_report
from workbench.sheet import Sheet
from workbench.store import Store, datasets, findings, measured, rulings

Knobs = Mapping[str, Mapping[str, Any]]
LOOKED_BACK = 20  # versions: further back hardly a row is the same


@dataclass(frozen=True)
class Checked:
    """What the checks found on a version; the rows behind it are in `store.findings`.

    about: check -> sentences on the dataset as a whole.
    """

    version: Version
    runs: tuple[CheckRun, ...]
    advice: tuple[str, ...]
    about: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

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
    processes: int | None = None,
) -> Checked:
    """Measures every check (or only those named) on a version and remembers what they found.

    knobs: check name -> {knob: value}. Rows that did not change since a version measured before are not measured again
    by checks that judge rows one by one. What a person ruled not to be a problem is not flagged. Raises NotFound for a
    version or a check that is not there.
    """
    of = datasets.version(store, version)
    rows = datasets.rows_of(store, of)
    context = context_of(store, of, rows)
    given = {
        check_named(name).name: with_knobs(check_named(name), dict(asked)) for name, asked in (knobs or {}).items()
    }
    there = {one.check: one for one in findings.runs(store, of) if only is None and not one.not_run}
    asked = [
        one.name for one in catalogue().values() if not (one.costly and one.name in there and one.name not in given)
    ]
    names = asked if only is None else [check_named(name).name for name in only]
    stay = tuple(run for name, run in there.items() if name not in names)  # costly ones, measured when asked for
    bases = {name: basis_of(check_named(name), given.get(name, check_named(name).knobs), context) for name in names}
    earlier = _earlier(store, of, rows, bases)
    results = _measured(rows, names, only is not None, given, context, earlier, report, processes)
    ruled = rulings.ruled_out(store, of.dataset, rows)
    runs = [_summary(of, one, given.get(one.check.name, {}), ruled.get(one.check.name)) for one in results]
    measured.forget(store, of, names)
    found = [one for one in results if one.findings is not None]
    findings.save(store, of, runs, {one.check.name: _table(one, ruled.get(one.check.name)) for one in found})
    runs = _held_to_rulings(store, of, rows, ruled, runs)
    kept = {one.check.name: (one.findings.about if one.findings else (), bases[one.check.name]) for one in found}
    measured.save(store, of, {name: measured.Measured(*said) for name, said in kept.items()})
    runs = [*runs, *stay]
    return Checked(of, tuple(runs), tuple(count_advice(rows, results=results)), measured.about(store, of, runs))


def _held_to_rulings(
    store: Store, of: Version, rows: Rows, known: Mapping[str, pl.Series], runs: list[CheckRun]
) -> list[CheckRun]:
    """The runs by the rulings as they are after saving: one may have been made, or taken back, since `known` was read.

    A ruling made from now on judges the saved findings itself.
    """
    now, nothing = rulings.ruled_out(store, of.dataset, rows), pl.repeat(False, len(rows), dtype=pl.Boolean, eager=True)
    changed = {
        name: now.get(name, nothing)
        for name in {*known, *now}
        if not now.get(name, nothing).equals(known.get(name, nothing))
    }
    if not changed:
        return runs
    findings.rule(store, of, changed)
    fresh = {run.check: run for run in findings.runs(store, of) if run.check in changed}
    return [fresh.get(run.check, run) for run in runs]


@dataclass(frozen=True)
class Earlier:
    """What a version before knows of these rows. places: (N,) where a row stood in it, null for a changed or new one;
    known: check -> its findings there, for the checks whose numbers still hold."""

    places: pl.Series
    known: Mapping[str, pl.DataFrame]


def _earlier(store: Store, of: Version, rows: Rows, bases: Mapping[str, str]) -> Earlier | None:
    """The nearest version before this one that was measured in the same way, or None.

    Its notes may name other rows by their lines, which is why only checks of single rows are taken over.
    """
    versions = {one.number: one for one in datasets.listed(store, of.dataset)}
    at = versions.get(of.parent) if of.parent is not None else None
    for _ in range(LOOKED_BACK):
        if at is None:
            return None
        same = [
            name
            for name, basis in bases.items()
            if check_named(name).scope == "row" and measured.of_check(store, at, name).basis == basis
        ]
        if same:
            places = places_before(rows, datasets.rows_of(store, at))
            return Earlier(places, {name: findings.of_check(store, at, name) for name in same})
        at = versions.get(at.parent) if at.parent is not None else None
    return None


def _measured(
    rows: Rows,
    names: Sequence[str],
    asked: bool,
    knobs: Knobs,
    context: Context,
    earlier: Earlier | None,
    report: Report,
    processes: int | None,
) -> list[Result]:
    """The results of the named checks; those on unchanged rows are taken over where a version before knows them.

    asked: somebody named them; else costly ones are left out unless they have a knob.
    """
    known = earlier.known if earlier is not None else {}
    left = [] if asked else [name for name in names if check_named(name).costly and name not in knobs]
    rest = [name for name in names if name not in known and name not in left]
    given = {name: dict(knobs[name]) for name in names if name in knobs}
    found = {}
    if earlier is not None:
        changed = rows.keep(earlier.places.is_null())
        for one in run_catalogue(changed, only=list(known), knobs=given, context=context):
            found[one.check.name] = _carried(one, earlier)
    for one in run_catalogue(rows, only=rest, knobs=given, context=context, report=report, processes=processes):
        found[one.check.name] = one
    return [found.get(name) or left_out(check_named(name)) for name in names]


def _carried(one: Result, earlier: Earlier) -> Result:
    if one.findings is None:
        return one
    return replace(one, findings=carried(earlier.places, earlier.known[one.check.name], one.findings))


def check_file(
    path: str | Path,
    *,
    format: str | None = None,
    only: Sequence[str] | None = None,
    knobs: Knobs | None = None,
    limits: Mapping[str, float] | None = None,
    report: Report = no_report,
    sheet: Sheet | None = None,
    benchmark: str | Path | None = None,
    processes: int | None = None,
) -> dict[str, Any]:
    """The findings of a file as a JSON-ready dict, with `row` the zero-based position in the file.

    sheet: what the dataset should be. benchmark: a file whose rows must not stand in this one. Records that cannot be
    read have a position too: they are counted in "rows" and stand under "rejects" with line and reason.
    """
    read = read_file(Path(path), format=format)
    context = context_of_file(sheet, benchmark)
    found = run_catalogue(read.rows, only=only, knobs=knobs, context=context, report=report, processes=processes)
    results = [
        replace(one, findings=one.findings.at(limits[one.check.name]))
        if one.findings is not None and limits and one.check.name in limits
        else one
        for one in found
    ]
    said = as_json(read.rows, results, count_advice(read.rows, results=results))
    place = _places([*read.rows.frame["line"]], [one.line for one in read.rejects])
    for finding in said["findings"]:
        for row in finding["rows"]:
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
            "about": list(checked.about.get(run.check, ())),
            "rows": [
                {**row, "spans": row["spans"] or []}
                for row in flagged.select("row", "measure", "note", "spans").to_dicts()
            ],
        }
        if run.not_run:
            line["not_run"] = run.not_run
        found.append(line)
    return {"rows": checked.version.size, "findings": found, "advice": list(checked.advice)}


def _summary(version: Version, result: Result, knobs: Mapping[str, Any], ruled: pl.Series | None) -> CheckRun:
    found = result.findings
    past = pl.Series([], dtype=pl.Boolean) if found is None else found.flagged
    overruled = 0 if found is None or ruled is None else int((past & ruled).sum())
    return CheckRun(
        version_id=version.id,
        check=result.check.name,
        family=result.check.family,
        severity=result.check.severity,
        edition=result.check.edition,
        knobs={**result.check.knobs, **knobs},
        limit=None if found is None else found.limit,
        side="above" if found is None else found.side,
        flagged=int(past.sum()) - overruled,
        not_run=result.not_run,
        seconds=round(result.seconds, 3),
        measured=0 if found is None else found.measure.len() - found.measure.null_count(),
        ruled=overruled,
    )


def _places_in_rows(found: Findings) -> pl.Series:
    """(N,) the spans of each row, null where there are none."""
    listed = [[list(span) for span in spans] or None for spans in found.spans] or [None] * len(found.measure)
    return pl.Series("spans", listed, dtype=pl.List(pl.List(pl.Int64)))


def _table(result: Result, ruled: pl.Series | None) -> pl.DataFrame:
    """A line per row that has a measure: check, row, measure, note, flagged, spans, ruled."""
    found = result.findings
    assert found is not None
    out = pl.repeat(False, len(found.measure), dtype=pl.Boolean, eager=True) if ruled is None else ruled
    return pl.DataFrame(
        {
            "check": [result.check.name] * len(found.measure),
            "row": range(len(found.measure)),
            "measure": found.measure,
            "note": list(found.note),
            "flagged": found.flagged & ~out,
            "spans": _places_in_rows(found),
            "ruled": out,
        }
    ).filter(pl.col("measure").is_not_null())
