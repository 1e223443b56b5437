"""What a person may do to a row: edit, drop, apply a fix to it, or say that a finding is no problem."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.checks.check import catalogue
from workbench.checks.context import Context
from workbench.diff import Diff
from workbench.errors import BadInput, Conflict, GoldloopError, NotFound, Refused
from workbench.fixes.fix import catalogue as fix_catalogue
from workbench.records import Version
from workbench.screens.address import newest_of
from workbench.screens.differences import difference_rows, turn_changes
from workbench.screens.escape import plural
from workbench.screens.row_view import detail_of
from workbench.store import Store, datasets, sheets
from workbench.store.row_index import flags_of, place_of, row_at, row_of

MOST_TURNS, MOST_CHARACTERS = 200, 6_000_000  # of one edit: above the largest row that the importer was tried with
MOST_REASON = 500
ROLES = ("system", "user", "assistant", "tool")


def target(store: Store, event: Mapping[str, Any]) -> tuple[str, Version]:
    """The row that an event means and the version that the person saw it in. Raises BadInput, NotFound."""
    row_id, label = event.get("id"), event.get("version")
    if not isinstance(row_id, str) or not isinstance(label, str) or not row_id or not label:
        raise BadInput("The edit did not arrive whole. Reload the page and try again.")
    return row_id, datasets.version(store, label)


def save(store: Store, event: Mapping[str, Any]) -> str:
    """Saves an edit and says so. Raises Conflict when somebody else changed the same row meanwhile."""
    from workbench.actions.edit_row import edit_row

    row_id, version = target(store, event)
    done = edit_row(store, row_id, turns_of(store, version, row_id, event), version=version.label, why=_why(event))
    assert done.after is not None, "an edit that is not a preview makes a version"
    return f'Saved as version {done.after.number}.{_carried(done)} "Undo last change" takes it back.'


def drop(store: Store, event: Mapping[str, Any]) -> str:
    """Takes the row out and says so."""
    from workbench.actions.apply_fix import apply_fix

    row_id, version = target(store, event)
    done = apply_fix(store, "drop_rows", version=version.label, where=f"row={row_id}", why=_why(event))
    assert done.after is not None, "a fix that is not a preview makes a version"
    return f"The row is out: version {done.after.number} has {plural(done.after.size, 'row')}.{_carried(done)}"


def mend(store: Store, event: Mapping[str, Any]) -> str:
    """Applies a fix to the one row and says so."""
    from workbench.actions.apply_fix import apply_fix

    row_id, version = target(store, event)
    done = apply_fix(store, _fix(event), version=version.label, where=f"row={row_id}")
    assert done.after is not None, "a fix that is not a preview makes a version"
    return f'Mended as version {done.after.number}.{_carried(done)} "Undo last change" takes it back.'


def rule(store: Store, event: Mapping[str, Any]) -> str:
    """Writes down that a finding is no problem in this row, with the reason, and says so."""
    from workbench.actions.rule_out import rule_out

    row_id, version = target(store, event)
    check, reason = event.get("check"), event.get("reason")
    if check not in catalogue():
        raise BadInput("That is no check. Reload the page and try again.")
    if not isinstance(reason, str) or not reason.strip():
        raise BadInput("Say in a few words why it is no problem: whoever comes after you will want to know.")
    judged = flags_of(store, version).of or version  # where the finding was measured; its text is the same there
    rule_out(store, check, [row_id], version=judged.label, reason=reason.strip()[:MOST_REASON])
    return f'"{catalogue()[check].title}" is no problem here: it is not raised again for this text.'


def conflict_of(store: Store, event: Mapping[str, Any], clash: Conflict) -> dict[str, Any] | None:
    """The row as somebody else left it, with the own text beside it; None where the row itself is gone."""
    row_id, version = target(store, event)
    newest = newest_of(store, version)
    if place_of(store, newest, row_id) is None:
        return None
    mine = [{"role": one["role"], "content": one["content"] or ""} for one in turns_of(store, version, row_id, event)]
    theirs = row_of(store, newest, row_id).messages[0]
    places = list(range(min(len(theirs), len(mine))))
    places += [-1] * (len(mine) - len(places))
    both = turn_changes(theirs, mine, places)
    for turn, one in zip(both, mine, strict=False):
        turn["role"] = one["role"]
    return {
        **detail_of(store, newest, row_id),
        "conflict": {"said": str(clash), "who": newest.change.who, "turns": both, "mine": mine, "why": _why(event)},
    }


def turns_of(store: Store, version: Version, row_id: str, event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The edited turns as the browser sent them, checked; a turn's other keys come from the store."""
    sent = event.get("turns")
    if not isinstance(sent, list) or not 0 < len(sent) <= MOST_TURNS:
        raise BadInput(f"A row has 1 to {MOST_TURNS} turns.")
    return checked_turns(sent, row_of(store, version, row_id).messages[0])


