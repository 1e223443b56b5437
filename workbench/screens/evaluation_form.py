"""A new evaluation: prompt, what decides, what must not be lost, the plan before the first answer, and sealed looks."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from evaluators.errors import BadRequest
from evaluators.guards import DEFAULT_MARGINS, read_margins
from evaluators.sample import catalogue
from workbench import jobs
from workbench.actions.evaluate import DEV, SEALED, prepare
from workbench.errors import BadInput, NotFound
from workbench.records import Golden, Run
from workbench.screens.address import Look
from workbench.screens.escape import esc, note
from workbench.screens.evaluation_view import plan_html
from workbench.screens.page import Page
from workbench.screens.progress import Card
from workbench.screens.results import number_of, view
from workbench.screens.runs_view import run_words
from workbench.store import Store, datasets, goldens, prompts, runs

DEMO_PROMPT = Path(__file__).parents[2] / "data" / "demo" / "prompt.txt"
DEMO_SOURCE = "support.jsonl"
LONGEST_PROMPT, MOST_EXAMPLES, LONGEST_WHY = 20_000, 8, 500
BY_REFERENCES = "as the references suggest"
GUARDS = ", ".join(f"{name}={margin:g}" for name, margin in DEFAULT_MARGINS.items())


class NewEvaluation:
    """The part of the screen that begins an evaluation. `shown`: what `values` fills in on arrival."""

    def __init__(self, page: Page, card: Card, path: str) -> None:
        self.page, self.card, self.path = page, card, path
        with gr.Accordion("A new evaluation", open=False, elem_id="new-evaluation") as self.box:
            with gr.Row(elem_classes="tools"):
                self.run = gr.Dropdown(label="Run", choices=[], interactive=True, scale=4)
                self.examples = gr.Number(label="Examples", value=0, precision=0, minimum=0, maximum=MOST_EXAMPLES,
                                          scale=1, min_width=130, info="Training rows shown first.")  # fmt: skip
                self.saved = gr.Dropdown(label="Saved prompt", choices=[], interactive=True, scale=2, min_width=170,
                                         info="In place of text and examples.")  # fmt: skip
                self.plan = gr.Button("Show the plan", size="sm", scale=0, min_width=130, elem_id="show-plan")
                self.start = gr.Button("Evaluate", variant="primary", size="sm", scale=0, min_width=120,
                                       elem_id="evaluate")  # fmt: skip
            self.prompt = gr.Textbox(label="The better prompt", lines=5, max_lines=16, elem_id="better-prompt",
                                     info="What you would tell the base model instead of training it.")  # fmt: skip
            deciders = [(BY_REFERENCES, ""), *((one.title, name) for name, one in catalogue().items())]
            with gr.Accordion("What decides and what must not be lost", open=False), gr.Row(elem_classes="tools"):
                self.primary = gr.Dropdown(label="Decides", choices=deciders, value="", scale=3, min_width=220)
                self.margins = gr.Textbox(
                    label="Guards with their margins", value=GUARDS, scale=4, min_width=260, elem_id="margins",
                    info="How much worse each may be, in its unit.",
                )  # fmt: skip
                self.useful = gr.Number(
                    label="Smallest useful gain", value=0, minimum=0, scale=2, min_width=160,
                    info="In the unit of what decides: 0.05 is 5 points.",
                )  # fmt: skip
            with gr.Accordion("A look at the sealed rows", open=False, visible=False, elem_id="sealed") as self.sealed:
                self.spends = view(elem_id="spends")
                with gr.Row(elem_classes="tools"):
                    self.why = gr.Textbox(label="What the look is for", max_lines=1, max_length=LONGEST_WHY, scale=5)
                    self.sure = gr.Checkbox(label="I want to spend a look", value=False, scale=2, min_width=200)
                    self.look = gr.Button("Look at sealed", size="sm", scale=0, min_width=140, elem_id="look-sealed")
            self.planned = view(elem_id="planned-evaluation")
        self.shown = [self.box, self.run, self.prompt, self.saved, self.sealed, self.spends]
        given = [self.run, self.prompt, self.examples, self.saved, self.primary, self.margins, self.useful]
        said = [card.shown, page.say, page.go]
        page.on(self.plan.click, self._plan, given, [self.planned], trigger_mode="once", show_progress="minimal")
        page.refresh(page.on(self.start.click, self._begin, given, said, trigger_mode="once"))
        page.refresh(
            page.on(self.look.click, self._look, [*given, self.why, self.sure], [*said, self.sure], trigger_mode="once")
        )
        page.on(self.run.input, self._chosen, [self.run], [self.saved, self.sealed, self.spends])

    def values(self, store: Store, look: Look, *, fresh: bool) -> tuple[Any, ...]:
        """The values of `shown`. fresh: there is no evaluation yet, so the part stands open."""
        trained = [one for one in runs.listed(store) if one.result]
        wanted = next((one for one in trained if one.id == look.number("run")), trained[0] if trained else None)
        run = gr.Dropdown(choices=[(run_words(one), str(one.id)) for one in trained[:100]],
                          value=str(wanted.id) if wanted else None)  # fmt: skip
        open_now = fresh or bool(look.number("run"))
        return gr.Accordion(open=open_now), run, _prompt(store, wanted), _saved(store, wanted), *_sealed(store, wanted)

    def _chosen(self, look: Look, run: Any) -> tuple[Any, ...]:
        wanted = runs.get(self.page.store, number_of(run, "a run"))
        return _saved(self.page.store, wanted), *_sealed(self.page.store, wanted)

    def _plan(self, look: Look, *given: Any) -> str:
        settings = _settings(self.page.store, *given)
        ready = prepare(self.page.store, settings.pop("run"), **settings)
        title = f"What would be decided before the first answer, for run {ready.run.id}"
        return plan_html(ready.plan, title, unfolded=True)

    def _begin(self, look: Look, *given: Any) -> tuple[Any, ...]:
        return self._started({**_settings(self.page.store, *given), "part": DEV})

    def _look(self, look: Look, *given: Any) -> tuple[Any, ...]:
        *rest, why, sure = given
        settings = {**_settings(self.page.store, *rest), "part": SEALED}
        reason = str(why or "").strip()[:LONGEST_WHY]
        if not sure:
            raise BadInput("A look at the sealed rows cannot be taken back. Tick the box first.")
        run = runs.get(self.page.store, settings["run"])
        goldens.may_look(self.page.store, _golden(self.page.store, run), reason)
        return *self._started({**settings, "why": reason}), False

    def _started(self, settings: dict[str, Any]) -> tuple[Any, ...]:
        prepare(self.page.store, **{"run_id" if name == "run" else name: value for name, value in settings.items()
                                    if name != "why"})  # fmt: skip
        job = jobs.start(self.page.store, "evaluate", settings)
        told = note("The evaluation has begun. You can leave this page.")
        return self.card.of(job), told, Look().here(self.path, job=job.id)


def _settings(
    store: Store, run: Any, prompt: Any, examples: Any, saved: Any, primary: Any, margins: Any, useful: Any
) -> dict[str, Any]:
    """The settings of an evaluation job, checked. Raises BadInput."""
    chosen = runs.get(store, number_of(run, "a run"))
    if chosen.result is None:
        raise BadInput(f"Run {chosen.id} is not finished. Resume it on the Training screen.")
    number = int(saved) if str(saved or "").isdecimal() else None
    text = str(prompt or "").strip() if number is None else ""
    if len(text) > LONGEST_PROMPT:
        raise BadInput(f"The prompt is longer than {LONGEST_PROMPT:,} characters.")
    count = int(examples) if isinstance(examples, (int, float)) and number is None else 0
    if not 0 <= count <= MOST_EXAMPLES:
        raise BadInput(f"Give 0 to {MOST_EXAMPLES} examples.")
    if not text and not count and number is None:
        raise BadInput("Write a better prompt, or give some examples: the tuned model has to beat one of them.")
    try:
        held = read_margins([one for one in str(margins or "").replace("\n", ",").split(",") if one.strip()])
    except BadRequest as error:
        raise BadInput(str(error)) from error
    gone = {name: "off" for name in DEFAULT_MARGINS if name not in held}  # taken out of the field
    return {
        "run": chosen.id,
        "prompt": text,
        "examples": count,
        "saved_prompt": number,
        "primary": str(primary) if primary else None,
        "margins": {**gone, **held},
        "useful": float(useful) if isinstance(useful, (int, float)) else 0.0,
    }


def _saved(store: Store, run: Run | None) -> Any:
    """The saved prompts of the run's dataset to choose from; hidden where there is none."""
    found = [] if run is None else prompts.listed(store, _golden(store, run).dataset)
    choices = [("none", ""), *((f"{one.number} {one.title}", str(one.number)) for one in found)]
    return gr.Dropdown(choices=choices, value="", visible=bool(found))


