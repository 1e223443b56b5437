"""Datasets and their versions: a list that only grows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, Row, insert, select, update
from sqlalchemy.exc import IntegrityError

from workbench.errors import BadInput, Conflict, NotFound
from workbench.records import Change, Version
from workbench.rows import Rows
from workbench.store.store import Store, inserted, now
from workbench.store.tables import datasets, versions

NAME = re.compile(r"[\w][\w .-]{0,99}")
REFERENCE = re.compile(r"(?:(?P<name>.+)@)?v?(?P<number>\d+)")


def _version(line: Row[Any]) -> Version:
    change = Change(line.who, line.created, line.verb, line.settings, line.why, line.counts, line.restores)
    return Version(
        line.id, line.dataset_id, line.dataset, line.number, line.digest, line.parent, line.size, change,
        line.name, line.note,
    )  # fmt: skip


ALL = select(versions, datasets.c.name.label("dataset")).join(datasets, versions.c.dataset_id == datasets.c.id)


def check_name(name: str) -> str:
    """The name as given. Raises BadInput for one that cannot be a dataset's name."""
    if not NAME.fullmatch(name) or name != name.strip() or REFERENCE.fullmatch(name):
        raise BadInput(
            f'"{name[:60]}" cannot be the name of a dataset: use letters, digits, blanks, dots, dashes, underscores, '
            "starting with a letter or digit, and not a bare number. Give another with --name."
        )
    return name


def names(store: Store) -> list[str]:
    """The datasets, the one touched last first."""
    with store.read() as connection:
        return list(
            connection.scalars(select(datasets.c.name).order_by(datasets.c.touched.desc(), datasets.c.id.desc()))
        )


def listed(store: Store, dataset: str | None = None) -> list[Version]:
    """The versions of a dataset, oldest first; of every dataset where none is named."""
    query = ALL.order_by(datasets.c.name, versions.c.number)
    with store.read() as connection:
        return [
            _version(line)
            for line in connection.execute(query if dataset is None else query.where(datasets.c.name == dataset))
        ]


def version(store: Store, reference: str | int | None = None) -> Version:
    """The version that somebody means: "support@3", "v3" or 3 (of the dataset touched last), "support" (its newest),
    or None (the newest of the dataset touched last). Raises NotFound and says what there is."""
    known = names(store)
    if not known:
        raise NotFound("There is no dataset in this store yet. Bring one with: goldloop import FILE")
    reference = None if reference in (None, "") else str(reference)
    name, number = known[0], None
    if reference in known:
        name = str(reference)
    elif reference is not None:
        match = REFERENCE.fullmatch(reference)
        if match is None or (match["name"] and match["name"] not in known):
            raise NotFound(f'There is no version "{reference}". The datasets are: {", ".join(known)}.')
        name, number = match["name"] or name, int(match["number"])
    with store.read() as connection:
        return _find(connection, name, number)


def _find(connection: Connection, name: str, number: int | None) -> Version:
    query = ALL.where(datasets.c.name == name)
    wanted = datasets.c.head if number is None else number
    line = connection.execute(query.where(versions.c.number == wanted)).first()
    if line is None:
        newest = connection.scalar(select(datasets.c.head).where(datasets.c.name == name))
        raise NotFound(f"{name} has no version {number}; it has 1 to {newest}.")
    return _version(line)


def by_id(store: Store, version_id: int) -> Version:
    """The version with that id."""
    with store.read() as connection:
        line = connection.execute(ALL.where(versions.c.id == version_id)).first()
    if line is None:
        raise NotFound(f"There is no version with the id {version_id}.")
    return _version(line)


def rows_of(store: Store, of: Version) -> Rows:
    """The rows of a version."""
    return store.row_files.load(of.digest)


def row_at(store: Store, of: Version, position: int) -> Rows:
    """One row of a version by its position from 0, without reading all the others."""
    return store.row_files.at(of.digest, position)


def add_version(
    store: Store,
    dataset: str,
    rows: Rows,
    *,
    parent: Version | None,
    verb: str,
    settings: Mapping[str, Any],
    counts: Mapping[str, int],
    who: str,
    why: str = "",
    restores: int | None = None,
    connection: Connection | None = None,
) -> Version:
    """Remembers rows as the next version of a dataset; parent None makes the dataset with version 1.

    The rows file is written and synced before the line commits. Raises Conflict when the parent is no longer the newest
    version (somebody was quicker) or when the dataset exists already; nothing is overwritten then.
    `connection`: an open write transaction to take part in, so that a version and something else happen together.
    """
    digest = store.row_files.save(rows, like=None if parent is None else parent.digest)
    line = {
        "number": 1 if parent is None else parent.number + 1,
        "digest": digest,
        "parent": None if parent is None else parent.number,
        "size": len(rows),
        "verb": verb,
        "settings": dict(settings),
        "why": why,
        "counts": dict(counts),
        "restores": restores,
        "who": who,
        "created": now(),
    }
    if connection is not None:
        return _commit_version(connection, dataset, line, parent)
    with store.write() as own:
        return _commit_version(own, dataset, line, parent)


def _commit_version(connection: Connection, dataset: str, line: dict[str, Any], parent: Version | None) -> Version:
    if parent is None:
        try:
            dataset_id = inserted(connection, datasets, name=dataset, head=1, touched=line["created"])
        except IntegrityError:
            raise Conflict(
                f'A dataset "{dataset}" was made in the meantime. Nothing was overwritten; choose another --name.'
            ) from None
    else:
        dataset_id = parent.dataset_id
        moved = connection.execute(
            update(datasets)
            .where(datasets.c.id == dataset_id, datasets.c.head == parent.number)
            .values(head=line["number"], touched=line["created"])
        )
        if moved.rowcount != 1:
            raise Conflict(
                f"{dataset} was changed by somebody else after version {parent.number}. Nothing was overwritten; "
                "look at the newest version and try again."
            )
    connection.execute(insert(versions).values(dataset_id=dataset_id, **line))
    return _find(connection, dataset, line["number"])


def name(store: Store, of: Version, name: str, note: str) -> Version:
    """Calls a version by a name, with a note; the rows and the change stay what they were."""
    with store.write() as connection:
        connection.execute(update(versions).where(versions.c.id == of.id).values(name=name, note=note))
    return by_id(store, of.id)
