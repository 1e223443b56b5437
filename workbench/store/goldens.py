"""Golden sets: locked by the hash of their rows; there is no way to change or to delete one."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, select

from workbench.errors import NotFound
from workbench.records import PARTS, Golden, Part
from workbench.rows import Rows
from workbench.store.store import Store, inserted, now
from workbench.store.tables import datasets, goldens

ALL = select(goldens, datasets.c.name).join(datasets, goldens.c.dataset_id == datasets.c.id)


def _golden(line: Row[Any]) -> Golden:
    return Golden(
        line.id,
        line.dataset_id,
        line.name,
        line.number,
        line.drawn_from,
        line.digest,
        line.size,
        line.share,
        line.seed,
        line.strata,
        line.groups,
        line.who,
        line.created,
        line.parts or {},
    )


def add(
    connection: Connection,
    *,
    dataset_id: int,
    number: int,
    drawn_from: int,
    digest: str,
    size: int,
    share: float,
    seed: int,
    strata: Mapping[str, Any],
    groups: Mapping[str, int],
    who: str,
    parts: Mapping[str, Part] | None = None,
) -> int:
    """Remembers a golden set inside an open write transaction and returns its id."""
    key = inserted(
        connection,
        goldens,
        dataset_id=dataset_id,
        number=number,
        drawn_from=drawn_from,
        digest=digest,
        size=size,
        share=share,
        seed=seed,
        strata=dict(strata),
        groups=dict(groups),
        parts=dict(parts or {}),
        who=who,
        created=now(),
    )
    return key


def listed(store: Store, dataset: str | None = None) -> list[Golden]:
    """The golden sets of a dataset (of all where none is named), oldest first."""
    query = ALL.order_by(datasets.c.name, goldens.c.number)
    with store.read() as connection:
        return [
            _golden(line)
            for line in connection.execute(query if dataset is None else query.where(datasets.c.name == dataset))
        ]


def newest(store: Store, dataset: str) -> Golden:
    """The golden set in force. Raises NotFound with the way to one."""
    found = listed(store, dataset)
    if not found:
        raise NotFound(f"{dataset} has no golden set yet. Freeze one first: goldloop golden freeze")
    return found[-1]


def by_id(store: Store, golden_id: int) -> Golden:
    """The golden set with that id."""
    with store.read() as connection:
        line = connection.execute(ALL.where(goldens.c.id == golden_id)).first()
    if line is None:
        raise NotFound(f"There is no golden set with the id {golden_id}.")
    return _golden(line)


def rows_of(store: Store, golden: Golden) -> Rows:
    """The rows of a golden set, hashed again: tampering raises StoreError."""
    return store.row_files.verified(golden.digest)


def rows_in(store: Store, golden: Golden, *parts: Part) -> Rows:
    """The rows of the parts named, in the order of the set; a set without parts is all "dev"."""
    rows = rows_of(store, golden)
    return rows.keep([golden.parts.get(row_id, "dev") in parts for row_id in rows.row_id])


def readable(store: Store, golden: Golden) -> Rows:
    """The rows that people may see: all but the sealed ones. Screens, exports and logs take golden rows from here."""
    return rows_in(store, golden, *(part for part in PARTS if part != "sealed"))
