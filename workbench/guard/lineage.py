"""Where rows come from and what they belong to, as their tags and kept fields say: `derived_from:ID`, `customer:12`."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass

import polars as pl

from workbench.rows import Rows

DERIVED = "derived_from"
GROUPS = ("conversation", "customer", "template", "author", DERIVED)  # the last one: rows made of the same row
MOST_IN_GROUP = 20  # rows of both sides; what more rows share (one author of half the set) tells nothing of two of them

Parents = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Shared:
    """A group that a training and a golden row are both of. training, golden: places; size: its rows on both sides."""

    training: int
    golden: int
    key: str
    name: str
    size: int

    @property
    def is_small(self) -> bool:
        return self.size <= MOST_IN_GROUP


def named(rows: Rows, key: str) -> list[tuple[str, ...]]:
    """(N,) what each row says under a key: the rest of its tags "key:...", and the field of that name that was kept."""
    start = f"{key}:"
    said: list[tuple[str, ...]] = [()] * len(rows)
    tagged = rows.frame["tags"].list.eval(pl.element().str.starts_with(start)).list.any().fill_null(False)
    kept = rows.frame["extra"].str.contains(f'"{key}"', literal=True).fill_null(False)
    for place in (tagged | kept).arg_true().to_list():
        tags = rows.frame["tags"][place].to_list()
        found = [tag.removeprefix(start).strip() for tag in tags if tag.startswith(start)]
        said[place] = tuple(dict.fromkeys(name for name in (*found, *_kept(rows.frame["extra"][place], key)) if name))
    return said


def _kept(extra: str | None, key: str) -> list[str]:
    try:
        value = json.loads(extra or "{}").get(key)
    except (ValueError, AttributeError):
        return []
    values = value if isinstance(value, list) else [value]
    return [str(one).strip() for one in values if isinstance(one, str | int)]


def parents_of(rows: Rows) -> dict[str, tuple[str, ...]]:
    """Row id -> the ids of the rows that it was derived from, for the rows that say so."""
    return {row_id: said for row_id, said in zip(rows.row_id, named(rows, DERIVED), strict=True) if said}


def derived(
    parents: Parents, golden_ids: Collection[str], older: Callable[[Collection[str]], Parents] | None = None
) -> dict[str, str]:
    """Row id -> the golden row it goes back to, directly or through others.

    parents: as the training rows say; older: the parents of rows that are no longer there (`Store` knows them from
    earlier versions), None where nobody knows. A chain that closes on itself ends.
    """
    known: dict[str, Sequence[str]] = dict(parents)
    asked: set[str] = set()
    while older is not None:
        unknown = {one for above in known.values() for one in above} - known.keys() - asked - set(golden_ids)
        if not unknown:
            break
        asked |= unknown
        known |= older(unknown)
    found = {}
    for row_id in parents:
        seen, ahead = {row_id}, list(known[row_id])
        while ahead:
            one = ahead.pop(0)
            if one in golden_ids:
                found[row_id] = one
                break
            if one not in seen:
                seen.add(one)
                ahead += known.get(one, ())
    return found


def shared_groups(training: Rows, golden: Rows) -> list[Shared]:
    """Each training row that is of the same conversation, customer, template or author as a golden row, or derived from
    the same row: with the first such golden row a group."""
    found = []
    for key in GROUPS:
        held = _members(named(golden, key))
        if not held:
            continue
        mine = _members(named(training, key))
        for name in sorted(held.keys() & mine.keys()):
            size = len(held[name]) + len(mine[name])
            found += [Shared(place, held[name][0], key, name, size) for place in mine[name]]
    return found


def family_pairs(rows: Rows) -> list[tuple[int, int]]:
    """(place, place) of rows of one table that belong together: of a small group, or one derived from the other."""
    found = []
    for key in GROUPS:
        for places in _members(named(rows, key)).values():
            if len(places) <= MOST_IN_GROUP:
                found += [(places[0], place) for place in places[1:]]
    at = {row_id: place for place, row_id in enumerate(rows.row_id)}
    for row_id, above in parents_of(rows).items():
        found += [(at[one], at[row_id]) for one in above if one in at and one != row_id]
    return found


def _members(said: Sequence[Sequence[str]]) -> dict[str, list[int]]:
    members: dict[str, list[int]] = defaultdict(list)
    for place, names in enumerate(said):
        for name in names:
            members[name].append(place)
    return members
