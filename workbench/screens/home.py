"""Home: the loop as ten stations, and the one next step."""

from __future__ import annotations

import gradio as gr

from workbench.screens.page import Page
from workbench.store import Store

TITLE, PATH = "Home", "/"


def draw(store: Store) -> None:
    Page(store, TITLE, "The loop from raw examples to a model that is proven better.", PATH)
    gr.HTML("")
