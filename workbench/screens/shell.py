"""The app's frame: a dozen screens, one route each, in the order of the loop.

A screen is a module of this package with `TITLE`, `PATH` and `draw(store)`; its name in `MENU` puts it into the app.
Nothing else knows it. See `page.py` for what `draw` has to hand.
"""

from __future__ import annotations

import importlib
from types import ModuleType

import gradio as gr

from workbench.screens import header
from workbench.store import Store

MENU = (
    "home",
    "data",
    "checks",
    "copies",
    "rows",
    "queue",
    "golden",
    "prompts",
    "training",
    "runs",
    "studies",
    "evaluation",
    "probes",
    "rating",
    "judges",
    "errors",
    "gaps",
    "report",
    "ship",
)


def screens() -> list[ModuleType]:
    """The modules of the menu, in its order."""
    return [importlib.import_module(f"workbench.screens.{name}") for name in MENU]


def build(store: Store) -> gr.Blocks:
    """The whole app on one store, not yet launched (see `serve.launch`)."""
    modules = screens()
    header.LINKS.clear()
    header.LINKS.update({module.TITLE: module.PATH for module in modules})
    first, *others = modules
    with gr.Blocks(title="Goldloop", analytics_enabled=False, fill_width=True, delete_cache=(3600, 3600)) as app:
        first.draw(store)
    for module in others:
        with app.route(f"{module.TITLE} · Goldloop", module.PATH):
            module.draw(store)
    return app
