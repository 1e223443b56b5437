"""Evaluation: three arms on the golden rows, what can be concluded, and every answer side by side."""

from __future__ import annotations

from typing import Any

import gradio as gr

from workbench.records import Evaluation
from workbench.screens.address import Look, last_opened
from workbench.screens.escape import empty, note
from workbench.screens.evaluation_form import NewEvaluation
from workbench.screens.evaluation_view import (
    SHOWN,
    SORTED,
    cases_of,
    chosen_cases,
    detail_html,
    lines_of,
    results_html,
)
from workbench.screens.page import OPEN_LAST, Page
from workbench.screens.progress import Card
from workbench.screens.results import (
    compared_html,
    evaluation_choices,
    evaluation_of,
    number_of,
    picker,
    round_is_open,
    view,
)
from workbench.screens.rows import LIST_HTML, LIST_JS
from workbench.store import Store, runs

TITLE, PATH = "Evaluation", "/evaluation"
SENTENCE = "The base model, the base model with a better prompt, and the tuned model answer the same golden questions."
PAGE = 100
HIDDEN = (
    "People are rating these answers blind right now. The answers stay hidden here so that nobody learns which model "
    "wrote which, until the round is closed."
)
SEALED = (
    "These are sealed rows: their questions, their expected answers and what the models said are shown nowhere. To "
    "read answers, evaluate the dev rows."
)


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH, own_jobs=("evaluate",))
    card = Card(page, kinds=("evaluate",))
    form = NewEvaluation(page, card, PATH)
    with gr.Row(elem_classes="tools"):
        which = gr.Dropdown(label="Evaluation", choices=[], interactive=True, scale=4)
        other = gr.Dropdown(label="Compare with", choices=[], interactive=True, scale=4)
    results = view(elem_id="results")
    compared = view(elem_id="compared")
    with gr.Row(visible=False, elem_classes="tools") as hidden:
        why_hidden = gr.HTML("")
        reveal = gr.Button("Show them anyway", size="sm", scale=0, min_width=160, elem_id="reveal")
    with gr.Row(visible=False, elem_classes="tools") as filters:
        show = gr.Dropdown(label="Rows", choices=list(SHOWN), value="", scale=3, min_width=180, elem_id="which-rows")
        order = gr.Dropdown(label="Order", choices=list(SORTED), value="", scale=3, min_width=180, elem_id="row-order")
    with gr.Row(visible=False, equal_height=False) as answers:
        with gr.Column(scale=4, min_width=340):
            grid = gr.HTML(None, html_template=LIST_HTML.replace(" · <kbd>e</kbd> edit", ""), js_on_load=LIST_JS,
                           apply_default_css=False, elem_id="answer-list")  # fmt: skip
        with gr.Column(scale=8, min_width=460):
            detail = view(elem_id="answer")
    below = [hidden, why_hidden, reveal, filters, show, order, answers, grid, detail]
    rest = [which, other, results, compared, *below]

    def arrive(look: Look) -> tuple[Any, ...]:
        return *form.values(store, look, fresh=evaluation_of(store, look) is None), *_screen(store, look)

    def choose(look: Look, which: Any) -> tuple[Any, ...]:
        wanted = Look({"evaluation": str(number_of(which, "an evaluation"))})
        return *_screen(store, wanted), wanted.here(PATH)

    def against(look: Look, other: Any) -> tuple[Any, ...]:
        wanted = Look({**look.params, "against": str(other or "")})
        return _compared(store, wanted), wanted.here(PATH)

    def opened(look: Look, event: dict[str, Any]) -> tuple[Any, str]:
        wanted = last_opened(look, event, "row")
        return _answers(store, wanted)[-1], wanted.here(PATH)

    def turned(look: Look, event: dict[str, Any]) -> tuple[Any, ...]:
        wanted = Look({**look.params, "page": str(event.get("page", 1)), "row": ""})
        return *_answers(store, wanted)[-2:], wanted.here(PATH)

    def filtered(look: Look, show: Any, order: Any) -> tuple[Any, ...]:
        wanted = Look({**look.params, "show": str(show or ""), "order": str(order or ""), "page": "", "row": ""})
        return *_answers(store, wanted)[-2:], wanted.here(PATH)

    def revealed(look: Look) -> tuple[Any, ...]:
        wanted = Look({**look.params, "answers": "shown"})
        return *_answers(store, wanted), wanted.here(PATH)

    page.arrive(arrive, [], [*form.shown, *rest])
    page.on(card.shown.ended, arrive, [], [*form.shown, *rest], quiet=True)
    page.on(which.input, choose, [which], [*rest, page.go])
    page.on(other.input, against, [other], [compared, page.go])
    page.on(show.input, filtered, [show, order], [grid, detail, page.go])
    page.on(order.input, filtered, [show, order], [grid, detail, page.go])
    page.on(grid.open, opened, [], [detail, page.go], js=OPEN_LAST, trigger_mode="always_last")
    page.on(grid.turn, turned, [], [grid, detail, page.go])
    page.on(reveal.click, revealed, [], [*below, page.go])


