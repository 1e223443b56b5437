"""Frames of which few rows change: the many that stay are not copied."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import polars as pl

FEW = 100  # rows that go or change; more are better copied than cut around
MOST_PIECES = 256  # a frame of more pieces is slow to work on; putting 100,000 rows into one piece takes .05 s


def with_rows_at(frame: pl.DataFrame, places: Sequence[int], ready: pl.DataFrame) -> pl.DataFrame:
    """The frame with the rows of `ready` at these places, which ascend. The rows between are not copied if few go."""
    if len(places) > FEW or 2 * len(places) + frame.n_chunks() > MOST_PIECES:
        order = np.arange(frame.height)
        order[list(places)] = np.arange(frame.height, frame.height + ready.height)
        return pl.concat([frame, ready])[order]
    parts, start = [], 0
    for number, place in enumerate(places):
        parts += [frame.slice(start, place - start), ready.slice(number, 1)]
        start = place + 1
    return pl.concat([*parts, frame.slice(start)], rechunk=False)


def without_rows_at(frame: pl.DataFrame, places: Sequence[int]) -> pl.DataFrame:
    """The frame without the rows at these few places, which ascend."""
    parts, start = [], 0
    for place in places:
        parts.append(frame.slice(start, place - start))
        start = place + 1
    whole = pl.concat([*parts, frame.slice(start)], rechunk=False)
    return whole.rechunk() if whole.n_chunks() > MOST_PIECES else whole
