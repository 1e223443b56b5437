"""What three arms' scores allow to be said: means, comparisons, slices, guards and the verdict, as plain values"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

from evaluators.advice import advice
from evaluators.compare import Comparison, by_slice, compare, groups_of, sentence, tags_of, verdict
from evaluators.guards import WHERE_ASKED, Guard, as_dict, judge_guard, margins_of
from evaluators.sample import Sample, Score, Scorer, catalogue
from evaluators.statistics.adjusted_p import holm
from evaluators.statistics.estimate import ALPHA

BASE, PROMPTED, TUNED = "base", "prompted", "tuned"
PAIRS = ((BASE, TUNED), (PROMPTED, TUNED), (BASE, PROMPTED))
IN_WORDS = {BASE: "the base model", PROMPTED: "the base model with a better prompt", TUNED: "the tuned model"}
MARGIN = 0.05  # how much worse still counts as "no worse" beside the guards: 5 points of a share, or 0.05 nats
DRAWS = 2_000  # of the bootstrap interval that stands beside Student's t

Scores = Mapping[str, Mapping[str, Mapping[str, Score]]]
"""arm -> scorer -> row id -> score"""


def conclude(
    scores: Scores,
    samples: Sequence[Sample],
    primary: str,
    reason: str,
    *,
    margins: Mapping[str, float] | None = None,
    useful: float = 0.0,
    alpha: float = ALPHA,
    slices: Mapping[str, Sequence[str]] | None = None,
    sealed: bool = False,
    draws: int = DRAWS,
) -> dict[str, Any]:
    """The summary of an evaluation with the arms base, prompted and tuned, ready to be written as JSON.

    primary, reason: the metric that decides and why. margins: scorer -> margin of the guards (`margins_of`); useful:
    the smallest gain that is worth having, in the primary's unit. All fixed before the first answer. alpha: 1 - the
    level of all intervals; a sealed look spends a share of it. slices: names by row id (`slices_of`), else the tags.
    sealed: leaves slices of fewer than ten rows out, since they would tell of single rows. The verdict is to ship only
    when tuned is better than base and than the better prompt by the primary metric, and on every guard shown no worse
    than base. A metric that judged no row in any arm is left out, unless it decides or guards.
    """
    groups = groups_of(samples)
    known = catalogue()
    held = margins_of(margins, known) if margins is None else dict(margins)
    unasked = [name for name in held if name in WHERE_ASKED and not _judged_any(scores, name)]
    held = {name: margin for name, margin in held.items() if name not in unasked and name != primary}
    wanted = [name for name in known if name in (primary, *held) or _judged_any(scores, name)]
    found: dict[tuple[str, str, str], Comparison] = {}
    for name in wanted:
        for a, b in PAIRS:
            found[a, b, name] = compare(
                scores[a][name], scores[b][name], known[name], names=(a, b), groups=groups, alpha=alpha, draws=draws
            )
    lines = _lines(found, primary)
    guards = _guards(found, scores, held, lines, groups, alpha)
    main = known[primary]
    return {
        "primary": {
            "scorer": primary,
            "title": main.title,
            "unit": main.unit,
            "reason": reason,
            "higher_is_better": main.higher_is_better,
            "useful": useful,
        },
        "alpha": alpha,
        "confidence": 1 - alpha,
        "means": {arm: {name: _mean(by_name[name]) for name in wanted} for arm, by_name in scores.items()},
        "judged": {
            arm: {name: sum(one.value is not None for one in by_name[name].values()) for name in wanted}
            for arm, by_name in scores.items()
        },
        "comparisons": lines,
        "slices": _slices(scores, samples, main, groups, slices, alpha, sealed),
        "guards": [as_dict(one) for one in guards],
        "guards_not_asked": [known[name].title for name in unasked],
        "verdict": _verdict(found[BASE, TUNED, primary], found[PROMPTED, TUNED, primary], guards, useful),
    }


def _slices(
    scores: Scores,
    samples: Sequence[Sample],
    main: Scorer,
    groups: Mapping[str, str] | None,
    slices: Mapping[str, Sequence[str]] | None,
    alpha: float,
    sealed: bool,
) -> list[dict[str, Any]]:
    """Every slice of tuned against both rivals, as plain values; of sealed rows only those of ten rows and more."""
    told = slices if slices is not None else tags_of(samples)
    return [
        {"a": a, "b": b, **asdict(one)}
        for a, b in PAIRS[:2]
        for one in by_slice(
            scores[a][main.name], scores[b][main.name], main, names=(a, b), tags=told, groups=groups, alpha=alpha
        )
        if not (sealed and one.small)
    ]


def _judged_any(scores: Scores, name: str) -> bool:
    return any(one.value is not None for by_name in scores.values() for one in by_name[name].values())


def _lines(found: Mapping[tuple[str, str, str], Comparison], primary: str) -> list[dict[str, Any]]:
    """Every comparison as a flat dict; p of the metrics beside the primary one is also given after Holm."""
    lines = []
    for pair in PAIRS:
        ours = [one for (a, b, _), one in found.items() if (a, b) == pair]
        raw = {one.scorer: one.p for one in ours if one.scorer != primary and one.p is not None}
        adjusted = {name: float(p) for name, p in zip(raw, holm(list(raw.values())), strict=True)}
        for one in ours:
            flat = asdict(one)
            interval = flat.pop("difference")
            flat |= {
                "difference": interval["value"],
                "low": interval["low"],
                "high": interval["high"],
                "method": interval["method"],
                "clusters": interval["clusters"],
                "confidence": interval["confidence"],
                "p_holm": adjusted.get(one.scorer),
                "primary": one.scorer == primary,
                "verdict": verdict(one, margin=MARGIN),
            }
            lines.append(flat)
    return lines


def _guards(
    found: Mapping[tuple[str, str, str], Comparison],
    scores: Scores,
    margins: Mapping[str, float],
    lines: Sequence[Mapping[str, Any]],
    groups: Mapping[str, str] | None,
    alpha: float,
) -> list[Guard]:
    """Every guard with its verdict, tuned against base."""
    p = {line["scorer"]: line["p_holm"] for line in lines if (line["a"], line["b"]) == (BASE, TUNED)}
    known = catalogue()
    return [
        judge_guard(
            found[BASE, TUNED, name], margin, known[name], base=scores[BASE][name], tuned=scores[TUNED][name],
            groups=groups, p_holm=p.get(name), level=alpha,
        )
        for name, margin in margins.items()
    ]  # fmt: skip


def _verdict(
    against_base: Comparison, against_prompted: Comparison, guards: Sequence[Guard], useful: float
) -> dict[str, Any]:
    words = verdict(against_base, margin=MARGIN), verdict(against_prompted, margin=MARGIN)
    broken = [one.title for one in guards if one.verdict == "worse"]
    open_guards = [one for one in guards if one.verdict == "can't tell"]
    low = against_base.difference.low
    enough = None if not useful else bool(words[0] == "better" and low is not None and low > useful)
    ship, said = advice(words, broken, open_guards, enough)
    return {
        "sentence": sentence(_named(against_base), _named(against_prompted), margin=MARGIN),
        "against_base": words[0],
        "against_prompted": words[1],
        "broken_guards": broken,
        "guards_not_shown": [one.title for one in open_guards],
        "useful": enough,
        "ship": ship,
        "recommendation": said,
    }


def _named(found: Comparison) -> Comparison:
    """The comparison with its arms as people call them."""
    return replace(found, a=IN_WORDS[found.a], b=IN_WORDS[found.b])


def _mean(values: Mapping[str, Any]) -> float | None:
    judged = [one.value for one in values.values() if one.value is not None]
    return sum(judged) / len(judged) if judged else None
