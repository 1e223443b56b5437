"""Studies: ask one of five questions, see what it takes, start; the answer first, then the figures it rests on."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import gradio as gr

from workbench import jobs
from workbench.actions.plan_study import plan_study
from workbench.actions.resume_study import plan_resume, resume_in_job
from workbench.errors import BadInput, NotFound
from workbench.records import Study
from workbench.screens.address import Look, version_of
from workbench.screens.escape import empty, note
from workbench.screens.page import Page
from workbench.screens.progress import Card
from workbench.screens.results import number_of, view
from workbench.screens.runs_view import run_words
from workbench.screens.studies_view import budget_html, left_html, questions_html, study_html, study_title
from workbench.settings import DEFAULT_MODEL
from workbench.store import Store, goldens, runs, studies
from workbench.studying.design import KINDS
from workbench.studying.going_on import standing
from workbench.studying.questions import Question
from workbench.studying.search_space import KNOBS, MOST_TRIALS

TITLE, PATH = "Studies", "/studies"
SENTENCE = "Questions that take several runs: what more data brings, what cleaning brings, which model, which settings."
MOST_LISTED = 100
SEEDS = ["0", "1", "2", "3"]


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH, own_jobs=("study",))
    card = Card(page, kinds=("study",))
    buttons = Buttons(store, card)
    with gr.Accordion("Ask a question", open=True, elem_id="new-study") as fresh:
        told = view(elem_id="questions")
        with gr.Row(elem_classes="tools"):
            kind = gr.Dropdown(label="Question", choices=[(words, kind) for kind, words in KINDS.items()], value="data",
                               scale=3, elem_id="question")  # fmt: skip
            seeds = gr.Dropdown(label="Seeds", choices=SEEDS, value=["0", "1"], multiselect=True, scale=2,
                                info="Each is a run of its own: one alone may be luck.")  # fmt: skip
            minutes = gr.Textbox(label="Minutes at most", max_lines=1, scale=1, min_width=130, elem_id="study-minutes",
                                 placeholder="no limit", info="Empty: until it is done.")  # fmt: skip
        with gr.Row(elem_classes="tools"):
            model = gr.Textbox(label="Base model", value=DEFAULT_MODEL, max_lines=1, scale=2, elem_id="study-model",
                               info="The new one, for a rebase.")  # fmt: skip
            other = gr.Textbox(label="Second base model", max_lines=1, scale=2, visible=False,
                               info="A fetched name, a folder or a hub name.")  # fmt: skip
            run = gr.Dropdown(label="Run to stand against", choices=[], interactive=True, scale=2, visible=False)
            severity = gr.Dropdown(label="Unclean from", choices=["error", "warning", "info"], value="warning", scale=1,
                                   visible=False, min_width=130, info="Findings still open.")  # fmt: skip
            knobs = gr.Dropdown(label="Knobs to try", choices=list(KNOBS), value=["learning_rate"], multiselect=True,
                                scale=2, visible=False, info="Within bounds around the plan.")  # fmt: skip
            trials = gr.Number(label="Trials", value=8, precision=0, minimum=2, maximum=MOST_TRIALS, scale=1,
                               visible=False, min_width=110)  # fmt: skip
            steps = gr.Checkbox(label="Same steps for all sizes", value=False, scale=1, min_width=190)
            answers = gr.Checkbox(label="Let every run answer golden", value=True, scale=1, min_width=200)
            settings = gr.Textbox(label="Knobs of every run", max_lines=1, scale=2, elem_id="study-settings",
                                  placeholder="epochs=2, max_steps=60")  # fmt: skip
        with gr.Row(elem_classes="tools"):
            cost = gr.Button("What will it take?", size="sm", scale=0, min_width=160, elem_id="study-budget")
            start = gr.Button("Start the study", variant="primary", size="sm", scale=0, min_width=150,
                              elem_id="start-study")  # fmt: skip
        budget = view(elem_id="study-budget-said")
    which = gr.Dropdown(label="Study", choices=[], interactive=True, elem_id="which-study")
    results = view(elem_id="study-results")
    further = Further(page, buttons)
    shown = [fresh, told, run, which, results, further.row, further.told]
    chosen = [kind, seeds, minutes, model, other, run, severity, knobs, trials, steps, answers, settings]
    page.arrive(buttons.show, [], shown)
    page.tick(buttons.later, [results], [results])
    page.on(kind.input, buttons.fields, [kind], [other, run, severity, knobs, trials, steps, budget])
    page.on(cost.click, buttons.take, chosen, [budget], trigger_mode="once", show_progress="minimal")
    page.refresh(
        page.on(start.click, buttons.begin, chosen, [card.shown, budget, page.say, page.go], trigger_mode="once")
    )
    page.on(card.shown.ended, buttons.show, [], shown, quiet=True)
    page.on(which.input, buttons.choose, [which], [results, further.row, further.told, page.go])


class Further:
    """The way on for a study that was cut short or stopped: how many minutes, what is left, and the start."""

    def __init__(self, page: Page, buttons: Buttons) -> None:
        with gr.Row(elem_classes="tools", visible=False, elem_id="study-further") as self.row:
            minutes = gr.Textbox(label="More minutes", max_lines=1, scale=1, min_width=130, placeholder="no limit",
                                 elem_id="study-more", info="Empty: until it is done.")  # fmt: skip
            look = gr.Button("What is left?", size="sm", scale=0, min_width=140, elem_id="study-left")
            start = gr.Button("Let it go on", variant="primary", size="sm", scale=0, min_width=140,
                              elem_id="study-resume")  # fmt: skip
        self.told = view(elem_id="study-left-said")
        page.on(look.click, buttons.left, [minutes], [self.told], trigger_mode="once", show_progress="minimal")
        page.refresh(
            page.on(start.click, buttons.resume, [minutes],
                    [buttons.card.shown, self.row, self.told, page.say, page.go], trigger_mode="once")
        )  # fmt: skip


@dataclass(frozen=True)
class Buttons:
    """What the buttons of the screen do."""

    store: Store
    card: Card

    def show(self, look: Look) -> tuple[Any, ...]:
        found, listed = study_of(self.store, look), studies.listed(self.store)[:MOST_LISTED]
        trained = [
            (run_words(one), str(one.id)) for one in runs.listed(self.store) if one.result and one.stage == "sft"
        ]
        return (
            gr.Accordion(open=found is None),
            questions_html(),
            gr.Dropdown(choices=trained[:MOST_LISTED], value=trained[0][1] if trained else None),
            gr.Dropdown(choices=[(study_title(one), str(one.id)) for one in listed],
                        value=str(found.id) if found else None, visible=bool(listed)),
            study_html(self.store, found) if found else self._nothing(look),
            gr.Row(visible=self._unfinished(found)),
            "",
        )  # fmt: skip

    def _unfinished(self, found: Study | None) -> bool:
        return found is not None and standing(self.store, found)[0] in ("cut short", "stopped")

    def left(self, look: Look, minutes: Any) -> str:
        return left_html(plan_resume(self.store, self._shown(look).id, minutes=minutes_of(minutes)))

    def resume(self, look: Look, minutes: Any) -> tuple[Any, ...]:
        number, more = self._shown(look).id, minutes_of(minutes)
        left = plan_resume(self.store, number, minutes=more)
        job = resume_in_job(self.store, number, minutes=more)
        said = note(f"Study {number} goes on. {left.sentence} You can leave this page.")
        return self.card.of(job), gr.Row(visible=False), "", said, look.here(PATH, job=job.id, study=number)

    def _shown(self, look: Look) -> Study:
        found = study_of(self.store, look)
        if found is None:
            raise BadInput("Choose a study first.")
        return found

    def later(self, look: Look, before: Any) -> Any:
        """While a study works, its runs are drawn anew as they change."""
        found = study_of(self.store, look)
        if found is None or standing(self.store, found)[0] == "finished":
            return gr.skip()
        html = study_html(self.store, found)
        return gr.skip() if html == before else html

    def fields(self, look: Look, kind: Any) -> tuple[Any, ...]:
        """Only what the question needs; a budget of another question is taken away."""
        wanted = {"duel": 0, "rebase": 1, "rows": 2, "sweep": 3}.get(str(kind))
        return (
            gr.Textbox(visible=wanted == 0),
            gr.Dropdown(visible=wanted == 1),
            gr.Dropdown(visible=wanted == 2),
            gr.Dropdown(visible=wanted == 3),
            gr.Number(visible=wanted == 3),
            gr.Checkbox(visible=kind == "data"),
            "",
        )

    def take(self, look: Look, *chosen: Any) -> str:
        return budget_html(plan_study(self.store, self._question(look, *chosen)))

    def begin(self, look: Look, *chosen: Any) -> tuple[Any, ...]:
        question = self._question(look, *chosen)
        planned = plan_study(self.store, question)  # refuses here, before a job is made, and shows what it will take
        job = jobs.start(self.store, "study", asdict(question))
        said = note(f"The study has begun: {planned.budget.sentence} You can leave this page.")
        return self.card.of(job), budget_html(planned), said, look.here(PATH, job=job.id, study=None)

    def choose(self, look: Look, which: Any) -> tuple[Any, ...]:
        wanted = Look({**look.params, "study": str(number_of(which, "a study")), "job": ""})
        found = study_of(self.store, wanted)
        html = study_html(self.store, found) if found else ""
        return html, gr.Row(visible=self._unfinished(found)), "", look.here(PATH, study=which, job=None)

    def _question(self, look: Look, *chosen: Any) -> Question:
        kind, seeds, minutes, model, other, run, severity, knobs, trials, steps, answers, settings = chosen
        if kind not in KINDS:
            raise BadInput("Choose a question first.")
        models = tuple(
            str(one).strip() for one in ((model, other) if kind == "duel" else (model,)) if str(one or "").strip()
        )
        version = None if kind == "rebase" else version_of(self.store, look).label
        return Question(
            kind, version, models,
            tuple(one.strip() for one in str(settings or "").split(",") if one.strip()),
            tuple(int(one) for one in seeds or () if str(one).isdecimal()),
            severity=str(severity), same_steps=bool(steps) and kind == "data",
            run=number_of(run, "a run") if kind == "rebase" else None,
            knobs={str(one): () for one in knobs or ()} or None, trials=int(trials or 8), answers=bool(answers),
            minutes=minutes_of(minutes),
        )  # fmt: skip

    def _nothing(self, look: Look) -> str:
        try:
            goldens.in_force(self.store, look.reference)
        except NotFound:
            return empty("A study is measured on golden rows, and there are none yet.", "Freeze golden", "/golden")
        return empty("No study yet. Choose a question above and see what it would take.")


def minutes_of(given: Any) -> float | None:
    """The cap that was typed, None where the box is empty. Raises BadInput for what is no number."""
    text = str(given or "").strip()
    if not text:
        return None
    try:
        return float(text.replace(",", "."))
    except ValueError:
        raise BadInput(f'"{text}" is no number of minutes. Write for instance 30, or leave the box empty.') from None


def study_of(store: Store, look: Look) -> Study | None:
    """The study in the URL, else that of the job there, else the newest."""
    if wanted := look.number("study"):
        try:
            return studies.get(store, wanted)
        except NotFound:
            return None
    if job := look.number("job"):
        return studies.of_job(store, job)
    return next(iter(studies.listed(store)), None)
