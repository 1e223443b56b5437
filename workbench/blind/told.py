"""What people said of an evaluation, as plain values for the report."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from evaluators.statistics.estimate import Estimate
from workbench.blind.plan import Design
from workbench.blind.results import RoundFound, found_of
from workbench.reports.tally import RoundResult
from workbench.store import Store, ratings


def told(store: Store, evaluation_id: int) -> dict[str, Any] | None:
    """All closed rounds of an evaluation, newest first, JSON-ready; None where nobody has rated.

    "open": how many rounds are open (nothing else is told of them). "rounds": for each its id, arms, when, stop rule,
    "asked" and "judged" cards, and

    - "pairs": one a pair of arms: "arms" (a, b), "wins" (of b), "ties", "losses", "both_bad", "identical", "rows",
      "rated", "votes", "net" and "share" (value, low, high, n, method), "p", "sentence"; "deciding" is the index of the
      pair base against tuned. "without_flagged": the same pairs without flagged raters, None where nobody is flagged.
    - "balance": share of decided choices for the left, with p against one half; "raters": their silent checks and
      flags, each with its own left share; "flagged": names.
    - "agreement": alpha, agreed, decided (among votes for an arm: the ceiling of "metrics"), cards, two raters with
      most in common (kappa, AC1), grades, sentence.
    - "metrics": scorer -> how often it agrees with people. "guess": right, p, None where nobody was asked.
    - "disputed": rows on which people differ most. "reasons": [arm not preferred, reason, times]. "grades": means.
    - "length_fair": raw and fair share, slope; None for few rows. "strengths": of three arms. "evidence": e-value.
    """
    rounds = ratings.rounds_of(store, evaluation_id)
    if not any(ratings.votes_of(store, one.id) for one in rounds):
        return None
    closed = [found_of(store, one.id) for one in rounds if one.closed and ratings.votes_of(store, one.id)]
    return {"open": sum(not one.closed for one in rounds), "rounds": [as_values(one) for one in closed]}


def as_values(found: RoundFound) -> dict[str, Any]:
    """A closed round as plain values."""
    design = Design.of(found.round.design)
    deciding = found.deciding
    return {
        "round": found.round.id, "arms": list(found.round.arms), "when": found.round.when,
        "stop": design.stop, "alpha": design.alpha, "asked": found.asked, "judged": found.judged,
        "deciding": found.pairs.index(deciding), "pairs": [_pair(one) for one in found.pairs],
        "without_flagged": [_pair(one) for one in found.without] or None,
        "balance": {"left": _estimate(deciding.left_share), "p": deciding.left_p},
        "raters": [{**asdict(one), "left": _estimate(one.left), "flags": list(one.flags)} for one in found.raters],
        "flagged": list(found.flagged),
        "agreement": {
            "alpha": found.agreement.alpha, "agreed": _estimate(found.agreement.agreed),
            "decided": _estimate(found.agreement.decided),
            "cards": found.agreement.cards, "grades": dict(found.agreement.grades),
            "two": asdict(found.agreement.two) if found.agreement.two else None,
            "sentence": found.agreement.sentence,
        },
        "metrics": {name: _estimate(one) for name, one in found.metrics.items()},
        "guess": {"right": _estimate(found.guessed.right), "p": found.guessed.p} if found.guessed else None,
        "disputed": [
            {"row_id": one.row_id, "arms": list(one.arms), "said": dict(one.said), "apart": one.apart}
            for one in found.disputed
        ],
        "reasons": [list(one) for one in found.reasons],
        "grades": {question: dict(means) for question, means in found.grades.items()},
        "length_fair": {
            "raw": found.length.raw, "fair": _estimate(found.length.fair), "slope": _estimate(found.length.slope),
        } if found.length else None,
        "strengths": {
            arm: _estimate(one) for arm, one in zip(found.strengths.arms, found.strengths.strength, strict=True)
        } if found.strengths else None,
        "evidence": {
            "value": found.evidence.value, "needed": found.evidence.needed,
            "share": _estimate(found.sequence) if found.sequence else None,
        } if found.evidence else None,
    }  # fmt: skip


def _pair(one: RoundResult) -> dict[str, Any]:
    return {
        "arms": list(one.arms), "wins": one.rate.wins, "ties": one.rate.ties, "losses": one.rate.losses,
        "both_bad": one.rate.both_bad, "identical": one.identical, "rows": one.rows, "rated": one.rated,
        "votes": one.votes, "net": _estimate(one.rate.net), "share": _estimate(one.rate.share), "p": one.rate.p,
        "sentence": one.sentence,
    }  # fmt: skip


def _estimate(one: Estimate) -> dict[str, Any]:
    return {"value": one.value, "low": one.low, "high": one.high, "n": one.n, "method": one.method}
