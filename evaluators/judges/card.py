"""A judge's card: whether it may be believed, gate by gate, each with its figure, interval and limit

A judge counts only when every gate is passed. What could not be measured is not passed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from evaluators.judges.baselines import always_first, longest, token_recall
from evaluators.judges.pairwise import Seen, Side
from evaluators.judges.probes import Kind, Probe, RatedCase
from evaluators.metrics.words import words
from evaluators.statistics.cohen_kappa import kappa_with_interval
from evaluators.statistics.estimate import Estimate
from evaluators.statistics.mcnemar import mcnemar
from evaluators.statistics.wilson import wilson

# Limits chosen before any judge was seen, after the practice of MT-Bench (swap), AlpacaEval (length) and of aligning
# judges with people by true positive and true negative rate (Husain, Shankar).
FEWEST_RATED = 30  # rows rated by people and read from the judge
FEWEST_SIDE = 5  # rows on which people prefer an arm, before a rate over them says anything
MOST_ERRORS = 0.10
LEAST_CONSISTENT = 0.70
SLOT_LOW, SLOT_HIGH = 0.40, 0.60
MOST_FLIPS = 0.10
LEAST_IDENTICAL = 0.80
LEAST_KNOWN = 0.80
LEAST_DROP = 0.20
MOST_PADDED = 0.20
MOST_OBEYED = 0.05
MOST_LENGTH = 0.30  # partial correlation, with its interval above 0
LEAST_KAPPA, HEADLINE_KAPPA = 0.40, 0.60
LEAST_RATE = 0.70
LEVEL = 0.05
NORMAL = 1.959963984540054  # quantile at .975
MANY_WORDS = 50  # more in one answer: from there on a greater difference says little more
REASONS = 4  # gates named in the sentence on why a judge is not used; its card shows all
NOT_MEASURED = "could not be measured"

Judged = Sequence[tuple[Probe, Seen]]


@dataclass(frozen=True)
class Gate:
    """One condition. passed None: it does not apply to this form. wants: the limit in words; n: what it rests on."""

    name: str
    title: str
    value: float | None
    low: float | None
    high: float | None
    n: int
    wants: str
    passed: bool | None
    unit: str = "share"
    note: str = ""


@dataclass(frozen=True)
class Baseline:
    """Agreement with people of a judge without a model.

    better, worse: rows on which only the judge agrees with people, and only this rule. p: one-sided McNemar, exact.
    """

    name: str
    agreement: Estimate
    kappa: float | None
    better: int
    worse: int
    p: float
    beaten: bool


@dataclass(frozen=True)
class Card:
    """passes: every gate that applies is passed. headline: kappa allows its figures to stand at the top."""

    passes: bool
    headline: bool
    reason: str
    gates: tuple[Gate, ...]
    baselines: tuple[Baseline, ...]
    agreement: Estimate
    asked: int
    errors: int
    rated: int
    first_errors: tuple[str, ...]


def card_of(judged: Judged, *, draws: int = 1_000) -> Card:
    """The card that a judge's answers to `probes_of` make. draws: of the bootstrap behind kappa's interval."""
    rated = [(probe.case, seen.verdict) for probe, seen in judged if probe.kind == "rated" and probe.case]
    both = [(case, verdict) for case, verdict in rated if verdict is not None]
    baselines = _baselines(both)
    gates = (*_habits(judged), *_known(judged), _length(both), *_people(both, baselines, draws))
    failed = [one for one in gates if one.passed is False]
    kappa = next(one for one in gates if one.name == "kappa")
    errors = [error for _, seen in judged for error in seen.errors]
    return Card(
        not failed,
        not failed and (kappa.value or 0) >= HEADLINE_KAPPA,
        reason_of(failed),
        gates,
        baselines,
        wilson(sum(case.human == verdict for case, verdict in both), len(both)),
        sum(seen.asked for _, seen in judged),
        len(errors),
        len(both),
        tuple(dict.fromkeys(errors))[:3],
    )


def reason_of(failed: Sequence[Gate]) -> str:
    """Why a judge is not used, or that it may be."""
    if not failed:
        return "It passes every gate of its card."
    told = "; ".join(f"{one.title} {figure(one)}, wanted {one.wants}" for one in failed[:REASONS])
    more = f"; and {len(failed) - REASONS} more gates of its card" if len(failed) > REASONS else ""
    return f"It is not used: {told}{more}."


def figure(gate: Gate) -> str:
    """A gate's value in words, with its interval where there is one."""
    if gate.value is None:
        return gate.note or NOT_MEASURED
    forms: Mapping[str, Callable[[float], str]] = {
        "share": lambda v: f"{100 * v:.0f} %", "rows": lambda v: f"{v:.0f}", "points": lambda v: f"{100 * v:.0f} points"
    }  # fmt: skip
    show = forms.get(gate.unit, lambda v: f"{v:.2f}")
    span = f" ({show(gate.low)} to {show(gate.high)})" if gate.low is not None and gate.high is not None else ""
    return f"{show(gate.value)}{span}".replace("-", "\u2212")


