"""Raw support tickets on the Data screen: what customers ask most, and draft rows of it for the expert."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from workbench import jobs
from workbench.errors import BadInput
from workbench.records import Job
from workbench.screens.address import Look, address
from workbench.screens.escape import esc, note, plural, short, table
from workbench.screens.page import Page
from workbench.screens.progress import Card, card_of
from workbench.screens.uploads import Upload, forget, moved
from workbench.store import Store, datasets

FILES = [".csv", ".tsv", ".xlsx", ".json", ".jsonl"]
MOST_INTENTS = 100


def draw_tickets(page: Page, store: Store, path: str) -> None:
    """The section: a file, the commonest questions in it, and the dataset of drafts. path: the screen it stands on."""
    with gr.Accordion("Begin with raw support tickets", open=False, elem_classes="plain"):
        gr.HTML('<p class="quiet small">A table of tickets, with or without answers. What comes most often becomes '
                'draft rows, tagged "draft", for an expert to finish in the queue.</p>')  # fmt: skip
        with gr.Row(equal_height=False):
            file = gr.File(label="Bring tickets", file_types=FILES, type="filepath", height=110, elem_id="tickets-file")
            with gr.Column():
                name = gr.Textbox(label="Name of the dataset of drafts", max_lines=1, elem_id="tickets-name")
                top = gr.Number(label="How many kinds of question", value=20, minimum=1, maximum=MOST_INTENTS, step=1)
                mask = gr.Checkbox(label="Mask e-mail addresses, numbers and the like", value=True)
        with gr.Row():
            look_at = gr.Button("Show what is asked most", size="sm", scale=0, min_width=190, elem_id="tickets-preview")
            make = gr.Button("Make the draft rows", size="sm", scale=0, min_width=170, elem_id="tickets-make")
        card = Card(page, kinds=("tickets",))
        found = gr.HTML("", apply_default_css=False, elem_id="tickets-found")
    kept = gr.State(None)
    page.on(file.upload, partial(brought, store), [file], [kept, name, found], trigger_mode="once")
    for button, preview in ((look_at, True), (make, False)):
        do = partial(start, store, path, preview)
        page.on(button.click, do, [kept, name, top, mask], [card.shown, page.say, page.go], trigger_mode="once")
    page.on(card.shown.ended, partial(ended, store, path), [], [found, page.say, page.go])


def brought(store: Store, look: Look, given: Any) -> tuple[Any, str, str]:
    path = moved(store, given)
    return Upload(path, None), f"{path.name.split('.')[0]} drafts", note(f"{path.name} is here. Look at it first.")


def start(
    store: Store, path: str, preview: bool, look: Look, kept: Any, name: Any, top: Any, mask: Any
) -> tuple[Any, str, str]:
    if not isinstance(kept, Upload) or not kept.path.exists():
        raise BadInput("Bring a file of tickets first.")
    wanted = datasets.check_name(str(name or "").strip())
    if not isinstance(top, int | float) or not 1 <= top <= MOST_INTENTS:
        raise BadInput(f"Choose 1 to {MOST_INTENTS} kinds of question.")
    settings = {"path": str(kept.path), "name": wanted, "top": int(top), "mask": bool(mask), "preview": preview}
    job = jobs.start(store, "tickets", settings)
    return card_of(job), note("The tickets are read in the background."), address(path, job=job.id)


def ended(store: Store, path: str, look: Look, event: Mapping[str, Any]) -> tuple[Any, Any, Any]:
    job = jobs.get(store, event["id"]) if isinstance(event.get("id"), int) else None
    if job is None or job.kind != "tickets" or job.state != "done" or job.result is None:
        return gr.skip(), gr.skip(), gr.skip()
    if not job.result.get("version"):
        return found_html(job), "", gr.skip()
    uploads, kept = store.folder("uploads").resolve(), Path(str(job.settings.get("path"))).resolve()
    if kept.is_relative_to(uploads):
        forget(Upload(kept, None))
    label = str(job.result["version"])
    said = f'{label} holds the drafts, tagged "draft". Open a queue over them to finish them.'
    return found_html(job), note(said), address(path, dataset=label.rpartition("@")[0])


def found_html(job: Job) -> str:
    """What the tickets ask most, as a table of plain text."""
    result = job.result or {}
    lines = [
        (
            f"{one['count']:,}",
            f"{one['share']:.1%}",
            esc(one["name"]),
            f"{one['answered']:,}",
            esc(short(one["example"], 90)),
        )
        for one in result.get("asked", [])
    ]
    head = f"<h3>{esc(plural(int(result.get('tickets', 0)), 'ticket'))}: what is asked most</h3>"
    return head + table(("tickets", "share", "about", "answered", "for instance"), lines)
