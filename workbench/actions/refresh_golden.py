"""Renew a golden set: old rows retire to training, fresh ones of the same topics come, an anchor stays."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from workbench import history
from workbench.errors import BadInput, Conflict, NotFound, Refused
from workbench.parts import MOST_APART, draw_parts, strata_of
from workbench.records import PARTS, Golden, Part, Version
from workbench.rows import Rows
from workbench.settings import user_name
from workbench.splits import LARGEST_FAMILY, askable, copy_groups, family_groups, golden_groups
from workbench.store import Store, datasets, goldens

USUAL_SHARE = 0.25  # of the rows a quarter, or after the looks are spent; notes: 20 to 30 %
MOST_SHARE = 0.5  # the other half is the anchor that links two golden versions


@dataclass(frozen=True)
class Refreshed:
    """retired: row ids that go to training; fresh: row ids that come; anchor: how many stay.

    older: fresh rows that were in the dataset when the set before was drawn, so that earlier runs may have trained on
    them. golden, version: None for a preview. notes: what the person should know, plain sentences.
    """

    retired: tuple[str, ...]
    fresh: tuple[str, ...]
    older: tuple[str, ...]
    anchor: int
    golden: Golden | None
    version: Version | None
    notes: tuple[str, ...]


def refresh_golden(
    store: Store,
    dataset: str | None = None,
    *,
    retire: Iterable[str] | None = None,
    share: float | None = None,
    parts: Sequence[Part] = PARTS,
    fresh: bool = True,
    seed: int = 0,
    reason: str = "",
    preview: bool = False,
) -> Refreshed:
    """Makes the next golden version: retired rows become training rows, as many of the same topics take their place.

    retire: row ids, each with all rows of its group; else `share` (by default a quarter) of the parts named, the rows
    that have been golden longest first. fresh: False only retires. Fresh rows are drawn from what came into the dataset
    since the set was drawn, and only then from older rows. The golden version and the dataset version with the retired
    rows come in one transaction; neither can be undone. Raises Refused where less than half of the rows would stay,
    NotFound for an unknown row, Conflict when the dataset changed meanwhile.
    """
    golden = goldens.in_force(store, dataset)
    head = datasets.version(store, golden.dataset)
    held, rows = goldens.rows_of(store, golden), datasets.rows_of(store, head)
    gone = _named(golden, retire) if retire is not None else _oldest(store, golden, _checked(share), parts, seed)
    if not gone:
        raise BadInput(f"No row of {golden.label} would be retired: name rows, or ask for a larger share.")
    if len(gone) > MOST_SHARE * golden.size:
        raise Refused(
            f"{len(gone)} of the {golden.size} rows of {golden.label} would be retired with their groups. At least "
            "half must stay as the anchor between two golden versions; retire fewer at a time."
        )
    stays, leaves = held.without(gone), held.having(gone)
    known = datasets.version(store, f"{golden.dataset}@{golden.drawn_from}")
    comes, older = _fresh(rows, held, leaves, set(datasets.rows_of(store, known).row_id), seed) if fresh else ([], [])
    after = stays.plus(rows.having(comes))
    groups = golden_groups(after)
    kept = {one: golden.part_of(one) for one in stays.row_id}
    sealed, calibration = _shares(golden)
    drawn = draw_parts(after, groups, sealed=sealed, calibration=calibration, seed=seed, kept=kept)
    notes = (*_told(len(gone), len(comes), len(older), fresh), *drawn.notes)
    result = Refreshed(tuple(sorted(gone)), tuple(sorted(comes)), tuple(sorted(older)), len(stays), None, None, notes)
    if preview:
        return result
    left = rows.without(comes).plus(leaves)
    made, version = _lock(store, golden, head, after, left, groups, drawn.parts, result, seed, reason)
    return Refreshed(**{**vars(result), "golden": made, "version": version})


def _shares(golden: Golden) -> tuple[float, float]:
    """The (sealed, calibration) shares that the set has, held within what a draw takes."""
    sealed, calibration = (len(golden.ids(part)) / golden.size for part in ("sealed", "calibration"))
    excess = max(1.0, (sealed + calibration) / MOST_APART)
    return sealed / excess, calibration / excess


def _checked(share: float | None) -> float:
    share = USUAL_SHARE if share is None else share
    if not 0 < share <= MOST_SHARE:
        raise BadInput(f"A share of {share:g} cannot be retired: give a number above 0 and at most {MOST_SHARE:g}.")
    return share


def _named(golden: Golden, retire: Iterable[str]) -> set[str]:
    """The rows named, with every row of their groups."""
    wanted = set(retire)
    if unknown := sorted(wanted - set(golden.groups)):
        raise NotFound(f"{golden.label} has no row {unknown[0]}.")
    labels = {golden.groups[one] for one in wanted}
    return {row_id for row_id, label in golden.groups.items() if label in labels}


def _oldest(store: Store, golden: Golden, share: float, parts: Sequence[Part], seed: int) -> set[str]:
    """Whole groups, those longest in golden first, up to the share of each part; chance decides among equals."""
    since: dict[str, int] = {}
    for one in goldens.listed(store, golden.dataset):
        for row_id in one.groups:
            since.setdefault(row_id, one.number)
    members: dict[int, list[str]] = defaultdict(list)
    for row_id in sorted(golden.groups):
        members[golden.groups[row_id]].append(row_id)
    groups = list(members.values())
    order = [groups[at] for at in np.random.default_rng(seed).permutation(len(groups)).tolist()]
    order.sort(key=lambda group: min(since[row_id] for row_id in group))
    left = {part: share * len(golden.ids(part)) for part in parts}
    gone: set[str] = set()
    for group in order:
        part = golden.part_of(group[0])
        if len(group) <= left.get(part, 0.0) + 0.5 and left.get(part, 0.0) > 0:
            gone |= set(group)
            left[part] -= len(group)
    return gone


def _fresh(rows: Rows, held: Rows, leaves: Rows, known: set[str], seed: int) -> tuple[list[str], list[str]]:
    """Rows that take the place of those that leave: as many of each topic, whole groups, new ones first.

    Gives the row ids, and those of them that are in `known`, the ids that the dataset had when the set was drawn.
    """
    everything = rows.plus(held)
    copies, topics, usable = copy_groups(everything), strata_of(everything), askable(rows)
    bound, most = set(copies[len(rows) :].tolist()), max(2, round(LARGEST_FAMILY * len(held)))
    ids, labels = everything.row_id, family_groups(everything, copies, most, bound).tolist()
    bound = set(labels[len(rows) :])
    wanted = Counter(topic for row_id, topic in zip(ids, topics, strict=True) if row_id in set(leaves.row_id))
    members: dict[int, list[int]] = defaultdict(list)
    for place, label in enumerate(labels[: len(rows)]):
        if label not in bound:
            members[label].append(place)
    free = [group for group in members.values() if all(usable[place] for place in group)]
    order = sorted(free, key=lambda group: min(ids[place] for place in group))  # whatever the order of the rows
    order = [order[at] for at in np.random.default_rng(seed).permutation(len(order)).tolist()]
    order.sort(key=lambda group: any(ids[place] in known for place in group))
    comes: list[str] = []
    for group in order:
        topic = topics[group[0]]
        if len(group) <= wanted[topic]:
            wanted[topic] -= len(group)
            comes += [ids[place] for place in group]
    return comes, [row_id for row_id in comes if row_id in known]


def _told(gone: int, comes: int, older: int, fresh: bool) -> list[str]:
    notes = []
    if fresh and comes < gone:
        notes.append(
            f"Only {comes} fresh rows of the same topics were found for {gone} that retire. Bring new data of these "
            "topics and freeze more: goldloop golden freeze"
        )
    if older:
        notes.append(
            f"{older} of the fresh rows were training rows before: only runs that are trained from now on can be "
            "evaluated on this set."
        )
    return notes


def _lock(
    store: Store, golden: Golden, head: Version, after: Rows, left: Rows, groups: Mapping[str, int],
    parts: Mapping[str, Part], result: Refreshed, seed: int, reason: str,
) -> tuple[Golden, Version]:  # fmt: skip
    """The golden line and the dataset version with the retired rows, in one transaction."""
    digest = store.row_files.save(after)
    counts = Counter(strata_of(left))
    strata: dict[str, Any] = {
        name: {"golden": count, "training": counts[name]} for name, count in sorted(Counter(strata_of(after)).items())
    }
    number = golden.number + 1
    change = {"verb": "refresh", "reason": reason.strip(), "retired": list(result.retired), "fresh": list(result.fresh)}
    with store.write() as connection:
        if goldens.newest_number(connection, golden.dataset_id) != golden.number:
            raise Conflict(f"{golden.dataset} got another golden version meanwhile. Nothing was changed; look again.")
        key = goldens.add(
            connection, dataset_id=golden.dataset_id, number=number, drawn_from=head.number, digest=digest,
            size=len(after), share=golden.share, seed=seed, strata=strata, groups=groups, who=user_name(), parts=parts,
            budget=golden.budget, change=change,
        )  # fmt: skip
        settings = {
            "golden": number,
            "retired": len(result.retired),
            "fresh": len(result.fresh),
            "seed": seed,
            "digest": digest,
        }
        version, _ = history.commit(
            store, head, left, verb=history.REFRESH, settings=settings, connection=connection,
            why=reason.strip() or f"retired {len(result.retired)} golden rows and drew {len(result.fresh)} fresh ones",
        )  # fmt: skip
    return goldens.by_id(store, key), version
