"""Apply a fix to the rows that need it: preview first, then a new version."""

from __future__ import annotations

import re
from dataclasses import dataclass

import polars as pl

from workbench import history
from workbench.checks.run import run_catalogue
from workbench.diff import Diff, diff
from workbench.errors import BadInput, Refused
from workbench.fixes.fix import Fix, fix_named
from workbench.records import Version
from workbench.rows import Rows
from workbench.store import Store, datasets, findings

TERM = re.compile(r"(?P<key>check|tag|row|text)(?P<sign>[=~])(?P<value>.+)", re.S)


@dataclass(frozen=True)
class Fixed:
    """What a fix did or would do. chosen: rows it looked at; after: the new version, None for a preview."""

    fix: str
    before: Version
    difference: Diff
    after: Version | None
    chosen: int


def apply_fix(
    store: Store, fix: str, *, version: str | None = None, where: str = "", why: str = "", preview: bool = False
) -> Fixed:
    """Runs a fix and remembers the result as the next version; with `preview` only shows what would change.

    where: which rows to act on. "" means those that the checks flag which the fix mends; else terms joined by commas,
    all of which must hold: check=NAME, tag=TEXT, row=ID, text~PATTERN (a regular expression), or the word all. Raises
    BadInput for a term that is none of these, and Refused when nothing would change.
    """
    chosen_fix = fix_named(fix)
    before = datasets.version(store, version)
    rows = datasets.rows_of(store, before)
    mask = rows_where(store, before, rows, chosen_fix, where)
    fixed = chosen_fix.run(rows, mask)
    difference = diff(rows, fixed)
    if preview:
        return Fixed(fix, before, difference, None, int(mask.sum()))
    if fixed.digest == rows.digest:
        raise Refused(f"{fix} finds nothing to change in {before.label}: no new version was made.")
    if len(fixed) == 0:
        raise Refused(f"{fix} would leave {before.label} without any row: no new version was made.")
    settings = {"fix": fix, "where": where, "chosen": int(mask.sum())}
    after, difference = history.commit(store, before, fixed, verb=f"fix {fix}", settings=settings, why=why)
    return Fixed(fix, before, difference, after, int(mask.sum()))


def rows_where(store: Store, version: Version, rows: Rows, fix: Fix, where: str) -> pl.Series:
    """(N,) True for the rows that `where` means; see `apply_fix`."""
    if not where.strip():
        if not fix.mends:
            raise BadInput(f"{fix.name} needs to be told which rows: give --where, for instance --where check=refusal.")
        return _flagged_by(store, version, rows, list(fix.mends))
    mask = pl.Series([True] * len(rows), dtype=pl.Boolean)
    for term in _terms(where):
        mask &= _holds(store, version, rows, term)
    return mask


def _terms(where: str) -> list[str]:
    """The terms of a filter; a pattern after text~ may itself hold commas and therefore stands last."""
    head, found, pattern = where.partition("text~")
    terms = [term.strip() for term in head.split(",") if term.strip()]
    return [*terms, f"text~{pattern}"] if found else terms


def _holds(store: Store, version: Version, rows: Rows, term: str) -> pl.Series:
    if term == "all":
        return pl.Series([True] * len(rows), dtype=pl.Boolean)
    match = TERM.fullmatch(term)
    if match is None or (match["key"] == "text") != (match["sign"] == "~"):
        raise BadInput(
            f'"{term}" is no filter. Use check=NAME, tag=TEXT, row=ID, text~PATTERN or all, joined by commas.'
        )
    value = match["value"].strip()
    if match["key"] == "check":
        return _flagged_by(store, version, rows, [value])
    if match["key"] == "tag":
        return pl.Series([value in tags for tags in rows.tags], dtype=pl.Boolean)
    if match["key"] == "row":
        wanted = set(value.split("+"))
        if unknown := wanted - set(rows.row_id):
            raise BadInput(f"{version.label} has no row {', '.join(sorted(unknown))}.")
        return pl.Series([row_id in wanted for row_id in rows.row_id], dtype=pl.Boolean)
    try:
        pattern = re.compile(value)
    except re.error as error:
        raise BadInput(f'"{value}" is no regular expression: {error}.') from None
    return pl.Series([bool(pattern.search(text)) for text in rows.text], dtype=pl.Boolean)


def _flagged_by(store: Store, version: Version, rows: Rows, checks: list[str]) -> pl.Series:
    """(N,) True where one of the checks flags the row: as measured before on this version, else measured now."""
    known = {run.check for run in findings.runs(store, version) if not run.not_run}
    mask = pl.Series([False] * len(rows), dtype=pl.Boolean)
    measured = findings.flagged(store, version, [name for name in checks if name in known])
    if measured.height:
        mask = mask.scatter(measured["row"].unique().to_list(), True)
    missing = [name for name in checks if name not in known]
    if missing:
        for result in run_catalogue(rows, only=missing):
            if result.findings is not None:
                mask |= result.findings.flagged
            elif len(checks) == 1:
                raise BadInput(f"The check {result.check.name} could not run: {result.not_run}")
    return mask
