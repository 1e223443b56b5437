"""The store's tables from edition to edition, by Alembic."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, inspect, text

from workbench.errors import StoreError

NEWEST = "0010"
ONE_AT_A_TIME = 7_461_001  # the key of the advisory lock; any number that nobody else uses in this database


def upgrade(engine: Engine) -> None:
    """Brings the tables to the newest edition; a database that a newer Goldloop wrote is refused, unchanged."""
    with engine.connect().execution_options(write=False) as connection:
        if _is_newest(connection):
            return
    # imported here: Alembic costs a quarter of a second that an up-to-date store does not need
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    with engine.connect().execution_options(write=True) as connection, connection.begin():
        if engine.dialect.name == "postgresql":  # SQLite holds its write lock from the start of the transaction
            connection.execute(text("select pg_advisory_xact_lock(:key)"), {"key": ONE_AT_A_TIME})
        if _is_newest(connection):  # another process was quicker
            return
        attributes: dict[str, Any] = config.attributes
        attributes["connection"] = connection
        command.upgrade(config, "head")


def _is_newest(connection: Connection) -> bool:
    if not inspect(connection).has_table("alembic_version"):
        return False
    found = connection.execute(text("select version_num from alembic_version")).scalar()
    if found is not None and found > NEWEST:
        raise StoreError(
            f"This store was written by a newer Goldloop (edition {found}; this one knows {NEWEST}). "
            "Update Goldloop to open it; nothing was changed."
        )
    return bool(found == NEWEST)
