"""Rulings: what people said is not a problem. Bound to a check and a row's text, so they hold in every version."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import polars as pl
from sqlalchemy import Connection, Row, insert, select, update

from workbench.errors import NotFound
from workbench.records import Ruling
from workbench.rows import Rows
from workbench.store.store import Store, now
from workbench.store.tables import datasets, rulings

ALL = select(rulings, datasets.c.name.label("dataset")).join(datasets, rulings.c.dataset_id == datasets.c.id)


def _ruling(line: Row[Any]) -> Ruling:
    return Ruling(line.id, line.dataset, line.check, line.text_digest, line.row_id, line.reason, line.who, line.created)


def listed(store: Store, dataset: str, check: str | None = None) -> list[Ruling]:
    """The rulings that hold on a dataset, the last one first; of one check where named."""
    query = ALL.where(datasets.c.name == dataset, rulings.c.taken_back.is_(None)).order_by(rulings.c.id.desc())
    with store.read() as connection:
        return [
            _ruling(line)
            for line in connection.execute(query if check is None else query.where(rulings.c.check == check))
        ]


def get(store: Store, ruling_id: int) -> Ruling:
    """The ruling with that id, also one that was taken back. Raises NotFound."""
    with store.read() as connection:
        line = connection.execute(ALL.where(rulings.c.id == ruling_id)).first()
    if line is None:
        raise NotFound(f"There is no ruling {ruling_id}.")
    return _ruling(line)


def ruled_out(store: Store, dataset: str, rows: Rows) -> dict[str, pl.Series]:
    """Check -> (N,) True for the rows whose text somebody ruled not to be a problem; checks without rulings are absent.

    For whoever flags rows: `flagged` is past the limit and not ruled, `ruled` in the findings is this mask, and
    `CheckRun.ruled` counts the rows past the limit that are ruled. Costs nothing where there are no rulings.
    """
    query = (
        select(rulings.c.check, rulings.c.text_digest)
        .join(datasets, rulings.c.dataset_id == datasets.c.id)
        .where(datasets.c.name == dataset, rulings.c.taken_back.is_(None))
    )
    by_check: dict[str, set[str]] = {}
    with store.read() as connection:
        for check, digest in connection.execute(query):
            by_check.setdefault(check, set()).add(digest)
    if not by_check:
        return {}
    texts = pl.Series("ruled", rows.text_digests, dtype=pl.String)
    return {check: texts.is_in(list(digests)) for check, digests in by_check.items()}


def add(
    connection: Connection, dataset_id: int, check: str, texts: Sequence[tuple[str, str]], reason: str, who: str
) -> None:
    """Adds rulings inside an open transaction; a text that is ruled out already keeps its first ruling.

    texts: (text digest, row id) for each row.
    """
    held = set(
        connection.scalars(
            select(rulings.c.text_digest).where(
                rulings.c.dataset_id == dataset_id, rulings.c.check == check, rulings.c.taken_back.is_(None)
            )
        )
    )
    when = now()
    fresh = {digest: row_id for digest, row_id in reversed(texts) if digest not in held}
    lines = [
        {
            "dataset_id": dataset_id,
            "check": check,
            "text_digest": digest,
            "row_id": row_id,
            "reason": reason,
            "who": who,
            "created": when,
        }
        for digest, row_id in reversed(fresh.items())
    ]
    if lines:
        connection.execute(insert(rulings), lines)


def take_back(store: Store, ruling_id: int) -> bool:
    """Ends a ruling; the line stays. False when it had ended before."""
    with store.write() as connection:
        done = connection.execute(
            update(rulings).where(rulings.c.id == ruling_id, rulings.c.taken_back.is_(None)).values(taken_back=now())
        )
        return bool(done.rowcount)


def copy(connection: Connection, sources: Sequence[int], target: int) -> None:
    """Lets the rulings of some datasets hold on another one too, inside an open transaction. By dataset ids."""
    holding = select(rulings).where(rulings.c.dataset_id.in_(sources), rulings.c.taken_back.is_(None))
    lines: dict[tuple[str, str], dict[str, Any]] = {}
    for line in connection.execute(holding.order_by(rulings.c.id)).mappings():
        values = {key: value for key, value in line.items() if key != "id"}
        lines.setdefault((line["check"], line["text_digest"]), {**values, "dataset_id": target})
    if lines:
        connection.execute(insert(rulings), list(lines.values()))
