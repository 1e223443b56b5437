"""Forgetting: what the tuned model no longer knows, learned by heart, or says where nobody asked."""

from __future__ import annotations

from typing import Any

import gradio as gr

from workbench import jobs
from workbench.actions.probe import probed_run
from workbench.errors import BadInput, NotFound
from workbench.records import ProbeRun
from workbench.screens.address import Look
from workbench.screens.escape import empty, note
from workbench.screens.page import Page
from workbench.screens.probes_view import found_html, run_title
from workbench.screens.progress import Card
from workbench.screens.results import number_of, view
from workbench.screens.runs_view import run_words
from workbench.store import Store, probes, runs

TITLE, PATH = "Forgetting", "/forgetting"
SENTENCE = "What the tuned model no longer knows, learned by heart, or says where nobody asked, against its base model."
SCALES = ("0.25", "0.5", "0.75")
FORMATS = [("plain text", "plain"), ("the chat template", "chat")]
MOST_LISTED, MOST_SAMPLE, SAMPLE = 100, 1000, 100


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH, own_jobs=("probe",))
    card = Card(page, kinds=("probe",))
    with gr.Accordion("Ask the probes", open=False, elem_id="new-probe") as fresh:
        with gr.Row(elem_classes="tools"):
            run = gr.Dropdown(label="Run", choices=[], interactive=True, scale=4)
            form = gr.Dropdown(label="Questions as", choices=FORMATS, value="plain", scale=2, min_width=170,
                               info="One way for both models.")  # fmt: skip
            sample = gr.Number(label="Training rows", value=SAMPLE, precision=0, minimum=1, maximum=MOST_SAMPLE,
                               scale=1, min_width=140, info="Asked for what was learned by heart.")  # fmt: skip
            start = gr.Button("Probe", variant="primary", size="sm", scale=0, min_width=110, elem_id="probe")
        with gr.Row(elem_classes="tools"):
            scales = gr.CheckboxGroup(label="Smaller adapter scales", choices=list(SCALES), value=[], scale=3,
                                      info="What half of the adapter would forget, and what it costs.")  # fmt: skip
            checkpoints = gr.Checkbox(label="Kept checkpoints, too", value=False, scale=2)
    which = gr.Dropdown(label="Probes", choices=[], interactive=True)
    results = view(elem_id="probe-results")
    shown = [fresh, run, which, results]

    def show(look: Look) -> tuple[Any, ...]:
        return screen(store, look)

    def choose(look: Look, which: Any) -> tuple[Any, ...]:
        wanted = Look({"probe": str(number_of(which, "probes"))})
        return screen(store, wanted)[3], wanted.here(PATH)

    def begin(look: Look, run: Any, form: Any, sample: Any, scales: Any, checkpoints: Any) -> tuple[Any, ...]:
        job = jobs.start(store, "probe", wanted_of(store, run, form, sample, scales, checkpoints))
        return card.of(job), note("The probes are being asked. You can leave this page."), Look().here(PATH, job=job.id)

    page.arrive(show, [], shown)
    inputs = [run, form, sample, scales, checkpoints]
    page.refresh(page.on(start.click, begin, inputs, [card.shown, page.say, page.go], trigger_mode="once"))
    page.on(card.shown.ended, show, [], shown, quiet=True)
    page.on(which.input, choose, [which], [results, page.go])


def wanted_of(store: Store, run: Any, form: Any, sample: Any, scales: Any, checkpoints: Any) -> dict[str, Any]:
    """The settings of a probe job, checked. Raises BadInput."""
    count = int(sample) if isinstance(sample, (int, float)) else SAMPLE
    try:
        strengths = [float(one) for one in scales or ()]
    except (TypeError, ValueError) as error:
        raise BadInput("Choose adapter scales from the list.") from error
    how = str(form or "plain")
    chosen = probed_run(store, number_of(run, "a run"), scales=strengths, form=how, sample=count)
    return {"run": chosen.id, "form": how, "sample": count, "scales": strengths, "checkpoints": bool(checkpoints)}


def screen(store: Store, look: Look) -> tuple[Any, ...]:
    """The values of all that is shown: new, run, which, results."""
    found = probe_of(store, look)
    trained = [one for one in runs.listed(store) if one.result]
    wanted = next((one for one in trained if one.id == look.number("run")), trained[0] if trained else None)
    run = gr.Dropdown(choices=[(run_words(one), str(one.id)) for one in trained[:MOST_LISTED]],
                      value=str(wanted.id) if wanted else None)  # fmt: skip
    listed = probes.listed(store, finished=True)[:MOST_LISTED]
    which = gr.Dropdown(choices=[(run_title(one), str(one.id)) for one in listed],
                        value=str(found.id) if found else None, visible=bool(listed))  # fmt: skip
    said = found_html(found) if found else nothing(bool(trained))
    return gr.Accordion(open=found is None or bool(look.number("run"))), run, which, said


def probe_of(store: Store, look: Look) -> ProbeRun | None:
    """The probe run in the URL if it is finished, else the newest one of the run there, else the newest of all."""
    if wanted := look.number("probe"):
        try:
            found = probes.get(store, wanted)
            if found.summary:
                return found
        except NotFound:
            pass
    of = look.number("run")
    if of:
        return probes.newest(store, of)
    return next(iter(probes.listed(store, finished=True)), None)


def nothing(trained: bool) -> str:
    if trained:
        return empty("No run was probed yet. Ask the probes above: it takes some minutes.")
    return empty("There is nothing to probe yet: train a model first.", "Train", "/training")
