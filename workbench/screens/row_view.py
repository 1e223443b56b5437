"""One row for the eye: its turns with the reasons marked in them, what changed in it, and what the model will see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any

from workbench.actions.see import tokenizer_of
from workbench.checks.check import catalogue
from workbench.errors import BadInput, is_mistake
from workbench.records import Version
from workbench.screens.address import newest_of
from workbench.screens.differences import turn_changes
from workbench.settings import DEFAULT_MODEL
from workbench.sheet import Sheet
from workbench.store import Store, datasets
from workbench.store.row_index import Flags, flags_of, place_of, row_at, row_of

MOST_MARKS = 400  # in one row; a pattern that stands everywhere says so in its note


def detail_of(store: Store, version: Version, row_id: str, flags: Flags | None = None) -> dict[str, Any]:
    """One row as plain values: its turns, why it is flagged and where, where it came from."""
    place = place_of(store, version, row_id)
    if place is None:
        return {
            "gone": f"{version.label} has no such row: it was dropped, or it belongs to another version.",
            "id": row_id,
        }
    one = row_at(store, version, place)
    known = flags or flags_of(store, version)
    reasons = reasons_of(known, place)
    newest = newest_of(store, version).number == version.number
    return {
        "id": row_id,
        "version": version.label,
        "number": place + 1,
        "source": f"{one.frame['source'][0]}, line {one.frame['line'][0]}",
        "tags": one.tags[0],
        "extra": one.frame["extra"][0] or "",
        "reasons": reasons,
        "checked": known.of is not None and known.of.number == version.number,
        "turns": turns_with_marks(one.messages[0], reasons),
        "editable": newest,
        "changed": version.parent is not None,
    }


def reasons_of(flags: Flags, place: int) -> list[dict[str, Any]]:
    """Why the row at a place is flagged, the gravest first: check, title, severity, note, spans and fix."""
    known = catalogue()
    found = [
        {
            "check": flag["check"],
            "title": known[flag["check"]].title if flag["check"] in known else flag["check"],
            "severity": known[flag["check"]].severity if flag["check"] in known else "info",
            "mend": known[flag["check"]].mend if flag["check"] in known else "",
            "note": flag["note"] or "",
            "spans": [span for span in flag["spans"] or [] if len(span) == 3],
        }
        for flag in flags.at(place)
    ]
    grave = {"error": 0, "warning": 1, "info": 2}
    return sorted(found, key=lambda one: grave[one["severity"]])


def turns_with_marks(
    messages: Sequence[Mapping[str, Any]], reasons: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """The turns as a browser shows them; a turn in which a reason stands has `parts` instead of `content`."""
    places: dict[int, list[tuple[int, int, int]]] = {}
    told = 0
    for number, reason in enumerate(reasons):
        for turn, start, end in reason["spans"]:
            if told < MOST_MARKS and 0 <= turn < len(messages):
                places.setdefault(turn, []).append((start, end, number))
                told += 1
    shown = []
    for at, one in enumerate(messages):
        turn = {"role": one["role"] or "", "content": one["content"], "more": one["more"]}
        if at in places and one["content"]:
            parts = marked_parts(one["content"], places[at])
            turn = {**turn, "content": None, "parts": parts} if any(who for _, who in parts) else turn
        shown.append(turn)
    return shown


def marked_parts(text: str, marks: Sequence[tuple[int, int, int]]) -> list[tuple[str, list[int]]]:
    """A text cut at every mark's ends: pieces in order, each with the numbers of the marks that cover it.

    marks: (first character, one past the last, number). The pieces joined are the text.
    """
    held = [(max(0, start), min(len(text), end), number) for start, end, number in marks]
    held = [one for one in held if one[0] < one[1]]
    cuts = sorted({0, len(text), *(edge for one in held for edge in one[:2])})
    return [
        (text[start:end], sorted({number for low, high, number in held if low <= start and end <= high}))
        for start, end in pairwise(cuts)
    ]


def changes_of(store: Store, version: Version, row_id: str, since: str) -> dict[str, Any]:
    """What changed in a row since it was imported, or since the version before: its turns as words kept, gone, new.

    since: "import" or "parent". Raises BadInput for anything else and NotFound where there is no such row.
    """
    if since not in ("import", "parent"):
        raise BadInput("A row is compared with its import or with the version before.")
    now = row_of(store, version, row_id)
    earlier = _imported(store, version, row_id) if since == "import" else _parent(store, version)
    place = place_of(store, earlier, row_id) if earlier is not None else None
    if earlier is None or place is None or earlier.number == version.number:
        return {"said": f"It came in with version {version.number}, so there is nothing before it.", "turns": []}
    was = row_at(store, earlier, place)
    if was.messages[0] == now.messages[0]:
        same = "as in" if was.tags[0] == now.tags[0] else "in its text as in"
        return {"said": f"The row is {same} version {earlier.number} ({earlier.change.verb}).", "turns": []}
    places = _paired(was.messages[0], now.messages[0])
    turns = turn_changes(was.messages[0], now.messages[0], places)
    roles = [one["role"] or "" for one in now.messages[0]]
    gone = [one["role"] or "" for at, one in enumerate(was.messages[0]) if at not in places]
    for turn, role in zip(turns, [*roles, *gone], strict=True):
        turn["role"] = role
    return {"said": f"Against version {earlier.number} ({earlier.change.verb}).", "turns": turns}


def _paired(old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]]) -> list[int]:
    """For each new turn the old one that it came from: the same text first, then the next of the same role; -1: none"""
    free = list(range(len(old)))
    found = [-1] * len(new)
    for at, turn in enumerate(new):
        same = next((place for place in free if old[place]["content"] == turn["content"]), None)
        if same is not None:
            found[at] = same
            free.remove(same)
    for at, turn in enumerate(new):
        if found[at] < 0:
            alike = next((place for place in free if old[place]["role"] == turn["role"]), None)
            if alike is not None:
                found[at] = alike
                free.remove(alike)
    return found


def _imported(store: Store, version: Version, row_id: str) -> Version | None:
    """The earliest version that holds the row; versions that brought rows in are asked first."""
    before = [one for one in datasets.listed(store, version.dataset) if one.number <= version.number]
    came = [one for one in before if one.change.counts.get("added")]
    return next((one for one in came if place_of(store, one, row_id) is not None), None)


def _parent(store: Store, version: Version) -> Version | None:
    return None if version.parent is None else datasets.version(store, f"{version.dataset}@{version.parent}")


def tokens_of(store: Store, version: Version, row_id: str) -> dict[str, Any]:
    """A row as the model to be trained will see it: pieces of the rendered template, each trained, masked or cut.

    Raises GoldloopError, or what training raises, in words, where the model is not fetched or the row does not fit.
    """
    from training.tokens.preflight import look_into
    from workbench.screens.sight import BREAK, MOST_TOKENS, SHOWN_BREAK

    sheet = sheet_for(store, version.dataset)
    name = sheet.model or DEFAULT_MODEL
    row = row_of(store, version, row_id)
    seen = look_into(row_id, row.messages[0], tokenizer_of(name), max_length=sheet.max_length, tools=row.tools[0])
    return {
        "model": name,
        "longest": sheet.max_length,
        "reason": seen.sight.reason or "",
        "note": seen.sight.note,
        "pieces": [[piece.kind, piece.text.replace(BREAK, SHOWN_BREAK)] for piece in seen.pieces[:MOST_TOKENS]],
        "counts": {"trained": seen.sight.trained, "masked": seen.sight.masked, "cut": seen.sight.cut},
        "more": max(0, len(seen.pieces) - MOST_TOKENS),
    }


def sheet_for(store: Store, dataset: str) -> Sheet:
    """What the dataset's owner declared; an empty sheet where nothing was."""
    from workbench.store.sheets import sheet_of

    return sheet_of(store, dataset)


def server_functions(store: Store) -> list[Any]:
    """What the detail may ask for beside its row: `changes` and `tokens`; both answer {"error": words} if they must."""

    def changes(payload: Any) -> dict[str, Any]:
        return _answer(lambda: changes_of(store, *_named(store, payload), str(payload.get("since", ""))))

    def tokens(payload: Any) -> dict[str, Any]:
        return _answer(lambda: tokens_of(store, *_named(store, payload)))

    return [changes, tokens]


def _named(store: Store, payload: Any) -> tuple[Version, str]:
    if not isinstance(payload, dict):
        raise BadInput("The question did not arrive whole. Reload the page and try again.")
    row_id, label = payload.get("id"), payload.get("version")
    if not isinstance(row_id, str) or not isinstance(label, str) or not row_id or not label:
        raise BadInput("The question did not arrive whole. Reload the page and try again.")
    return datasets.version(store, label), row_id[:200]


def _answer(ask: Any) -> dict[str, Any]:
    try:
        answer: dict[str, Any] = ask()
        return answer
    except Exception as error:
        if is_mistake(error):
            return {"error": str(error)}
        raise
