"""What a study found, from what its arms were measured at: a sentence first, then the figures it rests on"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from evaluators.compare import Comparison, by_slice
from evaluators.sample import Score
from evaluators.statistics.adjusted_p import holm
from evaluators.statistics.learning_curve import LearningCurve, learning_curve
from evaluators.verdict import signed
from workbench.asked import slices_for
from workbench.records import Run
from workbench.store import runs, sheets
from workbench.studying import measuring
from workbench.studying.design import BITS, LOSS, ArmPlan
from workbench.studying.engine import BROKEN, PRUNED, Work, allowed_seconds, path_of
from workbench.studying.measuring import Measured
from workbench.studying.pairs import line, paired, said, scorer_of, word
from workbench.studying.trials import Tried, best_of, confirming, known_trials

WORTH, NOT_WORTH, UNKNOWN = "worth it", "no", "can't tell"
_ENDED = {PRUNED: "was ended before its last step", BROKEN: "diverged and is left out"}
KEEP = "keep the plan"  # no trial of a sweep beat it where trials are chosen; golden was not asked


@dataclass(frozen=True)
class Side:
    """The measured runs of one side by seed."""

    name: str
    by_seed: Mapping[int, Measured]

    def at(self, seeds: Sequence[int]) -> list[Measured]:
        return [self.by_seed[seed] for seed in seeds]


def conclude(work: Work, *, cut_short: bool = False, since: Sequence[str] = ()) -> dict[str, Any]:
    """The result of a study, ready to be written down.

    cut_short: its minutes were over before it was. since: what a person should know of how it went on.
    """
    design = work.design
    tried = known_trials(work) if design.sweep else []
    arms = design.arms
    if design.sweep:
        winner = best_of(tried)
        arms = tuple(confirming(work, tried[0], winner)) if tried and winner else ()
    sides = _sides(work, arms)
    told = {"data": _data, "rows": _rows, "duel": _duel, "sweep": _sweep, "rebase": _rebase}[design.kind](
        work, sides, tried
    )
    notes = [*since, *_ended_early(work), *design.notes]
    if cut_short:
        notes.insert(0, _cut_short(work, arms, tried))
    return {
        "state": "cut short" if cut_short else "finished",
        "decides": design.decides,
        "reason": design.reason,
        "arms": arm_lines(work, arms),
        "bases": _bases(work),
        "notes": notes,
        "seconds": round(work.spent, 1),
        "predicted": work.study.settings.get("budget"),
        "rows": len(work.samples),
        "tried": [asdict(one) for one in tried],
        **told,
    }


def _cut_short(work: Work, arms: Sequence[ArmPlan], tried: Sequence[Tried]) -> str:
    """What a study whose minutes were over has not done, and how it goes on."""
    allowed, sweep = allowed_seconds(work.study, work.design), work.design.sweep
    left = [arm.name for arm in arms if not path_of(work.store, work.study.id, arm.name).is_file()]
    if sweep and len(tried) < sweep.trials:
        left = [f"{sweep.trials - len(tried)} of {sweep.trials} trials"]
    return (
        f"Its {(allowed or 0) / 60:.3g} minutes were over before it was done; not trained and measured: "
        f"{', '.join(left) or 'nothing'}. What is said rests on the rest. It goes on with: goldloop study resume "
        f"{work.study.id} --minutes M"
    )


def _ended_early(work: Work) -> list[str]:
    """Why a run did not come to its end: a trial that fell behind, a loss that was no number."""
    ended = [(name, run.id, run.arm or {}) for name, run in work.runs().items()]
    return [
        f"{name} (run {number}) {_ENDED[arm['state']]}: {str(arm.get('why') or 'its loss was no number').rstrip('.')}."
        for name, number, arm in sorted(ended, key=lambda one: one[1])
        if arm.get("state") in _ENDED
    ]


def arm_lines(work: Work, arms: Sequence[ArmPlan]) -> list[dict[str, Any]]:
    """Each run: how it was trained, and what it was measured at."""
    known, lines = work.runs(), []
    for arm in arms:
        run = runs.get(work.store, arm.run) if arm.run is not None else known.get(arm.name)
        found = measuring.kept(path_of(work.store, work.study.id, arm.name))
        lines.append(arm_line(arm, run, found, work.design.decides))
    return lines


def arm_line(arm: ArmPlan, run: Run | None, found: Measured | None, decides: str) -> dict[str, Any]:
    """One run as a line of a table."""
    result = (run.result or {}) if run else {}
    state = "measured" if found else str((run.arm or {}).get("state") or "") if run else "not begun"
    state = state or ("trained" if result else "training")
    least = min((loss for step, loss in result.get("validation_losses") or () if step > 0), default=None)
    return {
        "name": arm.name, "side": arm.side, "seed": arm.seed, "model": arm.model, "settings": list(arm.settings),
        "size": arm.size, "run": run.id if run else None, "state": state, "steps": result.get("steps"),
        "seconds": result.get("seconds"), "learning_rate": result.get("learning_rate"), "validation": least,
        "loss": found.mean(LOSS) if found else None, "bits": found.mean(BITS) if found else None,
        "deciding": found.mean(decides) if found else None,
    }  # fmt: skip


def _sides(work: Work, arms: Sequence[ArmPlan]) -> dict[str, Side]:
    found: dict[str, dict[int, Measured]] = {arm.side: {} for arm in arms}
    for arm in arms:
        known = measuring.kept(path_of(work.store, work.study.id, arm.name))
        if known is not None:
            found[arm.side][arm.seed] = known
    return {name: Side(name, by_seed) for name, by_seed in found.items()}


def _bases(work: Work) -> list[dict[str, Any]]:
    lines = []
    for number, model in enumerate(work.design.models):
        found = measuring.kept(work.place / "measured" / f"base-{number}.json")
        if found is not None:
            lines.append({"model": model, "loss": found.mean(LOSS), "bits": found.mean(BITS),
                          "deciding": found.mean(work.design.decides)})  # fmt: skip
    return lines


def _data(work: Work, sides: Mapping[str, Side], tried: Sequence[Tried]) -> dict[str, Any]:
    arms = {arm.side: arm for arm in work.design.arms}
    order = sorted(sides.values(), key=lambda side: arms[side.name].size)
    kept, seeds = _complete(order)
    if len(kept) < 2:
        return _nothing("too few runs were finished to see what more data brings")
    rows = _measured_rows([one for side in kept for one in side.at(seeds)], LOSS)
    groups = measuring.groups(work.samples)
    sizes = [_mean_size(work, side.name) for side in kept]
    cube = np.array([[[one.values[LOSS][row] for row in rows] for one in side.at(seeds)] for side in kept])
    curve = learning_curve(sizes, cube, [groups[row] for row in rows] if groups else None)
    word_, sentence = _worth(curve, work.design.useful)
    small, large = kept[-2], kept[-1]
    names = (f"{small.name} of the rows", "all rows" if large.name == "100 %" else f"{large.name} of the rows")
    lines = [
        line(paired(small.at(seeds), large.at(seeds), measure, names, groups), decides=measure == work.design.decides)
        for measure in dict.fromkeys([work.design.decides, LOSS])
    ]
    task = "" if lines[0]["scorer"] == LOSS else f" By the task's own metric, {lines[0]['said']}."
    return {"verdict": word_, "sentence": sentence + task, "comparisons": lines, "seeds": list(seeds),
            "curve": {**asdict(curve), "seeds": list(seeds)}}  # fmt: skip


def _worth(curve: LearningCurve, useful: float) -> tuple[str, str]:
    """The verdict on doubling, and its sentence."""
    top = curve.sizes[-1]
    last, now = curve.last, curve.means[-1]
    step = (
        f"the last step, from {curve.sizes[-2]:,.0f} to {top:,.0f} rows, lowered the loss on golden by "
        f"{_plain(last.value)}{_span(last.low, last.high)} nats per token"
    )
    if curve.state != "fitted" or curve.doubling.value is None:
        if curve.state == "two sizes":
            return UNKNOWN, f"Can't tell what doubling the data would bring: {curve.why}. But {step}."
        return UNKNOWN, f"Can't tell what doubling the data would bring: {curve.why}. And {step}."
    gain = curve.doubling
    assert gain.low is not None
    assert gain.high is not None
    told = WORTH if gain.low >= useful and gain.low > 0 else NOT_WORTH if gain.high < useful else UNKNOWN
    if curve.seeds_unknown:
        return UNKNOWN, (
            f"By the curve of one seed, doubling the data from {top:,.0f} to {2 * top:,.0f} rows would bring about "
            f"{gain.value:.2f}{_span(gain.low, gain.high)} nats per token, without the chance of training in it: "
            "can't tell; run a second seed."
        )
    end = {
        WORTH: "worth it",
        NOT_WORTH: f"no, that is below the {useful:g} that count as a gain",
        UNKNOWN: f"can't tell whether that reaches the {useful:g} that count as a gain",
    }[told]
    return told, (
        f"Doubling the data, from {top:,.0f} to {2 * top:,.0f} rows, would lower the loss on golden by about "
        f"{gain.value:.2f}{_span(gain.low, gain.high)} nats per token, from {now:.2f}: {end}."
    )


def _plain(value: float | None) -> str:
    return signed(value, "nats").lstrip("+")


def _span(low: float | None, high: float | None) -> str:
    return (
        ""
        if low is None or high is None
        else f" [{signed(low, 'nats').lstrip('+')}, {signed(high, 'nats').lstrip('+')}]"
    )


def _rows(work: Work, sides: Mapping[str, Side], tried: Sequence[Tried]) -> dict[str, Any]:
    """Clean against all decides; the two beside it are told with Holm's p."""
    wanted = [("all rows", "clean rows"), ("all rows, as many as clean", "clean rows"),
              ("all rows, as many as clean", "all rows")]  # fmt: skip
    return _held(work, sides, [pair for pair in wanted if pair[0] in sides], "Cleaning")


