"""Evaluation: three arms on the golden rows, what can be concluded, and every answer side by side."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from workbench import jobs
from workbench.errors import BadInput
from workbench.records import Evaluation, Run
from workbench.screens.address import Look
from workbench.screens.escape import empty, note
from workbench.screens.evaluation_view import cases_of, detail_html, lines_of, results_html
from workbench.screens.page import Page
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
from workbench.screens.training_view import run_words
from workbench.store import Store, datasets, runs

TITLE, PATH = "Evaluation", "/evaluation"
SENTENCE = "The base model, the base model with a better prompt, and the tuned model answer the same golden questions."
DEMO_PROMPT = Path(__file__).parents[2] / "data" / "demo" / "prompt.txt"
DEMO_SOURCE = "support.jsonl"
LONGEST_PROMPT, MOST_EXAMPLES, PAGE = 20_000, 8, 100
HIDDEN = (
    "People are rating these answers blind right now. The answers stay hidden here so that nobody learns which model "
    "wrote which, until the round is closed."
)


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH, own_jobs=("evaluate",))
    card = Card(page, kinds=("evaluate",))
    with gr.Accordion("A new evaluation", open=False, elem_id="new-evaluation") as fresh:
        with gr.Row(elem_classes="tools"):
            run = gr.Dropdown(label="Run", choices=[], interactive=True, scale=4)
            examples = gr.Number(label="Examples", value=0, precision=0, minimum=0, maximum=MOST_EXAMPLES, scale=1,
                                 min_width=130, info="Training rows shown before the question.")  # fmt: skip
            start = gr.Button("Evaluate", variant="primary", size="sm", scale=0, min_width=120, elem_id="evaluate")
        prompt = gr.Textbox(label="The better prompt", lines=5, max_lines=16, elem_id="better-prompt",
                            info="What you would tell the base model instead of training it.")  # fmt: skip
    with gr.Row(elem_classes="tools"):
        which = gr.Dropdown(label="Evaluation", choices=[], interactive=True, scale=4)
        other = gr.Dropdown(label="Compare with", choices=[], interactive=True, scale=4)
    results = view(elem_id="results")
    compared = view(elem_id="compared")
    with gr.Row(visible=False, elem_classes="tools") as hidden:
        gr.HTML(note(HIDDEN, "busy"))
        reveal = gr.Button("Show them anyway", size="sm", scale=0, min_width=160, elem_id="reveal")
    with gr.Row(visible=False, equal_height=False) as answers:
        with gr.Column(scale=4, min_width=340):
            grid = gr.HTML(None, html_template=LIST_HTML.replace(" · <kbd>e</kbd> edit", ""), js_on_load=LIST_JS,
                           apply_default_css=False, elem_id="answer-list")  # fmt: skip
        with gr.Column(scale=8, min_width=460):
            detail = view(elem_id="answer")
    shown = [fresh, run, prompt, which, other, results, compared, hidden, answers, grid, detail]

    def show(look: Look) -> tuple[Any, ...]:
        return _screen(store, look)

    def choose(look: Look, which: Any) -> tuple[Any, ...]:
        wanted = Look({"evaluation": str(number_of(which, "an evaluation"))})
        return *_screen(store, wanted)[3:], wanted.here(PATH)

    def against(look: Look, other: Any) -> tuple[Any, ...]:
        wanted = Look({**look.params, "against": str(other or "")})
        return _compared(store, wanted), wanted.here(PATH)

    def begin(look: Look, run: Any, prompt: Any, examples: Any) -> tuple[Any, ...]:
        job = jobs.start(store, "evaluate", _wanted(store, run, prompt, examples))
        return card.of(job), note("The evaluation has begun. You can leave this page."), Look().here(PATH, job=job.id)

    def opened(look: Look, event: dict[str, Any]) -> tuple[Any, str]:
        wanted = Look({**look.params, "row": str(event.get("id", ""))[:100]})
        return _answers(store, wanted)[3], wanted.here(PATH)

    def turned(look: Look, event: dict[str, Any]) -> tuple[Any, ...]:
        wanted = Look({**look.params, "page": str(event.get("page", 1)), "row": ""})
        return *_answers(store, wanted)[2:], wanted.here(PATH)

    def revealed(look: Look) -> tuple[Any, ...]:
        wanted = Look({**look.params, "answers": "shown"})
        return *_answers(store, wanted), wanted.here(PATH)

    page.arrive(show, [], shown)
    page.refresh(
        page.on(start.click, begin, [run, prompt, examples], [card.shown, page.say, page.go], trigger_mode="once")
    )
    page.on(card.shown.ended, show, [], shown, quiet=True)
    page.on(which.input, choose, [which], [*shown[3:], page.go])
    page.on(other.input, against, [other], [compared, page.go])
    page.on(grid.open, opened, [], [detail, page.go], trigger_mode="always_last")
    page.on(grid.turn, turned, [], [grid, detail, page.go])
    page.on(reveal.click, revealed, [], [hidden, answers, grid, detail, page.go])


def _wanted(store: Store, run: Any, prompt: Any, examples: Any) -> dict[str, Any]:
    """The settings of an evaluation job, checked. Raises BadInput."""
    chosen = runs.get(store, number_of(run, "a run"))
    if chosen.result is None:
        raise BadInput(f"Run {chosen.id} is not finished. Resume it on the Training screen.")
    text = str(prompt or "").strip()
    if len(text) > LONGEST_PROMPT:
        raise BadInput(f"The prompt is longer than {LONGEST_PROMPT:,} characters.")
    count = int(examples) if isinstance(examples, (int, float)) else 0
    if not 0 <= count <= MOST_EXAMPLES:
        raise BadInput(f"Give 0 to {MOST_EXAMPLES} examples.")
    if not text and not count:
        raise BadInput("Write a better prompt, or give some examples: the tuned model has to beat one of them.")
    return {"run": chosen.id, "prompt": text, "examples": count}


def _screen(store: Store, look: Look) -> tuple[Any, ...]:
    """The values of all that is shown, in the order of `shown`."""
    evaluation = evaluation_of(store, look)
    trained = [one for one in runs.listed(store) if one.result]
    wanted = next((one for one in trained if one.id == look.number("run")), trained[0] if trained else None)
    run = gr.Dropdown(choices=[(run_words(one), str(one.id)) for one in trained[:100]],
                      value=str(wanted.id) if wanted else None)  # fmt: skip
    fresh = gr.Accordion(open=evaluation is None or bool(look.number("run")))
    others = [
        (words, value) for words, value in evaluation_choices(store) if not evaluation or value != str(evaluation.id)
    ]
    against = gr.Dropdown(choices=[("nothing", ""), *others], value=look.get("against"), visible=bool(others))
    said = _nothing(trained) if evaluation is None else results_html(store, evaluation)
    return (
        fresh, run, _prompt(store, wanted), picker(store, look), against, said, _compared(store, look),
        *_answers(store, look),
    )  # fmt: skip


def _nothing(trained: list[Run]) -> str:
    if trained:
        return empty("No evaluation is finished yet. Start one above.")
    return empty("There is nothing to evaluate yet: train a model first.", "Train", "/training")


def _prompt(store: Store, run: Run | None) -> str:
    """The prompt to begin with: that of the sample data where the run was trained on it, else empty."""
    if run is None or not DEMO_PROMPT.is_file():
        return ""
    rows = datasets.rows_of(store, datasets.by_id(store, run.version_id))
    return DEMO_PROMPT.read_text(encoding="utf-8") if DEMO_SOURCE in set(rows.frame["source"].to_list()) else ""


def _compared(store: Store, look: Look) -> str:
    evaluation, other = evaluation_of(store, look), look.number("against")
    if evaluation is None or not other:
        return ""
    return compared_html(store, f"evaluation:{other}", f"evaluation:{evaluation.id}")


def _answers(store: Store, look: Look) -> tuple[Any, Any, Any, Any]:
    """(the notice, the two columns, the list, the detail) of the answers; hidden while a blind round is open."""
    evaluation = evaluation_of(store, look)
    if evaluation is None:
        return gr.Row(visible=False), gr.Row(visible=False), None, ""
    if round_is_open(store, evaluation.id) and look.get("answers") != "shown":
        return gr.Row(visible=True), gr.Row(visible=False), None, ""
    return gr.Row(visible=False), gr.Row(visible=True), *_rows(store, evaluation, look)


def _rows(store: Store, evaluation: Evaluation, look: Look) -> tuple[dict[str, Any], str]:
    found = cases_of(store, evaluation)
    pages = max(1, -(-len(found) // PAGE))
    ids = [one.row_id for one in found]
    at = look.number("page", 1, 1, pages)
    if look.get("row") in ids:
        at = ids.index(look.get("row")) // PAGE + 1
    part = found[(at - 1) * PAGE : at * PAGE]
    current = next((one for one in part if one.row_id == look.get("row")), part[0] if part else None)
    spread = (
        f"{(at - 1) * PAGE + 1:,} to {(at - 1) * PAGE + len(part):,} of {len(found):,}, worst first" if part else ""
    )
    listing = {
        "rows": lines_of(part, (at - 1) * PAGE, evaluation), "range": spread, "page": at, "pages": pages,
        "current": current.row_id if current else "", "empty": "No answers.",
    }  # fmt: skip
    return listing, detail_html(current, evaluation) if current else ""
