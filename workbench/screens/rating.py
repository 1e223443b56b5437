"""Rating: people choose between two answers without knowing whose they are."""

from __future__ import annotations

import os
import secrets
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from workbench import blind
from workbench.actions.close_round import close_round, result
from workbench.actions.export_preferences import export_preferences
from workbench.actions.import_votes import import_votes
from workbench.actions.open_round import open_round, plan_round
from workbench.actions.rate import watch
from workbench.actions.rating_pack import rating_pack
from workbench.blind.plan import ARMS, GRADES, TAGS, Design, tags_of
from workbench.errors import BadInput, GoldloopError
from workbench.records import Round
from workbench.screens.address import Look
from workbench.screens.escape import empty, note, plural
from workbench.screens.page import Page
from workbench.screens.rating_desk import desk_of, server_functions
from workbench.screens.rating_view import open_html, plan_html, results_html
from workbench.screens.results import CSS, evaluation_of, number_of, picker, view
from workbench.screens.uploads import moved
from workbench.settings import user_name
from workbench.store import Store, ratings

TITLE, PATH = "Rating", "/rating"
SENTENCE = "Two answers, one question. Which model wrote which stays secret until the round is closed."
DESK = Path(blind.__file__).parent
HTML = (DESK / "desk.html").read_text(encoding="utf-8")
JS = (DESK / "desk.js").read_text(encoding="utf-8") + (Path(__file__).parent / "rating.js").read_text(encoding="utf-8")
STYLE = CSS + (DESK / "desk.css").read_text(encoding="utf-8")
REASONS = "\n".join(f"{key} {tag}" for key, tag in TAGS.items())
ARM_CHOICES = [("base model", "base"), ("base model with the better prompt", "prompted"), ("tuned model", "tuned")]
STOPS = [("all rows, no look before the end", "fixed"), ("as soon as the evidence suffices (e-value)", "e-value")]


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH)
    with gr.Row(elem_classes="tools"):
        which = gr.Dropdown(label="What is rated", choices=[], interactive=True, scale=4)
        rater = gr.Textbox(label="Your name", max_lines=1, max_length=80, scale=2, elem_id="rater")
        finish = gr.Button("Close the round", size="sm", scale=0, min_width=150, visible=False, elem_id="close-round")
    with gr.Column(visible=False, elem_classes=["card", "plain"], elem_id="round-form") as form:
        planned = gr.HTML("", apply_default_css=False, elem_id="round-plan")
        with gr.Row(equal_height=False):
            arms = gr.CheckboxGroup(ARM_CHOICES, value=["base", "tuned"], label="Whose answers", scale=4)
            stop = gr.Radio(STOPS, value="fixed", label="When it ends", scale=3)
        with gr.Accordion("More", open=False), gr.Row(equal_height=False):
            with gr.Column():
                rows = gr.Number(label="Golden rows", value=0, precision=0, minimum=0, info="0: all that may be seen.")
                raters = gr.Number(
                    label="People on each of the first rows", value=2, precision=0, minimum=1, maximum=20
                )
                overlap = gr.Number(label="How many first rows that is", value=40, precision=0, minimum=0)
            with gr.Column():
                grades = gr.CheckboxGroup(list(GRADES), value=[], label="Grade both answers 1 to 5 after the choice")
                repeats = gr.Slider(0, 0.12, 0.05, step=0.01, label="Share of repeated pairs")
                known = gr.Slider(0, 0.12, 0.05, step=0.01, label="Share of pairs with a known better answer")
            tags = gr.Textbox(REASONS, label="Reasons, each with its key", lines=8, max_lines=24)
            guide = gr.Textbox(label="How to judge, shown to raters", lines=8, max_lines=24, max_length=20_000)
        begin = gr.Button(
            "Open a blind round", variant="primary", size="sm", scale=0, min_width=170, elem_id="open-round"
        )
    with gr.Row(visible=False, elem_classes="tools") as sure:
        asks = view()
        yes = gr.Button("Close it for good", variant="stop", size="sm", scale=0, min_width=160, elem_id="close-yes")
        no = gr.Button("Not yet", size="sm", scale=0, min_width=110)
    widget = gr.HTML(
        None, html_template=HTML, js_on_load=JS, css_template=STYLE, apply_default_css=False, elem_id="rate",
        server_functions=server_functions(store),
    )  # fmt: skip
    with gr.Accordion("How far the round is, and packs for raters who are elsewhere", open=False, visible=False) as far:
        seen = view(elem_id="round-seen")
        with gr.Row(equal_height=True):
            name = gr.Textbox(label="Rater", max_lines=1, max_length=80, scale=2, elem_id="pack-rater")
            pack = gr.Button("Make a pack to mail", size="sm", scale=0, min_width=180, elem_id="make-pack")
            packed = gr.File(label="The pack", visible=False, interactive=False, scale=2, elem_id="pack-file")
            back = gr.File(label="A result that came back", file_types=[".json", ".jsonl", ".csv"], scale=2,
                           height=120, elem_id="pack-result")  # fmt: skip
    results = view(elem_id="rate-results")
    with gr.Row(visible=False, elem_classes="tools") as taking:
        take = gr.Button("Save as preference pairs", size="sm", scale=0, min_width=200, elem_id="export-pairs")
        taken = gr.File(label="Preference pairs", visible=False, interactive=False, scale=2, elem_id="pairs-file")
    shown = [which, rater, finish, form, planned, sure, widget, far, seen, results, taking, taken]
    fields = [arms, stop, rows, raters, overlap, grades, repeats, known, tags, guide]

    page.arrive(partial(show, store), [], shown)
    page.on(which.input, partial(choose, store), [which], [*shown, page.go])
    for event in (rater.submit, rater.blur):
        page.on(event, partial(rename, store), [rater], [widget, page.go])
    for field in (arms, rows, raters, overlap, repeats, known):
        page.on(field.change, partial(plan, store), fields, [planned])
    page.on(begin.click, partial(start, store), fields, [*shown, page.say], trigger_mode="once")
    page.on(finish.click, partial(ask_close, store), [], [sure, asks])
    page.on(no.click, lambda look: gr.Row(visible=False), [], [sure])
    page.on(yes.click, partial(close, store), [], [*shown, page.say], trigger_mode="once")
    page.on(far.expand, partial(look_on, store), [], [seen])
    page.on(pack.click, partial(make_pack, store), [name], [packed, seen, page.say], trigger_mode="once")
    page.on(take.click, partial(export, store), [], [taken, page.say], trigger_mode="once")
    page.on(back.upload, partial(bring, store), [back], [*shown, back, page.say], trigger_mode="once")


