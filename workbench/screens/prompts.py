"""Prompts, before any training: write candidates, climb the ladder, see whether fine-tuning is needed at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import gradio as gr

from evaluators.prompting.recipe import MOST_EXAMPLES, TARGET
from workbench import jobs
from workbench.actions.climb_prompts import climb_prompts
from workbench.actions.fetch_model import list_models
from workbench.actions.save_prompt import save_prompt
from workbench.errors import BadInput, GoldloopError
from workbench.records import Version
from workbench.screens.address import Look, version_of
from workbench.screens.escape import empty, esc, note
from workbench.screens.page import Page
from workbench.screens.progress import Card
from workbench.screens.prompts_view import answer_html, difference_html, ladder_html, saved_html, search_html
from workbench.screens.results import view
from workbench.settings import DEFAULT_MODEL
from workbench.store import Store, datasets, goldens, prompts

TITLE, PATH = "Prompts", "/prompts"
SENTENCE = "What a better prompt reaches before anything is trained, and whether you need to fine-tune at all."
DEMO_PROMPT = Path(__file__).parents[2] / "data" / "demo" / "prompt.txt"
DEMO_SOURCE = "support.jsonl"
COUNTS = [str(count) for count in range(1, MOST_EXAMPLES + 1)]
HELD = 24  # rows held out, as the action's default


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH, own_jobs=("prompts",))
    card = Card(page, kinds=("prompts",))
    answer = view(elem_id="need")
    with gr.Accordion("Climb the ladder", open=True, elem_id="climb") as climbing:
        with gr.Row(elem_classes="tools"):
            texts = gr.Dropdown(label="Texts to try", choices=[], multiselect=True, scale=4, elem_id="texts",
                                info="Saved prompts; each alone and with examples.")  # fmt: skip
            counts = gr.Dropdown(label="Examples", choices=COUNTS, value=["2", "4"], multiselect=True, scale=2,
                                 info="How many training rows before the question.")  # fmt: skip
            rows = gr.Number(label="Held-out rows", value=HELD, precision=0, minimum=0, maximum=400, scale=1,
                             min_width=130, info="Of the training side, to choose by.")  # fmt: skip
            target = gr.Number(label="Good enough, %", value=100 * TARGET, minimum=1, maximum=100, scale=1,
                               min_width=130, info="Share of rows that has to be right.")  # fmt: skip
        with gr.Row(elem_classes="tools"):
            model = gr.Dropdown(label="Model", choices=[], allow_custom_value=True, scale=3, elem_id="climb-model")
            cost = gr.Button("What will it take?", size="sm", scale=0, min_width=160, elem_id="budget")
            timed = gr.Button("Time it", size="sm", scale=0, min_width=110, elem_id="time-it")
            start = gr.Button("Climb", variant="primary", size="sm", scale=0, min_width=110, elem_id="start-climb")
        budget = view(elem_id="budget-said")
    with gr.Accordion("Write a prompt", open=False, elem_id="write-prompt") as writing:
        with gr.Row(elem_classes="tools"):
            name = gr.Textbox(label="Name", max_lines=1, scale=2, info="The same name again is its next version.")
            based = gr.Dropdown(label="Begin with", choices=[], scale=2, interactive=True)
            save = gr.Button("Save", size="sm", scale=0, min_width=110, elem_id="save-prompt")
        text = gr.Textbox(label="What you would tell the model", lines=6, max_lines=18, elem_id="prompt-text",
                          info="Put before the row's own system message; training rows add examples.")  # fmt: skip
    ladder = view(elem_id="ladder")
    gr.HTML("<h3>Saved prompts</h3>", apply_default_css=False)
    saved = view(elem_id="saved-prompts")
    with gr.Row(elem_classes="tools"):
        one = gr.Dropdown(label="Compare prompt", choices=[], interactive=True, scale=2)
        other = gr.Dropdown(label="with", choices=[], interactive=True, scale=2)
    difference = view(elem_id="prompt-difference")
    shown = [answer, climbing, texts, model, writing, name, based, text, ladder, saved, one, other, difference]
    chosen = [texts, counts, rows, target, model]
    buttons = Buttons(store, card)
    page.arrive(buttons.show, [], shown)
    page.on(cost.click, buttons.take, chosen, [budget], trigger_mode="once", show_progress="minimal")
    page.refresh(page.on(timed.click, buttons.time_it, chosen, [card.shown, page.say, page.go], trigger_mode="once"))
    page.refresh(page.on(start.click, buttons.begin, chosen, [card.shown, page.say, page.go], trigger_mode="once"))
    page.on(card.shown.ended, buttons.ended, [], [*shown, budget], quiet=True)
    page.on(save.click, buttons.keep, [name, text, based], [*shown, page.say], trigger_mode="once")
    page.on(based.input, buttons.fill, [based], [name, text])
    page.on(one.input, buttons.compared, [one, other], [difference, page.go])
    page.on(other.input, buttons.compared, [one, other], [difference, page.go])


@dataclass(frozen=True)
class Buttons:
    """What the buttons of the screen do."""

    store: Store
    card: Card

    def show(self, look: Look) -> tuple[Any, ...]:
        return _screen(self.store, look)

    def take(self, look: Look, *values: Any) -> str:
        version = version_of(self.store, look)
        settings = climb_prompts(self.store, preview=True, time_it=False, **_wanted(version, *values)).settings
        return budget_html(settings["budget"])

    def time_it(self, look: Look, *values: Any) -> tuple[Any, ...]:
        version = version_of(self.store, look)
        job = jobs.start(self.store, "prompts", {**_wanted(version, *values), "preview": True})
        said = note("A few rows are asked to time this machine. What they answer is kept for the climb.")
        return self.card.of(job), said, look.here(PATH, job=job.id)

    def begin(self, look: Look, *values: Any) -> tuple[Any, ...]:
        version = version_of(self.store, look)
        wanted = _wanted(version, *values)
        climb_prompts(self.store, preview=True, time_it=False, **wanted)  # refuses here, before a job is made
        job = jobs.start(self.store, "prompts", wanted)
        return self.card.of(job), note("The climb has begun. You can leave this page."), look.here(PATH, job=job.id)

    def ended(self, look: Look) -> tuple[Any, ...]:
        return *_screen(self.store, look), _timed(self.store, look)

    def keep(self, look: Look, name: Any, text: Any, based: Any) -> tuple[Any, ...]:
        version = version_of(self.store, look)
        parent = int(based) if str(based or "").isdecimal() else None
        done = save_prompt(self.store, str(name or ""), str(text or ""), version=version.label, parent=parent)
        return *_screen(self.store, look), note(f"Saved as prompt {done.number}.")

    def fill(self, look: Look, based: Any) -> tuple[Any, Any]:
        if not str(based or "").isdecimal():
            return gr.skip(), gr.skip()
        found = prompts.get(self.store, version_of(self.store, look).dataset, int(based))
        return found.name, found.system

    def compared(self, look: Look, a: Any, b: Any) -> tuple[Any, ...]:
        wanted = Look({**look.params, "a": str(a or ""), "b": str(b or "")})
        return _difference(self.store, wanted), wanted.here(PATH)


def budget_html(budget: dict[str, Any]) -> str:
    """What a climb takes, in words."""
    minutes = (
        f"about {budget['minutes']:.0f} minutes on this machine (timed on {budget['timed_on']} answers)"
        if budget["minutes"] is not None else "minutes unknown until you press “Time it”"
    )  # fmt: skip
    return (
        f"<p><b>{budget['answers']:,} answers, {esc(minutes)}.</b> {budget['search_answers']:,} to try "
        f"{budget['recipes']} prompts on {budget['held_rows']} training rows held out for it, up to "
        f"{budget['golden_answers']:,} to measure the rungs on {budget['golden_rows']} golden rows. "
        "What was answered before is not asked again.</p>"
    )


def _wanted(version: Version, texts: Any, counts: Any, rows: Any, target: Any, model: Any) -> dict[str, Any]:
    """The settings of a climb from the form. Raises BadInput."""
    share = target / 100 if isinstance(target, (int, float)) else 0
    if not 0 < share <= 1:
        raise BadInput("Give the share of rows that has to be right as a number from 1 to 100.")
    name = str(model or "").strip()
    if not name or len(name) > 500:
        raise BadInput("Choose a model first.")
    return {
        "version": version.label,
        "candidates": [int(one) for one in texts or () if str(one).isdecimal()],
        "counts": sorted(int(one) for one in counts or () if str(one).isdecimal()),
        "rows": int(rows) if isinstance(rows, (int, float)) else HELD,
        "target": share,
        "model": name,
    }


def _screen(store: Store, look: Look) -> tuple[Any, ...]:
    """The values of all that is shown, in the order of `shown`."""
    known = [one for one in list_models() if one.task == "chat"]
    models = gr.Dropdown(choices=[(f"{one.name}{'' if one.ready else ' (not fetched yet)'}", one.name)
                                  for one in known], value=DEFAULT_MODEL)  # fmt: skip
    try:
        version = version_of(store, look)
    except GoldloopError as error:
        nothing = empty(str(error), "Bring data", "/data")
        none = gr.Dropdown(choices=[], value=None)
        return (nothing, gr.Accordion(visible=False), none, models, gr.Accordion(visible=False), "", none, "", "", "",
                none, none, "")  # fmt: skip
    found = prompts.listed(store, version.dataset)
    told = prompts.told(store, version.dataset)
    candidates = [one for one in found if one.system and not one.k]
    newest = {one.name: str(one.number) for one in candidates if one.origin == "person"}
    choices = [(f"{one.number} {one.title}", str(one.number)) for one in found]
    a, b = look.get("a"), look.get("b")
    answer, ladder = _begin(store, version), ""
    if told:
        answer = answer_html(told, goldens.newest(store, version.dataset))
        ladder = ladder_html(told) + search_html(told)
    texts = [(f"{one.number} {one.name}", str(one.number)) for one in candidates]
    first = not found
    return (
        answer,
        gr.Accordion(open=told is None, visible=True),
        gr.Dropdown(choices=texts, value=list(newest.values()), multiselect=True),
        models,
        gr.Accordion(open=first, visible=True),
        "policy sheet" if first and _demo(store, version) else "",
        gr.Dropdown(choices=[("an empty page", ""), *choices], value=""),
        DEMO_PROMPT.read_text(encoding="utf-8") if first and _demo(store, version) else "",
        ladder,
        saved_html(found),
        gr.Dropdown(choices=choices, value=a if a in dict(choices).values() else None, visible=len(found) > 1),
        gr.Dropdown(choices=choices, value=b if b in dict(choices).values() else None, visible=len(found) > 1),
        _difference(store, look),
    )


def _begin(store: Store, version: Version) -> str:
    """What stands where nobody has climbed yet."""
    if not goldens.listed(store, version.dataset):
        return empty(f"{version.dataset} has no golden set yet: rungs are measured on its dev rows.", "Freeze golden",
                     f"/golden?dataset={version.dataset}")  # fmt: skip
    return empty("Do you need to fine-tune at all? Nobody knows yet: write what you would tell the model, then climb.")


def _demo(store: Store, version: Version) -> bool:
    """Whether the rows are the sample data, whose prompt is shipped."""
    return DEMO_PROMPT.is_file() and DEMO_SOURCE in set(datasets.rows_of(store, version).frame["source"].to_list())


def _timed(store: Store, look: Look) -> Any:
    """The budget of a timing that ended, else what stands there."""
    if not look.number("job"):
        return gr.skip()
    job = jobs.get(store, look.number("job"))
    found = (job.result or {}).get("budget") if job.settings.get("preview") else None
    return budget_html(found) if found else gr.skip()


def _difference(store: Store, look: Look) -> str:
    a, b = look.number("a"), look.number("b")
    if not a or not b:
        return ""
    dataset = version_of(store, look).dataset
    return difference_html(prompts.get(store, dataset, a), prompts.get(store, dataset, b))
