"""What more training data brings: a power law through losses at growing sizes, with intervals for what doubling gains

L(D) = A * D**-beta + E, with A and E not below 0: D rows of training data, L the held-out loss, E
what no amount of data takes away. Source: Zhang et al. 2024, "When Scaling Meets LLM Finetuning" (ICLR), the data term
of their law.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

from evaluators.errors import BadRequest
from evaluators.statistics.estimate import ALPHA, FEWEST_UNITS, Estimate
from evaluators.statistics.groups import Group, by_group

Floats = NDArray[np.float64]
State = Literal["fitted", "can't tell", "two sizes"]

DRAWS = 2_000
# Exponents tried. Published ones for fine-tuning data lie between 0.01 and 1 (Zhang et al. 2024, fig. 4 and table 2);
# 5 is a curve that is flat after its first point. Negative ones are curves that rise with the data.
STEEPEST, FLATTEST, TRIED = 5.0, 0.01, 120
EXPONENTS = np.concatenate([-np.geomspace(STEEPEST, FLATTEST, TRIED), np.geomspace(FLATTEST, STEEPEST, TRIED)])
BAND = 24  # places at which the interval of the curve is told, from the smallest size to twice the largest


@dataclass(frozen=True)
class Curve:
    """A fitted law; `scale` is A in units where the largest size is 1."""

    scale: float
    beta: float
    floor: float
    largest: float

    def at(self, size: float) -> float:
        """The expected loss with so many rows."""
        return self.scale * (size / self.largest) ** -self.beta + self.floor


@dataclass(frozen=True)
class LearningCurve:
    """What runs of several sizes and seeds say of more data. All differences point to better: a loss that falls.

    means: of each size, over rows and seeds. by_seed: (sizes, seeds). last: what the last step up really gained.
    doubling: what twice the largest size would gain; without value where the state is not "fitted". beta: the exponent.
    band: (size, low, high) of the fitted loss. seeds_unknown: one seed, so no interval holds the chance of training.
    """

    state: State
    why: str
    sizes: tuple[float, ...]
    means: tuple[float, ...]
    by_seed: tuple[tuple[float, ...], ...]
    last: Estimate
    doubling: Estimate
    beta: Estimate
    curve: Curve | None
    band: tuple[tuple[float, float, float], ...]
    seeds_unknown: bool


def learning_curve(
    sizes: Sequence[float],
    losses: ArrayLike,
    groups: Sequence[Group] | None = None,
    *,
    draws: int = DRAWS,
    seed: int = 0,
    alpha: float = ALPHA,
) -> LearningCurve:
    """What doubling the data would bring, from the loss of every held-out row at every size under every seed.

    sizes: (P,) growing numbers of training rows, two at least. losses: (P, S, N) nats per token by size, seed and row.
    groups: a group id a row. Chance is drawn twice: rows (or whole groups) anew, and the seeds' scatter, whose variance
    is pooled over the sizes and itself drawn from its chi-square law, since two seeds say little of it. The intervals
    are percentiles, those of the rows stretched for few units. "can't tell" where the exponent's interval contains 0,
    the units are fewer than six, the last step made it worse, or the curve bends the wrong way, both beyond chance;
    nothing is told beyond twice the largest size. Raises BadRequest for other shapes.
    Source: Efron & Tibshirani 1993, ch. 13; the stretch: Hesterberg 2015, "What teachers should know about the
    bootstrap", section 5.3; the draw of a variance: Gelman et al. 2013, section 3.2.
    """
    x, cube = np.asarray(sizes, float), np.asarray(losses, float)
    if cube.ndim != 3 or len(x) != len(cube) or len(x) < 2 or (np.diff(x) <= 0).any() or x[0] <= 0:
        raise BadRequest("a learning curve takes two sizes or more, growing, and losses by size, seed and row.")
    if not np.isfinite(cube).all() or not cube.shape[2]:
        raise BadRequest("a loss is missing or not finite. Leave rows out that one run could not be measured on.")
    by_seed = cube.mean(axis=2)
    means = by_seed.mean(axis=1)
    drawn, units = _drawn(cube, groups, draws, seed)
    rows, clusters = cube.shape[2], units if groups is not None else None

    def told(value: float | None, values: Floats) -> Estimate:
        if units < 2:
            return Estimate(value, None, None, rows, "bootstrap", clusters, 1 - alpha)
        low, high = np.quantile(values, [alpha / 2, 1 - alpha / 2])
        return Estimate(value, float(low), float(high), rows, "bootstrap", clusters, 1 - alpha)

    last = told(float(means[-2] - means[-1]), drawn[:, -2] - drawn[:, -1])
    nothing = Estimate(None, None, None, rows, "bootstrap", clusters, 1 - alpha)
    shown = {
        "sizes": tuple(x.tolist()),
        "means": tuple(means.tolist()),
        "by_seed": tuple(tuple(one) for one in by_seed.tolist()),
        "last": last,
        "seeds_unknown": cube.shape[1] < 2,
    }
    if len(x) == 2:
        why = "two sizes show what the last step gained, and no curve that could be followed further"
        return LearningCurve("two sizes", why, doubling=nothing, beta=nothing, curve=None, band=(), **shown)  # type: ignore[arg-type]
    point, found = _fitted(x / x[-1], means[None]), _fitted(x / x[-1], drawn)
    beta = told(float(point[1][0]), found[1])
    curve = Curve(float(point[0][0]), float(point[1][0]), float(point[2][0]), float(x[-1]))
    band = _band(x, found, alpha)
    gain = told(curve.at(x[-1]) - curve.at(2 * x[-1]), _gains(x, drawn, found))
    bent = told(None, _bend(x, drawn))
    why = ""
    if units < FEWEST_UNITS:
        why = f"any verdict takes at least {FEWEST_UNITS} independent held-out rows, and there are {units}"
    elif beta.low is None or beta.low <= 0:
        why = "the curve may as well be flat: the interval of its exponent contains 0"
    elif last.high is not None and last.high < 0:
        why = "the last step up made the loss worse, and no law that only falls can follow that"
    elif bent.low is not None and bent.low > 0:
        why = "the loss falls faster the more data there are, and no law that levels off can follow that"
    if why:
        return LearningCurve("can't tell", why, doubling=nothing, beta=beta, curve=curve, band=(), **shown)  # type: ignore[arg-type]
    return LearningCurve("fitted", "", doubling=gain, beta=beta, curve=curve, band=band, **shown)  # type: ignore[arg-type]


def _drawn(cube: Floats, groups: Sequence[Group] | None, draws: int, seed: int) -> tuple[Floats, int]:
    """(draws, P) mean losses with the chance of rows and of seeds in them, and how many independent units there are."""
    rng = np.random.default_rng(seed)
    sums = np.stack([by_group(one, groups) for one in cube.mean(axis=1)])  # (P, units)
    counts = by_group(np.ones(cube.shape[2]), groups)
    units = sums.shape[1]
    weights = rng.multinomial(units, np.full(units, 1 / units), size=draws).astype(float)
    drawn = weights @ sums.T / (weights @ counts)[:, None]
    middle = sums.sum(axis=1) / counts.sum()
    drawn = middle + (drawn - middle) * _stretch(units)
    seeds = cube.shape[1]
    if seeds > 1:
        variance = float(cube.mean(axis=2).var(axis=1, ddof=1).mean())
        freedom = len(cube) * (seeds - 1)
        spread = np.sqrt(variance * freedom / stats.chi2(freedom).rvs(draws, random_state=rng) / seeds)
        drawn = drawn + rng.standard_normal(drawn.shape) * spread[:, None]
    return np.asarray(drawn), units


def _stretch(units: int) -> float:
    """By how much percentiles over so few units must be stretched to be as wide as a t interval."""
    if units < 2:
        return 1.0
    wide = stats.t.ppf(1 - ALPHA / 2, units - 1) / stats.norm.ppf(1 - ALPHA / 2)
    return float(wide * np.sqrt(units / (units - 1)))


def _slopes(x: Floats, losses: Floats) -> Floats:
    """(B, P - 1) what each step up lowered the loss by, told per doubling."""
    return np.asarray(-np.diff(losses, axis=1) / np.diff(np.log2(x)))


def _bend(x: Floats, losses: Floats) -> Floats:
    """How much more a doubling brought in the last step than in the first; above 0 the law's shape does not fit."""
    slopes = _slopes(x, losses)
    return np.asarray(slopes[:, -1] - slopes[:, 0])


