"""What the owner of a dataset declared of it. Every state of the sheet is kept; the last one counts."""

from __future__ import annotations

from sqlalchemy import Connection, select

from workbench.errors import NotFound, StoreError
from workbench.sheet import Sheet
from workbench.store.store import Store, inserted, now
from workbench.store.tables import datasets, sheets


def sheet_of(store: Store, dataset: str) -> Sheet:
    """The sheet of a dataset, an empty one where nobody has declared anything."""
    query = (
        select(sheets.c.sheet)
        .join(datasets, sheets.c.dataset_id == datasets.c.id)
        .where(datasets.c.name == dataset)
        .order_by(sheets.c.id.desc())
        .limit(1)
    )
    with store.read() as connection:
        found = connection.scalar(query)
    if found is None:
        return Sheet()
    try:
        return Sheet.model_validate(found)
    except ValueError as error:
        raise StoreError(
            f"The sheet of {dataset} cannot be read ({error}). Set it again with: goldloop sheet set"
        ) from None


def save(store: Store, dataset: str, sheet: Sheet, who: str) -> None:
    """Remembers the sheet from now on. Raises NotFound for a dataset that is not there."""
    with store.write() as connection:
        dataset_id = connection.scalar(select(datasets.c.id).where(datasets.c.name == dataset))
        if dataset_id is None:
            raise NotFound(f'There is no dataset "{dataset}" in this store.')
        add(connection, dataset_id, sheet, who)


def add(connection: Connection, dataset_id: int, sheet: Sheet, who: str) -> None:
    """Adds a state of the sheet inside an open transaction."""
    inserted(connection, sheets, dataset_id=dataset_id, sheet=sheet.model_dump(mode="json"), who=who, created=now())
