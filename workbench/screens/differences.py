"""What changed, for the eye: turns side by side with their words marked, at most some rows of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from workbench.diff import Diff, word_changes
from workbench.rows import Rows
from workbench.screens.escape import badge, esc, plural

SHOWN_ROWS = 20
AROUND = 160  # characters kept of an unchanged stretch on each side of a change
TAGS = {"delete": "del", "insert": "ins"}


def turn_changes(
    old: Sequence[Mapping[str, Any]], new: Sequence[Mapping[str, Any]], places: Sequence[Any]
) -> list[dict[str, Any]]:
    """For each new turn its parts as (kind, text), kind "equal", "delete" or "insert"; then the turns that are gone.

    places: for each new turn the position of the old turn that it came from, anything else for a new one.
    """
    shown = []
    for turn, place in zip(new, places, strict=True):
        known = isinstance(place, int) and 0 <= place < len(old)
        before = (old[place]["content"] or "") if known else ""
        shown.append({"parts": [list(part) for part in word_changes(before, turn["content"] or "")]})
    gone = [place for place in range(len(old)) if place not in places]
    return shown + [{"gone": True, "parts": [["delete", old[place]["content"] or ""]]} for place in gone]


def marked(before: str, after: str) -> str:
    """Two texts as one piece of HTML with <del> and <ins>; long unchanged stretches are cut."""
    parts = word_changes(before, after)
    shown = []
    for at, (kind, text) in enumerate(parts):
        if kind == "equal":
            shown.append(esc(_cut(text, first=at == 0, last=at == len(parts) - 1)))
        else:
            shown.append(f"<{TAGS[kind]}>{esc(text)}</{TAGS[kind]}>")
    return "".join(shown)


def _cut(text: str, *, first: bool, last: bool) -> str:
    """An unchanged stretch without its middle, or without its outer end where it begins or ends the text."""
    if len(text) <= 2 * AROUND + 20:
        return text
    head, tail = ("" if first else text[:AROUND]), ("" if last else text[-AROUND:])
    return f"{head} … {tail}"


def difference_html(difference: Diff, most: int = SHOWN_ROWS) -> str:
    """Counts and up to `most` rows of a difference: changed ones first, then removed, then added."""
    counts = [
        badge(f"~ {plural(len(difference.changed), 'row')} changed") if difference.changed else "",
        badge(f"− {plural(len(difference.removed), 'row')} removed", "error") if difference.removed else "",
        badge(f"+ {plural(len(difference.added), 'row')} added", "ok") if difference.added else "",
    ]
    if not any(counts):
        return '<div class="empty"><p>Nothing differs.</p></div>'
    lines: list[str] = []
    changed = list(difference.changed)[:most]
    old, new = _by_id(difference.before, changed), _by_id(difference.after, changed)
    lines += [_changed(old[row_id], new[row_id]) for row_id in changed]
    removed = list(difference.removed)[: most - len(lines)]
    lines += [_whole(row, "del", "removed") for row in _by_id(difference.before, removed).values()]
    added = list(difference.added)[: most - len(lines)]
    lines += [_whole(row, "ins", "added") for row in _by_id(difference.after, added).values()]
    rest = len(difference.changed) + len(difference.removed) + len(difference.added) - len(lines)
    more = f'<p class="quiet">and {plural(rest, "more row")}</p>' if rest else ""
    head = f'<div class="counts">{" ".join(filter(None, counts))}</div>'
    return f'{head}<div class="difference">{"".join(lines)}</div>{more}'


def difference_rows(difference: Diff, most: int = SHOWN_ROWS) -> list[dict[str, Any]]:
    """Up to `most` rows of a difference as plain values, for a script to show one by one.

    Each: id, kind ("changed", "removed" or "added"), source, tags as [before, after], turns as {role, parts}.
    """
    ids = [*difference.changed, *difference.removed, *difference.added][:most]
    old, new = _by_id(difference.before, ids), _by_id(difference.after, ids)
    return [_as_value(row_id, old.get(row_id), new.get(row_id)) for row_id in ids]


def _as_value(row_id: str, old: Mapping[str, Any] | None, new: Mapping[str, Any] | None) -> dict[str, Any]:
    either = new or old
    assert either is not None, "a row of a difference was or is there"
    before, after = (one["messages"] if one else [] for one in (old, new))
    places = [at if at < len(before) else -1 for at in range(len(after))]
    turns = turn_changes(before, after, places)
    for turn, one in zip(turns, [*after, *before[len(after) :]], strict=True):
        turn["role"] = one["role"] or ""
    return {
        "id": row_id,
        "kind": "changed" if old and new else "removed" if old else "added",
        "source": f"{either['source']}, line {either['line']}",
        "tags": [one["tags"] if one else [] for one in (old, new)],
        "turns": turns,
    }


def _by_id(rows: Rows, row_ids: Sequence[str]) -> dict[str, dict[str, Any]]:
    part = rows.having(row_ids)
    found = {row["row_id"]: row for row in part.frame.iter_rows(named=True)}
    return {row_id: found[row_id] for row_id in row_ids if row_id in found}


def _where(row: Mapping[str, Any]) -> str:
    return f'<div class="quiet small">{esc(row["source"])}, line {esc(row["line"])}</div>'


def _turn(role: str | None, body: str) -> str:
    return f'<div class="turn"><span class="who">{esc(role or "no role")}</span><div>{body}</div></div>'


def _changed(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """A row before and after: turn by turn where both have as many, else the whole conversations."""
    before, after = old["messages"], new["messages"]
    turns = []
    if len(before) == len(after):
        for a, b in zip(before, after, strict=True):
            if a != b:
                role = b["role"] if a["role"] == b["role"] else f"{a['role']} → {b['role']}"
                turns.append(_turn(role, marked(a["content"] or "", b["content"] or "")))
    else:
        texts = ["\n".join(f"{m['role']}: {m['content'] or ''}" for m in turns_) for turns_ in (before, after)]
        turns.append(_turn("conversation", marked(*texts)))
    if not turns:
        turns.append(_turn("row", "only its tags or other fields differ"))
    return f'<div class="row-diff">{_where(new)}{"".join(turns)}</div>'


def _whole(row: Mapping[str, Any], tag: str, said: str) -> str:
    turns = [
        _turn(m["role"], f"<{tag}>{esc(_cut(m['content'] or '', first=False, last=False))}</{tag}>")
        for m in row["messages"] if m["role"] != "system" or len(row["messages"]) == 1
    ]  # fmt: skip
    return f'<div class="row-diff {said}">{_where(row)}{"".join(turns)}</div>'
