"""What three arms' scores allow to be said: means, comparisons, slices, guards and the verdict, as plain values"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

from evaluators.compare import Comparison, by_slice, compare, groups_of, sentence, tags_of, verdict
from evaluators.sample import Sample, Score, catalogue
from evaluators.statistics.adjusted_p import holm

BASE, PROMPTED, TUNED = "base", "prompted", "tuned"
PAIRS = ((BASE, TUNED), (PROMPTED, TUNED), (BASE, PROMPTED))
MARGIN = 0.05  # how much worse still counts as "no worse": 5 points of a share, or 0.05 nats; set before the run
GUARDS = ("unsupported_facts", "refusal", "repetition", "stopped")  # what a tuned model must not lose while it gains
LEVEL = 0.05

Scores = Mapping[str, Mapping[str, Mapping[str, Score]]]
"""arm -> scorer -> row id -> score"""


def conclude(
    scores: Scores,
    samples: Sequence[Sample],
    primary: str,
    reason: str,
    *,
    slices: Mapping[str, Sequence[str]] | None = None,
) -> dict[str, Any]:
    """The summary of an evaluation with the arms base, prompted and tuned, ready to be written as JSON.

    primary, reason: the metric that decides and why, fixed before the first answer. The verdict is to ship only when
    tuned is better than base and than the better prompt by that metric, and on no guard worse than base. slices: names
    by row id (`slices.slices_of`), by default the rows' tags. A metric that judged no row of any arm is left out.
    """
    groups, tags = groups_of(samples), tags_of(samples) if slices is None else slices
    found: dict[tuple[str, str, str], Comparison] = {}
    scores = _judged(scores, primary)
    for name, scorer in catalogue().items():
        if not all(name in by_name for by_name in scores.values()):
            continue
        for a, b in PAIRS:
            found[a, b, name] = compare(scores[a][name], scores[b][name], scorer, names=(a, b), groups=groups)
    main = catalogue()[primary]
    lines_of_slices = [
        {"a": a, "b": b, **asdict(one)}
        for a, b in PAIRS[:2]
        for one in by_slice(scores[a][primary], scores[b][primary], main, names=(a, b), tags=tags, groups=groups)
    ]
    lines = _lines(found, primary)
    return {
        "primary": {"scorer": primary, "title": main.title, "unit": main.unit, "reason": reason},
        "means": {arm: {name: _mean(values) for name, values in by_name.items()} for arm, by_name in scores.items()},
        "judged": {
            arm: {name: sum(one.value is not None for one in values.values()) for name, values in by_name.items()}
            for arm, by_name in scores.items()
        },
        "comparisons": lines,
        "slices": lines_of_slices,
        "verdict": _verdict(found[BASE, TUNED, primary], found[PROMPTED, TUNED, primary], _broken_guards(lines)),
    }


def _judged(scores: Scores, primary: str) -> Scores:
    """The scores without the metrics that judged no row at all: the dataset demands nothing of the kind."""
    judged = {
        name
        for by_name in scores.values()
        for name, values in by_name.items()
        if name == primary or any(one.value is not None for one in values.values())
    }
    return {
        arm: {name: values for name, values in by_name.items() if name in judged} for arm, by_name in scores.items()
    }


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
                "p_holm": adjusted.get(one.scorer),
                "primary": one.scorer == primary,
                "verdict": verdict(one, margin=MARGIN),
            }
            lines.append(flat)
    return lines


def _broken_guards(lines: list[dict[str, Any]]) -> list[str]:
    """Titles of the guards on which tuned is worse than base, after Holm's adjustment over the metrics."""
    return [
        one["title"]
        for one in lines
        if (one["a"], one["b"]) == (BASE, TUNED) and one["scorer"] in GUARDS and not one["primary"]
        if one["verdict"] == "worse"
        if one["p_holm"] is None or one["p_holm"] < LEVEL  # no p where all rows differ by the same
    ]


def _verdict(against_base: Comparison, against_prompted: Comparison, broken: list[str]) -> dict[str, Any]:
    words = verdict(against_base, margin=MARGIN), verdict(against_prompted, margin=MARGIN)
    ship = words == ("better", "better") and not broken
    if words[0] == "better" and broken:
        named = " and ".join(f"“{title}”" for title in broken)
        advice = (
            f"Do not ship the tuned model yet: it is better by the deciding metric, but worse than the base model on "
            f"{named}. See the gaps for what to mend in the data."
        )
    elif ship:
        advice = "Use the tuned model: it is better than the base model and than the base model with a better prompt."
    elif words[0] == "better":
        advice = (
            "Do not ship the tuned model on this evidence: it beats the base model, but it is not shown to be better "
            "than a better prompt, which costs nothing to keep up to date."
        )
    elif "worse" in words:
        advice = "Do not ship the tuned model: it is worse. See the gaps for what to mend in the data."
    else:
        advice = "There is not enough evidence to ship the tuned model. See the gaps, and add golden rows."
    return {
        "sentence": sentence(against_base, against_prompted, margin=MARGIN),
        "against_base": words[0],
        "against_prompted": words[1],
        "broken_guards": broken,
        "ship": ship,
        "recommendation": advice,
    }


def _mean(values: Mapping[str, Any]) -> float | None:
    judged = [one.value for one in values.values() if one.value is not None]
    return sum(judged) / len(judged) if judged else None
