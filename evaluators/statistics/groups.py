"""Rows that belong together, summed: what an interval or a test may take as independent"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np
from numpy.typing import NDArray

from evaluators.errors import MissingGroup, Unpaired

Group = Hashable | None


def by_group(values: NDArray[np.float64], groups: Sequence[Group] | None) -> NDArray[np.float64]:
    """Sum of the values of each group, (C,); the values themselves without groups. Raises MissingGroup."""
    if groups is None:
        return values
    if len(groups) != len(values):
        raise Unpaired(f"{len(groups)} group ids for {len(values)} rows.")
    missing = sum(group is None for group in groups)
    if missing:
        raise MissingGroup(f"{missing} of {len(groups)} rows have no group id. Give each its own, or leave groups out.")
    places = {group: place for place, group in enumerate(dict.fromkeys(groups))}
    return np.bincount([places[group] for group in groups], weights=values).astype(np.float64)
