"""The plan card on the Training screen: show the plan, time some steps, and the prices it reckons with

planned = PlanSection(page, store, model, form)     # in `draw`, where the card is to stand; `planned.shown` is it
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from training.money import Prices
from workbench import jobs
from workbench.actions.plan_training import plan_training
from workbench.errors import BadInput
from workbench.screens.address import Look, version_of
from workbench.screens.plan_card import plan_html
from workbench.screens.progress import Card, card_of
from workbench.screens.results import view
from workbench.store import Store
from workbench.training_side import prepare

MOST = 1e6  # of a price; beyond it somebody mistook the box


class PlanSection:
    """Buttons, prices, the card of the measurement while it runs, and the plan card."""

    def __init__(self, page: Any, store: Store, model: Any, form: Any) -> None:
        """model: the component that names the base model; form: that of the plan, whose knobs count."""
        self.store, self.form = store, form
        with gr.Row(elem_classes="tools"):
            plan = gr.Button("Show the plan", size="sm", scale=0, min_width=140, elem_id="plan")
            measure = gr.Button("Measure two steps", size="sm", scale=0, min_width=160, elem_id="measure")
        with gr.Accordion("Prices", open=False, elem_id="prices"):
            with gr.Row():
                hour = gr.Number(label="Price an hour", info="of the machine you rent; empty: your own", minimum=0)
                watts = gr.Number(label="Watts", info="what the machine draws while it computes", minimum=0)
                kwh = gr.Number(label="Price of a kWh", info="of your electricity", minimum=0)
                currency = gr.Textbox(label="Currency", value="$", max_lines=1)
        card = Card(page, kinds=("measure",))
        self.shown = view(elem_id="planned")
        given = [hour, watts, kwh, currency, model, *form.inputs]
        page.on(plan.click, self.plan, given, [self.shown], trigger_mode="once", show_progress="minimal")
        page.refresh(page.on(measure.click, self.measure, [model, *form.inputs], [card.shown], trigger_mode="once"))
        page.on(card.shown.ended, self.plan, given, [self.shown], quiet=True)

    def plan(self, look: Look, hour: Any, watts: Any, kwh: Any, currency: Any, model: Any, *values: Any) -> str:
        """The plan card for the version in the URL and the knobs in the form."""
        version = version_of(self.store, look)
        prices = Prices(_price(hour), _price(watts), _price(kwh), str(currency or "$").strip()[:5])
        settings = self.form.settings(values)
        done = plan_training(self.store, version.label, model=_name(model), settings=settings, prices=prices)
        return plan_html(done)

    def measure(self, look: Look, model: Any, *values: Any) -> Any:
        """Starts the measurement; the card shows how far it is, and the plan comes when it is done."""
        version, settings = version_of(self.store, look), self.form.settings(values)
        prepare(self.store, version.label, model=_name(model), settings=settings, wait=False)
        wanted = {"version": version.label, "model": _name(model), "settings": settings}
        return card_of(jobs.start(self.store, "measure", wanted))


def _name(model: Any) -> str:
    name = str(model or "").strip()
    if not name or len(name) > 500:
        raise BadInput("Choose a base model first.")
    return name


def _price(given: Any) -> float | None:
    """A price from its box; an empty box and, since browsers send it for one, 0 mean: not given."""
    try:
        value = float(given or 0)
    except (TypeError, ValueError):
        raise BadInput(f'"{given}" is no price.') from None
    if not 0 <= value <= MOST:
        raise BadInput(f"{value:g} is no price that can be reckoned with.")
    return value or None
