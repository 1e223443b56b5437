"""Home: the loop as ten stations, how each stands, and the one next step."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from workbench.errors import NotFound
from workbench.screens.address import Look, address
from workbench.screens.escape import esc
from workbench.screens.page import Page
from workbench.screens.stations import next_of, stations
from workbench.store import Store, datasets

TITLE, PATH = "Home", "/"
SENTENCE = "From raw examples to a tuned model that is shown to be better, and back to the data."
SAMPLE = Path(__file__).parents[2] / "data" / "demo" / "support.jsonl"
SAMPLE_NAME = "support"
SAMPLE_JS = """element.addEventListener('click', e => {
  const button = e.target.closest('[data-sample]');
  if (button) { button.disabled = true; button.textContent = 'Bringing the sample...'; trigger('sample'); }
});"""
BEGIN = (
    '<div class="next-step"><p><strong>Nothing is here yet.</strong> Bring a file of examples, or look around with the '
    "sample: 261 conversations of an invented support desk, 41 of them with a planted fault.</p>"
    '<span class="ways"><a class="go" href="/data">Bring a file</a>{sample}</span></div>'
)


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH)
    loop = gr.HTML("", js_on_load=SAMPLE_JS, apply_default_css=False, elem_id="loop")

    def show(look: Look) -> str:
        return loop_html(store, look)

    def use_sample(look: Look) -> tuple[Any, ...]:
        from workbench.actions.import_rows import import_rows

        if SAMPLE_NAME not in datasets.names(store):
            import_rows(store, SAMPLE, name=SAMPLE_NAME, why="the sample data")
        return "", address("/checks", dataset=SAMPLE_NAME)

    page.arrive(show, [], [loop])
    page.on(loop.sample, use_sample, [], [page.say, page.go], trigger_mode="once")


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
            button = (
                '<button type="button" class="small" data-sample>Use the sample data</button>'
                if SAMPLE.exists()
                else ""
            )
            return BEGIN.format(sample=button)
        return f'<div class="next-step"><p>That is not here.</p><a class="go" href="{PATH}">Show the newest</a></div>'
    if step is None:
        return (
            '<div class="next-step"><p>You went once around. Mend what the gaps show and go around again.</p>'
            f'<a class="go" href="{esc(look.to("/gaps"))}">See the gaps</a></div>'
        )
    return (
        f'<div class="next-step"><p><strong>Next: {esc(step.name)}.</strong> {esc(step.what)}</p>'
        f'<a class="go" href="{esc(look.to(step.path))}">{esc(step.todo)}</a></div>'
    )
