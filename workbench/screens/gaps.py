"""Gaps: what failed on golden, what in the training data may be the reason, and what to do."""

from __future__ import annotations

from typing import Any

import gradio as gr

from workbench import jobs
from workbench.actions.find_gaps import KINDS, settle_gap
from workbench.errors import BadInput, NotFound
from workbench.records import Gap
from workbench.screens.address import Look, address
from workbench.screens.escape import badge, empty, esc, note, plural, short
from workbench.screens.page import Page
from workbench.screens.progress import Card
from workbench.screens.results import evaluation_of, number_of, percent, picker, view
from workbench.screens.rows import LIST_HTML, LIST_JS
from workbench.store import Store, datasets, evaluations, gaps, runs

TITLE, PATH = "Gaps", "/gaps"
SENTENCE = "Every failure on golden as a piece of work on the training data. Golden texts stay out of sight here."
COLOURS = {"open": "warning", "done": "ok", "dismissed": ""}


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH, own_jobs=("gaps",))
    with gr.Row(elem_classes="tools"):
        which = gr.Dropdown(label="Evaluation", choices=[], interactive=True, scale=4)
        find = gr.Button("Find gaps", variant="primary", size="sm", scale=0, min_width=120, elem_id="find-gaps")
    card = Card(page, kinds=("gaps",))
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=360):
            grid = gr.HTML(None, html_template=LIST_HTML.replace(" · <kbd>e</kbd> edit", ""), js_on_load=LIST_JS,
                           apply_default_css=False, elem_id="gap-list")  # fmt: skip
        with gr.Column(scale=7, min_width=420):
            detail = view(elem_id="gap-detail")
            with gr.Row(visible=False, elem_classes="tools") as settling:
                remark = gr.Textbox(label="Note", max_lines=2, scale=4, placeholder="what was done about it")
                done = gr.Button("Done", size="sm", scale=0, min_width=90, elem_id="gap-done")
                dismiss = gr.Button("Dismiss", size="sm", scale=0, min_width=90)
                again = gr.Button("Open again", size="sm", scale=0, min_width=110)
    shown = [which, grid, detail, settling, remark]

    def show(look: Look) -> tuple[Any, ...]:
        return picker(store, look), *_both(store, look)

    def choose(look: Look, which: Any) -> tuple[Any, ...]:
        wanted = Look({"evaluation": str(number_of(which, "an evaluation"))})
        return *_both(store, wanted), wanted.here(PATH)

    def start(look: Look, which: Any) -> tuple[Any, ...]:
        evaluation = evaluations.get(store, number_of(which, "an evaluation"))
        job = jobs.start(store, "gaps", {"evaluation": evaluation.id})
        return card.of(job), address(PATH, evaluation=evaluation.id, job=job.id)

    def opened(look: Look, event: dict[str, Any]) -> tuple[Any, ...]:
        wanted = Look({**look.params, "gap": str(event.get("id", ""))[:12]})
        return *_detail(store, wanted), wanted.here(PATH)

    def settle(state: str) -> Any:
        def act(look: Look, remark: Any) -> tuple[Any, ...]:
            gap = _gap_of(store, look)
            if gap is None:
                raise BadInput("Choose a gap first.")
            settle_gap(store, gap.id, state, str(remark or ""))
            wanted = Look({**look.params, "gap": str(gap.id)})
            return *_both(store, wanted), note(f"Gap {gap.id} is {'open again' if state == 'open' else state}.")

        return act

    page.arrive(show, [], shown)
    page.on(which.input, choose, [which], [*shown[1:], page.go])
    page.refresh(page.on(find.click, start, [which], [card.shown, page.go], trigger_mode="once"))
    page.on(card.shown.ended, show, [], shown, quiet=True)
    page.on(grid.open, opened, [], [*shown[2:], page.go], trigger_mode="always_last")
    for button, state in ((done, "done"), (dismiss, "dismissed"), (again, "open")):
        page.on(button.click, settle(state), [remark], [*shown[1:], page.say], trigger_mode="once")


def _listed(store: Store, look: Look) -> list[Gap]:
    evaluation = evaluation_of(store, look)
    found = gaps.listed(store, evaluation.id) if evaluation else []
    order = list(KINDS)
    return sorted(
        found, key=lambda gap: (gap.state != "open", order.index(gap.failure) if gap.failure in order else 99)
    )


