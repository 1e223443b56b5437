"""Open a queue: rows of a version, one at a time, in front of people who know the field."""

from __future__ import annotations

import numpy as np
import polars as pl

from workbench.errors import BadInput
from workbench.records import Queue
from workbench.rows import storable
from workbench.settings import user_name
from workbench.store import Store, datasets, findings, queues, sheets
from workbench.where import rows_where

MOST_OVERLAP = 20  # people; more of them on one row say nothing new about agreement
LONGEST_LEASE = 24 * 60  # minutes


def open_queue(
    store: Store,
    name: str,
    *,
    version: str | None = None,
    where: str = "",
    overlap: int = 1,
    overlap_share: float = 0.1,
    lease_minutes: float = 15,
    guidelines: str | None = None,
    seed: int = 0,
) -> Queue:
    """Puts the rows that `where` means (as in `apply_fix`; "" is all that any check flags, else all) up for decision.

    overlap: how many people see a row that was drawn for overlap; overlap_share: the share of the rows that are, drawn
    by seed. lease_minutes: how long a row stays with one person. guidelines: by default those of the dataset's sheet.
    Rows keep the order of the version. Raises BadInput for settings that cannot be used or when no row is meant.
    """
    settings = _settings(name, overlap, overlap_share, lease_minutes)
    of = datasets.version(store, version)
    rows = datasets.rows_of(store, of)
    flagged = findings.flagged(store, of)
    if where.strip():
        positions = rows_where(store, of, rows, where).arg_true().to_list()
    else:
        positions = sorted(flagged["row"].unique().to_list()) or list(range(len(rows)))
    if not positions:
        raise BadInput(f'No row of {of.label} is meant by "{where}": there is nothing to decide.')
    if guidelines is None:
        guidelines = sheets.sheet_of(store, of.dataset).guidelines
    twice = _drawn(len(positions), overlap_share if overlap > 1 else 0.0, seed)
    flags, ids = _flags(flagged, positions), rows.frame["row_id"].gather(positions).to_list()
    lines = [
        {
            "row_id": row_id,
            "position": position,
            "wanted": overlap if place in twice else 1,
            "flags": flags.get(position, []),
        }
        for place, (row_id, position) in enumerate(zip(ids, positions, strict=True))
    ]
    return queues.add(
        store,
        of,
        lines,
        who=user_name(),
        where=storable(where).strip(),
        seed=seed,
        guidelines=storable(guidelines),
        **settings,
    )


def _settings(name: str, overlap: int, overlap_share: float, lease_minutes: float) -> dict[str, object]:
    if not name.strip() or len(name.strip()) > 200:
        raise BadInput("A queue needs a name of at most 200 characters, so that people find it.")
    if not 1 <= overlap <= MOST_OVERLAP:
        raise BadInput(f"{overlap} people on one row cannot be: choose between 1 and {MOST_OVERLAP}.")
    if not 0 <= overlap_share <= 1:
        raise BadInput(f"The share of overlap rows lies between 0 and 1, not at {overlap_share:g}.")
    if not 0 < lease_minutes <= LONGEST_LEASE:
        raise BadInput(f"A row can stay with one person for more than 0 and at most {LONGEST_LEASE} minutes.")
    return {
        "name": storable(name).strip(),
        "overlap": overlap,
        "overlap_share": float(overlap_share),
        "lease_minutes": float(lease_minutes),
    }


def _drawn(n: int, share: float, seed: int) -> set[int]:
    """Which of n places are seen by several people; at least one where the share is not 0."""
    if not share:
        return set()
    count = max(1, round(n * share))
    return set(np.random.default_rng(seed).choice(n, size=count, replace=False).tolist())


def _flags(flagged: pl.DataFrame, positions: list[int]) -> dict[int, list[list[object]]]:
    """Position -> [check, note, spans] of each finding on it."""
    found: dict[int, list[list[object]]] = {}
    concerned = flagged.filter(pl.col("row").is_in(positions))
    for row, check, note, spans in concerned.select("row", "check", "note", "spans").iter_rows():
        found.setdefault(row, []).append([check, note, spans or []])
    return found
