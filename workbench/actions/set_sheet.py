"""Declare what a dataset should be; the checks hold it to that."""

from __future__ import annotations

from workbench.settings import user_name
from workbench.sheet import Sheet
from workbench.store import Store, datasets, sheets


def set_sheet(store: Store, dataset: str, sheet: Sheet) -> Sheet:
    """Remembers the sheet of a dataset in place of the one before, which stays readable in the store's history.

    Raises NotFound for a dataset that is not there.
    """
    of = datasets.version(store, dataset).dataset
    if sheet != sheets.sheet_of(store, of):
        sheets.save(store, of, sheet, user_name())
    return sheet
