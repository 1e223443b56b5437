"""Training: choose rows and a recipe, see the plan, start; the curves and all runs stand on the Runs screen."""

from __future__ import annotations

from typing import Any

import gradio as gr

from training.plan import TrainingPlan
from workbench import jobs
from workbench.actions.fetch_model import list_models
from workbench.actions.plan_training import plan_training
from workbench.errors import BadInput
from workbench.screens.address import Look, version_of
from workbench.screens.escape import esc, note
from workbench.screens.form import Form
from workbench.screens.page import Page
from workbench.screens.plan_card import plan_html
from workbench.screens.progress import Card
from workbench.screens.results import view
from workbench.settings import DEFAULT_MODEL
from workbench.store import Store, runs
from workbench.training_side import prepare

TITLE, PATH = "Training", "/training"
SENTENCE = "A run goes on when you close the page, and stops only when you say so."


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH, own_jobs=("train",))
    card = Card(page, kinds=("train",))
    with gr.Accordion("A new run", open=True, elem_id="new-run"):
        with gr.Row(elem_classes="tools"):
            model = gr.Dropdown(label="Base model", choices=[], allow_custom_value=True, scale=4, elem_id="model",
                                info="A fetched model, a folder with safetensors, or a hub name.")  # fmt: skip
            plan = gr.Button("Show the plan", size="sm", scale=0, min_width=140, elem_id="plan")
            start = gr.Button("Start training", variant="primary", size="sm", scale=0, min_width=140, elem_id="start")
        form = Form(TrainingPlan, skip=("model",))
        planned = view(elem_id="planned")
    runs_link = view(elem_id="to-runs")
    shown = [model, runs_link]

    def show(look: Look) -> tuple[Any, ...]:
        return _models(), _to_runs(store, look)

    def show_plan(look: Look, model: Any, *values: Any) -> str:
        version = version_of(store, look)
        return plan_html(plan_training(store, version.label, model=_model(model), settings=form.settings(values)))

    def begin(look: Look, model: Any, *values: Any) -> tuple[Any, ...]:
        version = version_of(store, look)
        settings = form.settings(values)
        # refuses here, before a job is made
        prepare(store, version.label, model=_model(model), settings=settings, wait=False)
        job = jobs.start(store, "train", {"version": version.label, "model": _model(model), "settings": settings})
        wanted = Look({"dataset": version.dataset}).here(PATH, job=job.id)
        return card.of(job), "", note(f"Training on {version.label} has begun. You can leave this page."), wanted

    page.arrive(show, [], shown)
    page.on(plan.click, show_plan, [model, *form.inputs], [planned], trigger_mode="once", show_progress="minimal")
    page.refresh(
        page.on(
            start.click, begin, [model, *form.inputs], [card.shown, planned, page.say, page.go], trigger_mode="once"
        )
    )
    page.on(card.shown.ended, show, [], shown, quiet=True)


def _models() -> Any:
    """The embedded models that can be trained, the fetched ones first."""
    known = [one for one in list_models() if one.task == "chat"]
    choices = [(f"{one.name}{'' if one.ready else ' (not fetched yet)'} · {one.licence}", one.name) for one in known]
    return gr.Dropdown(choices=choices, value=DEFAULT_MODEL)


def _model(given: Any) -> str:
    name = str(given or "").strip()
    if not name or len(name) > 500:
        raise BadInput("Choose a base model first.")
    return name


def _to_runs(store: Store, look: Look) -> str:
    """The way to the curves: of the job that was started here, else of all runs."""
    if not runs.listed(store):
        return '<p class="quiet">No run yet. Its curves will stand on the Runs screen.</p>'
    job = look.number("job")
    where = look.to("/runs", job=job) if job else look.to("/runs")
    words = "Watch its curves" if job else "All runs and their curves"
    return f'<p><a href="{esc(where)}">{words}</a></p>'