def _gap_of(store: Store, look: Look) -> Gap | None:
    """The gap in the URL, else the first of the list."""
    if wanted := look.number("gap"):
        try:
            return gaps.get(store, wanted)
        except NotFound:
            return None
    found = _listed(store, look)
    return found[0] if found else None


def _both(store: Store, look: Look) -> tuple[Any, ...]:
    found, current = _listed(store, look), _gap_of(store, look)
    lines = [
        {
            "id": str(gap.id), "number": len(gap.golden_rows), "prompt": f"{gap.slice}: {gap.failure}",
            "reply": short(gap.cause, 120),
            "flags": [(gap.state, COLOURS[gap.state])] if gap.state != "open" else [],
        }
        for gap in found[:200]
    ]  # fmt: skip
    evaluation = evaluation_of(store, look)
    words = "Nothing was looked for yet: press Find gaps." if evaluation else "Evaluate a run first."
    still = sum(gap.state == "open" for gap in found)
    listing = {
        "rows": lines, "range": f"{still} open of {plural(len(found), 'gap')}" if found else "", "page": 1, "pages": 1,
        "current": str(current.id) if current else "", "empty": words,
    }  # fmt: skip
    return (listing, *_detail(store, look))


def _detail(store: Store, look: Look) -> tuple[Any, ...]:
    gap = _gap_of(store, look)
    if gap is None:
        nothing = (
            ""
            if evaluation_of(store, look)
            else empty("Gaps come from an evaluation.", "Evaluate a run", "/evaluation")
        )
        return nothing, gr.Row(visible=False), ""
    return gap_html(store, gap), gr.Row(visible=True), gap.note


def gap_html(store: Store, gap: Gap) -> str:
    """One gap: what fails, what may be the reason, what to do, and the nearest training rows."""
    evidence = gap.evidence
    version = str(evidence.get("version", ""))
    means = evidence.get("means", {})
    unit = " · ".join(f"{esc(arm)} {_mean(value)}" for arm, value in means.items() if value is not None)
    link = address("/rows", gap=gap.id, **_place(store, gap))
    rows = "".join(_neighbour(one, version) for one in gap.neighbours)
    failed = address("/evaluation", evaluation=gap.evaluation_id, row=gap.golden_rows[0]) if gap.golden_rows else ""
    see = (
        f'<a href="{esc(failed)}">See them on the evaluation screen</a>, but not while you write new rows.'
        if failed
        else ""
    )
    badges = badge(gap.slice) + badge(gap.failure, "warning") + badge(gap.state, COLOURS[gap.state])
    return (
        f'<div class="badges">{badges}</div>'
        f'<p class="lead">{esc(KINDS.get(gap.failure, gap.failure))}.</p>'
        f"<p>{plural(len(gap.golden_rows), 'golden row')} of {esc(evidence.get('of', '?'))} in this slice. {unit} "
        f'<span class="quiet">{see}</span></p>'
        f"<h3>Likely cause</h3><p>{esc(gap.cause)}</p><h3>What to do</h3><p>{esc(gap.action)}</p>"
        f'<p><a class="go" href="{esc(link)}">Open the nearest rows as a task</a></p>'
        f"<h3>Nearest training rows of {esc(version)}</h3>"
        f'<p class="quiet">By {esc(evidence.get("compared_by", "?"))}; from {esc(evidence.get("near_from", "?"))} on '
        f"a row counts as near.</p>{rows or '<p>There is no training row at all.</p>'}"
    )


def _mean(value: float) -> str:
    return percent(value) if 0 <= value <= 1 else f"{value:.2f}"


def _place(store: Store, gap: Gap) -> dict[str, Any]:
    """The dataset of a gap, for a link: its newest version, since that is the one to mend."""
    run = runs.get(store, evaluations.get(store, gap.evaluation_id).run_id)
    return {"dataset": datasets.by_id(store, run.version_id).dataset}


def _neighbour(one: Any, version: str) -> str:
    dataset, _, number = version.rpartition("@")
    link = address("/rows", dataset=dataset, version=number, row=one["row_id"])
    near = badge(f"likeness {one['likeness']:.2f}", "info" if one["near"] else "")
    far = "" if one["near"] else ' <span class="quiet">far away</span>'
    return (
        f'<div class="cell below">{near}{far} <a href="{esc(link)}">row {esc(one["row_id"])}</a>'
        f'<div class="words"><b>{esc(one["prompt"])}</b></div><div class="words">{esc(one["reply"])}</div></div>'
    )
