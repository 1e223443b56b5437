"""A number with its interval"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, log2

CONFIDENCE = 0.95
ALPHA = 1 - CONFIDENCE
FEWEST_UNITS = 6  # five rows that all point one way still have a sign-test p of 2/32 = .0625
SAME = 1e-9  # scores closer than this are a tie


@dataclass(frozen=True)
class Estimate:
    """A value with its interval, at 95 % unless `confidence` says otherwise.

    value is None when nothing was judged; low and high are None when the rows are too few for any interval (fewer than
    two independent units). None rather than infinity or nan, so that it can be written as JSON and never compares by
    accident. n counts rows, clusters the independent groups among them (None: every row stands alone).
    """

    value: float | None
    low: float | None
    high: float | None
    n: int
    method: str
    clusters: int | None = None
    confidence: float = CONFIDENCE

    @property
    def units(self) -> int:
        """How many independent things the interval rests on."""
        return self.n if self.clusters is None else self.clusters

    @property
    def half_width(self) -> float | None:
        """Half the length of the interval, None without one."""
        return None if self.low is None or self.high is None else (self.high - self.low) / 2


def fewest_units(alpha: float = ALPHA) -> int:
    """How many rows that all point one way it takes before an exact sign test can find anything at this level.

    6 at .05 (p = 2/64), 8 at .01. Source: two-sided sign test, p = 2 * .5**n.
    """
    return ceil(log2(2 / alpha) - 1e-9)
