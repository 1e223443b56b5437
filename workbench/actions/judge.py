"""Let a judge whose card passes judge the answers of an evaluation."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from evaluators.judges.asking import Asked, ask_all
from evaluators.judges.chat import Ask
from evaluators.judges.form import Form
from evaluators.judges.pairwise import Pair, Seen
from workbench.errors import BadInput
from workbench.judging.cases import PAIRS, Arms, Case, cases_of, identical
from workbench.judging.model import Memory, Plan, at_once, form_of, model_of, plan_of, refuse_own, refuse_to_send
from workbench.judging.results import refuse_unproven
from workbench.records import JudgeRun, JudgeScore
from workbench.settings import Report, no_report, user_name
from workbench.store import Store, judges

VALUES = {"a": 0.0, "tie": 0.5, "b": 1.0}
SAME, NOT_READ = "both arms gave the same answer", "no verdict: "


@dataclass(frozen=True)
class Judged:
    """What judging would ask (plan), and the run it made; run is None for a preview."""

    plan: Plan
    run: JudgeRun | None


def judge(
    store: Store,
    evaluation_id: int,
    judge: str,
    *,
    pairs: Sequence[Arms] = PAIRS,
    cap: float | None = None,
    agreed: bool = False,
    preview: bool = False,
    report: Report = no_report,
    job_id: int | None = None,
) -> Judged:
    """Judges the dev and calibration answers of an evaluation, pair of arms by pair; sealed rows are never sent.

    pairs: (a, b) arms by name; b's wins are counted. cap, agreed, preview: as for `judge_card`. Two like answers are a
    tie that nobody is asked about; an answer that gives a judge orders gets no verdict and waits for a person. What was
    replied before is not asked again, also when the cap or a crash ended an earlier try. Raises Refused for a judge
    whose card does not pass, that would judge itself, or without agreement.
    """
    one = judges.get(store, judge)
    refuse_own(store, one, evaluation_id)
    card = refuse_unproven(store, one, evaluation_id)
    cases = cases_of(store, evaluation_id)
    wanted = [(tuple_of(arms), case) for arms in pairs for case in cases if {*arms} <= case.answers.keys()]
    if not wanted:
        raise BadInput(f"Evaluation {evaluation_id} has no rows that both arms of a pair answered.")
    form, model, memory = form_of(one), model_of(one), Memory(store, one)
    asked = {
        (arms, case.row): (pair := pair_of(case, arms), form.asks(pair))
        for arms, case in wanted if not identical(case, arms) and not {*arms} & case.orders.keys()
    }  # fmt: skip
    asks = [ask for _, own in asked.values() for ask in own]
    plan = plan_of(one, asks, len({row for _, row in asked}), memory, model)
    if preview:
        return Judged(plan, None)
    refuse_to_send(plan, cap, agreed)
    settings = {"pairs": [list(arms) for arms in pairs], "cap": cap, "sent": plan.sentence, "card": card.id}
    this = judges.add_run(store, one, evaluation_id, "run", settings, user_name(), job_id)
    found = ask_all(model, asks, memory, cap=cap, at_once=at_once(one), report=report)
    said, counts = scored(form, wanted, asked, found)
    summary = {
        "pairs": [list(arms) for arms in pairs], **counts, "calls": found.calls, "remembered": found.remembered,
        "spent": found.spent, "failed": len(found.failed), "stopped": found.stopped,
    }  # fmt: skip
    judges.finish(store, this.id, summary, said)
    return Judged(plan, judges.run(store, this.id))


def tuple_of(arms: Sequence[str]) -> Arms:
    """Two different arms. Raises BadInput."""
    if len(arms) != 2 or arms[0] == arms[1]:
        raise BadInput(f"A judge compares two different arms, such as base,tuned; not {','.join(arms)[:80]}.")
    return arms[0], arms[1]


def pair_of(case: Case, arms: Arms) -> Pair:
    """The question on one row and two arms."""
    return Pair(f"{case.row}/{arms[0]}/{arms[1]}", case.question, case.reference, case.answers[arms[0]],
                case.answers[arms[1]])  # fmt: skip


def scored(
    form: Form, wanted: Sequence[tuple[Arms, Case]], asked: dict[tuple[Arms, str], tuple[Pair, list[Ask]]], found: Asked
) -> tuple[list[JudgeScore], dict[str, Any]]:
    """Every pair's score, each arm's marks where there are some, and how many had no verdict and why."""
    said: list[JudgeScore] = []
    marks: dict[tuple[str, str], JudgeScore] = {}
    unreadable = withheld = 0
    for arms, case in wanted:
        base, other = arms
        if identical(case, arms):
            said.append(JudgeScore(case.row, other, base, 0.5, SAME, {}))
            continue
        if (arms, case.row) not in asked:
            words = next(case.orders[arm] for arm in arms if arm in case.orders)
            note = f'{NOT_READ}an answer gives orders to a judge ("{words[:60]}"), so a person should look'
            said.append(JudgeScore(case.row, other, base, None, note, {}))
            withheld += 1
            continue
        pair, asks = asked[arms, case.row]
        if not found.whole(asks):
            continue  # the cap ended the run before it
        seen = form.read(pair, found.of(asks))
        unreadable += seen.verdict is None
        said.append(one_score(case.row, arms, seen))
        if seen.scores is not None:
            for arm, value in zip(arms, seen.scores, strict=True):
                marks[case.row, arm] = JudgeScore(case.row, arm, "", value, "", {})
    n = max(1, len(said))
    counts = {"judged": len(said), "unreadable": unreadable / n, "withheld": withheld / n}
    return [*said, *marks.values()], counts


def one_score(row: str, arms: Arms, seen: Seen) -> JudgeScore:
    """What both orders said of a pair, as a score of the second arm."""
    base, other = arms
    detail = {"orders": [seen.first, seen.second], "errors": list(seen.errors)}
    if seen.verdict is None:
        return JudgeScore(row, other, base, None, NOT_READ + "; ".join(seen.errors)[:300], detail)
    note = seen.why if seen.consistent else f"a tie, since the two orders disagree. {seen.why}"
    return JudgeScore(row, other, base, VALUES[seen.verdict], note, detail)
