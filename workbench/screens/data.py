"""Data: bring a file, see its versions, compare two, take a change back, export."""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from workbench import jobs
from workbench.errors import BadInput, NotFound
from workbench.formats.write import WRITABLE
from workbench.records import Version
from workbench.screens.address import Look, address, version_of
from workbench.screens.differences import difference_html
from workbench.screens.escape import esc, note, plural
from workbench.screens.look import script
from workbench.screens.page import Page
from workbench.screens.progress import Card, card_of
from workbench.screens.undo_button import undo_button
from workbench.screens.uploads import SUFFIXES, Upload, forget, rejects_html, seen_html, take
from workbench.store import Store, datasets

TITLE, PATH = "Data", "/data"
SENTENCE = "Bring files and see every version. A version never changes; undo makes a new one."
VERSIONS_JS = script("versions")
MOST_VERSIONS = 200
ENDINGS = {"csv": ".csv", "parquet": ".parquet"}


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH, own_jobs=("import",))
    card = Card(page, kinds=("import",))
    pending = gr.State(None)
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=340):
            file = gr.File(label="Bring a file", file_types=SUFFIXES, type="filepath", height=130, elem_id="bring")
            gr.HTML('<p class="quiet small">Chat JSONL, prompt and reply pairs, Alpaca, ShareGPT, CSV or Parquet. '
                    "Goldloop tells which it is.</p>")  # fmt: skip
        with gr.Column(scale=6, min_width=420, visible=False) as bring:
            seen = gr.HTML("", apply_default_css=False)
            with gr.Row(equal_height=False):
                name = gr.Textbox(label="Name of the dataset", info="An existing name gets a new version.",
                                  max_lines=1, scale=3)  # fmt: skip
                why = gr.Textbox(label="Why (optional)", info="Stands in the history.", max_lines=1, scale=3)
            with gr.Row():
                go_on = gr.Button("Import", variant="primary", size="sm", scale=0, min_width=150, elem_id="import")
    versions = gr.HTML(
        None,
        html_template='<div class="versions"></div>',
        js_on_load=VERSIONS_JS,
        apply_default_css=False,
        elem_id="versions",
    )
    with gr.Row(elem_classes="tools"):
        undo = gr.Button("Undo last change", size="sm", scale=0, min_width=140, elem_id="undo")
        kind = gr.Dropdown(
            choices=list(WRITABLE),
            value="chat",
            label="Format",
            show_label=False,
            container=False,
            scale=0,
            min_width=130,
        )
        export = gr.Button("Export this version", size="sm", scale=0, min_width=150)
        exported = gr.File(visible=False, label="Export", height=60)
    difference = gr.HTML("", apply_default_css=False, elem_id="difference")
    rejects = gr.HTML("", apply_default_css=False)

    shown = [versions, difference, rejects]
    page.arrive(partial(show, store), [], shown)
    page.on(
        file.upload, partial(brought, store), [file], [pending, bring, seen, name, go_on, file], trigger_mode="once"
    )
    page.refresh(page.on(go_on.click, partial(start, store), [pending, name, why],
                         [pending, bring, *shown, card.shown, page.say, page.go], trigger_mode="once"))  # fmt: skip
    page.on(card.shown.ended, partial(came_in, store), [], [*shown, page.say])
    page.on(versions.compare, partial(compare, store), [], [difference, page.go])
    page.on(export.click, partial(give, store), [kind], [exported], trigger_mode="once")
    undo_button(page, undo, partial(show, store), shown)


def show(store: Store, look: Look) -> tuple[Any, ...]:
    return versions_of(store, look), compared(store, look), _rejects(store, look)


def brought(store: Store, look: Look, given: Any) -> tuple[Any, ...]:
    if not given:
        return None, gr.Column(visible=False), "", "", gr.skip(), gr.skip()
    upload = take(store, given)
    label = f"Import {plural(len(upload.read.rows), 'row')}" if upload.read else "Import"
    proposed = look.get("dataset") or upload.path.name.split(".")[0]
    return upload, gr.Column(visible=True), seen_html(upload), proposed, gr.Button(label), None


def start(store: Store, look: Look, upload: Any, name: Any, why: Any) -> tuple[Any, ...]:
    from workbench.actions.import_rows import import_rows

    if not isinstance(upload, Upload) or not upload.path.exists():
        raise BadInput("The upload is gone (the page was reloaded or it was imported already). Bring the file again.")
    wanted, reason = str(name or "").strip(), str(why or "").strip()[:500]
    datasets.check_name(wanted)
    if not upload.direct:
        job = jobs.start(store, "import", {"path": str(upload.path), "name": wanted, "why": reason})
        return (None, gr.Column(visible=False), *[gr.skip()] * 3, card_of(job),
                note("The import goes on by itself; you can leave this page."), address(PATH, job=job.id))  # fmt: skip
    done = import_rows(store, upload.path, name=wanted, why=reason)
    forget(upload)
    fresh = Look({"dataset": done.version.dataset})
    said = f"{done.version.label} has {plural(done.version.size, 'row')}."
    if done.rejected:
        said += f" {plural(done.rejected, 'record')} could not be read: see below, and {done.rejects_path}."
    return None, gr.Column(visible=False), *show(store, fresh), gr.skip(), note(said), fresh.here(PATH)


