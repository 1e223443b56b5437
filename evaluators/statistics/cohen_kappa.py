"""How far two raters agree beyond chance"""

from __future__ import annotations

from collections.abc import Hashable, Sequence

import numpy as np

from evaluators.errors import BadRequest, Unpaired
from evaluators.statistics.bootstrap import bootstrap_over
from evaluators.statistics.estimate import ALPHA, Estimate

WEIGHTS = ("none", "linear", "quadratic")


def cohen_kappa(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    *,
    weights: str = "none",
    order: Sequence[Hashable] | None = None,
) -> float | None:
    """Cohen's kappa: 1 is perfect agreement, 0 is chance; None where it is not defined (both gave one value only).

    first, second: (N,) what two raters said of the same things. weights: "linear" or "quadratic" for grades, where a
    near miss is half right; `order` then says their order (by default sorted). Where one value prevails kappa is low in
    spite of agreement (90 % agreement can be -.05): show it beside the plain share and Gwet's AC1. Raises Unpaired.
    Source: Cohen 1960; weighted, Cohen 1968: 1 - sum(w o) / sum(w e), w the distance of the two grades.
    """
    if weights not in WEIGHTS:
        raise BadRequest(f'there are no weights "{weights}"; they are {", ".join(WEIGHTS)}.')
    if len(first) != len(second):
        raise Unpaired(f"{len(first)} ratings against {len(second)}: kappa needs both raters on the same things.")
    values = list(order) if order is not None else sorted({*first, *second}, key=_sortable)
    places = {value: at for at, value in enumerate(values)}
    k = len(values)
    table = np.zeros((k, k))
    for a, b in zip(first, second, strict=True):
        table[places[a], places[b]] += 1
    if not table.sum():
        return None
    apart = np.abs(np.arange(k)[:, None] - np.arange(k)).astype(float)
    weight = {"none": (apart > 0).astype(float), "linear": apart, "quadratic": apart**2}[weights]
    by_chance = float((weight * np.outer(table.sum(1), table.sum(0))).sum() / table.sum())
    return 1 - float((weight * table).sum()) / by_chance if by_chance else None


def kappa_with_interval(
    first: Sequence[Hashable],
    second: Sequence[Hashable],
    *,
    weights: str = "none",
    order: Sequence[Hashable] | None = None,
    draws: int = 1_000,
    seed: int = 0,
    alpha: float = ALPHA,
) -> Estimate:
    """Cohen's kappa with a bootstrap interval over the things rated."""
    value = cohen_kappa(first, second, weights=weights, order=order)
    known = order if order is not None else sorted({*first, *second}, key=_sortable)
    span = bootstrap_over(
        lambda drawn: cohen_kappa(
            [first[at] for at in drawn], [second[at] for at in drawn], weights=weights, order=known
        ),
        len(first),
        draws=draws,
        seed=seed,
        alpha=alpha,
    )
    low, high = span if span is not None and value is not None else (None, None)
    return Estimate(value, low, high, len(first), "bootstrap over rows", confidence=1 - alpha)


def observed_agreement(first: Sequence[Hashable], second: Sequence[Hashable]) -> float | None:
    """Share of things of which both said the same, 0 to 1; None for none."""
    return sum(a == b for a, b in zip(first, second, strict=True)) / len(first) if len(first) else None


def _sortable(value: Hashable) -> tuple[str, float, str]:
    return ("", float(value), "") if isinstance(value, (int, float)) else (type(value).__name__, 0.0, str(value))
