"""What may be shown of judges: only of those whose card passes, and only win rates corrected by people's ratings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluators.judges.corrected import Corrected, corrected_win_rate
from evaluators.judges.pairwise import Side
from evaluators.sample import Score, Scorer
from evaluators.statistics.estimate import Estimate
from evaluators.verdict import MINUS
from workbench.errors import Refused
from workbench.judging.cases import Arms, Case, cases_of, identical, people
from workbench.judging.model import where
from workbench.records import Judge, JudgeRun, JudgeScore
from workbench.reports.tables import arm_name
from workbench.store import Store, evaluations, judges

FEWEST_PEOPLE = 30  # rows rated by both, as for the card: fewer correct nothing
NO_CARD = "It has no card on this golden set yet: nobody knows whether it judges as people do."


def card_on(store: Store, judge: Judge, evaluation_id: int) -> JudgeRun | None:
    """The newest card of a judge on the evaluation's golden version; that of the evaluation itself before others.

    A card that its cost cap ended counts only where there is no whole one.
    """
    golden = evaluations.get(store, evaluation_id).golden_id
    found = [
        run for run in judges.runs_of(store, judge_id=judge.id, work="card")
        if run.evaluation_id == evaluation_id or evaluations.get(store, run.evaluation_id).golden_id == golden
    ]  # fmt: skip
    own = [run for run in found if run.evaluation_id == evaluation_id]
    whole = [[run for run in runs if run.summary and not run.summary["stopped"]] for runs in (own, found)]
    return next(iter(whole[0] or whole[1] or own or found), None)


def standing_of(store: Store, judge: Judge, evaluation_id: int) -> tuple[bool, str, JudgeRun | None]:
    """(whether the judge counts, why or why not, its card) for an evaluation."""
    card = card_on(store, judge, evaluation_id)
    if card is None or card.summary is None:
        return False, NO_CARD, None
    return bool(card.summary["passes"]), str(card.summary["reason"]), card


def refuse_unproven(store: Store, judge: Judge, evaluation_id: int) -> JudgeRun:
    """The card of a judge that counts. Raises Refused with the reason and the way on."""
    used, reason, card = standing_of(store, judge, evaluation_id)
    if not used or card is None:
        raise Refused(
            f"The judge {judge.label} may not judge this evaluation. {reason} "
            f"Make its card with: goldloop judges card {evaluation_id} {judge.label}"
        )
    return card


def scores(store: Store, evaluation_id: int, judge: Judge) -> dict[str, dict[str, Score]]:
    """Arm -> row id -> score of a judge that counts, for the evaluation's dev and calibration rows.

    "tuned over base": 1 where tuned is better, 0.5 for a tie, 0 where it is worse. A rubric gives the mean mark of each
    arm too, under the arm's name. Raises Refused where its card does not pass or nothing was judged.
    """
    refuse_unproven(store, judge, evaluation_id)
    run = newest_run(store, judge, evaluation_id)
    if run is None:
        raise Refused(f"{judge.label} has not judged evaluation {evaluation_id}. First: goldloop judges run "
                      f"{evaluation_id} {judge.label}")  # fmt: skip
    found: dict[str, dict[str, Score]] = {}
    for one in judges.scores_of(store, run.id):
        name = f"{one.arm} over {one.against}" if one.against else one.arm
        found.setdefault(name, {})[one.row_id] = Score(one.value, one.note)
    return found


def scorer(store: Store, evaluation_id: int, judge: Judge, arm: str) -> Scorer:
    """A judge's scores of one arm as a Scorer like any metric: samples in, scores out. Raises Refused as `scores`."""
    known = scores(store, evaluation_id, judge).get(arm, {})

    def run(samples: Any) -> list[Score]:
        return [known.get(one.id, Score(None, "not judged")) for one in samples]

    page = f"Judge {judge.label}: {judge.form}, {where(judge)}"
    return Scorer(f"judge:{judge.label}", page, f"{page}\n\n{judge.rubric}", True, "share", (), False, None, run)


def newest_run(store: Store, judge: Judge, evaluation_id: int) -> JudgeRun | None:
    """The newest finished judging of an evaluation by a judge."""
    found = judges.runs_of(store, evaluation_id=evaluation_id, judge_id=judge.id, work="run")
    return found[0] if found else None