def show(store: Store, look: Look) -> tuple[Any, ...]:
    """The values of all that is shown, in the order of `shown`."""
    evaluation, this = evaluation_of(store, look), round_of(store, look)
    hidden = gr.Column(visible=False)
    if evaluation is None:
        nothing = empty(
            "There is nothing to rate yet: an evaluation gives the answers.", "Evaluate a run", "/evaluation"
        )
        out = gr.Textbox(visible=False)
        return (
            gr.Dropdown(visible=False), out, gr.Button(visible=False), hidden, "", gr.Row(visible=False), None,
            gr.Accordion(visible=False), "", nothing, gr.Row(visible=False), gr.File(visible=False),
        )  # fmt: skip
    name = look.get("rater") or user_name()
    rounds = [one for one in ratings.rounds_of(store, evaluation.id) if one.closed]
    closed = [] if this else [one for one in rounds if ratings.votes_of(store, one.id)]
    said = results_html([result(store, one.id) for one in closed])  # while a round is open they would sway the raters
    if this is None and not closed:
        said = empty(
            "No round is open. A blind round shows each rater the answers of two or three models to the golden "
            f"questions of evaluation {evaluation.id}, side by side in a random order."
        )
    try:
        planned = "" if this else plan_html(plan_round(store, evaluation.id))
    except GoldloopError as error:
        planned = note(str(error), "bad")
    return (
        picker(store, look), gr.Textbox(value=name, visible=this is not None), gr.Button(visible=this is not None),
        gr.Column(visible=this is None), planned, gr.Row(visible=False), desk_of(this, name),
        gr.Accordion(visible=this is not None, open=False), "", said, gr.Row(visible=bool(closed)),
        gr.File(value=None, visible=False),
    )  # fmt: skip


def round_of(store: Store, look: Look) -> Round | None:
    """The open round of the evaluation in the URL; the one named there if several are open."""
    evaluation = evaluation_of(store, look)
    rounds = [one for one in ratings.rounds_of(store, evaluation.id) if not one.closed] if evaluation else []
    wanted = look.number("round")
    return next((one for one in rounds if one.id == wanted), rounds[0] if rounds else None)


def needed(store: Store, look: Look) -> Round:
    this = round_of(store, look)
    if this is None:
        raise BadInput("No round is open.")
    return this


def choose(store: Store, look: Look, which: Any) -> tuple[Any, ...]:
    kept = {key: value for key, value in look.params.items() if key != "round"}
    wanted = Look({**kept, "evaluation": str(number_of(which, "an evaluation"))})
    return *show(store, wanted), wanted.here(PATH)


