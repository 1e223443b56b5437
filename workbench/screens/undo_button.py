"""The buttons that take the last change back and bring it back again, the same on every screen that makes changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import gradio as gr

from workbench.screens.address import Look, version_of
from workbench.screens.escape import note
from workbench.screens.page import Page
from workbench.store import Store

Show = Callable[[Look], Any]


def undo_button(page: Page, button: gr.Button, show: Show, shown: Sequence[Any]) -> Any:
    """Lets `button` undo the last change of the dataset in the URL, then draws the screen again on the newest version.

    show: gives the values of `shown` for a look, as on arrival. Gives the dependency, for `.then`.
    """

    def take_back(store: Store, dataset: str) -> str:
        from workbench.actions.undo import undo

        done = undo(store, dataset)
        verb, number = done.taken_back.change.verb, done.taken_back.number
        return f"Undone: {verb} (version {number}). The rows are as before it, as version {done.version.number}."

    return _button(page, button, take_back, show, shown)


def redo_button(page: Page, button: gr.Button, show: Show, shown: Sequence[Any]) -> Any:
    """As `undo_button`, for bringing back what an undo took."""

    def bring_back(store: Store, dataset: str) -> str:
        from workbench.actions.redo import redo

        done = redo(store, dataset)
        verb, number = done.brought_back.change.verb, done.brought_back.number
        return f"Redone: {verb} (version {number}), as version {done.version.number}."

    return _button(page, button, bring_back, show, shown)


def _button(page: Page, button: gr.Button, act: Callable[[Store, str], str], show: Show, shown: Sequence[Any]) -> Any:
    def press(look: Look) -> tuple[Any, ...]:
        said = act(page.store, version_of(page.store, look).dataset)
        fresh = Look({name: value for name, value in look.params.items() if name not in ("version", "job")})
        answer = show(fresh)
        values = answer if isinstance(answer, tuple) else (answer,)
        return *values, note(said), fresh.here(page.path)

    return page.refresh(page.on(button.click, press, [], [*shown, page.say, page.go], trigger_mode="once"))
