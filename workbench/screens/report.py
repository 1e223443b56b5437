"""Report: one file for people who were not there; beside it evaluations over time, model card and dataset card."""

from __future__ import annotations

import json
import os
import re
import secrets
from pathlib import Path
from typing import Any

import gradio as gr

from workbench import __version__
from workbench.actions.write_data_card import write_data_card
from workbench.actions.write_model_card import write_model_card
from workbench.actions.write_over_time import over_time, write_over_time
from workbench.actions.write_report import Written, is_being_rated, write_report
from workbench.records import Evaluation
from workbench.reports.over_time import as_html, as_json
from workbench.screens.address import Look
from workbench.screens.escape import empty, esc, note
from workbench.screens.page import Page
from workbench.screens.results import evaluation_of, number_of, picker, view
from workbench.settings import user_name
from workbench.store import Store, evaluations, runs
from workbench.store.store import now

TITLE, PATH = "Report", "/report"
NAMES_ANSWERS = (
    "People are rating these answers blind right now, and this report was written before the first vote: it says whose "
    "answer is whose. Write it again to have it without the answers, or close the round first."
)
SENTENCE = "One HTML file that needs nothing else, and the same facts as JSON. Print it to PDF if you like."
NAVIGATION = re.compile(r"<nav>.*?</nav>", re.DOTALL)
REPORT, OVER_TIME, MODEL_CARD, DATA_CARD = "report", "time", "card", "data"
KINDS = (
    ("Report", REPORT), ("Over time", OVER_TIME), ("Model card", MODEL_CARD), ("Dataset card", DATA_CARD),
)  # fmt: skip


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH)
    kind = gr.Radio(choices=KINDS, value=REPORT, show_label=False, container=False, elem_id="report-kind")
    with gr.Row(elem_classes="tools"):
        which = gr.Dropdown(label="Evaluation", choices=[], interactive=True, scale=4)
        write = gr.Button(
            "Write the report", variant="primary", size="sm", scale=0, min_width=150, elem_id="write-report"
        )
        html = gr.DownloadButton(
            "Download HTML", size="sm", scale=0, min_width=140, visible=False, elem_id="report-html"
        )
        twin = gr.DownloadButton("Download JSON", size="sm", scale=0, min_width=140, visible=False)
    where = view()
    preview = view(elem_id="report-preview")
    shown = [which, write, html, twin, where, preview]

    def show(look: Look) -> tuple[Any, ...]:
        return *_screen(store, look), kind_of(look)

    def choose(look: Look, which: Any, kind: Any) -> tuple[Any, ...]:
        wanted = _wanted(number_of(which, "an evaluation"), kind)
        return *_screen(store, wanted), wanted.here(PATH)

    def writes(look: Look, which: Any, kind: Any) -> tuple[Any, ...]:
        evaluation = evaluations.get(store, number_of(which, "an evaluation"))
        said = _write(store, evaluation, kind)
        wanted = _wanted(evaluation.id, kind)
        return *_screen(store, wanted), note(said), wanted.here(PATH)

    page.arrive(show, [], [*shown, kind])
    page.on(which.input, choose, [which, kind], [*shown, page.go])
    page.on(kind.input, choose, [which, kind], [*shown, page.go])
    page.on(write.click, writes, [which, kind], [*shown, page.say, page.go], trigger_mode="once")


def kind_of(look: Look) -> str:
    """What the URL wants to see: the report unless it names another of the four."""
    wanted = look.get("show", REPORT)
    return wanted if wanted in dict(KINDS).values() else REPORT


def _wanted(evaluation: int, kind: Any) -> Look:
    params = {"evaluation": str(evaluation)}
    return Look(params if kind == REPORT else {**params, "show": str(kind)})


def _write(store: Store, evaluation: Evaluation, kind: Any) -> str:
    """Writes what is shown to its usual place, and says where that is."""
    if kind == OVER_TIME:
        return f"Written to {write_over_time(store, runs.get(store, evaluation.run_id).dataset).html}."
    if kind == MODEL_CARD:
        return f"The model card is written to {write_model_card(store, evaluation.run_id).path}."
    write_report(store, evaluation.id)
    return "The report is written."


def _written(store: Store, evaluation: Evaluation) -> Written | None:
    """The report in its usual place, if it was written."""
    html = runs.folder(store, evaluation.run_id) / f"evaluation-{evaluation.id}" / "report.html"
    return Written(html, html.with_suffix(".json")) if html.is_file() and html.with_suffix(".json").is_file() else None