def rename(store: Store, look: Look, name: Any) -> tuple[Any, ...]:
    wanted = Look({**look.params, "rater": str(name or "").strip()[:80]})
    return desk_of(round_of(store, wanted), wanted.get("rater")), wanted.here(PATH)


def design_of(
    stop: Any, rows: Any, raters: Any, overlap: Any, grades: Any, repeats: Any, known: Any, tags: Any, guide: Any
) -> Design:
    """The form as a design. Raises BadInput."""
    numbers = (rows, raters, overlap, repeats, known)
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in numbers):
        raise BadInput("Rows, people and shares must be numbers.")
    return Design(
        int(rows), int(raters), int(overlap), float(repeats), float(known),
        tags_of(str(tags or "")[:5_000].splitlines()) or None, tuple(str(one)[:64] for one in grades or ()),
        "e-value" if stop == "e-value" else "fixed", guide=str(guide or ""),
    )  # fmt: skip


def plan(store: Store, look: Look, arms: Any, *form: Any) -> str:
    evaluation = evaluation_of(store, look)
    chosen = [one for one in ARMS if one in (arms or ())]
    if evaluation is None or len(chosen) < 2:
        return "<p>Choose two or three.</p>"
    return plan_html(plan_round(store, evaluation.id, chosen, design=design_of(*form)))


def start(store: Store, look: Look, arms: Any, *form: Any) -> tuple[Any, ...]:
    evaluation = evaluation_of(store, look)
    if evaluation is None:
        raise BadInput("There is nothing to rate yet. Evaluate a run first.")
    open_round(store, evaluation.id, [one for one in ARMS if one in (arms or ())], design=design_of(*form))
    return *show(store, look), note("The round is open. Every rater sees the pairs in an order of their own.")


def ask_close(store: Store, look: Look) -> tuple[Any, ...]:
    seen = watch(store, needed(store, look).id)
    if not seen.by_rater:
        return gr.Row(visible=True), note("Nobody has voted: closing withdraws the round, and it says nothing.", "busy")
    left = f" {plural(seen.missing, 'judgement')} still missing." if seen.missing else ""
    away = f" Packs are out with {', '.join(name for name, _ in seen.away)}." if seen.away else ""
    said = f"{plural(seen.votes, 'vote')} so far.{left}{away}"
    return gr.Row(visible=True), note(
        f"{said} A closed round shows which model wrote which, and takes no more votes. This cannot be undone.", "busy"
    )


def close(store: Store, look: Look) -> tuple[Any, ...]:
    found = close_round(store, needed(store, look).id)
    said = "The round is closed; its result stands below." if found.raters else "The round is withdrawn."
    return *show(store, look), note(said)


def look_on(store: Store, look: Look) -> str:
    return open_html(watch(store, needed(store, look).id))


def make_pack(store: Store, look: Look, name: Any) -> tuple[Any, ...]:
    this = needed(store, look)
    if not str(name or "").strip():
        raise BadInput("Write the name of the rater that the pack is for.")
    done = rating_pack(store, this.id, str(name)[:80], _folder("pack"))
    said = note(f"The pack for {done.rater} holds {plural(done.cards, 'pair')}; it works without a network.")
    return gr.File(value=str(done.path), visible=True), look_on(store, look), said


def export(store: Store, look: Look) -> tuple[Any, ...]:
    evaluation = evaluation_of(store, look)
    if evaluation is None or round_of(store, look) is not None:
        raise BadInput("Close the round first: the pairs tell which model wrote which.")
    done = export_preferences(store, evaluation.id, _folder("pairs") / f"preferences-{evaluation.id}.jsonl")
    said = f"{plural(done.pairs, 'pair')}; {done.left_out} without a winner left out. They are made of golden rows: "
    return gr.File(value=str(done.path), visible=True), note(f"{said}whoever trains on them trains on golden.", "busy")


def _folder(name: str) -> Path:
    """A new folder that Gradio gives files out of."""
    folder = Path(os.environ["GRADIO_TEMP_DIR"]) / f"{name}-{secrets.token_hex(8)}"
    folder.mkdir(parents=True)
    return folder


def bring(store: Store, look: Look, given: Any) -> tuple[Any, ...]:
    evaluation = evaluation_of(store, look)
    if evaluation is None or not given:
        raise BadInput("Choose an evaluation and a file first.")
    done = import_votes(store, evaluation.id, moved(store, given))
    whose = f" of {done.rater}" if done.rater else ""
    left = f"; {done.refused} left out: {'; '.join(done.reasons[:5])}" if done.refused else ""
    said = note(f"{plural(done.imported, 'vote')}{whose} came into round {done.round_id}{left}.")
    return *show(store, look), None, said
