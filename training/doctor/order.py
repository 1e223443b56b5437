"""Whether the rows seem to be read in an order: kinds in blocks, or from easy to hard in every epoch"""

from __future__ import annotations

import statistics
from itertools import pairwise

from training.doctor.curve import Curve, clear, clear_of_noise, levels
from training.doctor.falling import SURE
from training.doctor.finding import Finding

FEWEST_TO_SEE_ORDER = 24  # steps: room for two blocks with a level of their own
THROWN = 5.0  # times the first gradients: a rise with such a gradient is the rate's doing, not the rows'
SHIFT = 0.08  # relative: a lasting rise by this much that is also clear of the scatter; 0 of 134 shuffled runs had one
BLOCKS = 10  # a block has at least this part of the run: the longer, the milder a shift can be seen in it
FEWEST_IN_EPOCH = 6  # steps: two in each third
CLIMB = 0.04  # relative: of shuffled rows no epoch ends so much above where it began, clear of its scatter
CLEAR = 2.5  # standard errors, which every epoch has to show by itself
SHUFFLE = "Shuffle the rows. Goldloop does so in every epoch; a trainer that reads a file in its order does not."


def order(curve: Curve) -> Finding | None:
    """Rows of one kind follow each other, or the hard ones come last."""
    return _blocks(curve) or _ramps(curve)


def _blocks(curve: Curve) -> Finding | None:
    """The loss jumps up between blocks of steps and falls within them."""
    count = len(curve.losses)
    size = max(4, count // BLOCKS)
    if count < FEWEST_TO_SEE_ORDER:
        return None
    level = levels(curve.losses, size)
    rises = []
    for at in range(size, count - size + 1):
        before, after = level[at - size], level[at]
        score = clear(before, after, curve.noise)
        if after.mean > before.mean * (1 + SHIFT) and score > SURE:
            rises.append((score, at))
    kept: list[int] = []
    for _, at in sorted(rises, reverse=True):
        if all(abs(at - other) > 2 * size for other in kept):
            kept.append(at)
    places = sorted(at for at in kept if _falls_again(curve, at, size) and not _thrown(curve, at, size))
    if not places:
        return None
    steps = [curve.steps[at] for at in places]
    first = places[0]
    low = statistics.fmean(curve.losses[first - size : first])
    high = statistics.fmean(curve.losses[first : first + size])
    said = ", ".join(str(step) for step in steps[:5])
    return Finding(
        "order",
        "warning",
        steps[0],
        f"At step {said} the loss jumps (first from {low:.2f} to {high:.2f}) and then falls again, as where "
        "rows of another kind begin: the rows seem to be read sorted.",
        SHUFFLE,
        (f"steps {said}", f"scatter of single steps {curve.noise:.2f}"),
    )


def _falls_again(curve: Curve, at: int, size: int) -> bool:
    """Whether the loss comes down within the block that a rise begins; one that stays up is another ailment."""
    block = curve.losses[at : at + 6 * size]
    if len(block) < 2 * size:
        return False
    within = [one.mean for one in levels(block, size)]
    return min(within) < 0.95 * within[0]


def _thrown(curve: Curve, at: int, size: int) -> bool:
    """Whether the gradient exploded where the loss rose."""
    first = [one for one in curve.norms[:3] if one is not None]
    here = [one for one in curve.norms[max(0, at - size) : at + size] if one is not None]
    return bool(first and here) and max(here) > THROWN * max(first)


def _ramps(curve: Curve) -> Finding | None:
    """In every epoch the loss climbs, and falls back where the next one begins: easy rows first, each time.

    A rate that is too high lets the loss climb, too, but does not let it fall back at the beginning of an epoch.
    """
    epochs = _whole_epochs(curve)
    if len(epochs) < 2:
        return None
    climbs = []
    for losses in epochs:
        third = len(losses) // 3
        first, last = losses[:third], losses[-third:]
        if statistics.fmean(last) < statistics.fmean(first) * (1 + CLIMB) or (
            clear_of_noise(first, last, curve.noise) < CLEAR
        ):
            return None
        climbs.append((statistics.fmean(first), statistics.fmean(last)))
    falls = [before[1] - after[0] for before, after in pairwise(climbs)]
    if any(fall < (high - low) / 2 for fall, (low, high) in zip(falls, climbs, strict=False)):
        return None
    (low, high), (again, top) = climbs[0], climbs[1]
    return Finding(
        "order",
        "warning",
        curve.steps[0],
        f"In every epoch the loss climbs (in the first from {low:.2f} to {high:.2f}, in the second from {again:.2f} to "
        f"{top:.2f}) and falls back where the next one begins: the rows seem to be read from easy to hard.",
        SHUFFLE,
        (f"{len(epochs)} epochs of {len(epochs[0])} steps", f"scatter of single steps {curve.noise:.2f}"),
    )


def _whole_epochs(curve: Curve) -> list[list[float]]:
    """The losses of each epoch that was read to its end, where epochs are long enough to have a shape."""
    size = curve.per_epoch
    if size < FEWEST_IN_EPOCH:
        return []
    parts = [curve.losses[at : at + size] for at in range(0, len(curve.losses) - size + 1, size)]
    return parts