def checked_turns(sent: list[Any], had: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Turns from a browser over those that the row had: known roles, texts, and the other keys from the store."""
    turns, length = [], 0
    for one in sent:
        role, content = (one.get("role"), one.get("content")) if isinstance(one, dict) else (None, None)
        if role not in ROLES and role not in [m["role"] for m in had]:
            raise BadInput(f"Each turn needs one of the roles {', '.join(ROLES)}.")
        if content is not None and not isinstance(content, str):
            raise BadInput("Each turn needs a text.")
        length += len(content or "")
        at = one.get("from")
        kept = had[at] if type(at) is int and 0 <= at < len(had) else None
        if kept is not None and kept["content"] is None and content == "":
            content = None  # the file had null there; an untouched empty box is no edit
        turns.append({"role": role, "content": content, "more": kept["more"] if kept else None})
    if length > MOST_CHARACTERS:
        raise Refused("This edit is larger than any row may be.")
    return turns


def preview(store: Store) -> Any:
    """A server function: what an edit would change, word by word."""

    def preview(payload: Any) -> dict[str, Any]:
        try:
            event = payload if isinstance(payload, dict) else {}
            row_id, version = target(store, event)
            fresh = turns_of(store, version, row_id, event)
            old = row_of(store, version, row_id).messages[0]
            return {"turns": turn_changes(old, fresh, [one.get("from") for one in event["turns"]])}
        except GoldloopError as error:
            return {"error": str(error)}

    return preview


def mended(store: Store) -> Any:
    """A server function: what a fix would make of one row, without the other rows of the version."""
    import polars as pl

    from workbench.diff import diff

    def mended(payload: Any) -> dict[str, Any]:
        try:
            event = payload if isinstance(payload, dict) else {}
            row_id, version = target(store, event)
            place = place_of(store, version, row_id)
            if place is None:
                raise NotFound(f"{version.label} has no row {row_id}.")
            fix, one = fix_catalogue()[_fix(event)], row_at(store, version, place)
            known = Context(sheet=sheets.sheet_of(store, version.dataset))
            changed: Diff = diff(one, fix.mended(one, pl.Series([True]), known))
            shown = difference_rows(changed)
            return {"title": fix.title, "rows": shown, "said": "" if shown else "This fix changes nothing in this row."}
        except GoldloopError as error:
            return {"error": str(error)}

    return mended


def _fix(event: Mapping[str, Any]) -> str:
    name = event.get("fix")
    if name not in fix_catalogue():
        raise BadInput("That is no fix. Reload the page and try again.")
    return str(name)


def _carried(done: Any) -> str:
    """What to say when the change was carried over onto somebody else's newer version."""
    if not getattr(done, "carried_over", False):
        return ""
    return " Others changed other rows meanwhile; both changes stand."


def _why(event: Mapping[str, Any]) -> str:
    why = event.get("why")
    return why.strip()[:MOST_REASON] if isinstance(why, str) else ""
