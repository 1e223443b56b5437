"""Within what the card expects the time to be: from how far the measured steps lay apart, and who else was there

Nothing of it is fitted to runs. Each part of the time was seen a few times when it was measured and will come a few
times in the run; both are chance, with the spread of single steps around their line. On a machine that was busy the
range goes from the machine alone to one program more than there was.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

from training.forecast.measure import Measured
from training.forecast.workload import Workload

# Of the time, either way, whatever the steps say: so much do processors differ from one minute to the next by their
# clock rate and caches. An assumption, not measured.
LEAST = 0.05


@dataclass(frozen=True)
class TimeParts:
    """Seconds of a run by what they are spent on, on the machine as it was when measured."""

    loading: float
    training: float
    evaluating: float
    saving: float
    ending: float = 0.0

    @property
    def total(self) -> float:
        return self.loading + self.training + self.evaluating + self.saving + self.ending


@dataclass(frozen=True)
class Band:
    """Bounds of the time in seconds, and the sentences that say where they come from."""

    low: float
    high: float
    told: str


def band_of(
    times: TimeParts, work: Workload, measured: Measured, spread: float, quantile: float, alone: float | None = None
) -> Band:
    """The range of the time. spread, quantile: of single steps, from `training.forecast.line.spread_around`; alone: the
    spread of their processor time, which is what a machine that becomes free would show."""
    seen = {  # seconds, times measured, times in the run
        "loading": (times.loading, 1, 1),
        "training": (times.training, len(measured.steps), work.times * len(work.batches)),
        "evaluating": (times.evaluating, len(measured.evaluations), work.evaluations * len(work.evaluation)),
        "saving": (times.saving, 1, work.saves),
        "ending": (times.ending, 1, 1),
    }
    # the root of the summed squares, for a spread of 1
    chance = math.sqrt(
        sum(
            (seconds * quantile) ** 2 * (1 / max(1, before) + 1 / max(1, then))
            for seconds, before, then in seen.values()
        )
    )
    each = chance / times.total if times.total else 0.0
    off = max(LEAST, each * spread)
    below = max(LEAST, each * alone) if measured.busy and alone is not None else off
    soonest = 1.0 if work.soonest is None else work.soonest / max(1, work.steps)
    least = times.loading + times.ending + soonest * (times.training + times.evaluating + times.saving)
    low, high = measured.free_share() * least / (1 + below), times.total * (1 + off) * one_more(measured)
    return Band(low, high, _told(measured, spread, off, work))


def one_more(measured: Measured) -> float:
    """How many times longer a run takes when one more program wants a whole processor; 1 on a machine that was free.

    A fair scheduler gives the run's n threads n / (n + k) of n processors beside k others. The share that others took
    tells k, and with k + 1 the time is (n + k + 1) / (n + k) times as long.
    """
    return 1 + (1 - measured.others_share) / measured.cores if measured.busy else 1.0


def _told(measured: Measured, spread: float, off: float, work: Workload) -> str:
    counted = f"single steps lay {spread:.0%} from their line" if spread else "too few steps were timed to tell more"
    if measured.busy:
        said = (
            f"From the machine alone to one program more than there was, and {off:.0%} beyond: {counted}. "
            "What other programs will do cannot be told."
        )
    else:
        said = f"Within {off:.0%}, nine times in ten, while the machine stays as free as it was: {counted}."
    if work.soonest is not None and work.soonest < work.steps:
        said += f" Patience may end the run from step {work.soonest} on."
    return said
