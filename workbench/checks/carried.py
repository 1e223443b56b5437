"""Findings that hold on: a row that did not change is not measured again by a check that judges rows one by one."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import polars as pl

from workbench.checks.check import Check, Findings
from workbench.checks.context import Context
from workbench.rows import Rows


def basis_of(check: Check, knobs: Mapping[str, Any], context: Context) -> str:
    """A digest of all that a row's measure depends on beside the row: check, edition, its code, knobs and context."""
    asked = [check.name, check.edition, dict(knobs), context.digest if check.wants_context else "", _code()]
    return hashlib.sha256(json.dumps(asked, sort_keys=True).encode()).hexdigest()


@cache
def _code() -> str:
    """A digest of the catalogue's own files, so that numbers of an older Goldloop are never taken over."""
    here = Path(__file__).parent
    sha = hashlib.sha256()
    for file in sorted(here.rglob("*.py")):
        sha.update(file.relative_to(here).as_posix().encode() + b"\0" + file.read_bytes())
    return sha.hexdigest()


def places_before(rows: Rows, before: Rows) -> pl.Series:
    """(N,) where each row stood in `before`, null for a row that is new or was changed."""
    stood = {bytes(digest): place for place, digest in enumerate(before.row_digests)}
    return pl.Series("place", [stood.get(bytes(digest)) for digest in rows.row_digests], dtype=pl.Int64)


def carried(places: pl.Series, old: pl.DataFrame, fresh: Findings) -> Findings:
    """The findings on all rows: what was measured before where the row is the same, else what was measured now.

    places: (N,) as `places_before` gives them. old: the columns row, measure, note, spans of the earlier findings.
    fresh: findings on the rows without a place, in their order.
    """
    here = pl.DataFrame({"row": places})
    was = here.join(old.select("row", "measure", "note", "spans"), on="row", how="left", maintain_order="left")
    measure, notes = was["measure"].to_list(), was["note"].fill_null("").to_list()
    spans = [[(a, b, c) for a, b, c in found or ()] for found in was["spans"].to_list()]
    for at, row in enumerate(places.is_null().arg_true().to_list()):
        measure[row], notes[row] = fresh.measure[at], fresh.note[at]
        spans[row] = list(fresh.spans[at]) if fresh.spans else []
    kept = spans if any(spans) else []
    return Findings(pl.Series("measure", measure, dtype=pl.Float64), fresh.limit, fresh.side, notes, kept, fresh.about)
