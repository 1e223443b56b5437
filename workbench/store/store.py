"""The store: one folder, one database; opened by everything that remembers."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, insert, make_url
from sqlalchemy.exc import ArgumentError, DatabaseError, InterfaceError, OperationalError

from workbench.errors import StoreError
from workbench.store import migrations
from workbench.store.row_files import RowFiles, unwritable

SQLITE_PRAGMAS = (  # measured: SQLAlchemy's own defaults lost 241 of 800 concurrent updates without an error
    "busy_timeout=30000",  # milliseconds; first, since the next one may have to wait, too
    "journal_mode=wal",
    "foreign_keys=on",
    "synchronous=full",
)


def now() -> str:
    """The time as the store writes it: ISO 8601, UTC, to the millisecond."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


def inserted(connection: Connection, table: Table, **values: Any) -> int:
    """Adds a line to a table inside an open transaction and gives its id."""
    key = connection.execute(insert(table).values(**values)).inserted_primary_key
    assert key is not None, f"{table.name} has no id"
    return int(key[0])


def clock(connection: Connection) -> float:
    """The time by the database's own clock, in seconds since the epoch: one clock for all who share a database."""
    ask = {
        "sqlite": "select (julianday('now') - 2440587.5) * 86400.0",  # the Julian date of 1 January 1970, 0 h
        "postgresql": "select cast(extract(epoch from clock_timestamp()) as double precision)",
    }
    return float(connection.exec_driver_sql(ask[connection.dialect.name]).scalar_one())


class Store:
    """Where versions, golden sets, runs and ratings live. Safe to open from many processes at once."""

    def __init__(self, root: Path, engine: Engine, database: str | None = None) -> None:
        self.root = root
        self.engine = engine
        self.database = database  # the address it was opened with, for workers; None is SQLite in the folder
        self.row_files = RowFiles(root / "rows")

    @classmethod
    def open(cls, root: str | Path, database: str | None = None) -> Store:
        """Opens the store in that folder, makes it if it is new, and brings its tables up to date.

        database: a SQLAlchemy URL such as postgresql+pg8000://..., None for SQLite in the folder. Raises StoreError in
        plain words when the folder or the database cannot be used.
        """
        root = Path(root)
        try:
            root.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(
                f"The store's folder {root} cannot be used ({error.strerror}). Choose another with --store."
            ) from None
        try:
            url = make_url(database or f"sqlite:///{root / 'goldloop.db'}")
            engine = create_engine(url, pool_pre_ping=url.get_backend_name() != "sqlite")
        except (ArgumentError, ImportError) as error:
            raise StoreError(
                f"The address in GOLDLOOP_DATABASE cannot be used ({error}). Write it like "
                "postgresql+pg8000://user@host/goldloop, and install goldloop[postgres]."
            ) from None
        if url.get_backend_name() == "sqlite":
            _make_sqlite_safe(engine)
        store = cls(root, engine, database)
        with store._in_plain_words():
            migrations.upgrade(engine)
        return store

    @property
    def shared(self) -> bool:
        """True when the database is a server that several computers may use."""
        return self.engine.dialect.name != "sqlite"

    def close(self) -> None:
        self.engine.dispose()

    def folder(self, *parts: str | int) -> Path:
        """A folder inside the store, made if need be."""
        path = self.root.joinpath(*map(str, parts))
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StoreError(unwritable(path, error)) from error
        return path

    @contextmanager
    def read(self) -> Iterator[Connection]:
        """A connection that sees one state of the database and changes nothing."""
        with self._in_plain_words(), self.engine.connect().execution_options(write=False) as connection:
            yield connection

    @contextmanager
    def write(self) -> Iterator[Connection]:
        """A transaction that holds the write lock from its start: all of it happens, or none. Keep it short."""
        with self._in_plain_words(), self.engine.connect().execution_options(write=True) as connection:
            with connection.begin():
                yield connection

    @contextmanager
    def _in_plain_words(self) -> Iterator[None]:
        try:
            yield
        except (OperationalError, InterfaceError) as error:
            reason = str(error.orig)
            if "disk is full" in reason or "disk I/O" in reason:
                raise StoreError(
                    f"The disk is full: the store in {self.root} could not be written. Nothing was changed; "
                    "free some space and try again."
                ) from error
            if "locked" in reason:
                raise StoreError(
                    "Another process has been writing to the store for over 30 seconds. Nothing was changed; try again."
                ) from error
            raise StoreError(f"The store in {self.root} cannot be used: {reason}.") from error
        except DatabaseError as error:
            if "malformed" in str(error.orig) or "not a database" in str(error.orig):
                raise StoreError(
                    f"The database in {self.root} is damaged ({error.orig}). It was left as it is; restore a backup."
                ) from error
            raise


def _make_sqlite_safe(engine: Engine) -> None:
    @event.listens_for(engine, "connect")
    def _(connection: Any, _record: Any) -> None:
        connection.isolation_level = None
        for pragma in SQLITE_PRAGMAS:
            connection.execute(f"pragma {pragma}")

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        write = connection.get_execution_options().get("write", True)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if write else "BEGIN")
