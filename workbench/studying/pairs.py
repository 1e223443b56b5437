"""Two sides of a study on the same golden rows: difference, interval over rows and seeds, and the usual words"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import numpy as np

from evaluators.compare import Comparison, compare, group_ids
from evaluators.conclusion import MARGIN
from evaluators.sample import Score, Scorer, catalogue
from evaluators.statistics.estimate import SAME
from evaluators.statistics.few_differing import with_unseen_rows
from evaluators.statistics.over_seeds import difference_over_seeds
from evaluators.verdict import figures, verdict
from workbench.studying.design import BITS
from workbench.studying.measuring import Measured


def scorer_of(measure: str) -> Scorer:
    """The metric with that name; bits per byte are told by the study itself."""
    if measure == BITS:
        return Scorer(BITS, "Bits per byte of the reply", "", False, "bits per byte", (), False, BITS, lambda _: [])
    return catalogue()[measure]


def paired(
    a: Sequence[Measured], b: Sequence[Measured], measure: str, names: tuple[str, str],
    groups: Mapping[str, str] | None = None,
) -> Comparison:  # fmt: skip
    """Side b against side a, each measured once a seed, in the same order of seeds; positive is better.

    With one run a side this is the comparison of an evaluation. With several, a row's value is its mean over seeds, and
    the interval holds the chance of rows and of training (`difference_over_seeds`). Rows not judged in some run do not.
    """
    scorer = scorer_of(measure)
    all_rows = list(dict.fromkeys(row for one in (*a, *b) for row in one.values.get("nll", {})))
    mean_a, mean_b = (_means(side, measure, all_rows) for side in (a, b))
    found = compare(mean_a, mean_b, scorer, names=names, groups=groups)
    if len(a) < 2 or len(a) != len(b):
        return found
    rows = [row for row in all_rows if mean_a[row].value is not None and mean_b[row].value is not None]
    if not rows:
        return found
    sign = 1 if scorer.higher_is_better else -1
    cubes = [np.array([[one.values[measure][row] for row in rows] for one in side]) * sign for side in (a, b)]
    owners = None if groups is None else group_ids(groups, rows)
    estimate, p = difference_over_seeds(cubes[0], cubes[1], groups=owners)
    better = (cubes[1] - cubes[0]).mean(axis=0)
    estimate = with_unseen_rows(estimate, better, span=scorer.span, groups=owners)
    wins, losses = int((better > SAME).sum()), int((better < -SAME).sum())
    return replace(
        found, difference=estimate, p=p, wins=wins, losses=losses, ties=len(rows) - wins - losses,
        smallest_detectable=None, net=None, net_p=None, mid_p=None,
    )  # fmt: skip


def word(found: Comparison) -> str:
    """better, worse, no worse or can't tell; "no worse" only where a margin is known in the measure's unit."""
    return verdict(found, margin=None if found.scorer == BITS else MARGIN)


def said(found: Comparison) -> str:
    """The comparison as the part of a sentence: "B is better than A (...)"."""
    told, b, a = word(found), found.b, found.a
    if told == "can't tell":
        return f"whether {b} is better than {a} can't be told {figures(found)}"
    return f"{b} is {told} than {a} {figures(found)}"


def line(found: Comparison, **more: Any) -> dict[str, Any]:
    """The comparison as plain values, as an evaluation keeps its own."""
    flat = asdict(found)
    interval = flat.pop("difference")
    return {
        **flat,
        **{name: interval[name] for name in ("low", "high", "method", "clusters", "confidence")},
        "difference": interval["value"],
        "verdict": word(found),
        "said": said(found),
        **more,
    }


def _means(side: Sequence[Measured], measure: str, rows: Sequence[str]) -> dict[str, Score]:
    """The mean over the runs of a side by row; not judged where one run was not."""
    told = {}
    for row in rows:
        values = [one.values.get(measure, {}).get(row) for one in side]
        known = [value for value in values if value is not None]
        told[row] = Score(sum(known) / len(known) if values and len(known) == len(values) else None)
    return told
