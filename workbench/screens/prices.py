"""What a run costs by the user's own prices: four boxes that the URL keeps, so that a link shows the same plan

price_boxes(page)                       # in `draw`; Enter, or leaving a box, keeps it in the URL
plan_training(..., prices=prices_of(look))
"""

from __future__ import annotations

from typing import Any

import gradio as gr

from training.forecast.money import Prices
from workbench.errors import BadInput
from workbench.screens.address import Look

NAMES = ("price", "watts", "kwh", "currency")  # in the URL
MOST = 1e6  # of a price; beyond it somebody mistook the box


def price_boxes(page: Any) -> None:
    """The boxes, folded away; with none filled in the plan supposes prices and says so."""
    with gr.Accordion("Your prices", open=False, elem_id="prices"):
        with gr.Row(elem_classes="tools"):
            boxes = [
                gr.Textbox(label="Price an hour", placeholder="0.60", info="of a rented machine", max_lines=1),
                gr.Textbox(label="Watts", placeholder="65", info="your own machine, computing", max_lines=1),
                gr.Textbox(label="Price of a kWh", placeholder="0.30", info="of your electricity", max_lines=1),
                gr.Textbox(label="Currency", placeholder="$", info="of these prices", max_lines=1),
            ]

    def arrive(look: Look) -> tuple[str, ...]:
        return tuple(look.get(name) for name in NAMES)

    def keep(look: Look, *given: Any) -> str:
        wanted = {name: str(text or "").strip() or None for name, text in zip(NAMES, given, strict=True)}
        where = look.here(page.path, **wanted)
        prices_of(Look({name: text for name, text in wanted.items() if text}))  # refuses what is no price
        return where

    page.arrive(arrive, [], boxes)
    for box in boxes:
        page.on(box.blur, keep, boxes, [page.go])
        page.on(box.submit, keep, boxes, [page.go])


def prices_of(look: Look) -> Prices:
    """The prices in the URL. Raises BadInput for what is none."""
    hour, watts, kwh = (_price(look.get(name)) for name in NAMES[:3])
    return Prices(hour, watts, kwh, look.get("currency", "$")[:5])


def _price(text: str) -> float | None:
    if not text:
        return None
    try:
        value = float(text.replace(",", "."))
    except ValueError:
        raise BadInput(f'"{text}" is no price. Write a number, for instance 0.60.') from None
    if not 0 <= value <= MOST:
        raise BadInput(f"{text} is no price that can be reckoned with.")
    return value
