"""Send a shipped model to a hub: on request, after showing what would go, private unless said otherwise."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from workbench.errors import NotFound, Refused
from workbench.shipping import shipment as made
from workbench.shipping.cards import refuse_golden_texts
from workbench.shipping.hub import PushPlan, plan_push, push
from workbench.store import Store, runs


@dataclass(frozen=True)
class Pushed:
    """What went or would go; address: where it lies now, "" while nothing was sent."""

    plan: PushPlan
    address: str


def push_to_hub(
    store: Store,
    run_id: int,
    repo: str,
    *,
    yes: str = "",
    private: bool = True,
    form: str | None = None,
    folder: str | Path | None = None,
    preview: bool = False,
) -> Pushed:
    """Sends one form of a run's shipment as a new repository; with `preview` only says what would go.

    yes: the name of the repository once more, by which a person says that it may go; another word sends nothing. form:
    merged, model, adapter or gguf, by default the most whole one. Raises NotFound without a shipment, Refused without
    the yes, for a card with a golden text and while HF_HUB_OFFLINE is set, PushFailed for what the hub says.
    """
    run = runs.get(store, run_id)
    found = made.read(store, run, folder)
    if found is None:
        raise NotFound(f"Run {run_id} was not shipped there yet. Ship it first: goldloop ship {run_id} --merge")
    plan = plan_push(found, repo, private=private, form=form)
    refuse_golden_texts(store, run.dataset, plan.folder)
    if preview:
        return Pushed(plan, "")
    if yes != repo:
        raise Refused(f"Nothing was sent: type the repository's name, {repo}, to say that it may go.")
    return Pushed(plan, push(plan))