def _duel(work: Work, sides: Mapping[str, Side], tried: Sequence[Tried]) -> dict[str, Any]:
    first, second = list(sides)
    return _held(work, sides, [(first, second)], "Tuned on the same rows", (BITS,))


def _sweep(work: Work, sides: Mapping[str, Side], tried: Sequence[Tried]) -> dict[str, Any]:
    best, wanted = best_of(list(tried)), work.design.sweep.trials if work.design.sweep else 0
    done = sum(one.state in ("trained", PRUNED, BROKEN) for one in tried)
    if best is None:
        return _nothing("no trial was finished")
    if best.number == 0 and done < max(2, wanted):
        return _nothing(f"{done} of {wanted} trials were done, and none of them beat the plan as it stands")
    if best.number == 0:
        return {
            "verdict": KEEP,
            "sentence": f"None of the {done - 1} other trials{_short_of(tried)} beat the plan as it stands on the rows "
            f"kept aside (loss {best.loss:.3f}): keep it. Nothing was compared on golden.",
            "comparisons": [],
            "seeds": [],
        }
    told = _held(work, sides, [("default", "winner")], "On golden")
    settings = ", ".join(best.settings).replace("=", " ")
    head = f"Of {len(tried)} trials{_short_of(tried)}, {settings} did best on the rows kept aside (loss {best.loss:.3f}"
    first = tried[0].loss
    against = f", {first:.3f} for the plan as it stands). " if first is not None else "). "
    end = " One comparison was made on golden." if told["comparisons"] else ""
    return {**told, "sentence": head + against + told["sentence"] + end}


