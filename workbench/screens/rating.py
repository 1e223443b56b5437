"""Rating: people choose between two answers without knowing whose they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from workbench.actions import rate
from workbench.errors import BadInput, GoldloopError
from workbench.records import Round
from workbench.screens.address import Look
from workbench.screens.escape import empty, note, plural
from workbench.screens.page import Page
from workbench.screens.results import CSS, evaluation_of, number_of, picker, round_html, view
from workbench.settings import user_name
from workbench.store import Store, ratings

TITLE, PATH = "Rating", "/rating"
SENTENCE = "Two answers, one question. Which model wrote which stays secret until the round is closed."
HERE = Path(__file__).parent
HTML = (HERE / "rating.html").read_text(encoding="utf-8")
JS = (HERE / "rating.js").read_text(encoding="utf-8")


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH)
    with gr.Row(elem_classes="tools"):
        which = gr.Dropdown(label="What is rated", choices=[], interactive=True, scale=4)
        rater = gr.Textbox(label="Your name", max_lines=1, max_length=80, scale=2, elem_id="rater")
        begin = gr.Button(
            "Open a blind round", variant="primary", scale=0, min_width=170, visible=False, elem_id="open-round"
        )
        finish = gr.Button("Close the round", size="sm", scale=0, min_width=150, visible=False, elem_id="close-round")
    with gr.Row(visible=False, elem_classes="tools") as sure:
        asks = view()
        yes = gr.Button("Close it for good", variant="stop", size="sm", scale=0, min_width=160, elem_id="close-yes")
        no = gr.Button("Not yet", size="sm", scale=0, min_width=110)
    widget = gr.HTML(
        None, html_template=HTML, js_on_load=JS, css_template=CSS, apply_default_css=False, elem_id="rate",
        server_functions=server_functions(store),
    )  # fmt: skip
    results = view(elem_id="rate-results")
    shown = [which, rater, begin, finish, sure, widget, results]

    def show(look: Look) -> tuple[Any, ...]:
        return _screen(store, look)

    def choose(look: Look, which: Any) -> tuple[Any, ...]:
        wanted = Look({**look.params, "evaluation": str(number_of(which, "an evaluation"))})
        return *_screen(store, wanted), wanted.here(PATH)

    def rename(look: Look, name: Any) -> tuple[Any, ...]:
        wanted = Look({**look.params, "rater": str(name or "").strip()[:80]})
        return _screen(store, wanted)[5], wanted.here(PATH)

    def start(look: Look) -> tuple[Any, ...]:
        evaluation = evaluation_of(store, look)
        if evaluation is None:
            raise BadInput("There is nothing to rate yet. Evaluate a run first.")
        rate.open_round(store, evaluation.id)
        return (*_screen(store, look), note("The round is open. Every rater sees the pairs in an order of their own."))

    def ask(look: Look) -> tuple[Any, ...]:
        this = _open_round(store, look)
        if this is None:
            raise BadInput("No round is open.")
        said = len(ratings.standing(ratings.votes_of(store, this.id)))
        return gr.Row(visible=True), (
            f"<p>{plural(said, 'vote')} so far. A closed round shows which model wrote which, and takes no more votes. "
            "This cannot be undone.</p>"
        )

    def close(look: Look) -> tuple[Any, ...]:
        this = _open_round(store, look)
        if this is None:
            raise BadInput("No round is open.")
        rate.close(store, this.id)
        return (*_screen(store, look), note("The round is closed; its result stands below."))

    page.arrive(show, [], shown)
    page.on(which.input, choose, [which], [*shown, page.go])
    page.on(rater.submit, rename, [rater], [widget, page.go])
    page.on(rater.blur, rename, [rater], [widget, page.go])
    page.on(begin.click, start, [], [*shown, page.say], trigger_mode="once")
    page.on(finish.click, ask, [], [sure, asks])
    page.on(no.click, lambda look: gr.Row(visible=False), [], [sure])
    page.on(yes.click, close, [], [*shown, page.say], trigger_mode="once")


def server_functions(store: Store) -> list[Any]:
    """What the rating widget may call. Their answers go to the browser while the round is open: no arm is in them."""

    def next_pairs(payload: Any) -> dict[str, Any]:
        try:
            this, rater = _who(store, payload)
            have = [str(row)[:64] for row in payload.get("have") or [] if isinstance(row, str)][:200]
            pairs = rate.next_pairs(store, this.id, rater, have)
            reached = rate.progress(store, this.id, rater)
        except GoldloopError as error:
            return {"error": str(error)}
        return {
            "pairs": [{"row": one.row_id, "prompt": one.prompt, "a": one.a, "b": one.b} for one in pairs],
            "done": reached.done, "total": reached.total, "outbox": f"goldloop/votes/{this.id}/{rater}/",
        }  # fmt: skip

    def save(payload: Any) -> dict[str, Any]:
        try:
            this, rater = _who(store, payload)
            milliseconds = payload.get("ms")
            reached = rate.vote(
                store, this.id, rater, str(payload.get("row", ""))[:64], str(payload.get("choice", ""))[:10],
                reason=str(payload.get("reason") or "")[:2000],
                milliseconds=milliseconds if type(milliseconds) is int else 0,
                nonce=str(payload.get("nonce") or "")[:64] or None,
            )  # fmt: skip
        except GoldloopError as error:
            return {"error": str(error)}
        return {"done": reached.done, "total": reached.total}

    return [next_pairs, save]


def _who(store: Store, payload: Any) -> tuple[Round, str]:
    """The round and the rater that a call of the widget names. Raises BadInput for anything else."""
    if not isinstance(payload, dict) or type(payload.get("round")) is not int:
        raise BadInput("The call did not arrive whole. Reload the page.")
    rater = payload.get("rater")
    if not isinstance(rater, str) or not rater.strip():
        raise BadInput("Write your name first.")
    return ratings.get_round(store, payload["round"]), rater.strip()[:80]


def _open_round(store: Store, look: Look) -> Round | None:
    evaluation = evaluation_of(store, look)
    rounds = ratings.rounds_of(store, evaluation.id) if evaluation else []
    return next((one for one in rounds if not one.closed), None)


def _screen(store: Store, look: Look) -> tuple[Any, ...]:
    """The values of all that is shown, in the order of `shown`."""
    evaluation, this = evaluation_of(store, look), _open_round(store, look)
    name = look.get("rater") or user_name()
    if evaluation is None:
        nothing = empty(
            "There is nothing to rate yet: an evaluation gives the answers.", "Evaluate a run", "/evaluation"
        )
        hidden = gr.Button(visible=False)
        return (
            gr.Dropdown(visible=False),
            gr.Textbox(visible=False),
            hidden,
            hidden,
            gr.Row(visible=False),
            None,
            nothing,
        )
    closed = [rate.result(store, one.id) for one in ratings.rounds_of(store, evaluation.id) if one.closed]
    said = "".join(round_html(found) for found in closed)
    if this is None and not closed:
        said = empty(
            "No round is open. A blind round shows each rater the answers of the base model and the tuned model to the "
            f"golden questions of evaluation {evaluation.id}, side by side in a random order."
        )
    if this is not None:
        said = ""  # results of earlier rounds would sway the raters
    return (
        picker(store, look), gr.Textbox(value=name, visible=True), gr.Button(visible=this is None),
        gr.Button(visible=this is not None), gr.Row(visible=False),
        {"round": this.id, "rater": name} if this is not None else None, said,
    )  # fmt: skip
