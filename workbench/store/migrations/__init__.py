"""The store's tables from edition to edition, by Alembic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, inspect, text

from workbench.errors import StoreError

NEWEST = "0001"


def upgrade(engine: Engine) -> None:
    """Brings the tables to the newest edition; a database that a newer Goldloop wrote is refused, unchanged."""
    with engine.connect().execution_options(write=False) as connection:
        if inspect(connection).has_table("alembic_version"):
            found = connection.execute(text("select version_num from alembic_version")).scalar()
            if found == NEWEST:
                return
            if found is not None and found > NEWEST:
                raise StoreError(
                    f"This store was written by a newer Goldloop (edition {found}; this one knows {NEWEST}). "
                    "Update Goldloop to open it; nothing was changed."
                )
    # imported here: Alembic costs a quarter of a second that an up-to-date store does not need
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        attributes: dict[str, Any] = config.attributes
        attributes["connection"] = connection
        command.upgrade(config, "head")