def _short_of(tried: Sequence[Tried]) -> str:
    """ " (1 ended early, 2 diverged)": the trials that did not come to their end."""
    counts = ((PRUNED, "ended early"), (BROKEN, "diverged"))
    found = [f"{count} {words}" for state, words in counts if (count := sum(one.state == state for one in tried))]
    return f" ({', '.join(found)})" if found else ""


def _rebase(work: Work, sides: Mapping[str, Side], tried: Sequence[Tried]) -> dict[str, Any]:
    """New tuned against old tuned decides; slices of it; both bases beside it with Holm's p."""
    old, new = list(sides)
    bases = {
        f"{side}, untuned": Side(f"{side}, untuned", dict.fromkeys(sides[side].by_seed, found))
        for number, side in enumerate((old, new))
        if (found := measuring.kept(work.place / "measured" / f"base-{number}.json")) is not None
    }
    pairs = [(old, new), (f"{old}, untuned", old), (f"{new}, untuned", new), (f"{old}, untuned", f"{new}, untuned")]
    told = _held(work, {**sides, **bases}, pairs, "On the same data and golden", (BITS,))
    return {**told, "slices": _slices(work, sides, old, new)}


def _slices(work: Work, sides: Mapping[str, Side], old: str, new: str) -> list[dict[str, Any]]:
    """The slices of golden, those that got worse with the new base first."""
    if not (sides[old].by_seed and sides[new].by_seed):
        return []
    measure = work.design.decides
    scorer = scorer_of(measure)
    ids = [one.id for one in work.samples]
    values = [next(iter(sides[side].by_seed.values())).values.get(measure, {}) for side in (old, new)]
    scores = [{row: Score(known.get(row)) for row in ids} for known in values]
    sheet = sheets.sheet_of(work.store, work.prepared.version.dataset)
    found = by_slice(
        scores[0], scores[1], scorer, names=(old, new), tags=slices_for(work.samples, sheet, topics=True),
        groups=measuring.groups(work.samples),
    )  # fmt: skip
    return [asdict(one) for one in found]