def _screen(store: Store, look: Look) -> tuple[Any, ...]:
    """The values of all below the new evaluation, in order."""
    evaluation = evaluation_of(store, look)
    others = [
        (words, value) for words, value in evaluation_choices(store) if not evaluation or value != str(evaluation.id)
    ]
    against = gr.Dropdown(choices=[("nothing", ""), *others], value=look.get("against"), visible=bool(others))
    said = _nothing(store) if evaluation is None else results_html(store, evaluation)
    return picker(store, look), against, said, _compared(store, look), *_answers(store, look)


def _nothing(store: Store) -> str:
    if any(one.result for one in runs.listed(store)):
        return empty("No evaluation is finished yet. Start one above.")
    return empty("There is nothing to evaluate yet: train a model first.", "Train", "/training")


def _compared(store: Store, look: Look) -> str:
    evaluation, other = evaluation_of(store, look), look.number("against")
    if evaluation is None or not other:
        return ""
    return compared_html(store, f"evaluation:{other}", f"evaluation:{evaluation.id}")


def _answers(store: Store, look: Look) -> tuple[Any, ...]:
    """(notice, its words, its button, filters, two filters' values, the columns, the list, the detail).

    Hidden while a blind round is open, and always for sealed rows.
    """
    evaluation = evaluation_of(store, look)
    gone = (gr.Row(visible=False), "", "", gr.Row(visible=False), None, "")
    if evaluation is None:
        return gr.Row(visible=False), "", gr.Button(visible=False), *gone
    if (evaluation.summary or {}).get("part") == "sealed":
        return gr.Row(visible=True), note(SEALED, "busy"), gr.Button(visible=False), *gone
    if round_is_open(store, evaluation.id) and look.get("answers") != "shown":
        return gr.Row(visible=True), note(HIDDEN, "busy"), gr.Button(visible=True), *gone
    return (
        gr.Row(visible=False), "", gr.Button(visible=False), gr.Row(visible=True), _one_of(look.get("show"), SHOWN),
        _one_of(look.get("order"), SORTED), gr.Row(visible=True), *_rows(store, evaluation, look),
    )  # fmt: skip


def _one_of(wanted: str, choices: Any) -> str:
    return wanted if wanted in {value for _, value in choices} else ""


def _rows(store: Store, evaluation: Evaluation, look: Look) -> tuple[dict[str, Any], str]:
    higher = (evaluation.summary or {})["primary"].get("higher_is_better", True)
    found = chosen_cases(
        cases_of(store, evaluation), _one_of(look.get("show"), SHOWN), _one_of(look.get("order"), SORTED), higher
    )
    pages = max(1, -(-len(found) // PAGE))
    ids = [one.row_id for one in found]
    at = look.number("page", 1, 1, pages)
    if look.get("row") in ids:
        at = ids.index(look.get("row")) // PAGE + 1
    part = found[(at - 1) * PAGE : at * PAGE]
    current = next((one for one in part if one.row_id == look.get("row")), part[0] if part else None)
    spread = f"{(at - 1) * PAGE + 1:,} to {(at - 1) * PAGE + len(part):,} of {len(found):,}" if part else ""
    listing = {
        "rows": lines_of(part, (at - 1) * PAGE, evaluation), "range": spread, "page": at, "pages": pages,
        "current": current.row_id if current else "", "empty": "No answers of this kind.",
    }  # fmt: skip
    return listing, detail_html(current, evaluation) if current else ""
