"""A fix that must not act unread: its proposals row by row, and those that a person accepted as versions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import polars as pl

from workbench.checks.check import catalogue
from workbench.checks.context import Context
from workbench.diff import Diff, diff
from workbench.errors import BadInput, GoldloopError
from workbench.fixes.fix import Fix
from workbench.fixes.fix import catalogue as fix_catalogue
from workbench.records import Version
from workbench.screens.differences import difference_rows
from workbench.screens.escape import plural
from workbench.store import Store, datasets, sheets
from workbench.store.row_index import flags_of, rows_at

BATCH = 20  # proposals fetched at a time
MOST_ACCEPTED = 5_000  # row ids of one acceptance
MOST_REASON = 500


def wanted(store: Store, event: Mapping[str, Any]) -> tuple[Fix, str, Version]:
    """The fix, the check and the version that a button means; the version is the one that the person saw."""
    fix, check, label = event.get("fix"), event.get("check"), event.get("version")
    if fix not in fix_catalogue() or check not in catalogue() or not isinstance(label, str) or not label:
        raise BadInput("That is no fix. Reload the page and try again.")
    return fix_catalogue()[str(fix)], str(check), datasets.version(store, label)


def proposals(store: Store) -> Any:
    """A server function: what a fix would do to the flagged rows from number `from` on, some rows at a time."""

    def proposals(payload: Any) -> dict[str, Any]:
        try:
            event = payload if isinstance(payload, dict) else {}
            fix, check, version = wanted(store, event)
            first = event.get("from")
            if type(first) is not int or first < 0:
                raise BadInput("That is no place in the list. Reload the page and try again.")
            return proposed(store, fix, check, version, first)
        except GoldloopError as error:
            return {"error": str(error)}

    return proposals


def proposed(store: Store, fix: Fix, check: str, version: Version, first: int) -> dict[str, Any]:
    """`rows`: differences as plain values; `next`: where to go on, None at the end; `of`: how many rows are flagged."""
    flagged = flags_of(store, version).of_check(check)
    places = flagged["place"].to_list()
    part = places[first : first + BATCH]
    change = _change(store, fix, check, version, part)
    notes = dict(flagged.select("place", "note").iter_rows())
    rows = difference_rows(change, BATCH)
    ids = dict(zip(rows_at(store, version, part).row_id, part, strict=True)) if part else {}
    for one in rows:
        place = ids.get(one["id"])
        one["number"], one["note"] = (place or 0) + 1, notes.get(place) or ""
    after = first + BATCH
    return {"rows": rows, "next": after if after < len(places) else None, "of": len(places), "at": first}


def _change(store: Store, fix: Fix, check: str, version: Version, places: list[int]) -> Diff:
    part = rows_at(store, version, places)
    if catalogue()[check].scope == "row":
        everywhere = pl.repeat(True, len(part), dtype=pl.Boolean, eager=True)
        return diff(part, fix.mended(part, everywhere, Context(sheet=sheets.sheet_of(store, version.dataset))))
    # a fix for what only all rows together show has to see them all
    from workbench.actions.apply_fix import apply_fix

    whole = apply_fix(store, fix.name, version=version.label, where=f"check={check}", preview=True).difference
    here = set(part.row_id)
    return Diff(
        added=(),
        removed=tuple(one for one in whole.removed if one in here),
        changed=tuple(one for one in whole.changed if one in here),
        before=whole.before.having(here),
        after=whole.after.having(here),
        reordered=False,
    )


def accept(store: Store, event: Mapping[str, Any]) -> str:
    """Makes the accepted proposals a version and says so; rows that go are dropped as a version of their own."""
    from workbench.actions.apply_fix import apply_fix

    fix, check, version = wanted(store, event)
    changed, gone = _ids(event.get("changed")), _ids(event.get("removed"))
    if not changed and not gone:
        raise BadInput("No row was accepted, so there is nothing to apply.")
    said, label = [], version.label
    for name, ids in ((fix.name, changed), ("drop_rows", gone)):
        if not ids:
            continue
        why = f"accepted one by one: {catalogue()[check].title}"
        done = apply_fix(store, name, version=label, where=f"row={'+'.join(ids)}", why=why)
        assert done.after is not None, "a fix that is not a preview makes a version"
        said.append(f"Version {done.after.number}: {done.difference.summary}.")
        label = done.after.label
    return f'{" ".join(said)} "Undo last change" takes it back.'


def _ids(sent: Any) -> list[str]:
    if not isinstance(sent, list) or len(sent) > MOST_ACCEPTED or not all(isinstance(one, str) for one in sent):
        raise BadInput("The accepted rows did not arrive whole. Reload the page and try again.")
    return list(dict.fromkeys(sent))


def no_problem(store: Store, event: Mapping[str, Any]) -> str:
    """Rules all findings of a check out, with the reason, and says so."""
    from workbench.actions.rule_out import rule_out

    check, label, reason = event.get("check"), event.get("version"), event.get("reason")
    if check not in catalogue() or not isinstance(label, str) or not label:
        raise BadInput("That is no check. Reload the page and try again.")
    if not isinstance(reason, str) or not reason.strip():
        raise BadInput("Say in a few words why it is no problem: whoever comes after you will want to know.")
    version = datasets.version(store, label)
    flags = flags_of(store, version)
    places = flags.of_check(check)["place"].to_list()
    if not places or flags.of is None:
        raise BadInput(f"{catalogue()[check].title}: no row is flagged any more.")
    ids = rows_at(store, version, places).row_id
    rule_out(store, check, ids, version=flags.of.label, reason=reason.strip()[:MOST_REASON])
    return f'"{catalogue()[check].title}" is not raised again for these {plural(len(ids), "row")}.'


def raise_again(store: Store, event: Mapping[str, Any]) -> str:
    """Takes a ruling back and says so."""
    from workbench.actions.rule_out import take_back_ruling

    number, label = event.get("id"), event.get("version")
    if type(number) is not int or not isinstance(label, str):
        raise BadInput("That is no ruling. Reload the page and try again.")
    take_back_ruling(store, number, version=label)
    return "The ruling is taken back; the check may flag that text again."
