"""Declare what a dataset should be; the checks hold it to that."""

from __future__ import annotations

from typing import Any

from evaluators.errors import BadRequest
from evaluators.format_rules import parse
from evaluators.json_schema import check_schema
from workbench.errors import BadInput
from workbench.rows import storable
from workbench.settings import user_name
from workbench.sheet import Sheet
from workbench.store import Store, datasets, sheets


def set_sheet(store: Store, dataset: str, sheet: Sheet) -> Sheet:
    """Remembers the sheet of a dataset in place of the one before, which stays readable in the store's history.

    Raises NotFound for a dataset that is not there, BadInput for a format rule or a JSON schema that is not understood.
    """
    sheet = Sheet.model_validate(_storable(sheet.model_dump()))
    try:
        for line in sheet.format_rules:
            parse(line)
        check_schema(sheet.json_schema)
    except BadRequest as error:
        raise BadInput(f"The sheet cannot be set: {error}") from None
    of = datasets.version(store, dataset).dataset
    if sheet != sheets.sheet_of(store, of):
        sheets.save(store, of, sheet, user_name())
    return sheet


def _storable(value: Any) -> Any:
    """The fields without what no database takes in a text."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(key): _storable(one) for key, one in value.items()}
    return [_storable(one) for one in value] if isinstance(value, list | tuple) else value
