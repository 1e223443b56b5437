"""Make a judge's card: find out whether it may be believed before any number of it is shown."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from evaluators.judges.asking import ask_all
from evaluators.judges.card import FEWEST_RATED, as_data, card_of
from evaluators.judges.probes import probes_of
from workbench.errors import BadInput
from workbench.judging.cases import cases_of, material_of, rated_cases
from workbench.judging.model import Memory, Plan, at_once, form_of, model_of, plan_of, refuse_own, refuse_to_send
from workbench.records import JudgeRun
from workbench.settings import Report, no_report, user_name
from workbench.store import Store, judges


@dataclass(frozen=True)
class CardMade:
    """What a card would ask (plan), and what it found; run is None for a preview."""

    plan: Plan
    rated: int
    run: JudgeRun | None

    @property
    def warning(self) -> str:
        """Why the card cannot pass, told before anything is asked; "" where it can."""
        if self.rated >= FEWEST_RATED:
            return ""
        return (
            f"People have rated {self.rated} rows of this evaluation in closed rounds, and a card takes {FEWEST_RATED} "
            "to pass. Rate more rows blind first, or the questions are asked in vain."
        )


def judge_card(
    store: Store,
    evaluation_id: int,
    judge: str,
    *,
    cap: float | None = None,
    agreed: bool = False,
    preview: bool = False,
    report: Report = no_report,
    job_id: int | None = None,
) -> CardMade:
    """Asks a judge about pairs that people rated blind and about pairs with a known outcome, and writes its card.

    cap: the most it may cost, in the currency of the judge's prices; a card that the cap cut short does not pass.
    agreed: that the rows in the plan may be sent to the judge's server. preview: only the plan. What was replied before
    is not asked again. Raises Refused without agreement, for a judge that would judge itself, and for a cap without
    prices.
    """
    one = judges.get(store, judge)
    refuse_own(store, one, evaluation_id)
    cases = cases_of(store, evaluation_id)
    rated, part = rated_cases(store, evaluation_id, cases)
    probes = probes_of(rated, material_of(cases))
    if not probes:
        raise BadInput(f"Evaluation {evaluation_id} has no readable rows with a golden reply: nothing can be asked.")
    form, model, memory = form_of(one), model_of(one), Memory(store, one)
    by_probe = [(probe, form.asks(probe.pair)) for probe in probes]
    asks = [ask for _, own in by_probe for ask in own]
    plan = plan_of(one, asks, len({probe.row for probe in probes}), memory, model)
    rows = len({case.row for case in rated})
    if preview:
        return CardMade(plan, rows, None)
    refuse_to_send(plan, cap, agreed)
    settings = {"cap": cap, "sent": plan.sentence}
    this = judges.add_run(store, one, evaluation_id, "card", settings, user_name(), job_id)
    found = ask_all(model, asks, memory, cap=cap, at_once=at_once(one), report=report)
    judged = [(probe, form.read(probe.pair, found.of(own))) for probe, own in by_probe if found.whole(own)]
    summary = as_data(card_of(judged)) | {
        "part": part, "calls": found.calls, "remembered": found.remembered, "spent": found.spent,
        "failed": len(found.failed), "stopped": found.stopped,
    }  # fmt: skip
    judges.finish(store, this.id, cut_short(summary, found.stopped))
    return CardMade(plan, rows, judges.run(store, this.id))


def cut_short(summary: dict[str, Any], stopped: str) -> dict[str, Any]:
    """A card that the cost cap ended does not pass, whatever the gates say of the part that was asked."""
    if not stopped:
        return summary
    reason = f"It is not used: its card is not finished, since {stopped}."
    return summary | {"passes": False, "headline": False, "reason": reason}