def _golden(store: Store, run: Run) -> Golden:
    return goldens.with_errata(store, goldens.by_id(store, run.golden_id))


def _sealed(store: Store, run: Run | None) -> tuple[Any, Any]:
    """(the part on sealed rows, what the next look spends); hidden where the set has none."""
    try:
        golden = _golden(store, run) if run is not None else None
    except NotFound:
        golden = None
    if golden is None or not golden.ids("sealed"):
        return gr.Accordion(visible=False), ""
    rows, number = len(golden.ids("sealed")), len(goldens.looks(store, golden)) + 1
    if number > golden.budget:
        told = (
            f"The {golden.budget} looks of {golden.label} are spent. One more may find luck, needs a reason, and is "
            "marked in every report. Better: refresh the golden set."
        )
    else:
        told = (
            f"Look {number} of {golden.budget} at the {rows} sealed rows of {golden.label}. It spends "
            f"1/{golden.budget} of the level: {100 * (1 - 0.05 / golden.budget):.3g} % intervals. You see means, "
            "intervals and the verdict, and no row."
        )
    return gr.Accordion(visible=True), f"<p>{esc(told)}</p>"


def _prompt(store: Store, run: Run | None) -> str:
    """The prompt to begin with: that of the sample data where the run was trained on it, else empty."""
    if run is None or not DEMO_PROMPT.is_file():
        return ""
    rows = datasets.rows_of(store, datasets.by_id(store, run.version_id))
    return DEMO_PROMPT.read_text(encoding="utf-8") if DEMO_SOURCE in set(rows.frame["source"].to_list()) else ""
