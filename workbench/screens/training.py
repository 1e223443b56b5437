"""Training: choose rows and a recipe, see the plan, start, watch, stop, resume; compare two runs."""

from __future__ import annotations

from typing import Any

import gradio as gr

from training.plan import TrainingPlan
from workbench import jobs
from workbench.actions.fetch_model import list_models
from workbench.actions.plan_training import plan_training
from workbench.errors import BadInput, NotFound
from workbench.records import Run
from workbench.screens.address import Look, version_of
from workbench.screens.escape import esc, note
from workbench.screens.form import Form
from workbench.screens.page import Page
from workbench.screens.plan_card import plan_html
from workbench.screens.progress import Card
from workbench.screens.results import compared_html, view
from workbench.screens.training_view import curve_html, run_words, runs_html
from workbench.settings import DEFAULT_MODEL
from workbench.store import Store, runs
from workbench.training_side import prepare

TITLE, PATH = "Training", "/training"
SENTENCE = "A run goes on when you close the page, and stops only when you say so."
MOST_RUNS = 100


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH, own_jobs=("train",))
    card = Card(page, kinds=("train",))
    curve = view(elem_id="curve")
    with gr.Accordion("A new run", open=True, elem_id="new-run"):
        with gr.Row(elem_classes="tools"):
            model = gr.Dropdown(label="Base model", choices=[], allow_custom_value=True, scale=4, elem_id="model",
                                info="A fetched model, a folder with safetensors, or a hub name.")  # fmt: skip
            plan = gr.Button("Show the plan", size="sm", scale=0, min_width=140, elem_id="plan")
            start = gr.Button("Start training", variant="primary", size="sm", scale=0, min_width=140, elem_id="start")
        form = Form(TrainingPlan, skip=("model",))
        planned = view(elem_id="planned")
    table_of_runs = view(elem_id="runs")
    with gr.Row(elem_classes="tools"):
        first = gr.Dropdown(label="Compare", choices=[], interactive=True, scale=2)
        second = gr.Dropdown(label="with", choices=[], interactive=True, scale=2)
        compare = gr.Button("Compare", size="sm", scale=0, min_width=110, elem_id="compare")
    compared = view(elem_id="compared")
    seen = gr.State("")  # what the curve on the page was drawn from, so that a tick without news sends nothing
    shown = [model, curve, seen, table_of_runs, first, second, compared]

    def show(look: Look) -> tuple[Any, ...]:
        return _models(), *_curve(store, look), runs_html(store, look), *_choices(store, look), _compared(store, look)

    def later(look: Look, before: Any) -> tuple[Any, ...]:
        html, mark = _curve(store, look)
        return (gr.skip(),) * 3 if mark == before else (html, mark, runs_html(store, look))

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

    def chosen(look: Look, a: Any, b: Any) -> tuple[Any, ...]:
        wanted = Look({**look.params, "a": str(a or ""), "b": str(b or "")})
        return _compared(store, wanted), wanted.here(PATH)

    page.arrive(show, [], shown)
    page.tick(later, [seen], [curve, seen, table_of_runs])
    page.on(plan.click, show_plan, [model, *form.inputs], [planned], trigger_mode="once", show_progress="minimal")
    page.refresh(
        page.on(
            start.click, begin, [model, *form.inputs], [card.shown, planned, page.say, page.go], trigger_mode="once"
        )
    )
    page.on(card.shown.ended, show, [], shown, quiet=True)
    page.on(compare.click, chosen, [first, second], [compared, page.go])


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


def _run_of(store: Store, look: Look) -> Run | None:
    """The run whose curve is shown: that of the job in the URL, the run in the URL, or the newest."""
    if job_id := look.number("job"):
        return runs.of_job(store, job_id)
    if run_id := look.number("run"):
        try:
            return runs.get(store, run_id)
        except NotFound:
            return None
    found = runs.listed(store)
    return found[0] if found else None


def _curve(store: Store, look: Look) -> tuple[str, str]:
    """The loss curve of the run that is looked at, and a mark that changes when there is something new."""
    run = _run_of(store, look)
    if run is None:
        return "", ""
    path = runs.folder(store, run.id) / "metrics.jsonl"
    size = path.stat().st_size if path.exists() else 0
    return curve_html(store, run), f"{run.id} {size} {run.result is not None}"


def _choices(store: Store, look: Look) -> tuple[Any, Any]:
    found = [(run_words(run), f"run:{run.id}") for run in runs.listed(store)[:MOST_RUNS]]
    values = [value for _, value in found]
    a = look.get("a") if look.get("a") in values else (values[1] if len(values) > 1 else None)
    b = look.get("b") if look.get("b") in values else (values[0] if values else None)
    return gr.Dropdown(choices=found, value=a), gr.Dropdown(choices=found, value=b)


def _compared(store: Store, look: Look) -> str:
    a, b = look.get("a"), look.get("b")
    if not (a.startswith("run:") and b.startswith("run:")):
        return "" if not (a or b) else f"<p>{esc('Choose two runs to compare.')}</p>"
    return compared_html(store, a, b)