def _is_blind(done: Written) -> bool:
    """Whether a report leaves out whose answer is whose."""
    try:
        return json.loads(done.json.read_text(encoding="utf-8")).get("being_rated") is True
    except (OSError, ValueError):
        return False


def _screen(store: Store, look: Look) -> tuple[Any, ...]:
    evaluation = evaluation_of(store, look)
    hidden = gr.DownloadButton(visible=False)
    if evaluation is None:
        nothing = empty("A report tells of an evaluation, and there is none yet.", "Evaluate a run", "/evaluation")
        return gr.Dropdown(visible=False), gr.Button(visible=False), hidden, hidden, "", nothing
    if (kind := kind_of(look)) != REPORT:
        return _other(store, look, evaluation, kind)
    done = _written(store, evaluation)
    button = gr.Button("Write it again" if done else "Write the report", visible=True)
    if done is None:
        nothing = empty("This evaluation has no report yet. Press Write the report.")
        return picker(store, look), button, hidden, hidden, "", nothing
    if is_being_rated(store, evaluation.id) and not _is_blind(done):
        instead = empty(NAMES_ANSWERS, "Rating", f"/rating?evaluation={evaluation.id}")
        return picker(store, look), button, hidden, hidden, "", instead
    page, twin = _to_give(done, evaluation)
    place = (
        f'<p class="quiet">It lies in <code>{esc(done.html)}</code>. What came after it was written is not in it.</p>'
    )
    return (
        picker(store, look), button, gr.DownloadButton("Download HTML", value=page, visible=True),
        gr.DownloadButton(value=twin, visible=True), place, frame(done.html.read_text(encoding="utf-8")),
    )  # fmt: skip


def _other(store: Store, look: Look, evaluation: Evaluation, kind: str) -> tuple[Any, ...]:
    """Evaluations over time or a card as they would be written now; nothing is written to look at them."""
    hidden, run = gr.DownloadButton(visible=False), runs.get(store, evaluation.run_id)
    if kind == OVER_TIME:
        found = over_time(store, run.dataset)
        html, twin = as_html(found, now(), user_name(), __version__), as_json(found, now())
        page, data = _given({"over-time.html": html, "over-time.json": twin})
        button = gr.Button("Write it to the store", visible=True)
        downloads = (
            gr.DownloadButton("Download HTML", value=page, visible=True),
            gr.DownloadButton(value=data, visible=True),
        )
        told = (
            f"Every finished evaluation of {esc(run.dataset)}; only points of one golden version and part are joined."
        )
        return picker(store, look), button, *downloads, f'<p class="quiet">{told}</p>', frame(html)
    if kind == MODEL_CARD:
        text = write_model_card(store, run.id, preview=True).text
        button = gr.Button("Write it beside the adapter", visible=True)
        told = "State what the model is for with <code>goldloop card --intended-use</code>, or in the file; it is kept."
    else:
        text = write_data_card(store, run.version, preview=True).text
        button = gr.Button(visible=False)
        told = f"Of {esc(run.version)}, which the run was trained on. Languages and licences come from the sheet."
    (card,) = _given({"README.md": text})
    shown = f'<pre class="card-text" style="white-space:pre-wrap;overflow-wrap:anywhere">{esc(text)}</pre>'
    download = gr.DownloadButton("Download README.md", value=card, visible=True)
    return picker(store, look), button, download, hidden, f'<p class="quiet">{told}</p>', shown


def frame(page: str) -> str:
    """The report inside the page; its own policy and the sandbox let it run no script and reach nothing.

    The list of sections is left out of the frame: a frame takes the app's address as its base, so that a link to a
    section would open the app inside it. In the file itself the links work.
    """
    page = NAVIGATION.sub("", page, count=1)
    return (
        f'<iframe sandbox title="The report" srcdoc="{esc(page)}" style="width:100%;height:calc(100vh - 260px);'
        'min-height:480px;border:1px solid var(--border-color-primary);border-radius:8px;background:#fff"></iframe>'
    )


def _to_give(done: Written, evaluation: Evaluation) -> tuple[str, str]:
    """Copies under telling names in the private folder of downloads; the store itself is never served."""
    page, twin = _given({
        f"goldloop-evaluation-{evaluation.id}{path.suffix}": path.read_text(encoding="utf-8")
        for path in (done.html, done.json)
    })  # fmt: skip
    return page, twin


def _given(texts: dict[str, str]) -> list[str]:
    """Files with these names and texts in the private folder of downloads."""
    folder = Path(os.environ["GRADIO_TEMP_DIR"]) / f"report-{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700, parents=True)
    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8")
    return [str(folder / name) for name in texts]