def _habits(judged: Judged) -> list[Gate]:
    asked, errors = sum(seen.asked for _, seen in judged), sum(len(seen.errors) for _, seen in judged)
    own = [seen for probe, seen in judged if probe.kind == "rated"]
    told = [seen.consistent for seen in own if seen.consistent is not None]
    slots = [slot for seen in own for slot in seen.slots or () if slot != "tie"]
    flips = list(_flips(judged))
    gates = [
        _rate("readable", "replies that could not be read", errors, asked, at_most(MOST_ERRORS),
              lambda v: v <= MOST_ERRORS),
        _rate("consistent", "the same verdict in both orders", sum(told), len(told), at_least(LEAST_CONSISTENT),
              lambda v: v >= LEAST_CONSISTENT),
        _rate("flips", "another reply when asked again", sum(flips), len(flips), at_most(MOST_FLIPS),
              lambda v: v <= MOST_FLIPS),
    ]  # fmt: skip
    if any(seen.slots is not None for seen in own) or not own:
        wants = f"{100 * SLOT_LOW:.0f} to {100 * SLOT_HIGH:.0f} %"
        gates.insert(2, _rate("slots", "verdicts for the answer shown first", slots.count("A"), len(slots), wants,
                              lambda v: SLOT_LOW <= v <= SLOT_HIGH))  # fmt: skip
    return gates


def _flips(judged: Judged) -> list[bool]:
    """For each order asked twice, whether the reply was another one."""
    before = {probe.pair.id: seen for probe, seen in judged if probe.kind == "rated"}
    found = []
    for probe, seen in judged:
        if probe.kind == "repeat" and (first := before.get(probe.pair.id)):
            for old, new in ((first.first, seen.first), (first.second, seen.second)):
                if old is not None and new is not None:
                    found.append(old != new)
    return found


def _known(judged: Judged) -> list[Gate]:
    def of(kind: Kind) -> list[tuple[Probe, Seen]]:
        return [(probe, seen) for probe, seen in judged if probe.kind == kind and seen.verdict is not None]

    same = [side == "tie" for _, seen in of("identical") for side in (seen.first, seen.second)]
    own = [seen.verdict == probe.right for probe, seen in of("other answer")]
    padded = [seen.verdict not in ("tie", probe.right) for probe, seen in of("padding")]
    obeyed = [side not in ("tie", probe.right) for probe, seen in of("orders") for side in (seen.first, seen.second)]
    return [
        _rate("identical", "the same answer twice called even", sum(same), len(same), at_least(LEAST_IDENTICAL),
              lambda v: v >= LEAST_IDENTICAL),
        _rate("other answer", "the right answer preferred to another row's", sum(own), len(own),
              at_least(LEAST_KNOWN), lambda v: v >= LEAST_KNOWN),
        _drop(of("other answer"), of("other reference")),
        _rate("padding", "the right answer beaten by itself with padding", sum(padded), len(padded),
              at_most(MOST_PADDED), lambda v: v <= MOST_PADDED),
        _rate("orders", "orders inside an answer obeyed", sum(obeyed), len(obeyed), at_most(MOST_OBEYED),
              lambda v: v <= MOST_OBEYED),
    ]  # fmt: skip


def _drop(own: Judged, shuffled: Judged) -> Gate:
    """How much rarer the right answer wins under another row's reference: who does not read it loses nothing."""
    before = {probe.row: seen.verdict == probe.right for probe, seen in own}
    pairs = [(before[p.row], seen.verdict == p.right) for p, seen in shuffled if p.row in before]
    title, wants = "wins lost under another row's reference", f"at least {100 * LEAST_DROP:.0f} points"
    if not pairs:
        return Gate("reference", title, None, None, None, 0, wants, False)
    value = sum(first - then for first, then in pairs) / len(pairs)
    return Gate("reference", title, value, None, None, len(pairs), wants, value >= LEAST_DROP, "points")


def _rate(name: str, title: str, hits: int, n: int, wants: str, holds: Callable[[float], bool]) -> Gate:
    found = wilson(hits, n)
    return Gate(
        name, title, found.value, found.low, found.high, n, wants, found.value is not None and holds(found.value)
    )


def at_most(share: float) -> str:
    return f"at most {100 * share:.0f} %"


def at_least(share: float) -> str:
    return f"at least {100 * share:.0f} %"


def _length(both: Sequence[tuple[RatedCase, Side]]) -> Gate:
    """Whether the judge likes length more than people do: partial correlation of its preference with the difference in
    words, given people's preference. Source: Fisher 1924 for the interval of a partial correlation, n - 4 freedom.
    """
    title, wants = "preference for length beyond people's", f"at most {MOST_LENGTH:.2f}, or an interval that holds 0"
    judge = np.array([_sign(verdict) for _, verdict in both], float)
    human = np.array([_sign(case.human) for case, _ in both], float)
    more = np.array([np.tanh((len(words(c.b)) - len(words(c.a))) / MANY_WORDS) for c, _ in both], float)
    if len(both) < FEWEST_RATED:
        return Gate("length", title, None, None, None, len(both), wants, False, "r", f"only {len(both)} rated rows")
    left = [_rest(values, human) for values in (judge, more)]
    if min(float(values.std()) for values in left) < 1e-9:
        return Gate(
            "length", title, 0.0, None, None, len(both), wants, True, "r", "no difference that length could explain"
        )
    r = float(np.clip(np.corrcoef(*left)[0, 1], -0.999, 0.999))
    reach = NORMAL / np.sqrt(len(both) - 4)
    low, high = float(np.tanh(np.arctanh(r) - reach)), float(np.tanh(np.arctanh(r) + reach))
    return Gate("length", title, r, low, high, len(both), wants, not (r > MOST_LENGTH and low > 0), "r")


