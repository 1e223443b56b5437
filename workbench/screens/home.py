"""Home: the loop as ten stations, how each stands, and the one next step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from workbench.errors import NotFound
from workbench.screens.address import Look, address
from workbench.screens.escape import esc, note
from workbench.screens.page import Page
from workbench.screens.stations import next_of, stations
from workbench.store import Store, datasets

TITLE, PATH = "Home", "/"
SENTENCE = "From raw examples to a tuned model that is shown to be better, and back to the data."
SAMPLE = Path(__file__).parents[2] / "data" / "demo" / "support.jsonl"
SAMPLE_NAME = "support"


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH)
    loop = gr.HTML("", elem_classes="loop-row")
    with gr.Row(visible=False) as start:
        gr.HTML('<a class="go" href="/data">Bring a file</a>', elem_classes="fit")
        sample = gr.Button("Use the sample data", scale=0, min_width=190, elem_id="sample", visible=SAMPLE.exists())
        gr.HTML(
            '<p class="quiet">The sample: 261 conversations of an invented support desk, 41 of them with a planted fault.</p>'
        )

    def show(look: Look) -> tuple[Any, Any]:
        return loop_html(store, look), gr.Row(visible=not datasets.names(store))

    def use_sample(look: Look) -> tuple[Any, ...]:
        from workbench.actions.import_rows import import_rows

        if SAMPLE_NAME in datasets.names(store):
            return note("The sample is here already."), address("/checks", dataset=SAMPLE_NAME)
        done = import_rows(store, SAMPLE, name=SAMPLE_NAME, why="the sample data")
        return note(f"{done.version.size:,} rows imported."), address("/checks", dataset=SAMPLE_NAME)

    page.arrive(show, [], [loop, start])
    page.on(sample.click, use_sample, [], [page.say, page.go], trigger_mode="once")


def loop_html(store: Store, look: Look) -> str:
    """The ten stations as HTML with the next step above them."""
    found = stations(store, look)
    step = next_of(found)
    cells = []
    for number, one in enumerate(found, 1):
        kind = "done" if one.stands else "next" if one is step else "later"
        said = one.stands or ("next" if one is step else "")
        cells.append(
            f'<a class="station {kind}" href="{esc(look.to(one.path))}"><span class="mark" aria-hidden="true">'
            f"{'✓' if kind == 'done' else number}</span><strong>{esc(one.name)}</strong>"
            f'<span class="what">{esc(one.what)}</span><span class="stands">{esc(said)}</span></a>'
        )
    return f'{_next_html(store, look, step)}<div class="loop">{"".join(cells)}</div>'


def _next_html(store: Store, look: Look, step: Any) -> str:
    try:
        datasets.version(store, look.reference)
    except NotFound:
        if not datasets.names(store):
            return '<div class="next-step"><p>Nothing is here yet. Bring a file of examples, or try the sample data.</p></div>'
        return f'<div class="next-step"><p>That version is not here.</p><a class="go" href="{PATH}">Show the newest</a></div>'
    if step is None:
        return (
            '<div class="next-step"><p>You went once around. Mend what the gaps show and go around again.</p>'
            f'<a class="go" href="{esc(look.to("/gaps"))}">See the gaps</a></div>'
        )
    return (
        f'<div class="next-step"><p><strong>Next: {esc(step.name)}.</strong> {esc(step.what)}</p>'
        f'<a class="go" href="{esc(look.to(step.path))}">{esc(step.todo)}</a></div>'
    )
