"""Which rows somebody means: the filters that fixes, queues and rulings share."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence

import polars as pl

from workbench.checks.check import SEVERITIES, catalogue, check_named
from workbench.checks.run import run_catalogue
from workbench.errors import BadInput
from workbench.known_beside import context_of
from workbench.records import Version
from workbench.rows import Rows
from workbench.store import Store, datasets, findings, rulings

TERM = re.compile(r"(?P<key>check|severity|tag|row|text)(?P<sign>[=~])(?P<value>.+)", re.S)


def rows_where(store: Store, version: Version, rows: Rows, where: str) -> pl.Series:
    """(N,) True for the rows that `where` means: terms joined by commas, all of which must hold.

    The terms are check=NAME, severity=error (or warning, info), tag=TEXT, row=ID (several joined by +), text~PATTERN (a
    regular expression, last), and the words flagged (by any check that was run) and all. Raises BadInput for any other.
    """
    mask = pl.repeat(True, len(rows), dtype=pl.Boolean, eager=True)
    for term in _terms(where):
        mask &= _holds(store, version, rows, term)
    return mask


def named_rows(where: str) -> bool:
    """True when a filter names every row that it means, as somebody does who has looked at each."""
    return any(term.startswith("row=") for term in _terms(where))


def _terms(where: str) -> list[str]:
    """The terms of a filter; a pattern after text~ may itself hold commas and therefore stands last."""
    head, found, pattern = where.partition("text~")
    terms = [term.strip() for term in head.split(",") if term.strip()]
    return [*terms, f"text~{pattern}"] if found else terms


def _holds(store: Store, version: Version, rows: Rows, term: str) -> pl.Series:
    if term == "all":
        return pl.repeat(True, len(rows), dtype=pl.Boolean, eager=True)
    if term == "flagged":
        return flagged_by(store, version, rows, _checked(store, version, SEVERITIES))
    match = TERM.fullmatch(term)
    if match is None or (match["key"] == "text") != (match["sign"] == "~"):
        raise BadInput(
            f'"{term}" is no filter. Use check=NAME, severity=error, tag=TEXT, row=ID, text~PATTERN, flagged or all, '
            "joined by commas."
        )
    value = match["value"].strip()
    if match["key"] == "check":
        return flagged_by(store, version, rows, [value])
    if match["key"] == "severity":
        if value not in SEVERITIES:
            raise BadInput(f'"{value}" is no severity. They are: {", ".join(SEVERITIES)}.')
        return flagged_by(store, version, rows, _checked(store, version, [value]))
    if match["key"] == "tag":
        return rows.frame["tags"].list.contains(value).fill_null(False)
    if match["key"] == "row":
        wanted = value.split("+")
        mask = rows.frame["row_id"].is_in(wanted)
        if unknown := set(wanted) - set(rows.frame["row_id"].filter(mask)):
            raise BadInput(f"{version.label} has no row {', '.join(sorted(unknown))}.")
        return mask
    try:
        pattern = re.compile(value)
    except re.error as error:
        raise BadInput(f'"{value}" is no regular expression: {error}.') from None
    return pl.Series([bool(pattern.search(text)) for text in rows.text], dtype=pl.Boolean)


def flagged_rows(
    store: Store, reference: str | None, severities: Collection[str], *, but: Collection[str] = ()
) -> list[str]:
    """The ids of the rows of a version with an open finding of one of the severities; none for no severity.

    but: families of checks that do not count. Raises BadInput where no such check was ever run on the dataset.
    """
    if not severities:
        return []
    version = datasets.version(store, reference)
    checked = _checked(store, version, severities, but)
    if not checked:
        raise BadInput(f"No check was run on {version.dataset} yet, so nobody knows which rows are clean. Run: "
                       f"goldloop check {version.label}")  # fmt: skip
    rows = datasets.rows_of(store, version)
    return list(rows.keep(flagged_by(store, version, rows, checked)).row_id)


def _checked(store: Store, version: Version, severities: Collection[str], but: Collection[str] = ()) -> list[str]:
    """The checks of these severities that were run on the dataset."""
    names = [one.name for one in catalogue().values() if one.severity in severities and one.family not in but]
    return list(findings.last_runs(store, version.dataset, names))


def flagged_by(store: Store, version: Version, rows: Rows, checks: Sequence[str]) -> pl.Series:
    """(N,) True where one of the checks flags the row: as measured before on this version, else measured now.

    What is measured now is held to the knobs and the limit that the dataset was last checked with, and to the rulings.
    """
    names = [check_named(name).name for name in checks]
    known = {run.check for run in findings.runs(store, version) if not run.not_run}
    mask = pl.repeat(False, len(rows), dtype=pl.Boolean, eager=True)
    measured = findings.flagged(store, version, [name for name in names if name in known])
    if measured.height:
        mask = mask.scatter(measured["row"].unique().to_list(), True)
    missing = [name for name in names if name not in known]
    if not missing:
        return mask
    before = findings.last_runs(store, version.dataset, missing)
    knobs = {name: {knob: run.knobs[knob] for knob in check_named(name).knobs if knob in run.knobs}
             for name, run in before.items()}  # fmt: skip
    ruled = rulings.ruled_out(store, version.dataset, rows)
    for result in run_catalogue(rows, only=missing, knobs=knobs, context=context_of(store, version, rows)):
        name, found = result.check.name, result.findings
        if found is None:
            if len(checks) == 1:
                raise BadInput(f"The check {name} could not run: {result.not_run}")
            continue
        limit = before[name].limit if name in before else None
        flagged = found.flagged if limit is None else found.at(limit).flagged
        mask |= flagged & ~ruled[name] if name in ruled else flagged
    return mask