def told(store: Store, evaluation_id: int) -> dict[str, Any] | None:
    """What a report says of model judges on an evaluation; None where no judge was tried on its golden version.

    {"judges": [{"label", "form", "where", "digest", "rubric", "used", "headline", "reason", "card", "card_of",
    "results", "without_results", "unreadable", "withheld"}], "used": int, "sentence": str}. card: as
    `evaluators.judges.card` writes it. results: only of judges whose card passes, one for each pair of arms with at
    least 30 rows rated by people too: {"a", "b", "net", "low", "high", "people", "people_low", "people_high", "both",
    "judge_only", "same", "rows", "weight", "method", "sentence"}; net win rate of b over a, -1 to 1; people: by the
    rated rows alone; both: rows rated by people and judge; same: rows with the same answer twice. without_results: why
    a pair has none.
    unreadable, withheld: shares of pairs that the judge could not be read on, or that were kept from it since an answer
    gives orders to a judge; None for a judge that is not used.
    """
    golden = evaluations.get(store, evaluation_id).golden_id
    tried = {
        run.judge_id for run in judges.runs_of(store) if evaluations.get(store, run.evaluation_id).golden_id == golden
    }
    if not tried:
        return None
    cases, human = cases_of(store, evaluation_id), people(store, evaluation_id)
    found = [_told(store, evaluation_id, one, cases, human) for one in judges.listed(store) if one.id in tried]
    used = sum(one["used"] for one in found)
    tried_words = "1 model judge was tried" if len(found) == 1 else f"{len(found)} model judges were tried"
    passed = {0: "none passed its card, so none is used", 1: "1 passed its card and is used"}
    said = f"{tried_words}; {passed.get(used, f'{used} passed their cards and are used')}."
    return {"judges": found, "used": used, "sentence": said}


def _told(
    store: Store, evaluation_id: int, judge: Judge, cases: list[Case], human: Mapping[Arms, Mapping[str, Side]]
) -> dict[str, Any]:
    used, reason, card = standing_of(store, judge, evaluation_id)
    said: dict[str, Any] = {
        "label": judge.label, "form": judge.form, "where": where(judge), "digest": judge.digest, "rubric": judge.rubric,
        "used": used, "headline": bool(card and card.summary and card.summary["headline"]), "reason": reason,
        "card": card.summary if card else None, "card_of": card.evaluation_id if card else None, "results": [],
        "without_results": [], "unreadable": None, "withheld": None,
    }  # fmt: skip
    run = newest_run(store, judge, evaluation_id)
    if not used or run is None or run.summary is None:
        if used:
            said["without_results"] = ["It has not judged this evaluation yet."]
        return said
    said |= {"unreadable": run.summary["unreadable"], "withheld": run.summary["withheld"]}
    verdicts = _verdicts(judges.scores_of(store, run.id))
    for text in run.summary["pairs"]:
        arms: Arms = (text[0], text[1])
        same = {case.row for case in cases if {*arms} <= case.answers.keys() and identical(case, arms)}
        own = {row: side for row, side in verdicts.get(arms, {}).items() if row not in same}
        rated = {row: side for row, side in human.get(arms, {}).items() if row not in same}
        both = len(own.keys() & rated.keys())
        if both < FEWEST_PEOPLE:
            said["without_results"].append(
                f"{sentence_case(arm_name(arms[1]))} against {arm_name(arms[0])}: people rated {both} of the rows it "
                f"judged, and it takes {FEWEST_PEOPLE} to correct its win rate."
            )
            continue
        said["results"].append(_result(arms, corrected_win_rate(rated, own), len(same), len(own) + len(same)))
    return said


def _result(arms: Arms, found: Corrected, same: int, rows: int) -> dict[str, Any]:
    """A corrected win rate over all rows: those with the same answer twice are ties for certain, and dilute it."""
    share = (rows - same) / rows if rows else 0.0
    net, own = _scaled(found.net, share), _scaled(found.people, share)
    return {
        "a": arms[0], "b": arms[1], "net": net[0], "low": net[1], "high": net[2], "people": own[0],
        "people_low": own[1], "people_high": own[2], "both": found.both, "judge_only": found.judge_only, "same": same,
        "rows": rows, "weight": round(found.weight, 4), "method": found.net.method,
        "sentence": _sentence(arms, net, found, rows),
    }  # fmt: skip


def _scaled(one: Estimate, share: float) -> tuple[float | None, float | None, float | None]:
    def times(value: float | None) -> float | None:
        return None if value is None else max(-1.0, min(1.0, value * share))

    return times(one.value), times(one.low), times(one.high)


def _sentence(arms: Arms, net: tuple[float | None, float | None, float | None], found: Corrected, rows: int) -> str:
    value, low, high = net
    base, other = arm_name(arms[0]), arm_name(arms[1])
    if value is None or low is None or high is None:
        return f"Whether {other} is better than {base} can't be told: there is no interval."
    word = "better" if low > 0 else "worse" if high < 0 else ""
    head = f"{other} is {word} than {base}" if word else f"whether {other} is better than {base} can't be told"
    figures = f"net win rate {100 * value:+.0f} points, 95 % interval {100 * low:+.0f} to {100 * high:+.0f}"
    figures = figures.replace("-", MINUS)
    text = (
        f"{head} ({figures}; {found.both} rows rated by people and judge, {found.judge_only} by the judge alone, "
        f"{rows} in all, corrected by PPI++)."
    )
    return sentence_case(text)


def sentence_case(text: str) -> str:
    return text[:1].upper() + text[1:]


def _verdicts(said: list[JudgeScore]) -> dict[Arms, dict[str, Side]]:
    """(a, b) -> row -> side, of what a run said."""
    found: dict[Arms, dict[str, Side]] = {}
    for one in said:
        if one.value is not None and one.against:
            side: Side = "b" if one.value > 0.5 else "a" if one.value < 0.5 else "tie"
            found.setdefault((one.against, one.arm), {})[one.row_id] = side
    return found
