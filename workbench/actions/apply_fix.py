"""Apply a fix to the rows that need it: preview first, then a new version."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from workbench import history
from workbench.checks.context import Context
from workbench.diff import Diff, diff
from workbench.errors import BadInput, Refused
from workbench.fixes.fix import Fix, fix_named
from workbench.records import Version
from workbench.rows import Rows
from workbench.store import Store, datasets
from workbench.store.sheets import sheet_of
from workbench.where import flagged_by, named_rows
from workbench.where import rows_where as chosen_rows

# An unsafe fix that touches a larger share of the rows asks first. Cleaning Alpaca with a model, unconfirmed, raised
# its refusals from .18 to 1.5 % without anybody noticing.
ASK_FROM = 0.01


@dataclass(frozen=True)
class Fixed:
    """What a fix did or would do. chosen: rows it looked at; after: the new version, None for a preview.

    asks: it wants `confirm=True`, being unsafe and touching more than 1 % of the rows. carried_over: others had made a
    newer version and left these rows alone, so the change was made on that one; by: who.
    """

    fix: str
    before: Version
    difference: Diff
    after: Version | None
    chosen: int
    asks: bool = False
    carried_over: bool = False
    by: tuple[str, ...] = ()


@dataclass(frozen=True)
class Affected:
    """What a fix would touch, for a button: "12 of 5,000 rows change, 3 go". chosen: rows it looks at."""

    fix: str
    safe: bool
    asks: bool
    chosen: int
    changed: int
    removed: int
    added: int
    of: int


def apply_fix(
    store: Store,
    fix: str,
    *,
    version: str | None = None,
    where: str = "",
    why: str = "",
    preview: bool = False,
    confirm: bool = False,
) -> Fixed:
    """Runs a fix and remembers the result as the next version; with `preview` only shows what would change.

    where: which rows to act on. "" means those that the checks flag which the fix mends; else terms joined by commas,
    all of which must hold; see `workbench.where`. confirm: needed for an unsafe fix that touches more than 1 % of the
    rows, unless `where` names each row. Raises BadInput for a term that there is not, Refused (with the counts) when
    nothing would change, no row would be left or it was not confirmed, and Conflict when somebody else changed one of
    the rows after `version`.
    """
    chosen_fix = fix_named(fix)
    before = datasets.version(store, version)
    rows = datasets.rows_of(store, before)
    mask = rows_where(store, before, rows, chosen_fix, where)
    fixed = chosen_fix.mended(rows, mask, Context(sheet=sheet_of(store, before.dataset)))
    difference = diff(rows, fixed)
    asks = _asks(chosen_fix, where, difference, len(rows))
    if preview:
        return Fixed(fix, before, difference, None, int(mask.sum()), asks)
    if not difference:
        raise Refused(f"{fix} finds nothing to change in {before.label}: no new version was made.")
    if len(fixed) == 0:
        raise Refused(f"{fix} would leave {before.label} without any row: no new version was made.")
    if asks and not confirm:
        raise Refused(
            f"{fix} would touch {_touched(difference):,} of {len(rows):,} rows of {before.label} "
            f"({difference.summary}), and it is not safe to apply unread. Look at the preview, then confirm it "
            "(--yes); or apply it row by row with --where row=ID."
        )
    settings = {"fix": fix, "where": where, "chosen": int(mask.sum())}
    landed = history.land(store, before, rows, fixed, verb=f"fix {fix}", settings=settings, why=why)
    return Fixed(
        fix, landed.on, landed.difference, landed.version, int(mask.sum()), asks, landed.carried_over, landed.by
    )


def rows_affected(store: Store, fix: str, where: str = "", *, version: str | None = None) -> Affected:
    """How many rows a fix would change, take out and add, without doing it; `where` as in `apply_fix`."""
    seen = apply_fix(store, fix, version=version, where=where, preview=True)
    counts = seen.difference.counts
    return Affected(
        fix, fix_named(fix).safe, seen.asks, seen.chosen, counts["changed"], counts["removed"], counts["added"],
        seen.before.size,
    )  # fmt: skip


def rows_where(store: Store, version: Version, rows: Rows, fix: Fix, where: str) -> pl.Series:
    """(N,) True for the rows that `where` means; "" means those flagged by the checks that the fix mends."""
    if where.strip():
        return chosen_rows(store, version, rows, where)
    if not fix.mends:
        raise BadInput(f"{fix.name} needs to be told which rows: give --where, for instance --where check=refusal.")
    return flagged_by(store, version, rows, list(fix.mends))


def _touched(difference: Diff) -> int:
    return len(difference.changed) + len(difference.removed) + len(difference.added)


def _asks(fix: Fix, where: str, difference: Diff, size: int) -> bool:
    return not fix.safe and not named_rows(where) and _touched(difference) > max(1, ASK_FROM * size)
