"""Whether the training loss rises for good, and whether the learning rate is behind it or the rows are

A run that diverges shows it in more than one place: the gradients grow, the validation rows become less likely. Where
rows are read from easy to hard the loss rises as well, but the gradients stay what they were and the validation loss
falls.
"""

from __future__ import annotations

import statistics

from training.doctor.curve import Curve, clear_of_noise
from training.doctor.falling import CLEAR, FEWEST_STEPS, SURE
from training.doctor.finding import Finding

RISE = 0.10  # relative: a loss that ends this far above its start has risen; less may be a hard last batch
REBOUND = 0.25  # relative: the same, above the lowest level that the run had reached in between
# relative: proof only where no gradients are known; rows sorted by topic brought 2.3 times the loss with none larger
FAR = 0.5
GROWN = 2.5  # times the first gradients; on sorted rows .5 to 1.7 times, but where the script itself changed
LOST = 0.02  # relative: a validation loss so far above its lowest, or above the untuned model's, says that it is lost
LONGEST_LEVEL = 8  # steps: of the window by which the lowest level is found


def rising(curve: Curve) -> Finding | None:
    """Diverging where something else than the training loss shows it; else a rise whose cause cannot be told."""
    count = len(curve.losses)
    if count < FEWEST_STEPS:
        return None
    quarter = max(3, count // 4)
    first, last = curve.part(min(3, quarter)), curve.part(quarter, last=True)
    began, ends = statistics.fmean(first), statistics.fmean(last)
    low, at = _lowest_level(curve, quarter)
    above_start = ends >= began * (1 + RISE) and clear_of_noise(first, last, curve.noise) >= CLEAR
    above_low = (
        bool(low) and ends >= statistics.fmean(low) * (1 + REBOUND) and (clear_of_noise(low, last, curve.noise) >= SURE)
    )
    if not above_start and not above_low:
        return None
    since = curve.steps[at] if above_low else curve.steps[curve.losses.index(min(curve.losses))]
    seen = (
        f"The training loss rises: {began:.2f} in the first steps, {ends:.2f} in the last {quarter}."
        if above_start
        else f"The training loss rises again: {statistics.fmean(low):.2f} around step {since}, {ends:.2f} in the last "
        f"{quarter}."
    )
    proof = _proof(curve, began, ends)
    told = (f"lowest {min(curve.losses):.2f} at step {curve.steps[curve.losses.index(min(curve.losses))]}",
            f"learning rate up to {curve.rate:.1e}", *proof)  # fmt: skip
    if proof and not _validation_falls(curve):
        advice = f"Stop the run and begin anew with a tenth of the learning rate ({curve.rate / 10:.0e})."
        return Finding("diverging", "error", since, seen, advice, told)
    return _unclear(curve, seen, since, told)


def _unclear(curve: Curve, seen: str, since: int, told: tuple[str, ...]) -> Finding:
    if _validation_falls(curve):
        best = min(loss for _, loss in curve.validation)
        return Finding(
            "rises",
            "hint",
            since,
            f"{seen} The validation loss falls all the while, to {best:.2f}: the model learns, and the rows that it "
            "read last are harder than the first ones.",
            "Nothing need be done; where the rows were read in the order of a file, shuffle them.",
            told,
        )
    return Finding(
        "rises",
        "warning",
        since,
        f"{seen} The gradients did not grow with it, so the rows may only have become harder (read from easy to hard); "
        "a learning rate that is too high looks alike, and this curve alone cannot tell which.",
        "If the rows were read in the order of a file, shuffle them; else begin anew with a third of the learning rate "
        f"({curve.rate / 3:.0e}). With a validation share of .1 the next run can tell.",
        told,
    )


def _lowest_level(curve: Curve, quarter: int) -> tuple[list[float], int]:
    """The window of steps before the last quarter with the lowest mean, and where it begins; empty in a short run."""
    size = min(LONGEST_LEVEL, quarter)
    places = range(len(curve.losses) - quarter - size + 1)
    if not places:
        return [], 0
    at = min(places, key=lambda place: statistics.fmean(curve.losses[place : place + size]))
    return curve.losses[at : at + size], at


def _proof(curve: Curve, began: float, ends: float) -> tuple[str, ...]:
    """What else shows that the weights are being lost."""
    told = []
    norms = [one for one in curve.norms if one is not None]
    if len(norms) >= FEWEST_STEPS:
        first, most = statistics.median(norms[:3]), statistics.median(sorted(norms)[-3:])
        if most > GROWN * first:
            told.append(f"gradient {first:.2f} at first, {most:.2f} at the highest steps")
    elif ends > began * (1 + FAR):
        told.append(f"loss {ends / began:.1f} times that of the first steps")
    known = [loss for _, loss in curve.validation]
    if known and known[-1] > min([*known, curve.untuned or known[0]]) * (1 + LOST):
        told.append(f"validation loss {known[-1]:.2f} at last, {min([*known, curve.untuned or known[0]]):.2f} at best")
    return tuple(told)


def _validation_falls(curve: Curve) -> bool:
    """Whether the newest look at the validation rows is the best one so far, that before training included."""
    known = [loss for _, loss in curve.validation]
    before = [loss for loss in (curve.untuned, *known[:-1]) if loss is not None]
    return bool(known and before) and known[-1] <= min(before)
