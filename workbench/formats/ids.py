"""Row ids in a file: an export may keep them, and then an import gives the very same rows."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any

from workbench.rows import Rows

KEY = "goldloop"
ROW_ID = re.compile(r"[\w.:-]{1,64}")


def kept_place(row: Mapping[str, Any]) -> dict[str, Any]:
    """What an export writes under "goldloop"."""
    return {KEY: {"row_id": row["row_id"], "source": row["source"], "line": row["line"]}}


def place_in(record: Mapping[str, Any]) -> dict[str, Any] | None:
    """{"row_id", "source", "line"} that a record brings along; None where it has none, or not whole."""
    place = record.get(KEY)
    if isinstance(place, str) and place.startswith("{"):
        try:
            place = json.loads(place)
        except (ValueError, RecursionError):
            return None
    if not isinstance(place, dict) or set(place) != {"row_id", "source", "line"}:
        return None
    row_id, source, line = place["row_id"], place["source"], place["line"]
    fits = isinstance(row_id, str) and ROW_ID.fullmatch(row_id) and isinstance(source, str) and isinstance(line, int)
    return place if fits and -(2**63) <= line < 2**63 else None


def told_apart(rows: Rows) -> Rows:
    """The same rows, each id once: a row that was copied in the file gets an ending of its own."""
    taken, fresh = set[str](), []
    for row_id in rows.row_id:
        ending, candidate = 1, row_id
        while candidate in taken:
            ending += 1
            candidate = f"{row_id}-{ending}"
        taken.add(candidate)
        fresh.append(candidate)
    return rows if fresh == rows.row_id else rows.renamed(fresh)