def came_in(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    """The screen after an import in the background: the new version, and the upload that it no longer needs removed."""
    job = jobs.get(store, event["id"]) if isinstance(event.get("id"), int) else None
    if job is None or job.kind != "import" or job.state != "done":
        return *show(store, look), gr.skip()
    path = Path(str(job.settings.get("path"))).resolve()
    if path.is_relative_to(store.folder("uploads").resolve()):
        forget(Upload(path, None))
    version = datasets.version(store, str(job.settings.get("name")))
    return *show(store, Look({"dataset": version.dataset})), note(f"{version.label} has {plural(version.size, 'row')}.")


def compare(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, str]:
    wanted = Look({**look.params, "a": str(event.get("a", ""))[:20], "b": str(event.get("b", ""))[:20]})
    return compared(store, wanted), wanted.here(PATH)


def give(store: Store, look: Look, kind: Any) -> Any:
    from workbench.actions.export_rows import export_rows

    if kind not in WRITABLE:
        raise BadInput(f"Choose one of {', '.join(WRITABLE)}.")
    version = version_of(store, look)
    folder = Path(os.environ["GRADIO_TEMP_DIR"]) / f"export-{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700)
    target = folder / f"{version.dataset}-v{version.number}-{kind}{ENDINGS.get(kind, '.jsonl')}"
    return gr.File(value=str(export_rows(store, version.label, format=kind, path=target)), visible=True)


def versions_of(store: Store, look: Look) -> dict[str, Any]:
    """The versions of the dataset in the URL as plain values, newest first, and the names of all datasets."""
    names = datasets.names(store)
    try:
        current = version_of(store, look)
    except NotFound as error:
        return {"datasets": [], "versions": [], "said": str(error) if names else "No dataset yet. Bring a file above."}
    found = list(reversed(datasets.listed(store, current.dataset)))[:MOST_VERSIONS]
    return {
        "datasets": [
            {"name": one, "href": address(PATH, dataset=one), "here": one == current.dataset} for one in names
        ],
        "versions": [_line(one, current) for one in found],
        "a": look.get("a"), "b": look.get("b"), "said": "",
    }  # fmt: skip


def _line(version: Version, current: Version) -> dict[str, Any]:
    change, counts = version.change, version.change.counts
    return {
        "number": version.number,
        "rows": f"{version.size:,}",
        "when": change.when,
        "who": change.who,
        "verb": change.verb,
        "why": change.why,
        "added": counts.get("added", 0), "removed": counts.get("removed", 0), "changed": counts.get("changed", 0),
        "here": version.number == current.number,
        "rejected": change.settings.get("rejected") or 0,
        "href": address("/rows", dataset=version.dataset, version=version.number),
    }  # fmt: skip


def compared(store: Store, look: Look) -> str:
    """What differs between the versions ?a= and ?b=; "" while two are not picked."""
    from workbench.diff import diff

    a, b = look.number("a"), look.number("b")
    if not (a and b):
        return ""
    if a == b:
        raise BadInput("Pick two different versions to compare.")
    name = version_of(store, look).dataset
    old, new = (datasets.version(store, f"{name}@{number}") for number in sorted((a, b)))
    difference = diff(datasets.rows_of(store, old), datasets.rows_of(store, new))
    return f"<h3>From v{old.number} to v{new.number}</h3>{difference_html(difference)}"


def _rejects(store: Store, look: Look) -> str:
    """The rejected records of the newest import of this dataset that had any."""
    try:
        history = datasets.listed(store, version_of(store, look).dataset)
    except NotFound:
        return ""
    for version in reversed(history):
        settings = version.change.settings
        if version.change.verb == "import" and settings.get("rejected"):
            stem, digest = Path(str(settings.get("file"))).stem[:80], str(settings.get("file_digest"))[:8]
            path = store.root / "rejects" / f"{stem}-{digest}.jsonl"
            if not path.is_file():
                return ""
            with path.open(encoding="utf-8") as lines:
                found = [json.loads(line) for _, line in zip(range(200), lines, strict=False)]
            listed = rejects_html([(one["line"], one["reason"], one["raw"]) for one in found])
            return f"<h3>Not imported with v{version.number} ({esc(settings['rejected'])})</h3>{listed}"
    return ""
