"""Report: one file for people who were not there; write it, look at it, take it along."""

from __future__ import annotations

import json
import os
import secrets
import shutil
from pathlib import Path
from typing import Any

import gradio as gr

from workbench.actions.write_report import Written, is_being_rated, write_report
from workbench.records import Evaluation
from workbench.screens.address import Look
from workbench.screens.escape import empty, esc, note
from workbench.screens.page import Page
from workbench.screens.results import evaluation_of, number_of, picker, view
from workbench.store import Store, evaluations, runs

TITLE, PATH = "Report", "/report"
NAMES_ANSWERS = (
    "People are rating these answers blind right now, and this report was written before the first vote: it says whose "
    "answer is whose. Write it again to have it without the answers, or close the round first."
)
SENTENCE = "One HTML file that needs nothing else, and the same facts as JSON. Print it to PDF if you like."


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH)
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
        return _screen(store, look)

    def choose(look: Look, which: Any) -> tuple[Any, ...]:
        wanted = Look({"evaluation": str(number_of(which, "an evaluation"))})
        return *_screen(store, wanted), wanted.here(PATH)

    def writes(look: Look, which: Any) -> tuple[Any, ...]:
        evaluation = evaluations.get(store, number_of(which, "an evaluation"))
        write_report(store, evaluation.id)
        wanted = Look({"evaluation": str(evaluation.id)})
        return *_screen(store, wanted), note("The report is written."), wanted.here(PATH)

    page.arrive(show, [], shown)
    page.on(which.input, choose, [which], [*shown, page.go])
    page.on(write.click, writes, [which], [*shown, page.say, page.go], trigger_mode="once")


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
        picker(store, look), button, gr.DownloadButton(value=page, visible=True),
        gr.DownloadButton(value=twin, visible=True), place, frame(done.html.read_text(encoding="utf-8")),
    )  # fmt: skip


def frame(page: str) -> str:
    """The report inside the page; its own policy and the sandbox let it run no script and reach nothing."""
    return (
        f'<iframe sandbox title="The report" srcdoc="{esc(page)}" style="width:100%;height:calc(100vh - 260px);'
        'min-height:480px;border:1px solid var(--border-color-primary);border-radius:8px;background:#fff"></iframe>'
    )


def _to_give(done: Written, evaluation: Evaluation) -> tuple[str, str]:
    """Copies under telling names in the private folder of downloads; the store itself is never served."""
    folder = Path(os.environ["GRADIO_TEMP_DIR"]) / f"report-{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700, parents=True)
    given = []
    for path in (done.html, done.json):
        target = folder / f"goldloop-evaluation-{evaluation.id}{path.suffix}"
        shutil.copyfile(path, target)
        given.append(str(target))
    return given[0], given[1]
