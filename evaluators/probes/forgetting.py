"""Whether a tuned model forgot something: accuracy, the sensitive measure beside it, and an honest "can't tell"

Three measures of the same questions. Accuracy is what people understand, but few answers change sides. The choice-
normalised log P (how much of the probability of all choices the right one has) moves before an answer changes: it is
the sensitive one. The raw log P of the right answer also moves when only the style changed, so it is called drift and
never decides.

A verdict for all questions and for each tier:
    forgot     accuracy (McNemar) or log P (paired t) fell, after Holm over the measures of all questions, or over the
               measures of all tiers
    no sign    neither fell, and the interval of log P ends above -TOLERATED: such a drop would have been seen
    can't tell all else; and every area in which the base model itself does no better than guessing: what it never knew
               it cannot forget, whatever its numbers do; and fewer than six questions
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from math import exp
from typing import Any

import numpy as np
from numpy.typing import NDArray

from evaluators.errors import Unpaired
from evaluators.probes.choices import Scored
from evaluators.statistics.adjusted_p import holm
from evaluators.statistics.bonett_price import bonett_price
from evaluators.statistics.estimate import ALPHA, FEWEST_UNITS, SAME
from evaluators.statistics.mcnemar import mcnemar
from evaluators.statistics.paired_difference import paired_difference, spread
from evaluators.statistics.smallest_detectable import smallest_mean, smallest_rate
from evaluators.statistics.wilson import wilson

FORGOT, NO_SIGN, CANT_TELL = "forgot", "no sign of forgetting", "can't tell"
ALL = "all"
TOLERATED = 0.25  # nats of log P: right answers 22 % less likely, half the usual spread of one question's change
LEAST_DISCORDANT = 0.1  # share of answers that change sides, for planning where fewer were seen

Numbers = NDArray[np.float64]


def compared(base: Sequence[Scored], tuned: Sequence[Scored]) -> list[dict[str, Any]]:
    """One line for all questions and one for each tier, JSON-ready, each with its verdict and sentence.

    base, tuned: the same items in the same order. Keys of a line: area, n, known (base does better than guessing),
    accuracy {base, tuned, difference, low, high, gained, lost, p, smallest}, by_length {base, tuned}, log_p {base,
    tuned, difference, low, high, p, smallest}, drift {difference, low, high, p}, p (the smaller one after Holm, None
    where not known), fell, verdict, sentence. Raises Unpaired.
    """
    if [one.item.id for one in base] != [one.item.id for one in tuned]:
        raise Unpaired("base and tuned were asked different questions, or in another order.")
    tiers = list(dict.fromkeys(one.item.tier for one in base))
    lines = [line(ALL, base, tuned)] if base else []
    for tier in tiers:
        places = [place for place, one in enumerate(base) if one.item.tier == tier]
        lines.append(line(tier, [base[p] for p in places], [tuned[p] for p in places]))
    judge([one for one in lines[:1] if one["known"]])
    judge([one for one in lines[1:] if one["known"]])
    for one in lines:
        if not one["known"]:
            one.update({"p": None, "fell": [], "verdict": CANT_TELL, "sentence": never_known(one)})
    return lines


def line(area: str, base: Sequence[Scored], tuned: Sequence[Scored]) -> dict[str, Any]:
    """What was measured in one area, before its verdict."""
    gained = sum(b.right < t.right for b, t in zip(base, tuned, strict=True))
    lost = sum(b.right > t.right for b, t in zip(base, tuned, strict=True))
    n = len(base)
    rate = bonett_price(gained, lost, n)
    inner = [np.array([one.among_choices for one in arm]) for arm in (base, tuned)]
    raw = [np.array([one.raw for one in arm]) for arm in (base, tuned)]
    return {
        "area": area,
        "n": n,
        "known": above_chance(base),
        "accuracy": {
            "base": share(base, "right"),
            "tuned": share(tuned, "right"),
            "difference": rate.value,
            "low": rate.low,
            "high": rate.high,
            "gained": gained,
            "lost": lost,
            "p": mcnemar(gained, lost).exact,
            "smallest": smallest_rate(n, max(LEAST_DISCORDANT, (gained + lost) / n)),
        },
        "by_length": {"base": share(base, "right_by_length"), "tuned": share(tuned, "right_by_length")},
        "log_p": {"base": float(inner[0].mean()), "tuned": float(inner[1].mean()), **difference(*inner)},
        "drift": difference(*raw),
    }


def above_chance(base: Sequence[Scored]) -> bool:
    """Whether the base model does better than guessing: the 95 % interval of its accuracy lies above chance."""
    low = wilson(sum(one.right for one in base), len(base)).low
    chance = sum(1 / len(one.item.choices) for one in base) / len(base)
    return low is not None and low > chance


def share(arm: Sequence[Scored], what: str) -> float:
    """Share of the questions that are right."""
    return sum(getattr(one, what) for one in arm) / len(arm)


def difference(before: Numbers, after: Numbers) -> dict[str, Any]:
    """Mean change with its 95 % interval, p, and the smallest one that this many questions show at 80 % power."""
    found = asdict(paired_difference(before, after))
    scatter = spread(after - before)
    return {
        "difference": found["value"],
        "low": found["low"],
        "high": found["high"],
        "p": scatter.p,
        "smallest": smallest_mean(scatter.error, scatter.freedom) if scatter.error else None,
    }


def judge(lines: Sequence[dict[str, Any]]) -> None:
    """Adds p (after Holm over both measures of these lines), verdict and sentence to each line."""
    raw = [p for one in lines for p in (one["accuracy"]["p"], 1.0 if one["log_p"]["p"] is None else one["log_p"]["p"])]
    adjusted = holm(raw) if raw else []
    for place, one in enumerate(lines):
        of_accuracy, of_log_p = adjusted[2 * place], adjusted[2 * place + 1]
        fell = []
        if of_accuracy < ALPHA and one["accuracy"]["difference"] < 0:
            fell.append("accuracy")
        if of_log_p < ALPHA and one["log_p"]["difference"] < 0:
            fell.append("log P")
        one["p"] = min(of_accuracy, of_log_p)
        one["fell"] = fell
        low = one["log_p"]["low"]
        same = (
            abs(one["log_p"]["difference"]) <= SAME
            and low is None
            and one["accuracy"]["gained"] == one["accuracy"]["lost"]
        )
        held = same or (low is not None and low >= -TOLERATED)
        few = one["n"] < FEWEST_UNITS  # a t test on a handful finds things that no sign test allows
        one["verdict"] = CANT_TELL if few else FORGOT if fell else NO_SIGN if held else CANT_TELL
        one["sentence"] = sentence(one)


def sentence(one: dict[str, Any]) -> str:
    """The verdict of an area with its figures, in words."""
    area = "all tiers together" if one["area"] == ALL else one["area"]
    accuracy, log_p = one["accuracy"], one["log_p"]
    moved = (
        f"{accuracy['base']:.0%} right before and {accuracy['tuned']:.0%} after "
        f"({accuracy['gained']} gained, {accuracy['lost']} lost)"
    )
    if one["verdict"] == FORGOT:
        less = 1 - exp(log_p["difference"])
        likely = f"right answers {less:.0%} less likely" if less > 0 else "right answers not less likely on average"
        return f"{area}: forgot. {moved}; {likely} (p = {one['p']:.2g} after Holm)."
    if one["verdict"] == NO_SIGN:
        return f"{area}: no sign of forgetting{seen(one)}. {moved}."
    return f"{area}: can't tell with {one['n']} questions{seen(one)}. {moved}."


def never_known(one: dict[str, Any]) -> str:
    """What is said of an area in which base only guesses."""
    return (
        f"{one['area']}: can't tell. The base model has {one['accuracy']['base']:.0%} right and does no better than "
        "guessing, so there was nothing to forget that could be measured."
    )


def seen(one: dict[str, Any]) -> str:
    """What drop this many questions would have shown, in brackets."""
    told = []
    if one["log_p"]["smallest"]:
        told.append(f"right answers become {1 - exp(-one['log_p']['smallest']):.0%} less likely")
    if one["accuracy"]["smallest"]:
        told.append(f"accuracy fall by {100 * one['accuracy']['smallest']:.0f} points")
    return f" (would have seen {' or '.join(told)})" if told else ""
