"""The button that takes the last change back, the same on every screen that makes changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from workbench.screens.address import Look, version_of
from workbench.screens.escape import note
from workbench.screens.page import Page


def undo_button(page: Page, button: gr.Button, show: Callable[[Look], Any], shown: Sequence[Any]) -> Any:
    """Lets `button` undo the last change of the dataset in the URL, then draws the screen again on the newest version.

    show: gives the values of `shown` for a look, as on arrival. Gives the dependency, for `.then`.
    """

    def take_back(look: Look) -> tuple[Any, ...]:
        from workbench.actions.undo import undo

        done = undo(page.store, version_of(page.store, look).dataset)
        fresh = Look({name: value for name, value in look.params.items() if name not in ("version", "job")})
        answer = show(fresh)
        values = answer if isinstance(answer, tuple) else (answer,)
        verb, number = done.taken_back.change.verb, done.taken_back.number
        said = f"Undone: {verb} (version {number}). The rows are as before it, as version {done.version.number}."
        return *values, note(said), fresh.here(page.path)

    return page.refresh(page.on(button.click, take_back, [], [*shown, page.say, page.go], trigger_mode="once"))
