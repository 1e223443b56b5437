"""What is remembered: rows as Parquet files, everything else in SQL."""

from workbench.store.store import Connection, Store

__all__ = ["Connection", "Store"]