def _held(
    work: Work, sides: Mapping[str, Side], pairs: Sequence[tuple[str, str]], lead: str, beside: Sequence[str] = ()
) -> dict[str, Any]:
    """The first pair decides; the others, and other measures of it, stand beside it with p after Holm."""
    groups, found = measuring.groups(work.samples), list[tuple[Comparison, bool]]()
    seeds_used: list[int] = []
    for place, (a, b) in enumerate(pairs):
        if a not in sides or b not in sides:
            if place == 0:
                return _nothing(f"{a} and {b} were not both trained to their end")
            continue
        seeds = sorted(set(sides[a].by_seed) & set(sides[b].by_seed))
        if not seeds:
            if place == 0:
                return _nothing(f"{a} and {b} were not both trained and measured")
            continue
        seeds_used = seeds if place == 0 else seeds_used
        for measure in dict.fromkeys([work.design.decides, *beside, *([LOSS] if _one_tokenizer(work) else [])]):
            one = paired(sides[a].at(seeds), sides[b].at(seeds), measure, (a, b), groups)
            found.append((one, place == 0 and measure == work.design.decides))
    raw = [one.p for one, decides in found if not decides and one.p is not None]
    adjusted = iter(holm(raw))
    lines = [
        line(one, decides=decides, p_holm=next(adjusted) if not decides and one.p is not None else None)
        for one, decides in found
    ]
    first = found[0][0]
    title = scorer_of(work.design.decides).title
    verdict, more = (word(first), "") if len(seeds_used) > 1 else (UNKNOWN, _of_one_seed(first))
    sentence = f"{lead}, by “{title[:1].lower()}{title[1:]}”, {said(first)}.{more}{_finer(found)}"
    return {"verdict": verdict, "sentence": sentence, "comparisons": lines, "seeds": seeds_used}


def _of_one_seed(found: Comparison) -> str:
    """Why one run a side gives no verdict: equal recipes were told apart in 26 to 42 of 100 simulated draws."""
    held = "" if word(found) == UNKNOWN else " So it is for these two runs."
    return f"{held} One seed: whether another draw of training would say the same can't be told. Run a second seed."


def _finer(found: Sequence[tuple[Comparison, bool]]) -> str:
    """What the replies' likelihood says of the deciding pair, where the deciding metric of the answers can't tell."""
    first = found[0][0]
    if first.scorer in (LOSS, BITS) or word(first) != UNKNOWN:
        return ""
    fine = next(
        (one for one, _ in found[1:] if one.scorer in (BITS, LOSS) and (one.a, one.b) == (first.a, first.b)), None
    )
    if fine is None:
        return ""
    return f" Finer, but not what decides: by how likely golden's replies are, {said(fine)}."


def _one_tokenizer(work: Work) -> bool:
    return len(work.design.models) == 1


def _complete(sides: Sequence[Side]) -> tuple[list[Side], list[int]]:
    """The sizes and seeds that were all trained: the most sizes that one seed has, then the seeds that have them."""
    best: tuple[list[Side], list[int]] = ([], [])
    for seed in sorted({seed for side in sides for seed in side.by_seed}):
        kept = [side for side in sides if seed in side.by_seed]
        if len(kept) > len(best[0]):
            best = (kept, [seed])
    kept = best[0]
    seeds = sorted(set.intersection(*(set(side.by_seed) for side in kept))) if kept else []
    return kept, seeds


def _mean_size(work: Work, side: str) -> float:
    """Training rows of a side; the parts of two seeds may differ by a group."""
    sizes = [arm.size for arm in work.design.arms if arm.side == side]
    return sum(sizes) / len(sizes)


def _measured_rows(found: Sequence[Measured], measure: str) -> list[str]:
    """The rows that every run was measured on."""
    return [row for row in found[0].values[measure] if all(row in one.values[measure] for one in found)]


def _nothing(why: str) -> dict[str, Any]:
    return {"verdict": UNKNOWN, "sentence": f"Nothing can be said: {why}.", "comparisons": [], "seeds": []}
