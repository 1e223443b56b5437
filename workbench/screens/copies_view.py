"""Groups of copies as plain values: the row proposed to stay, the others as differences from it, and how many go."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from workbench.checks.duplicates.found_copies import FoundCopies
from workbench.errors import BadInput
from workbench.records import Version
from workbench.screens.address import Look, address, newest_of
from workbench.screens.differences import turn_changes
from workbench.screens.escape import plural
from workbench.store import Store
from workbench.store.row_index import rows_at

PAGE = 20  # groups in a page
MOST_OF_GROUP = 12  # rows of one group shown
MOST_CHANGED = 1_000  # groups in which a person chose otherwise
STEP = 0.01  # of the slider


def chosen_of(event: Mapping[str, Any]) -> tuple[dict[str, str], set[str]]:
    """What a person chose: leader -> the row to stay instead, and the leaders of groups to leave alone.

    A group is named by its leader, its first row, since its number moves with the limit. Raises BadInput.
    """
    keep, leave = event.get("keep"), event.get("leave")
    if not isinstance(keep, dict) or not isinstance(leave, list) or len(keep) + len(leave) > MOST_CHANGED:
        raise BadInput("The choices did not arrive whole. Reload the page and try again.")
    if not all(isinstance(one, str) for one in (*keep, *keep.values(), *leave)):
        raise BadInput("The choices did not arrive whole. Reload the page and try again.")
    return dict(keep), set(leave)


def limit_of(given: Any) -> float:
    """The limit from a slider. Raises BadInput for what is no number."""
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise BadInput("The limit must be a number.")
    return float(given)


def without_groups(found: FoundCopies, leave: Collection[str]) -> FoundCopies:
    """The same copies without the groups that are left alone."""
    if not leave:
        return found
    groups = found.clusters
    numbers = groups.filter(pl.col("row_id").is_in(list(leave)))["cluster"].unique()
    rows = groups.filter(pl.col("cluster").is_in(numbers.implode()))["row"]
    return replace(found, pairs=found.pairs.filter(~pl.col("a").is_in(rows.implode())))


def kept_by_number(found: FoundCopies, keep: Mapping[str, str]) -> dict[int, str]:
    """Cluster number -> the row to stay, for the groups that there still are under this limit."""
    if not keep or found.against:
        return {}
    number = dict(found.clusters.select("row_id", "cluster").iter_rows())
    return {
        number[leader]: row for leader, row in keep.items() if leader in number and number.get(row) == number[leader]
    }


def groups_of(
    store: Store, version: Version, found: FoundCopies, page: int, keep: Mapping[str, str] | None = None,
    leave: Collection[str] = (),
) -> dict[str, Any]:  # fmt: skip
    """One page of groups, the largest first, with what would go under the limit and the choices."""
    if found.against:
        return _matches(store, version, found, page)
    groups = found.clusters
    total = groups["cluster"].n_unique()
    pages = max(1, -(-total // PAGE))
    page = min(max(1, page), pages)
    numbers = range((page - 1) * PAGE + 1, min(total, page * PAGE) + 1)
    shown = groups.filter(pl.col("cluster").is_between(numbers.start, numbers.stop - 1)) if total else groups
    parts = shown.partition_by("cluster", maintain_order=True) if total else []
    left = without_groups(found, leave)
    gone = left.dropped(kept_by_number(left, keep or {}))
    return {
        **_head(version, found, gone),
        "groups": [_group(store, version, part, set(gone)) for part in parts],
        "total": total,
        "page": page,
        "pages": pages,
        "newest": newest_of(store, version).number == version.number,
    }


def _head(version: Version, found: FoundCopies, gone: list[str]) -> dict[str, Any]:
    return {
        "version": version.label,
        "field": found.field,
        "against": found.against,
        "limit": found.least,
        "goes": len(gone),
        "rows": found.rows,
        "step": STEP,
    }


def _group(store: Store, version: Version, part: pl.DataFrame, gone: set[str]) -> dict[str, Any]:
    """A group with its rows as differences from the row that stays (the first that does)."""
    lines = part.head(MOST_OF_GROUP).to_dicts()
    stays = next((at for at, one in enumerate(lines) if one["row_id"] not in gone), 0)
    rows = rows_at(store, version, [one["row"] for one in lines])
    base = rows.messages[stays]
    members = []
    for at, (one, turns) in enumerate(zip(lines, rows.messages, strict=True)):
        places = [place if place < len(base) else -1 for place in range(len(turns))]
        shown = turn_changes(turns, turns, range(len(turns))) if at == stays else turn_changes(base, turns, places)
        for turn, message in zip(shown, [*turns, *base[len(turns) :]], strict=True):
            turn["role"] = message["role"] or ""
        members.append({
            "id": one["row_id"],
            "number": one["row"] + 1,
            "stays": one["row_id"] not in gone,
            "base": at == stays,
            "likeness": round(100 * one["score"]),
            "turns": shown,
            "href": _row_address(version, one["row_id"]),
        })  # fmt: skip
    return {
        "leader": lines[0]["row_id"],
        "size": part.height,
        "more": max(0, part.height - MOST_OF_GROUP),
        "rows": sorted(members, key=lambda one: (not one["base"], one["number"])),
    }


def _row_address(version: Version, row_id: str) -> str:
    look = Look({"dataset": version.dataset, "version": str(version.number)})
    return look.to("/rows", row=row_id)


def _matches(store: Store, version: Version, found: FoundCopies, page: int) -> dict[str, Any]:
    """Copies that stand in another version: each row with the one it repeats there."""
    matches = found.matches
    pages = max(1, -(-matches.height // PAGE))
    page = min(max(1, page), pages)
    part = matches[(page - 1) * PAGE : page * PAGE]
    rows = rows_at(store, version, part["row"].to_list())
    there, _, number = found.against.rpartition("@")
    groups = []
    for line, turns in zip(part.to_dicts(), rows.messages, strict=True):
        shown = turn_changes(turns, turns, range(len(turns)))
        for turn, message in zip(shown, turns, strict=True):
            turn["role"] = message["role"] or ""
        href = address("/rows", dataset=there, version=number, row=line["other_id"]) if there else ""
        one = {
            "id": line["row_id"], "number": line["row"] + 1, "stays": False, "base": True,
            "likeness": round(100 * line["score"]), "turns": shown, "href": _row_address(version, line["row_id"]),
            "other": f"row {line['other'] + 1:,} of {found.against}", "other_href": href,
        }  # fmt: skip
        groups.append({"leader": line["row_id"], "size": 1, "more": 0, "rows": [one]})
    return {
        **_head(version, found, found.dropped()),
        "groups": groups,
        "total": matches.height,
        "page": page,
        "pages": pages,
        "newest": newest_of(store, version).number == version.number,
    }


def summary_of(found: FoundCopies) -> str:
    """What was compared, in a sentence."""
    fields = {"both": "whole rows", "prompt": "questions", "reply": "replies", "conversation": "conversations"}
    beside = f" with {found.against}" if found.against else ""
    what = fields.get(found.field, found.field)
    return f"{plural(found.rows, 'row')} of {found.label} compared{beside} by their {what}."