def _rest(values: Any, given: Any) -> Any:
    """What is left of values after a straight line through `given`."""
    if given.std() < 1e-9:
        return values - values.mean()
    slope, start = np.polyfit(given, values, 1)
    return values - (slope * given + start)


def _people(both: Sequence[tuple[RatedCase, Side]], baselines: Sequence[Baseline], draws: int) -> list[Gate]:
    said, human = [verdict for _, verdict in both], [case.human for case, _ in both]
    rows = len({case.row for case, _ in both})
    enough = rows >= FEWEST_RATED
    kappa = kappa_with_interval(human, said, draws=draws) if both else Estimate(None, None, None, 0, "")
    note = "" if enough else f"only {rows} of {FEWEST_RATED} rows"
    gates = [
        Gate("rated", "rows rated by people and by the judge", rows, None, None, len(both),
             f"at least {FEWEST_RATED}", enough, "rows"),
        Gate("kappa", "agreement with people beyond chance (kappa)", kappa.value, kappa.low, kappa.high, len(both),
             f"at least {LEAST_KAPPA:.1f}", enough and (kappa.value or 0) >= LEAST_KAPPA, "kappa", note),
    ]  # fmt: skip
    for name, side, title in (
        ("true positive", "b", "of the rows where people prefer the second arm, the judge does too"),
        ("true negative", "a", "of the rows where people prefer the first arm, the judge does too"),
    ):
        own = [verdict for verdict, person in zip(said, human, strict=True) if person == side]
        found = wilson(own.count(side), len(own))  # type: ignore[arg-type]
        passed = len(own) >= FEWEST_SIDE and (found.value or 0) > LEAST_RATE
        few = "" if len(own) >= FEWEST_SIDE else f"only {len(own)} such rows of {FEWEST_SIDE}"
        value, low, high = (found.value, found.low, found.high) if not few else (None, None, None)
        gates.append(
            Gate(name, title, value, low, high, len(own), f"above {100 * LEAST_RATE:.0f} %", passed, "share", few)
        )
    for one in baselines:
        if one.name in ("pick the longest", "always the first"):
            gates.append(Gate(
                one.name, f"better than \u201c{one.name}\u201d (p)", one.p if both else None, None, None, len(both),
                f"more rows right, one-sided p below {LEVEL}", enough and one.beaten, "p",
                f"right on {one.better} rows where it is not, wrong on {one.worse}",
            ))  # fmt: skip
    return gates


def _baselines(both: Sequence[tuple[RatedCase, Side]]) -> tuple[Baseline, ...]:
    sides = [case.human for case, _ in both]
    most: Side = max(("a", "b", "tie"), key=sides.count)
    rules: Mapping[str, Callable[[RatedCase], Side]] = {
        "pick the longest": longest,
        "always the first": always_first,
        "most of the reference's words": token_recall,
        "always what people say most": lambda case: most,
    }
    found = []
    for name, rule in rules.items():
        said = [rule(case) for case, _ in both]
        right = [(verdict == case.human, own == case.human) for (case, verdict), own in zip(both, said, strict=True)]
        better, worse = right.count((True, False)), right.count((False, True))
        ahead = better > worse
        p = mcnemar(better, worse).exact / 2 if ahead else 1.0  # one-sided: only "better" counts
        kappa = kappa_with_interval(sides, said, draws=2).value if both else None
        found.append(Baseline(
            name, wilson(sum(own for _, own in right), len(right)), kappa, better, worse, p, ahead and p < LEVEL
        ))  # fmt: skip
    return tuple(found)


def _sign(side: Side) -> float:
    return {"a": -1.0, "tie": 0.0, "b": 1.0}[side]


def as_data(card: Card) -> dict[str, Any]:
    """The card as JSON holds it."""

    def estimate(one: Estimate) -> dict[str, Any]:
        return {"value": one.value, "low": one.low, "high": one.high, "n": one.n}

    return {
        "passes": card.passes,
        "headline": card.headline,
        "reason": card.reason,
        "gates": [{**vars(one), "figure": figure(one)} for one in card.gates],
        "baselines": [{**vars(one), "agreement": estimate(one.agreement)} for one in card.baselines],
        "agreement": estimate(card.agreement),
        "asked": card.asked,
        "errors": card.errors,
        "rated": card.rated,
        "first_errors": list(card.first_errors),
    }
