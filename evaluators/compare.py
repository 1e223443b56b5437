"""Two arms on the same rows: difference, interval, wins and losses, and what can be concluded"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from evaluators.errors import MissingGroup, Unpaired
from evaluators.primary_metric import primary_metric
from evaluators.sample import Sample, Score, Scorer
from evaluators.statistics.adjusted_p import benjamini_hochberg
from evaluators.statistics.bonett_price import bonett_price
from evaluators.statistics.clustered_rates import clustered_rates, design
from evaluators.statistics.estimate import ALPHA, SAME, Estimate
from evaluators.statistics.few_differing import FEW, with_unseen_rows
from evaluators.statistics.mcnemar import mcnemar
from evaluators.statistics.paired_difference import differences, paired_difference, spread
from evaluators.statistics.sign_flip import sign_flip
from evaluators.statistics.smallest_detectable import smallest_mean, smallest_rate
from evaluators.verdict import sentence, verdict

__all__ = [
    "Comparison",
    "Slice",
    "by_slice",
    "compare",
    "groups_of",
    "primary_metric",
    "sentence",
    "tags_of",
    "verdict",
]

SMALL_SLICE = 10  # rows; below it a slice shows counts only, since an interval there invites stories


@dataclass(frozen=True)
class Comparison:
    """Arm b against arm a on the rows that both were judged on.

    difference points to better: positive means that b is better, also for scorers where lower is better. mean_a and
    mean_b are the raw means in the scorer's unit. wins, ties and losses are b's. smallest_detectable: the smallest true
    difference that this many rows find in four of five cases, None when it cannot be told. p: two-sided, None when it
    cannot be told. n: rows compared; not_judged: rows left out since one arm or both have no score. net: wins less
    losses as a share of all rows, ties included, with its own exact p (net_p) and the less cautious mid-p, None for
    rows in groups. bootstrap: a second interval of the difference by another way, where it was asked for.
    """

    a: str
    b: str
    scorer: str
    title: str
    unit: str
    higher_is_better: bool
    difference: Estimate
    wins: int
    ties: int
    losses: int
    smallest_detectable: float | None
    p: float | None
    n: int
    not_judged: int
    mean_a: float | None
    mean_b: float | None
    net: Estimate | None = None
    net_p: float | None = None
    mid_p: float | None = None
    bootstrap: Estimate | None = None
    lost: int = 0


@dataclass(frozen=True)
class Slice:
    """One tag's rows in a comparison; a small slice has counts and no difference.

    p_adjusted: Benjamini-Hochberg over the slices that are not small.
    """

    tag: str
    n: int
    wins: int
    ties: int
    losses: int
    small: bool
    difference: Estimate | None
    p: float | None
    p_adjusted: float | None


def groups_of(samples: Sequence[Sample]) -> dict[str, str] | None:
    """Group by sample id for `compare`; a row without a group stands alone. None when no row has a group."""
    if not any(s.group is not None for s in samples):
        return None
    return {s.id: f"group:{s.group}" if s.group is not None else f"row:{s.id}" for s in samples}


def tags_of(samples: Sequence[Sample]) -> dict[str, tuple[str, ...]]:
    """Tags by sample id for `by_slice`."""
    return {s.id: s.tags for s in samples}


def compare(
    a_scores: Mapping[str, Score],
    b_scores: Mapping[str, Score],
    scorer: Scorer,
    *,
    names: tuple[str, str],
    groups: Mapping[str, str] | None = None,
    alpha: float = ALPHA,
    draws: int = 0,
) -> Comparison:
    """Arm b against arm a, paired by row id.

    a_scores, b_scores: score by row id (`Scorer.by_id`), the same ids in both. names: of arm a and of arm b. groups:
    group id by row id, for intervals that take near copies as dependent (`groups_of`). alpha: 1 - the level of the
    intervals. draws: how often to draw for a bootstrap interval beside the t interval; 0 for none. Pass/fail scores get
    the Bonett-Price interval and McNemar's exact p, in groups the same on the design effect and a p by flipping the
    signs of whole groups; all others Student's t on the differences, clustered by group. Where fewer than six rows
    differ, or all by the same, the interval allows for rows not seen (`with_unseen_rows`).
    Raises Unpaired when the arms do not hold the same ids, MissingGroup when a compared row has no group id.
    """
    judged = pairs(a_scores, b_scores)
    a = [first for _, first, _ in judged]
    b = [second for _, _, second in judged]
    better = differences(a, b) * (1 if scorer.higher_is_better else -1)
    wins, losses = int((better > SAME).sum()), int((better < -SAME).sum())
    n = len(judged)
    owners = None if groups is None else group_ids(groups, [row_id for row_id, _, _ in judged])
    signs = np.sign(np.where(np.abs(better) > SAME, better, 0.0))
    net, net_p, mid_p = won_and_lost(signs, owners, alpha)
    drawn = None
    if scorer.pass_fail:
        difference, p = net, net_p
        worth = int(design(signs, owners).worth) if owners else n
        smallest = smallest_rate(worth, (wins + losses) / n, alpha=alpha) if n else None
    else:
        difference = paired_difference(better * 0, better, groups=owners, alpha=alpha)
        found = spread(better, owners) if n else None
        p = found.p if found else None
        smallest = smallest_mean(found.error, found.freedom, alpha=alpha) if found and found.error else None
        if draws:
            drawn = paired_difference(better * 0, better, groups=owners, method="BCa", draws=draws, alpha=alpha)
    difference = within(with_unseen_rows(difference, better, span=scorer.span, groups=owners), scorer.span)
    if difference.method.endswith(FEW) and not scorer.pass_fail:
        p = None  # of a t test on a handful of rows among ties: smaller than any sign test allows
    return Comparison(
        names[0],
        names[1],
        scorer.name,
        scorer.title,
        scorer.unit,
        scorer.higher_is_better,
        difference,
        wins,
        n - wins - losses,
        losses,
        smallest,
        p,
        n,
        len(a_scores) - n,
        sum(a) / n if n else None,
        sum(b) / n if n else None,
        net,
        net_p,
        mid_p,
        drawn,
        sum(one.value is not None and b_scores[row].value is None for row, one in a_scores.items()),
    )


def won_and_lost(
    signs: NDArray[np.float64], owners: Sequence[str] | None, alpha: float
) -> tuple[Estimate, float | None, float | None]:
    """(net win rate, its exact p, its mid-p) of rows that b won (1), lost (-1) or tied (0); no mid-p in groups."""
    wins, losses = int((signs > 0).sum()), int((signs < 0).sum())
    if owners:
        return clustered_rates(signs, owners, alpha=alpha), sign_flip(signs, owners) if len(signs) > 1 else None, None
    tested = mcnemar(wins, losses)
    net = bonett_price(wins, losses, len(signs), alpha=alpha)
    return (net, tested.exact, tested.mid_p) if len(signs) > 1 else (net, None, None)


def within(found: Estimate, span: float | None) -> Estimate:
    """The estimate with its interval cut to what differences there can be, -span to span."""
    if span is None or found.low is None or found.high is None:
        return found
    return replace(found, low=max(-span, found.low), high=min(span, found.high))


def pairs(a_scores: Mapping[str, Score], b_scores: Mapping[str, Score]) -> list[tuple[str, float, float]]:
    """(row id, a's value, b's value) of the rows judged in both arms; raises Unpaired on different ids."""
    apart = a_scores.keys() ^ b_scores.keys()
    if apart:
        shown = ", ".join(sorted(apart)[:3])
        raise Unpaired(
            f"{len(apart)} rows stand in one arm only ({shown}). Evaluate both arms on the same golden version."
        )
    both = ((row_id, score.value, b_scores[row_id].value) for row_id, score in a_scores.items())
    return [(row_id, first, second) for row_id, first, second in both if first is not None and second is not None]


def group_ids(groups: Mapping[str, str], row_ids: Sequence[str]) -> list[str]:
    """The group of each row; raises MissingGroup rather than taking a row without one as independent."""
    missing = [row_id for row_id in row_ids if row_id not in groups]
    if missing:
        raise MissingGroup(
            f"{len(missing)} rows have no group id, {missing[0]} among them. Give each one, its own if it "
            "stands alone, or compare without groups."
        )
    return [groups[row_id] for row_id in row_ids]


def by_slice(
    a_scores: Mapping[str, Score],
    b_scores: Mapping[str, Score],
    scorer: Scorer,
    *,
    names: tuple[str, str],
    tags: Mapping[str, Sequence[str]],
    groups: Mapping[str, str] | None = None,
    alpha: float = ALPHA,
) -> list[Slice]:
    """The comparison for each slice, worst first; fewer than 10 rows give counts only, are marked small and come last.

    tags: names of slices by row id (`tags_of`, `slices.slices_of`); a row with two counts in both. A slice is
    exploratory: read its `p_adjusted`, not its p. A slice of which no row was judged is left out.
    """
    found = []
    for tag in sorted({tag for row_id in a_scores for tag in tags.get(row_id, ())}):
        ids = [row_id for row_id in a_scores if tag in tags.get(row_id, ())]
        found.append(
            (
                tag,
                compare(
                    {i: a_scores[i] for i in ids},
                    {i: b_scores[i] for i in ids if i in b_scores},
                    scorer,
                    names=names,
                    groups=groups,
                    alpha=alpha,
                ),
            )
        )
    large = [(tag, c.p) for tag, c in found if c.n >= SMALL_SLICE and c.p is not None]
    adjusted = dict(zip((tag for tag, _ in large), benjamini_hochberg([p for _, p in large]), strict=True))
    slices = [
        Slice(
            tag,
            c.n,
            c.wins,
            c.ties,
            c.losses,
            c.n < SMALL_SLICE,
            c.difference if c.n >= SMALL_SLICE else None,
            c.p if c.n >= SMALL_SLICE else None,
            adjusted.get(tag),
        )
        for tag, c in found
        if c.n
    ]
    return sorted(slices, key=_worst_first)


def _worst_first(one: Slice) -> tuple[bool, float, int, str]:
    value = one.difference.value if one.difference is not None else None
    return one.small, value if value is not None else 0.0, -one.n, one.tag
