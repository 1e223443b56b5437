"""The digest of rows: of the conversations and of what divides them."""

from __future__ import annotations

import polars as pl

from training.run.data_digest import data_digest, digest_of_conversations


def test_other_groups_are_other_rows_and_rows_without_any_are_as_before(few_rows: pl.DataFrame) -> None:
    none = few_rows.with_columns(group=pl.lit(None, dtype=pl.String))
    halves = few_rows.with_columns(group=pl.when(pl.int_range(pl.len()) < 12).then(pl.lit("a")).otherwise(pl.lit("b")))
    thirds = few_rows.with_columns(group=pl.when(pl.int_range(pl.len()) < 8).then(pl.lit("a")).otherwise(pl.lit("b")))
    assert data_digest(none) == data_digest(few_rows) == digest_of_conversations(few_rows)
    assert len({data_digest(few_rows), data_digest(halves), data_digest(thirds)}) == 3
