"""Saved findings held to the rulings as they are now; nothing is measured again"""

from __future__ import annotations

import polars as pl

from workbench.records import Version
from workbench.store import datasets, findings, rulings
from workbench.store.store import Store


def judge_anew(store: Store, of: Version, check: str) -> None:
    """Holds the saved findings of a version, and of the newest one, to the rulings as they are now."""
    head = datasets.version(store, of.dataset)
    for version in {of.id: of, head.id: head}.values():
        if not any(run.check == check for run in findings.runs(store, version)):
            continue
        rows = datasets.rows_of(store, version)
        nothing = pl.repeat(False, len(rows), dtype=pl.Boolean, eager=True)
        findings.rule(store, version, {check: rulings.ruled_out(store, of.dataset, rows).get(check, nothing)})
