"""A gap as a task above the rows: what failed, what to do, and the word that it is done."""

from __future__ import annotations

from functools import partial
from typing import Any

import gradio as gr

from workbench.records import Gap
from workbench.screens.address import Look, address
from workbench.screens.escape import esc, plural
from workbench.screens.page import Page
from workbench.store import Store, gaps


def draw_task(page: Page, store: Store) -> list[Any]:
    """The banner and its buttons, empty where the URL names no gap; gives the components that `task` fills."""
    banner = gr.HTML("", elem_id="task", visible=False)
    with gr.Row(visible=False, elem_classes="tools") as bar:
        said = gr.Textbox(label="What was done", placeholder="for whoever reads the gaps", max_lines=1, scale=4)
        done = gr.Button("Mark as done", size="sm", variant="primary", scale=0, min_width=120, elem_id="task-done")
        dismiss = gr.Button("Not a gap", size="sm", scale=0, min_width=100, elem_id="task-dismiss")
        again = gr.Button("Open again", size="sm", scale=0, min_width=100, elem_id="task-open")
    shown = [banner, bar, done, dismiss, again]
    for button, state in ((done, "done"), (dismiss, "dismissed"), (again, "open")):
        page.on(button.click, partial(settled, store, state), [said], shown)
    return shown


def task(store: Store, look: Look) -> tuple[Any, ...]:
    """What `draw_task` shows for the gap in the URL. Raises NotFound for one that does not exist."""
    number = look.number("gap")
    if not number:
        hidden = gr.update(visible=False)
        return hidden, hidden, hidden, hidden, hidden
    gap = gaps.get(store, number)
    is_open = gap.state == "open"
    return (
        gr.update(value=words(gap), visible=True),
        gr.update(visible=True),
        gr.update(visible=is_open),
        gr.update(visible=is_open),
        gr.update(visible=not is_open),
    )


def settled(store: Store, state: str, look: Look, said: Any) -> tuple[Any, ...]:
    """Writes down what became of the gap in the URL."""
    from workbench.actions.find_gaps import settle_gap

    settle_gap(store, look.number("gap"), state, str(said or ""))
    return task(store, look)


def words(gap: Gap) -> str:
    """The task as escaped HTML: no golden text is in a gap's cause or action."""
    back = address("/gaps", evaluation=gap.evaluation_id, gap=gap.id)
    state = "" if gap.state == "open" else f' <span class="badge">{esc(gap.state)}</span> {esc(gap.note)}'
    return (
        f'<div class="card"><strong>Task: {esc(gap.slice)}, {esc(gap.failure)}</strong>{state}'
        f"<p>{esc(gap.cause)}</p><p>{esc(gap.action)}</p>"
        f'<p class="quiet">Below: the {plural(len(gap.neighbours), "nearest training row")}. '
        f'<a href="{esc(back)}">Back to the gap</a></p></div>'
    )
