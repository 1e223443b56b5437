"""Ship: a tuned model in the forms that others load, the proof that it says the same, and the way to a hub.

Below it the second stage: a run goes on learning from what people preferred.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import gradio as gr

from workbench import jobs
from workbench.actions.prefer import plan_preferences, refuse
from workbench.actions.push_to_hub import push_to_hub
from workbench.actions.ship import ship, shipped
from workbench.errors import Refused, is_mistake
from workbench.records import Run
from workbench.screens.address import Look
from workbench.screens.escape import empty, note
from workbench.screens.page import Page
from workbench.screens.progress import Card
from workbench.screens.results import number_of, view
from workbench.screens.ship_view import FORMS, planned_html, preferring_html, push_html, run_label, shipped_html
from workbench.shipping.shipment import Shipment
from workbench.store import Store, runs

TITLE, PATH = "Ship", "/ship"
SENTENCE = "The tuned model in the forms that others load, and whether it says the same in each."
PRECISIONS = [("as large as needed", "auto"), ("as the base model", "base"), ("32 bit", "fp32"), ("bf16", "bf16")]
SMALL = 200_000_000  # bytes that a browser is given as one file
MOST_LISTED = 100


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH, own_jobs=("ship", "prefer"))
    card = Card(page, kinds=("ship", "prefer"))
    run = gr.Dropdown(label="Run", choices=[], interactive=True, elem_id="ship-run")
    with gr.Row(elem_classes="tools"):
        forms = gr.CheckboxGroup(
            label="Beside the adapter", choices=list(FORMS), value=["merge", "ollama", "vllm"], scale=5
        )
        precision = gr.Dropdown(label="Merged model in", choices=PRECISIONS, value="auto", scale=2, min_width=170,
                                info="32 bit says the same to the token; fewer bits take less room.")  # fmt: skip
        parity = gr.Checkbox(label="Ask every form the same questions", value=True, scale=2, min_width=190)
        start = gr.Button("Ship", variant="primary", size="sm", scale=0, min_width=110, elem_id="ship-start")
    plan = view(elem_id="ship-plan")
    found = view(elem_id="shipped")
    with gr.Row(elem_classes="tools"):
        pack = gr.Button("Make a zip", size="sm", scale=0, min_width=120, elem_id="ship-zip")
        zipped = gr.File(visible=False, label="The shipment", height=60)
    push = Push(page)
    stage = Stage(page)
    shown = [run, plan, found, pack, push.box, stage.told]

    def show(look: Look) -> tuple[Any, ...]:
        return screen(store, look)

    def choose(look: Look, run: Any) -> tuple[Any, ...]:
        wanted = Look({"run": str(number_of(run, "a run"))})
        return (*screen(store, wanted), wanted.here(PATH))

    def planned(look: Look, run: Any, forms: Any) -> str:
        return plan_of(store, run, forms)

    def begin(look: Look, run: Any, forms: Any, precision: Any, parity: Any) -> tuple[Any, ...]:
        number = number_of(run, "a run")
        asked = {"run": number, "forms": chosen_forms(forms), "precision": precision or "auto", "parity": bool(parity)}
        ship(store, number, forms=asked["forms"], precision=asked["precision"], preview=True)  # type: ignore[arg-type]
        job = jobs.start(store, "ship", asked)
        said = note("The model is being shipped. You can leave this page.")
        return card.of(job), said, Look({"run": str(number)}).here(PATH, job=job.id)

    def packed(look: Look, run: Any) -> Any:
        return gr.File(value=str(zip_of(shipped(store, number_of(run, "a run")))), visible=True)

    page.arrive(show, [], shown)
    page.on(run.input, choose, [run], [*shown, page.go])
    page.on(forms.change, planned, [run, forms], [plan], quiet=True)
    inputs = [run, forms, precision, parity]
    page.refresh(page.on(start.click, begin, inputs, [card.shown, page.say, page.go], trigger_mode="once"))
    page.on(card.shown.ended, show, [], shown, quiet=True)
    page.on(pack.click, packed, [run], [zipped], trigger_mode="once")
    push.wire(store, run)
    stage.wire(store, run, card)


class Push:
    """What would go to the hub, and the yes that sends it: the name of the repository, typed once more."""

    def __init__(self, page: Page) -> None:
        self.page = page
        with gr.Accordion("Send it to a model hub", open=False, elem_id="push", visible=False) as self.box:
            with gr.Row(elem_classes="tools"):
                self.repo = gr.Textbox(label="New repository", placeholder="owner/name", scale=3, elem_id="push-repo")
                self.public = gr.Checkbox(label="Everybody may read it", value=False, scale=1, min_width=170)
                self.look = gr.Button("Show what would go", size="sm", scale=0, min_width=190, elem_id="push-look")
            self.told = view(elem_id="push-told")
            with gr.Row(elem_classes="tools", visible=False) as self.last:
                self.yes = gr.Textbox(
                    label="Type the repository's name once more to send it", scale=3, elem_id="push-yes"
                )
                self.send = gr.Button("Send", variant="stop", size="sm", scale=0, min_width=110, elem_id="push-send")

    def wire(self, store: Store, run: gr.Dropdown) -> None:
        def look_at(look: Look, run: Any, repo: Any, public: Any) -> tuple[Any, ...]:
            shown = push_to_hub(
                store, number_of(run, "a run"), str(repo or "").strip(), private=not public, preview=True
            )  # fmt: skip
            return push_html(shown.plan), gr.Row(visible=True), gr.Textbox(value="")

        def sends(look: Look, run: Any, repo: Any, public: Any, yes: Any) -> tuple[Any, ...]:
            done = push_to_hub(
                store, number_of(run, "a run"), str(repo or "").strip(), yes=str(yes or "").strip(), private=not public
            )  # fmt: skip
            return gr.Row(visible=False), note(f"Sent to {done.address}")

        page = self.page
        page.on(self.look.click, look_at, [run, self.repo, self.public], [self.told, self.last, self.yes])
        begun = page.on(self.send.click, sending, [self.repo, self.yes], [self.last, page.say], trigger_mode="once")
        page.on(
            begun.then, sends, [run, self.repo, self.public, self.yes], [self.last, page.say], queue=True,
        )  # fmt: skip


def sending(look: Look, repo: Any, yes: Any) -> tuple[Any, ...]:
    """What is said while a shipment is on its way, with the button out of reach; nothing without the right yes."""
    name = str(repo or "").strip()
    if name != str(yes or "").strip():
        return gr.skip(), gr.skip()  # the push itself refuses, and says what to type
    return gr.Row(visible=False), note(f"Sending to {name}. A large model takes a while; this line tells the end.")


class Stage:
    """The second stage: how many pairs there are, how many may be used, and the start."""

    def __init__(self, page: Page) -> None:
        self.page = page
        with gr.Accordion("Second stage: go on from what people preferred", open=False, elem_id="stage"):
            with gr.Row(elem_classes="tools"):
                self.file = gr.File(label="A file of pairs instead of blind rounds", file_types=[".jsonl", ".json"],
                                    scale=3, height=100)  # fmt: skip
                self.beta = gr.Number(label="Beta", value=0, minimum=0, scale=1, min_width=120,
                                      info="Higher stays closer to the run; 0: by the rewards.")  # fmt: skip
                self.rewards = gr.Dropdown(label="Rewards", choices=["sum", "mean"], value="sum", scale=1,
                                           min_width=120, info="mean: long replies do not weigh more.")  # fmt: skip
                self.epochs = gr.Number(label="Epochs", value=3, minimum=0.1, scale=1, min_width=110)
                self.strict = gr.Checkbox(label="Leave out look-alikes of golden", value=False, scale=1, min_width=190,
                                          elem_id="stage-strict")  # fmt: skip
            with gr.Row(elem_classes="tools"):
                self.look = gr.Button("Count the pairs", size="sm", scale=0, min_width=140, elem_id="stage-look")
                self.start = gr.Button("Begin the second stage", variant="primary", size="sm", scale=0, min_width=180,
                                       elem_id="stage-start")  # fmt: skip
            self.told = view(elem_id="stage-told")

    def wire(self, store: Store, run: gr.Dropdown, card: Card) -> None:
        def look_at(look: Look, run: Any, file: Any, strict: Any, *knobs: Any) -> str:
            number, settings = number_of(run, "a run"), settings_of(*knobs)
            return preferring_html(
                plan_preferences(store, number, pairs=file or None, settings=settings, drop_alike=bool(strict))
            )

        def begin(look: Look, run: Any, file: Any, strict: Any, *knobs: Any) -> tuple[Any, ...]:
            number, settings, drop = number_of(run, "a run"), settings_of(*knobs), bool(strict)
            refuse(plan_preferences(store, number, pairs=file or None, settings=settings, drop_alike=drop))
            kept = kept_file(store, file) if file else None
            job = jobs.start(store, "prefer", {"run": number, "pairs": kept, "settings": settings, "drop_alike": drop})
            said = note("The second stage has begun. You can leave this page.")
            return card.of(job), said, Look({"run": str(number)}).here(PATH, job=job.id)

        page = self.page
        inputs = [run, self.file, self.strict, self.beta, self.rewards, self.epochs]
        page.on(self.look.click, look_at, inputs, [self.told], queue=True)
        outputs = [card.shown, page.say, page.go]
        page.refresh(page.on(self.start.click, begin, inputs, outputs, queue=True, trigger_mode="once"))


def settings_of(beta: Any, rewards: Any, epochs: Any) -> list[str]:
    """The knobs of a second stage as an action takes them; empty ones keep their defaults."""
    given = {"beta": beta or None, "rewards": rewards or None, "epochs": epochs or None}
    return [f"{name}={value}" for name, value in given.items() if value is not None]


def kept_file(store: Store, path: str) -> str:
    """An uploaded file where the job finds it: the app forgets uploads after an hour."""
    target = Path(tempfile.mkdtemp(dir=store.folder("pairs"))) / Path(path).name
    shutil.copyfile(path, target)
    return str(target)


def chosen_forms(forms: Any) -> list[str]:
    return [str(form) for form in forms] if isinstance(forms, Iterable) and not isinstance(forms, str) else []


def screen(store: Store, look: Look) -> tuple[Any, ...]:
    """The values of all that is shown: run, plan, shipped, zip, push, stage."""
    trained = [one for one in runs.listed(store) if one.result is not None][:MOST_LISTED]
    if not trained:
        nothing = empty("No run is finished yet, so there is nothing to ship.", "Train one", "/training")
        return (
            gr.Dropdown(choices=[], value=None),
            nothing,
            "",
            gr.Button(visible=False),
            gr.Accordion(visible=False),
            "",
        )
    wanted = look.number("run", trained[0].id)
    run = next((one for one in trained if one.id == wanted), trained[0])
    done = shipment_of(store, run)
    small = done is not None and done.size <= SMALL
    return (
        gr.Dropdown(choices=[(run_label(one), str(one.id)) for one in trained], value=str(run.id)),
        plan_of(store, str(run.id), ["merge", "ollama", "vllm"]),
        shipped_html(done) if done else empty("This run was not shipped yet."),
        gr.Button(visible=small),
        gr.Accordion(visible=done is not None),
        "",
    )


def plan_of(store: Store, run: Any, forms: Any) -> str:
    """What would be written and where, or why it cannot be."""
    try:
        number = number_of(run, "a run")
        return planned_html(ship(store, number, forms=chosen_forms(forms), preview=True))
    except Exception as reason:
        if not is_mistake(reason):
            raise
        return note(str(reason), "bad")


def shipment_of(store: Store, run: Run) -> Shipment | None:
    try:
        return shipped(store, run.id)
    except Exception as reason:  # a run without an adapter, a base model that is not here: the plan says so
        if not is_mistake(reason):
            raise
        return None


def zip_of(done: Shipment) -> Path:
    """The shipment as one file for a browser. Raises Refused for a large one, which is copied from its folder."""
    if done.size > SMALL:
        raise Refused(f"The shipment is too large for a browser; copy it from {done.folder}.")
    name = Path(tempfile.mkdtemp(prefix="goldloop-")) / f"shipment-run-{done.run}"
    return Path(shutil.make_archive(str(name), "zip", done.folder))
