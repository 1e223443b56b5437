"""What is remembered: rows as Parquet files, everything else in SQL."""

from workbench.store.store import Store

__all__ = ["Store"]
