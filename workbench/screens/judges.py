"""Judges: models that judge answers, once they have proved on people's ratings that they can."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import gradio as gr

from evaluators.judges.rubric import STARTER
from workbench import jobs
from workbench.actions.add_judge import add_judge
from workbench.actions.judge import judge as judge_answers
from workbench.actions.judge_card import judge_card
from workbench.errors import BadInput, NotFound
from workbench.judging.cases import PAIRS
from workbench.judging.model import refuse_to_send
from workbench.judging.results import told
from workbench.records import Judge
from workbench.screens.address import Look
from workbench.screens.escape import empty, note
from workbench.screens.judges_view import choice_words, plan_html, told_html, without_results
from workbench.screens.page import Page
from workbench.screens.progress import Card
from workbench.screens.results import evaluation_of, number_of, picker, round_is_open, view
from workbench.store import Store, judges

TITLE, PATH = "Judges", "/judges"
SENTENCE = "A model may judge answers after it has shown, on pairs that people rated blind, that it judges as they do."
SERVER, LOCAL = "a server", "this machine"
FORMS = [("compares two answers", "pairwise"), ("marks each answer", "rubric")]
PEOPLE_LOOK = "Raters are at work on these answers. Win rates stay hidden here until their round is closed."
MOST_CAP = 1e9
RUBRIC_HELP = 'One criterion a line: "name: question" is pass or fail, "name (1-5): question" needs anchors below it.'


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH, own_jobs=("judge",))
    with gr.Accordion("A new judge", open=False, elem_id="new-judge") as fresh:
        with gr.Row():
            name = gr.Textbox(label="Name", max_lines=1, placeholder="strict", scale=2, elem_id="judge-name")
            form = gr.Dropdown(label="What it does", choices=FORMS, value="pairwise", scale=2)
            place = gr.Radio(label="Runs on", choices=[SERVER, LOCAL], value=SERVER, scale=2, elem_id="judge-place")
            model = gr.Textbox(label="Model", max_lines=1, scale=3, elem_id="judge-model",
                               info="As its server knows it, or a local name or folder.")  # fmt: skip
        with gr.Row() as server:
            url = gr.Textbox(label="Address", max_lines=1, scale=4, placeholder="https://server.example/v1",
                             info="OpenAI-compatible; plain http on this machine.", elem_id="judge-url")  # fmt: skip
            key = gr.Textbox(label="Variable with the key", max_lines=1, scale=3, placeholder="OPENAI_API_KEY",
                             info="The NAME of an environment variable.", elem_id="judge-key")  # fmt: skip
            cost_in = gr.Number(label="Price in", value=0, minimum=0, scale=1, min_width=110,
                                info="of a million tokens")  # fmt: skip
            cost_out = gr.Number(label="Price out", value=0, minimum=0, scale=1, min_width=110,
                                 info="of a million tokens")  # fmt: skip
        rubric = gr.Textbox(label="Rubric", value=STARTER, lines=7, max_lines=20, info=RUBRIC_HELP, elem_id="rubric")
        save = gr.Button("Save the judge", variant="primary", size="sm", elem_id="save-judge")
    with gr.Row(elem_classes="tools"):
        which = gr.Dropdown(label="Evaluation", choices=[], interactive=True, scale=4)
        chosen = gr.Dropdown(label="Judge", choices=[], interactive=True, scale=3, elem_id="judge-choice")
        # an empty number box reads as 0 in some browsers, and a cap of 0 asks nothing
        cap = gr.Textbox(label="Cost cap", placeholder="none", max_lines=1, scale=1, min_width=120, elem_id="judge-cap")
        see = gr.Button("What would it cost?", size="sm", scale=0, min_width=170, elem_id="judge-plan")
    plan = view(elem_id="judge-plan-told")
    with gr.Row(elem_classes="tools"):
        agreed = gr.Checkbox(label="I agree that these rows are sent to the judge's server", value=False, scale=4,
                             elem_id="judge-agree")  # fmt: skip
        make = gr.Button("Make its card", variant="primary", size="sm", scale=0, min_width=130, elem_id="make-card")
        use = gr.Button("Judge the answers", size="sm", scale=0, min_width=150, elem_id="judge-answers")
    card = Card(page, kinds=("judge",))
    shown = view(elem_id="judges-told")
    all_of = [fresh, which, chosen, shown]
    buttons = Buttons(store, card)
    page.arrive(buttons.show, [], all_of)
    page.on(place.input, buttons.placed, [place], [server], quiet=True)
    page.on(save.click, buttons.add, [name, form, place, model, url, key, cost_in, cost_out, rubric],
            [*all_of[1:], fresh, page.say, page.go], trigger_mode="once")  # fmt: skip
    page.on(which.input, buttons.choose, [which], [*all_of[2:], plan, page.go])
    page.on(chosen.input, buttons.pick, [chosen], [plan, agreed, page.go])
    page.on(see.click, buttons.planned, [which, chosen], [plan], trigger_mode="once")
    for button, work in ((make, "card"), (use, "run")):
        begun = page.on(button.click, buttons.begin(work), [which, chosen, cap, agreed], [card.shown, plan, page.go],
                        trigger_mode="once")  # fmt: skip
        page.refresh(begun)
    page.on(card.shown.ended, buttons.show, [], all_of, quiet=True)


@dataclass(frozen=True)
class Buttons:
    """What the buttons of the screen do."""

    store: Store
    card: Card

    def show(self, look: Look) -> tuple[Any, ...]:
        return _screen(self.store, look)

    def choose(self, look: Look, which: Any) -> tuple[Any, ...]:
        wanted = Look({**look.params, "evaluation": str(number_of(which, "an evaluation"))})
        return *_screen(self.store, wanted)[2:], "", wanted.here(PATH)

    def pick(self, look: Look, chosen: Any) -> tuple[Any, ...]:
        return "", False, look.here(PATH, judge=str(chosen or ""))

    def placed(self, look: Look, place: Any) -> Any:
        return gr.Row(visible=place != LOCAL)

    def add(self, look: Look, name: Any, form: Any, place: Any, *rest: Any) -> tuple[Any, ...]:
        model, url, key, cost_in, cost_out, rubric = rest
        outside = place != LOCAL
        if outside and not str(url or "").strip():
            raise BadInput("Give the address of the judge's server, or choose this machine.")
        done = add_judge(
            self.store, str(name or ""), form=str(form or ""), rubric=str(rubric or ""), model=str(model or ""),
            url=str(url or "") if outside else "", key_name=str(key or "") if outside else "",
            per_million_in=float(cost_in or 0), per_million_out=float(cost_out or 0),
        )  # fmt: skip
        wanted = Look({**look.params, "judge": done.label})
        said = note(f"{done.label} is saved. Now make its card on a rated evaluation.")
        return *_screen(self.store, wanted)[1:], gr.Accordion(open=False), said, wanted.here(PATH)

    def planned(self, look: Look, which: Any, chosen: Any) -> str:
        evaluation, judge = number_of(which, "an evaluation"), _label(chosen)
        done = judge_card(self.store, evaluation, judge, preview=True)
        return plan_html(done.plan, done.warning)

    def begin(self, work: str) -> Any:
        def start(look: Look, which: Any, chosen: Any, cap: Any, agreed: Any) -> tuple[Any, ...]:
            evaluation, judge = number_of(which, "an evaluation"), _label(chosen)
            return _start(self.store, look, self.card, work, evaluation, judge, cap_of(cap), bool(agreed))

        return start


def _start(
    store: Store, look: Look, card: Card, work: str, evaluation: int, judge: str, cap: float | None, agreed: bool
) -> tuple[Any, ...]:
    """Starts the job, or says first what would be sent where and waits for a yes."""
    if work == "card":
        made = judge_card(store, evaluation, judge, preview=True)
        plan, warning = made.plan, made.warning
    else:
        plan, warning = judge_answers(store, evaluation, judge, preview=True).plan, ""
    if plan.calls and not plan.local and not agreed:
        return gr.skip(), plan_html(plan, warning), look.here(PATH)
    refuse_to_send(plan, cap, agreed=True)
    settings = {"work": work, "evaluation": evaluation, "judge": judge, "cap": cap, "agreed": True}
    if work == "run":
        settings["pairs"] = [list(arms) for arms in PAIRS]
    job = jobs.start(store, "judge", settings)
    return card.of(job), plan_html(plan, warning), look.here(PATH, evaluation=evaluation, judge=judge, job=job.id)


def cap_of(text: Any) -> float | None:
    """A cost cap as it was typed, None for an empty box. Raises BadInput."""
    said = str(text or "").strip().replace(",", ".")
    if not said:
        return None
    try:
        found = float(said)
    except ValueError:
        found = -1.0
    if not 0 <= found < MOST_CAP:
        raise BadInput(f'"{said[:20]}" is no cost cap: write a number such as 2.50, or leave the box empty for none.')
    return found


def _label(chosen: Any) -> str:
    if not str(chosen or "").strip():
        raise BadInput("Choose a judge first, or save one above.")
    return str(chosen)


def _screen(store: Store, look: Look) -> tuple[Any, ...]:
    """(new judge, evaluation, judge, what is told) as the URL wants them."""
    known = judges.listed(store)
    current = _current(store, look, known)
    chosen = gr.Dropdown(choices=[(choice_words(one), one.label) for one in known],
                         value=current.label if current else None)  # fmt: skip
    evaluation = evaluation_of(store, look)
    if evaluation is None:
        words = empty("Judges judge an evaluation's answers, and there is none yet.", "Evaluate a run", "/evaluation")
    else:
        found = told(store, evaluation.id)
        hidden = round_is_open(store, evaluation.id) and found is not None
        words = (note(PEOPLE_LOOK, "busy") if hidden else "") + told_html(
            without_results(found) if hidden else found, current.label if current else ""
        )
    return gr.Accordion(open=not known), picker(store, look), chosen, words


def _current(store: Store, look: Look, known: list[Judge]) -> Judge | None:
    if look.get("judge"):
        try:
            return judges.get(store, look.get("judge"))
        except NotFound:
            pass
    return known[0] if known else None
