"""Training: choose rows, base model and recipe, see what it would do, start; the curves stand on the Runs screen.

Everything a person chose stands in the URL: ?dataset= &version= &model= &preset= &knobs=epochs=2;rank=8
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from training.errors import PlanError
from training.plan import TrainingPlan, words
from training.presets import PRESETS, as_settings, differences
from workbench import jobs
from workbench.actions.choose_plan import choose_plan, parameters_of
from workbench.actions.fetch_model import list_models
from workbench.actions.plan_training import plan_training
from workbench.actions.train import refuse_twice
from workbench.errors import BadInput, NotFound
from workbench.records import Version
from workbench.screens import recipe
from workbench.screens.address import Look, version_of
from workbench.screens.escape import esc, note, plural
from workbench.screens.form import Form
from workbench.screens.look import script
from workbench.screens.page import Page
from workbench.screens.plan_card import plan_html
from workbench.screens.prices import price_boxes, prices_of
from workbench.screens.progress import Card
from workbench.screens.recipe import CSS as RECIPE_CSS
from workbench.screens.results import view
from workbench.screens.sight import Sight
from workbench.screens.uploads import moved
from workbench.settings import DEFAULT_MODEL
from workbench.store import Store, datasets, runs
from workbench.training_side import prepare

TITLE, PATH = "Training", "/training"
SENTENCE = "A run goes on when you close the page, and stops only when you say so."
MOST_VERSIONS = 50
LONGEST_NAME = 500
MOST_JOB_BYTES = 1_000_000  # a fine-tuning job is a page of JSON
CARDS_HTML = '<div class="presets" role="radiogroup" aria-label="Recipes"></div>'
CARDS_JS = script("preset_cards")
BETWEEN = ";"  # settings in the URL


def draw(store: Store) -> None:
    NewRun(Page(store, TITLE, SENTENCE, PATH), store)


class NewRun:
    """The four steps to a run: what to train on, with which recipe, what it would do, start."""

    def __init__(self, page: Page, store: Store) -> None:
        self.store = store
        _step("1", "What to train", "the rows, the model that learns from them, and a recipe to begin with")
        with gr.Row(elem_classes="tools"):
            self.version = gr.Dropdown(label="Rows", choices=[], interactive=True, scale=3, elem_id="version",
                                       info="A version whose golden rows are held out.")  # fmt: skip
            self.model = gr.Dropdown(label="Base model", choices=[], allow_custom_value=True, interactive=True, scale=3,
                                     elem_id="model", info="A fetched model, a folder, or a hub name.")  # fmt: skip
            job = gr.UploadButton("From an OpenAI job…", file_types=[".json"], size="sm", scale=0, min_width=170,
                                  elem_id="openai")  # fmt: skip
        self.cards = gr.HTML(
            None, html_template=CARDS_HTML, js_on_load=CARDS_JS, css_template=RECIPE_CSS,
            apply_default_css=False, elem_id="presets",
        )  # fmt: skip
        self.about = gr.HTML("", css_template=RECIPE_CSS, apply_default_css=False, elem_id="about-preset")
        _step("2", "How", "every knob with its bounds; what is empty is chosen for you")
        self.form = Form(TrainingPlan, skip=("model",))
        self.changed = gr.HTML("", css_template=RECIPE_CSS, apply_default_css=False, elem_id="changed")
        _step("3", "Look before you start", "nothing is trained yet")
        Sight(page, store, self.model, self.form)
        with gr.Row(elem_classes="tools"):
            plan = gr.Button("Show the plan", size="sm", scale=0, min_width=150, elem_id="plan")
            measure = gr.Button("Measure some steps", size="sm", scale=0, min_width=170, elem_id="measure")
        price_boxes(page)
        self.planned = view(elem_id="planned")
        _step("4", "Start", "it runs in a process of its own")
        with gr.Row(elem_classes="tools"):
            start = gr.Button("Start training", variant="primary", scale=0, min_width=190, elem_id="start")
            self.runs_link = view(elem_id="to-runs")
        # where the buttons are, which is a long way below the top of the page; up there the header's strip tells of it
        self.card = Card(page, kinds=("train", "measure"))
        self.preset = gr.State(recipe.OWN)
        self._hang(page, job, plan, measure, start)

    def _hang(self, page: Page, job: Any, plan: Any, measure: Any, start: Any) -> None:
        given = [self.preset, self.model, *self.form.inputs]
        told = [self.changed, page.go]
        begun = [self.preset, self.cards, self.about, self.changed, page.go, *self.form.inputs]
        arrived = [self.version, self.model, self.runs_link, self.preset, self.cards, self.about, self.changed,
                   *self.form.inputs]  # fmt: skip
        shown = [self.card.shown, self.planned, self.runs_link, page.say, page.go]
        page.arrive(self.arrive, [], arrived)
        page.on(self.cards.choose, self.choose, [self.model], begun)
        page.on(job.upload, self.upload, [job, self.model], [*begun, page.say], trigger_mode="once")
        for one in (self.version, self.model):
            page.on(one.input, self.other, [self.version, *given], [self.cards, *told, self.planned])
        for event in self.form.edits:
            page.on(event, self.edited, given, told, trigger_mode="always_last")
        page.on(plan.click, self.plan, given, [self.planned, *told], trigger_mode="once", show_progress="minimal")
        page.refresh(page.on(measure.click, self.measure, given, [self.card.shown, page.say, page.go],
                             trigger_mode="once"))  # fmt: skip
        page.refresh(page.on(start.click, self.begin, given, shown, trigger_mode="once"))
        page.on(self.card.shown.ended, self.ended, given, [self.runs_link, self.planned], quiet=True)

    def arrive(self, look: Look) -> tuple[Any, ...]:
        """The page as its URL says; a recipe in the URL that cannot be read gives way to the plan as it comes."""
        model = look.get("model") or DEFAULT_MODEL
        try:
            version = version_of(self.store, look)
        except NotFound:
            return gr.Dropdown(), _models(model), _no_rows(), recipe.OWN, None, "", "", *self._kept()
        preset = look.get("preset", recipe.OWN)
        knobs = [one for one in look.get("knobs").split(BETWEEN) if one]
        try:
            start = self._start(version, preset, model)
            plan = TrainingPlan(model=model).with_settings(knobs) if knobs else start
        except PlanError:
            preset, plan = recipe.OWN, TrainingPlan(model=model)
        return (
            _versions(self.store, version), _models(model), to_runs(self.store, look),
            *self._recipe(version, preset, plan), *self.form.shown(plan.model_dump()),
        )  # fmt: skip

    def choose(self, look: Look, model: Any, event: dict[str, Any]) -> tuple[Any, ...]:
        """A preset was chosen: the form is filled in with its knobs for these rows and this model."""
        version, name = version_of(self.store, look), str(event.get("name", ""))
        if name not in {recipe.OWN, *(one.name for one in PRESETS)}:
            raise BadInput("Choose one of the recipes on the page.")
        plan = self._start(version, name, _model(model))
        return self._begun(look, version, name, plan)

    def upload(self, look: Look, given: Any, model: Any) -> tuple[Any, ...]:
        """An OpenAI job was brought: the form is filled in with it, and every field is told."""
        version, path = version_of(self.store, look), moved(self.store, given)
        try:
            text = _job_text(path)
        finally:
            path.unlink(missing_ok=True)
            path.parent.rmdir()
        chosen = choose_plan(self.store, version.label, model=_model(model), openai=text)
        begun = list(self._begun(look, version, recipe.OWN, chosen.plan))
        begun[2] = recipe.told_html(chosen.told)
        return *begun, note(f"The job was taken over: {plural(len(chosen.told), 'field')} are told below.")

    def other(self, look: Look, label: Any, preset: Any, model: Any, *values: Any) -> tuple[Any, ...]:
        """Other rows or another base model: the recipes fit themselves anew, the knobs stay as they are."""
        version = datasets.version(self.store, str(label or "") or None)
        wanted = Look({**look.params, "dataset": version.dataset, "version": str(version.number)})
        changed, go = self.edited(wanted, preset, model, *values)
        return recipe.cards(self._plans(version, _model(model)), str(preset), version.size), changed, go, ""

    def edited(self, look: Look, preset: Any, model: Any, *values: Any) -> tuple[Any, ...]:
        """A knob was changed: what differs from the recipe, what is out of the usual, and the URL that keeps it."""
        version, plan = version_of(self.store, look), self._plan(model, values)
        return self._changed(version, str(preset), plan), _here(look, str(preset), plan)

    def plan(self, look: Look, preset: Any, model: Any, *values: Any) -> tuple[Any, ...]:
        """What the run would do and take."""
        version, settings = version_of(self.store, look), self.form.settings(values)
        name, prices = _model(model), prices_of(look)
        shown = plan_html(plan_training(self.store, version.label, model=name, settings=settings, prices=prices))
        return shown, *self.edited(look, preset, model, *values)

    def measure(self, look: Look, preset: Any, model: Any, *values: Any) -> tuple[Any, ...]:
        """A job that times some real steps, for a plan that knows instead of guessing."""
        job = self._job("measure", look, model, values)
        where = Look({**look.params}).here(PATH, job=job.id)
        return self.card.of(job), note("Some steps are timed on this machine; the plan follows."), where

    def begin(self, look: Look, preset: Any, model: Any, *values: Any) -> tuple[Any, ...]:
        """The run itself, as a job. Raises Refused while the very same run is going on: a second press is a slip."""
        refuse_twice(self.store, version_of(self.store, look).label, self._plan(model, values))
        job = self._job("train", look, model, values)
        plan = self._plan(model, values)
        wanted = Look.read(_here(look, str(preset), plan).partition("?")[2]).here(PATH, job=job.id)
        said = f"Training on {version_of(self.store, look).label} has begun. You can leave this page."
        link = to_runs(self.store, Look.read(wanted.partition("?")[2]), begun=True)
        return self.card.of(job), "", link, note(said), wanted

    def ended(self, look: Look, preset: Any, model: Any, *values: Any) -> tuple[Any, ...]:
        """The job is over: the way to its curves, and after measuring the plan that knows."""
        measured = jobs.get(self.store, look.number("job")).kind == "measure" if look.number("job") else False
        shown = self.plan(look, preset, model, *values)[0] if measured else ""
        return to_runs(self.store, look), shown

    def _job(self, kind: str, look: Look, model: Any, values: Any) -> Any:
        version, settings = version_of(self.store, look), self.form.settings(values)
        # refuses here, before a job is made
        prepare(self.store, version.label, model=_model(model), settings=settings, wait=False)
        return jobs.start(self.store, kind, {"version": version.label, "model": _model(model), "settings": settings})

    def _plan(self, model: Any, values: Any) -> TrainingPlan:
        return TrainingPlan(model=_model(model)).with_settings(self.form.settings(values))

    def _start(self, version: Version, preset: str, model: str) -> TrainingPlan:
        """The plan that a recipe begins with. Raises PlanError."""
        name = None if preset == recipe.OWN else preset
        return choose_plan(self.store, version.label, model=model, preset=name).plan

    def _plans(self, version: Version, model: str) -> dict[str, TrainingPlan]:
        """Name -> plan of the presets that these rows suffice for."""
        parameters = parameters_of(model)
        found = {}
        for one in PRESETS:
            try:
                found[one.name] = one.plan(model=model, parameters=parameters, rows=version.size)
            except PlanError:  # too few rows
                continue
        return found

    def _recipe(self, version: Version, preset: str, plan: TrainingPlan) -> tuple[Any, ...]:
        """(preset, cards, what it is, what was changed)."""
        known = next((one for one in PRESETS if one.name == preset), None)
        shown = recipe.cards(self._plans(version, plan.model), preset, version.size)
        return preset, shown, recipe.preset_html(known), self._changed(version, preset, plan)

    def _changed(self, version: Version, preset: str, plan: TrainingPlan) -> str:
        start = self._start(version, preset, plan.model)
        title = next((f"“{one.title}”" for one in PRESETS if one.name == preset), "the plan as it comes")
        said = words(plan, parameters_of(plan.model), version.size)
        return recipe.changed_html(plan, version.size, title, differences(start, plan), said)

    def _begun(self, look: Look, version: Version, preset: str, plan: TrainingPlan) -> tuple[Any, ...]:
        return *self._recipe(version, preset, plan), _here(look, preset, plan), *self.form.shown(plan.model_dump())

    def _kept(self) -> list[Any]:
        return [gr.skip() for _ in self.form.inputs]


def _step(number: str, title: str, words_: str) -> None:
    gr.HTML(
        f'<h3 class="step-head">{number}. {esc(title)} <span class="quiet">{esc(words_)}</span></h3>',
        css_template=RECIPE_CSS, apply_default_css=False,
    )  # fmt: skip


def _here(look: Look, preset: str, plan: TrainingPlan) -> str:
    """The address that keeps what was chosen."""
    knobs = BETWEEN.join(as_settings(plan))
    return look.here(
        PATH, model=None if plan.model == DEFAULT_MODEL else plan.model,
        preset=None if preset == recipe.OWN else preset, knobs=knobs or None,
    )  # fmt: skip


def _versions(store: Store, chosen: Version) -> Any:
    """The versions of the dataset that is looked at, the newest first, and the newest of the other datasets."""
    own = datasets.listed(store, chosen.dataset)[::-1][:MOST_VERSIONS]
    others = [datasets.version(store, name) for name in datasets.names(store) if name != chosen.dataset]
    known = {
        one.label: f"{one.label} · {plural(one.size, 'row')} · {one.name or one.change.verb}"
        for one in [chosen, *own, *others]
    }
    return gr.Dropdown(choices=[(words_, label) for label, words_ in known.items()], value=chosen.label)


def _models(chosen: str) -> Any:
    """The embedded models that can be trained, the fetched ones first."""
    known = [one for one in list_models() if one.task == "chat"]
    choices = [(f"{one.name}{'' if one.ready else ' (not fetched yet)'} · {one.licence}", one.name) for one in known]
    return gr.Dropdown(choices=choices, value=chosen, allow_custom_value=True)


def _model(given: Any) -> str:
    name = str(given or "").strip()
    if not name or len(name) > LONGEST_NAME:
        raise BadInput("Choose a base model first.")
    return name


def _job_text(path: Path) -> str:
    if path.stat().st_size > MOST_JOB_BYTES:
        raise BadInput("That file is too large for a fine-tuning job. Import rows on the Data screen.")
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise BadInput("That file is no text in UTF-8, so it is no fine-tuning job.") from None


def _no_rows() -> str:
    return '<p class="quiet">There are no rows to train on yet. <a href="/data">Import some on the Data screen.</a></p>'


def to_runs(store: Store, look: Look, *, begun: bool = False) -> str:
    """The way to the curves: of the run that was started here, else of all runs. begun: just now, by the button."""
    if not begun and not runs.listed(store):
        return '<p class="quiet">No run yet. Its curves will stand on the Runs screen.</p>'
    job = look.number("job")
    if job and not _trains(store, job):  # measuring some steps has no curves
        job = 0
    where = look.to("/runs", job=job) if job else look.to("/runs")
    said = "It has begun: watch its curves" if begun else "Watch its curves" if job else "All runs and their curves"
    return f'<p><a href="{esc(where)}">{said}</a></p>'


def _trains(store: Store, job_id: int) -> bool:
    try:
        return jobs.get(store, job_id).kind == "train"
    except NotFound:  # an old link
        return False
