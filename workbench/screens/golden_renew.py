"""Renew a golden set, and see how like it is to other questions."""

from __future__ import annotations

from typing import Any

import gradio as gr

from workbench.actions.compare_golden import compare_golden
from workbench.actions.refresh_golden import MOST_SHARE, USUAL_SHARE, Refreshed, refresh_golden
from workbench.errors import BadInput
from workbench.records import PARTS
from workbench.reports.representative import Compared
from workbench.screens.address import Look, version_of
from workbench.screens.escape import badge, esc, note, plural, table
from workbench.screens.golden_view import facts_html
from workbench.screens.page import Page
from workbench.screens.results import view
from workbench.screens.uploads import SUFFIXES, moved
from workbench.store import Store, goldens

ALL_PARTS = "all parts"
MOST_SHARES = 6  # lines of an aspect


def draw_renewal(page: Page, store: Store, path: str) -> Any:
    """The tab "Renew and compare". Gives the event of a renewal."""
    gr.HTML(
        "<h3>Is it like what people ask?</h3><p class='quiet'>Shares of topics, lengths, languages and tags in golden "
        "against the training side, or against a file of real questions. A difference is called a skew only where "
        "chance alone would not make it. The file is read and not kept.</p>",
        apply_default_css=False,
    )
    with gr.Row(elem_classes="tools"):
        side = gr.Button("Against the training side", size="sm", scale=0, min_width=200, elem_id="compare-training")
        traffic = gr.UploadButton("Against a file of questions…", size="sm", scale=0, min_width=220,
                                  file_types=SUFFIXES, elem_id="compare-file")  # fmt: skip
    shares = view(elem_id="representative")
    gr.HTML(
        "<h3>Renew it</h3><p class='quiet'>Looks and reading use a golden set up. Retired rows become training rows; "
        "fresh rows of the same topics take their place, new data first; at least half stays as the anchor. That makes "
        "the next golden version, which only runs trained from then on are judged by.</p>",
        apply_default_css=False,
    )
    with gr.Row(elem_classes="tools"):
        share = gr.Slider(0.05, MOST_SHARE, value=USUAL_SHARE, step=0.05, label="Share that retires", scale=3)
        part = gr.Dropdown([ALL_PARTS, *PARTS], value=ALL_PARTS, label="From", scale=2, min_width=140)
        ids = gr.Textbox(label="Or these rows", placeholder="row ids, by blanks", max_lines=1, scale=3)
        why = gr.Textbox(label="Why", max_lines=1, scale=3)
        look_first = gr.Button("Preview", size="sm", scale=0, min_width=100, elem_id="renew-preview")
    with gr.Row(visible=False, elem_classes="tools") as sure:
        asks = view(elem_id="renew-asks")
        yes = gr.Button("Renew it for good", variant="stop", size="sm", scale=0, min_width=160, elem_id="renew-yes")
        no = gr.Button("Not yet", size="sm", scale=0, min_width=100)
    knobs = [share, part, ids, why]

    def against(look: Look) -> str:
        return compared_html(compare_golden(store, goldens.in_force(store, version_of(store, look).dataset)))

    def against_file(look: Look, given: Any) -> str:
        place = moved(store, given)
        try:
            return compared_html(compare_golden(store, goldens.in_force(store, version_of(store, look).dataset), place))
        finally:
            place.unlink(missing_ok=True)
            place.parent.rmdir()

    def preview(look: Look, *given: Any) -> tuple[Any, ...]:
        return gr.Row(visible=True), renewed_html(_renew(store, look, given, preview=True))

    def renew(look: Look, *given: Any) -> tuple[Any, ...]:
        done = _renew(store, look, given, preview=False)
        if done.golden is None or done.version is None:
            raise BadInput("Nothing was renewed.")
        fresh = Look({"dataset": done.golden.dataset})
        gone = plural(len(done.retired), "retired row")
        said = f"{done.golden.label} is in force; {done.version.label} holds the {gone}."
        return gr.Row(visible=False), note(said), fresh.here(path)

    page.on(side.click, against, [], [shares], trigger_mode="once")
    page.on(traffic.upload, against_file, [traffic], [shares], trigger_mode="once")
    page.on(look_first.click, preview, knobs, [sure, asks], trigger_mode="once")
    page.on(no.click, lambda look: gr.Row(visible=False), [], [sure])
    renewed = page.on(yes.click, renew, knobs, [sure, page.say, page.go], trigger_mode="once")
    page.refresh(renewed)
    return renewed


def _renew(store: Store, look: Look, given: tuple[Any, ...], *, preview: bool) -> Refreshed:
    share, part, ids, why = given
    if isinstance(share, bool) or not isinstance(share, int | float):
        raise BadInput("The share must be a number.")
    named = str(ids or "").split()
    return refresh_golden(
        store, version_of(store, look).dataset, retire=named or None, share=round(float(share), 4),
        parts=tuple(one for one in PARTS if part in (one, ALL_PARTS)), reason=str(why or "")[:2000], preview=preview,
    )  # fmt: skip


def renewed_html(done: Refreshed) -> str:
    """What a refresh would do, in numbers; ids and texts stay out, since some rows are sealed."""
    facts = facts_html(
        ("retire to training", f"{len(done.retired)}"), ("fresh rows", f"{len(done.fresh)}"), ("stay", f"{done.anchor}")
    )
    notes = "".join(f"<li>{esc(line)}</li>" for line in done.notes)
    return f"{facts}<ul>{notes}</ul><p>This cannot be undone.</p>"


def compared_html(found: Compared) -> str:
    """The aspects, the most skewed first, each with its worst shares."""
    notes = "".join(f"<p class='quiet'>{esc(line)}</p>" for line in found.notes)
    parts = []
    for one in found.aspects:
        mark = badge("skewed", "warning") if one.skewed else badge("as chance would", "ok")
        lines = [
            [esc(s.name), f"{s.golden:.0%}", f"{s.other:.0%}", f"{round(100 * s.apart) or 0:+d} points"]
            for s in one.shares[:MOST_SHARES]
        ]
        shares = table([one.name, "golden", "the others", "apart"], lines)
        parts.append(
            f"<div><h3>By {esc(one.name)} {mark}</h3><p class='quiet'>{one.distance:.0%} of the golden rows would have "
            f"to be others; by chance up to {one.most:.0%}.</p>{shares}</div>"
        )
    sizes = f"<p>{plural(found.golden, 'golden row')} against {plural(found.other, 'other')}.</p>"
    return f"{sizes}{notes}<div class='two'>{''.join(parts)}</div>"