def _gains(x: Floats, losses: Floats, found: tuple[Floats, Floats, Floats]) -> Floats:
    """What doubling brings in each draw.

    A draw that bends the wrong way is fitted by the straightest law there is, which lies below its last step. Left so,
    the interval would end too low where the true curve is nearly straight, so such a draw counts by its last step.
    """
    scale, beta, _ = found
    gains = scale * (1 - 2.0**-beta)
    straight = (beta > 0) & (_bend(x, losses) > 0)
    return np.asarray(np.where(straight, np.maximum(gains, _slopes(x, losses)[:, -1]), gains))


def _fitted(x: Floats, losses: Floats) -> tuple[Floats, Floats, Floats]:
    """(scale, beta, floor) of the law nearest to each line of losses (B, P), in least squares; x: (P,), the largest 1.

    For each exponent the two other numbers have a closed form, and their bounds at 0 leave three cases.
    """
    best = np.full(len(losses), np.inf)
    scale, beta, floor = np.zeros(len(losses)), np.zeros(len(losses)), np.zeros(len(losses))
    middle = losses.mean(axis=1)
    for exponent in EXPONENTS:
        form = x**-exponent
        away = form - form.mean()
        a = np.maximum(losses @ away / (away @ away), 0)
        e = middle - a * form.mean()
        below = e < 0
        a, e = np.where(below, losses @ form / (form @ form), a), np.where(below, 0.0, e)
        error = ((losses - a[:, None] * form - e[:, None]) ** 2).sum(axis=1)
        better = error < best - 1e-15
        best, scale = np.where(better, error, best), np.where(better, a, scale)
        beta, floor = np.where(better, exponent, beta), np.where(better, e, floor)
    return scale, beta, floor


def _band(x: Floats, found: tuple[Floats, Floats, Floats], alpha: float) -> tuple[tuple[float, float, float], ...]:
    """(size, low, high) of the fitted losses, from the smallest size to twice the largest."""
    scale, beta, floor = found
    places = np.geomspace(x[0], 2 * x[-1], BAND)
    lines = []
    for place in places:
        values = scale * (place / x[-1]) ** -beta + floor
        low, high = np.quantile(values, [alpha / 2, 1 - alpha / 2])
        lines.append((float(place), float(low), float(high)))
    return tuple(lines)
