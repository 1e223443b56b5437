"""What was decided before the first answer, sealed with a hash, and what was done otherwise in the end"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from typing import Any

from evaluators.guards import WHERE_ASKED, guarded, margin_words
from evaluators.sample import Sample, catalogue
from evaluators.statistics.estimate import ALPHA

KEPT = ("primary", "unit", "direction", "reason", "margins", "alpha", "smallest_useful")  # stand as first stored
EDITION = 1  # raise when the meaning of a plan's entry changes
TYPICAL = "30 %"  # of rows on which a tuned model and its base differ; measured are mostly 20 to 50 %
SHIP = (
    "better than the base model and than the base model with a better prompt by the primary metric, and no worse than "
    "the base model on every guard"
)


def registration(
    samples: Sequence[Sample],
    *,
    part: str,
    golden: str,
    primary: str,
    reason: str,
    useful: float,
    margins: Mapping[str, float],
    alpha: float = ALPHA,
    arms: Mapping[str, Any],
    max_new_tokens: int | None,
) -> dict[str, Any]:
    """The plan of an evaluation as plain values: primary, direction, margins, level, rows, and what they can detect.

    samples: the rows that the statistics will stand on. golden: the digest of their set. arms: what tells the arms
    apart (their prompts, their examples, the run). The same plan has the same hash (`plan_hash`).
    """
    known = catalogue()
    main = known[primary]
    own = {s.group for s in samples if s.group is not None}
    return {
        "edition": EDITION,
        "part": part,
        "golden": golden,
        "rows": len(samples),
        "independent": len(own) + sum(s.group is None for s in samples),
        "primary": primary,
        "unit": main.unit,
        "direction": "higher is better" if main.higher_is_better else "lower is better",
        "reason": reason,
        "smallest_useful": useful,
        "margins": {name: {"margin": margin, "unit": guarded(known[name]).unit} for name, margin in margins.items()},
        "alpha": alpha,
        "detectable": detectable(len(own) + sum(s.group is None for s in samples), alpha=alpha),
        "arms": dict(arms),
        "max_new_tokens": max_new_tokens,
        "ship": SHIP,
    }


def detectable(rows: int, *, alpha: float = ALPHA) -> dict[str, Any]:
    """The smallest differences that so many independent rows find in four of five evaluations, before any answer.

    "rates": share of rows on which two arms differ ("20 %") -> smallest difference of pass rates, None: impossible;
    "in_sds": smallest mean difference of a continuous score, in standard deviations of the row differences.
    """
    # scipy behind it takes half a second that plain words need not wait for
    from evaluators.statistics.smallest_detectable import before_the_run

    plan = before_the_run(rows, alpha=alpha)
    return {
        "rows": rows,
        "rates": {f"{100 * share:.0f} %": least for share, least in plan.rates.items()},
        "in_sds": plan.in_sds,
    }


def plan_hash(plan: Mapping[str, Any]) -> str:
    """SHA-256 over a plan, by which it is known that nothing was changed afterwards."""
    return hashlib.sha256(json.dumps(plan, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


def told_plan(plan: Mapping[str, Any]) -> list[str]:
    """The plan in sentences, as it is shown before the run and in a report."""
    known = catalogue()
    main = known[plan["primary"]]
    rows = f"{plan['rows']:,} {plan['part']} row{'' if plan['rows'] == 1 else 's'}"
    if plan["independent"] != plan["rows"]:
        rows += f" in {plan['independent']:,} independent groups"
    said = [
        f"{main.title} decides ({plan['direction']}): {plan['reason'].rstrip('.')}.",
        f"Statistics stand on {rows}, with {100 * (1 - plan['alpha']):.3g} % intervals.",
        _can_find(plan, main.pass_fail),
    ]
    if plan["smallest_useful"]:
        useful = margin_words(plan["smallest_useful"], plan["unit"])
        said.append(f"A gain is called useful when it is shown to be larger than {useful}.")
    said += [
        f"Guard: {known[name].title}, at most {margin_words(one['margin'], one['unit'])} worse."
        for name, one in plan["margins"].items()
        if name in known and name not in WHERE_ASKED
    ]
    if asked := [known[name].title for name in plan["margins"] if name in WHERE_ASKED and name in known]:
        said.append(f"Guards where a row asks for it: {', '.join(asked)}.")
    return [*said, f"Ship only if tuned is {plan['ship']}."]


def _can_find(plan: Mapping[str, Any], pass_fail: bool) -> str:
    """What so many rows find in four of five evaluations, for the kind of metric that decides."""
    found = plan["detectable"]
    if pass_fail:
        least = found["rates"].get(TYPICAL)
        told = "no difference at all" if least is None else f"a difference of {100 * least:g} points"
        return f"So many rows find, in four of five tries, {told} where the two differ on {TYPICAL} of them."
    if found["in_sds"] is None:
        return "A single row can show no difference."
    return (
        f"So many rows find, in four of five tries, a mean difference of {found['in_sds']:.2f} standard deviations of "
        "the differences by row."
    )


def deviations(
    plan: Mapping[str, Any], now: Mapping[str, Any], summary: Mapping[str, Any], *, extra: Sequence[str] = ()
) -> list[str]:
    """What was done otherwise than planned, a sentence each: entries that changed, and rows that could not be judged.

    plan: as stored before the first answer; now: the same drawn up again when the answers were there.
    """
    changed = [name for name in now if plan.get(name) != now.get(name)]
    said = [
        f"A later try asked for other {name.replace('_', ' ')}; those of the plan were kept."
        if name in KEPT
        else f"{name.replace('_', ' ').capitalize()}: {_told(plan.get(name))} in the plan, {_told(now.get(name))} now."
        for name in changed
    ]
    primary = plan["primary"]
    lacking: dict[int, list[str]] = {}
    for arm, judged in summary["judged"].items():
        if missing := plan["rows"] - judged.get(primary, 0):
            lacking.setdefault(missing, []).append(arm)
    said += [
        f"{missing} of {plan['rows']} rows could not be judged by the primary metric (in {', '.join(arms)}) and are "
        "left out of its comparisons."
        for missing, arms in lacking.items()
    ]
    return [*said, *extra]


def _told(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, sort_keys=True)
    return text if len(text) <= 80 else f"another (hash {hashlib.sha256(text.encode()).hexdigest()[:8]})"
