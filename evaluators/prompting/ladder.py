"""The rungs of the prompt ladder on the same golden rows: each with its mean, and against the question as it stands"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from evaluators.compare import Comparison, compare
from evaluators.prompting.need import reached
from evaluators.sample import Sample, Score, Scorer, catalogue
from evaluators.statistics.adjusted_p import holm
from evaluators.statistics.estimate import ALPHA, Estimate
from evaluators.statistics.few_differing import with_unseen_rows
from evaluators.statistics.paired_difference import differences, paired_difference
from evaluators.statistics.wilson import wilson
from evaluators.verdict import verdict

Groups = Mapping[str, str] | None
WATCHED = (
    "unsupported_facts",
    "refusal",
    "under_refusal",
    "repetition",
    "stopped",
)  # what a prompt must not make worse


def scored(answered: Mapping[str, Sequence[Sample]], names: Sequence[str]) -> dict[str, dict[str, dict[str, Score]]]:
    """rung -> scorer -> row id -> score."""
    known = catalogue()
    return {
        rung: {name: known[name].by_id(samples) for name in names if name in known}
        for rung, samples in answered.items()
    }


def wanted(primary: str) -> tuple[str, ...]:
    """The metrics that a ladder scores: the deciding one, fact recall for the look-up sign, and the guards."""
    return tuple(dict.fromkeys((primary, "fact_recall", *WATCHED)))


def mean_of(scores: Mapping[str, Score], scorer: Scorer, groups: Groups = None) -> Estimate:
    """The mean of the judged rows with its 95 % interval, held within what the metric can give."""
    values = {row_id: one.value for row_id, one in scores.items() if one.value is not None}
    if scorer.pass_fail and groups is None:
        return wilson(round(sum(values.values())), len(values))
    owners = None if groups is None else [groups[row_id] for row_id in values]
    zero, seen = [0.0] * len(values), list(values.values())
    found = paired_difference(zero, seen, groups=owners)
    if scorer.span is None:
        return found
    found = with_unseen_rows(found, differences(zero, seen), span=scorer.span, groups=owners)
    low, high = (None if edge is None else min(scorer.span, max(0.0, edge)) for edge in (found.low, found.high))
    return Estimate(found.value, low, high, found.n, found.method, found.clusters)


def against(
    scores: Mapping[str, Mapping[str, Mapping[str, Score]]],
    zero: str,
    primary: str,
    groups: Groups = None,
    *,
    chosen: str | None = None,
) -> dict[str, dict[str, Any]]:
    """Every rung as a flat dict, ready to be written as JSON; better and worse stand after Holm over the rungs.

    chosen: the rung that was chosen before golden was asked. It is one comparison planned beforehand, so its p stands
    as it is; Holm is over the others.

    mean, low, high, n, not_judged: of the deciding metric. right: rows that are right, None where the metric knows
    none. difference, difference_low, difference_high, p, p_holm, verdict, wins, losses: against the rung `zero`, paired
    by row, higher is better; all None for that rung itself. worse_on: titles of the guards that it is worse on.
    """
    scorer = catalogue()[primary]
    found = {rung: compare(scores[zero][primary], mine[primary], scorer, names=(zero, rung), groups=groups)
             for rung, mine in scores.items() if rung != zero}  # fmt: skip
    raw = {rung: one.p for rung, one in found.items() if one.p is not None and rung != chosen}
    adjusted = dict(zip(raw, (float(p) for p in holm(list(raw.values()))), strict=True)) if raw else {}
    if chosen in found and (planned := found[chosen].p) is not None:
        adjusted[chosen] = planned
    lines = {}
    for rung, mine in scores.items():
        mean = mean_of(mine[primary], scorer, groups)
        fine = reached(mine[primary], scorer, groups)
        lines[rung] = {
            "mean": mean.value,
            "low": mean.low,
            "high": mean.high,
            "n": mean.n,
            "not_judged": len(mine[primary]) - mean.n,
            "right": None if fine is None else fine.right,
            **_difference(found.get(rung), adjusted.get(rung)),
            "worse_on": [] if rung == zero else worse_on(scores[zero], mine, primary, (zero, rung), groups),
        }
    return lines


def _difference(one: Comparison | None, p_holm: float | None) -> dict[str, Any]:
    found = None if one is None else one.difference
    word = None if one is None else verdict(one)
    if word in ("better", "worse") and p_holm is not None and p_holm >= ALPHA:
        word = "can't tell"  # among so many rungs one looks different by luck
    return {
        "difference": None if found is None else found.value,
        "difference_low": None if found is None else found.low,
        "difference_high": None if found is None else found.high,
        "wins": None if one is None else one.wins,
        "losses": None if one is None else one.losses,
        "p": None if one is None else one.p,
        "p_holm": p_holm,
        "verdict": word,
    }


def worse_on(
    base: Mapping[str, Mapping[str, Score]],
    mine: Mapping[str, Mapping[str, Score]],
    primary: str,
    names: tuple[str, str],
    groups: Groups = None,
) -> list[str]:
    """Titles of the guards on which a rung is worse than the question as it stands."""
    found = []
    for name in WATCHED:
        if name == primary or name not in base or name not in mine:
            continue
        scorer = catalogue()[name]
        if verdict(compare(base[name], mine[name], scorer, names=names, groups=groups)) == "worse":
            found.append(scorer.title)
    return found
