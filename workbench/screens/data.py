"""Data: bring a file, see its versions, go back, merge, say what it should be, export."""

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
from workbench.formats.write import ENDINGS, FOLDER, WRITABLE
from workbench.screens import sheet_form
from workbench.screens.address import Look, address, version_of
from workbench.screens.data_versions import compared, merging_html, name_it, numbered, restoring_html, versions_of
from workbench.screens.escape import esc, note, plural
from workbench.screens.look import script
from workbench.screens.page import Page
from workbench.screens.pictures import glance_html
from workbench.screens.progress import Card, card_of
from workbench.screens.results import CSS
from workbench.screens.tickets import draw_tickets
from workbench.screens.undo_button import redo_button, undo_button
from workbench.screens.uploads import SUFFIXES, Upload, forget, rejects_html, seen_html, take
from workbench.store import Store, datasets
from workbench.store.sheets import sheet_of

TITLE, PATH = "Data", "/data"
SENTENCE = "Bring files and see every version. A version never changes; undo makes a new one."
VERSIONS_JS = script("row_parts", "versions")
FORMATS = [*WRITABLE, FOLDER]
COPIES = {"keep them": "keep", "leave exact copies out": "drop_exact"}


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH, own_jobs=("import", "tickets"))
    card = Card(page, kinds=("import",))
    pending, target = gr.State(None), gr.State(0)
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=340):
            file = gr.File(label="Bring a file", file_types=SUFFIXES, type="filepath", height=130, elem_id="bring")
            gr.HTML('<p class="quiet small">Chat JSONL, prompt and reply pairs, Alpaca, ShareGPT, CSV, Excel, Parquet, '
                    "archives of them. Goldloop tells which it is.</p>")  # fmt: skip
        with gr.Column(scale=6, min_width=420, visible=False) as bring:
            seen = gr.HTML("", apply_default_css=False)
            with gr.Row(equal_height=False):
                name = gr.Textbox(label="Name of the dataset", info="An existing name gets a new version.",
                                  max_lines=1, scale=3)  # fmt: skip
                why = gr.Textbox(label="Why (optional)", info="Stands in the history.", max_lines=1, scale=3)
            with gr.Row():
                go_on = gr.Button("Import", variant="primary", size="sm", scale=0, min_width=150, elem_id="import")
    versions = gr.HTML(
        None, html_template='<div class="versions"></div>', js_on_load=VERSIONS_JS, apply_default_css=False,
        elem_id="versions",
    )  # fmt: skip
    with gr.Row(elem_classes="tools"):
        undo = gr.Button("Undo last change", size="sm", scale=0, min_width=140, elem_id="undo")
        redo = gr.Button("Redo", size="sm", scale=0, min_width=80, elem_id="redo")
        glance = gr.Button("See it in pictures", size="sm", scale=0, min_width=150, elem_id="glance")
        kind = gr.Dropdown(choices=FORMATS, value="chat", label="Format", show_label=False, container=False, scale=0,
                           min_width=150)  # fmt: skip
        export = gr.Button("Export this version", size="sm", scale=0, min_width=150, elem_id="export")
        exported = gr.File(visible=False, label="Export", height=60)
    with gr.Column(visible=False, elem_classes="card") as sure:
        asks = gr.HTML("", apply_default_css=False, elem_id="restoring")
        with gr.Row():
            yes = gr.Button(
                "Go back to it", variant="primary", size="sm", scale=0, min_width=140, elem_id="restore-yes"
            )
            no = gr.Button("Stay here", size="sm", scale=0, min_width=110)
    pictures = gr.HTML("", apply_default_css=False, css_template=CSS, elem_id="pictures")
    difference = gr.HTML("", apply_default_css=False, elem_id="difference")
    rejects = gr.HTML("", apply_default_css=False)
    with gr.Accordion("What this dataset should be", open=False, elem_classes="plain"):
        gr.HTML('<p class="quiet small">The checks measure against it, and people at the queue read its guidelines. '
                "Whatever stays empty is not held to anything.</p>")  # fmt: skip
        form = sheet_form.SheetForm()
        keep = gr.Button("Save the sheet", variant="primary", size="sm", scale=0, min_width=150, elem_id="save-sheet")
    other, merged = _draw_merge(page, store)
    draw_tickets(page, store, PATH)

    shown = [versions, difference, rejects]
    page.arrive(partial(show, store), [], shown)
    page.arrive(partial(forms, store, form), [], [*form.shown, other, merged])
    taken = [pending, bring, seen, name, go_on, file]
    page.on(file.upload, partial(brought, store), [file], taken, trigger_mode="once")
    page.refresh(page.on(go_on.click, partial(start, store), [pending, name, why],
                         [pending, bring, *shown, card.shown, page.say, page.go], trigger_mode="once"))  # fmt: skip
    page.on(card.shown.ended, partial(came_in, store), [], [*shown, page.say])
    page.on(versions.compare, partial(compare, store), [], [difference, page.go])
    page.on(versions.name, partial(named, store), [], [versions, page.say])
    page.on(versions.restore, partial(ask_restore, store), [], [sure, asks, target])
    page.on(no.click, lambda look: gr.Column(visible=False), [], [sure])
    done = [sure, *shown, page.say, page.go]
    page.refresh(page.on(yes.click, partial(restored, store), [target], done, trigger_mode="once"))
    page.on(export.click, partial(give, store), [kind], [exported], trigger_mode="once")
    page.on(glance.click, partial(pictured, store), [], [pictures], trigger_mode="once")
    sheet = [*form.inputs, form.benchmark, form.without]
    page.on(keep.click, partial(sheet_saved, store, form), sheet, [*form.shown, page.say], trigger_mode="once")
    undo_button(page, undo, partial(show, store), shown)
    redo_button(page, redo, partial(show, store), shown)


def _draw_merge(page: Page, store: Store) -> tuple[gr.Dropdown, gr.Textbox]:
    """The form of a merge; gives the components that `forms` fills."""
    with gr.Accordion("Merge with another dataset", open=False, elem_classes="plain"):
        with gr.Row(equal_height=False):
            other = gr.Dropdown(label="The other dataset", choices=[], scale=3, elem_id="merge-with")
            merged = gr.Textbox(label="Name of the merged dataset", max_lines=1, scale=3, elem_id="merge-name")
            copies = gr.Dropdown(label="Rows that both have", choices=list(COPIES.items()), value="drop_exact", scale=3)
        would = gr.HTML("", apply_default_css=False, elem_id="merging")
        with gr.Row():
            look_at = gr.Button("Preview", size="sm", scale=0, min_width=110, elem_id="merge-preview")
            merge = gr.Button("Merge into a new dataset", size="sm", scale=0, min_width=200, elem_id="merge")
    page.on(look_at.click, partial(would_merge, store), [other, merged, copies], [would])
    page.on(merge.click, partial(merges, store), [other, merged, copies], [page.say, page.go], trigger_mode="once")
    return other, merged


def show(store: Store, look: Look) -> tuple[Any, ...]:
    return versions_of(store, look), compared(store, look), _rejects(store, look)


def forms(store: Store, form: sheet_form.SheetForm, look: Look) -> tuple[Any, ...]:
    """What the sheet's form and the merge start with."""
    try:
        dataset = version_of(store, look).dataset
    except NotFound:
        return *[gr.skip()] * len(form.shown), gr.Dropdown(choices=[]), ""
    others = [one for one in datasets.names(store) if one != dataset]
    proposed = f"{dataset} and {others[0]}"[:100] if others else ""
    first = others[0] if others else None
    return *form.values(sheet_of(store, dataset)), gr.Dropdown(choices=others, value=first), proposed


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


def named(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, str]:
    said = name_it(store, look, event)
    return versions_of(store, look), note(said)


def ask_restore(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    label = numbered(store, look, event)
    return gr.Column(visible=True), restoring_html(store, label), event["number"]


def restored(store: Store, look: Look, number: Any) -> tuple[Any, ...]:
    from workbench.actions.restore import restore

    done = restore(store, numbered(store, look, {"number": number}))
    assert done.after is not None, "a restore that is not a preview makes a version"
    fresh = Look({"dataset": done.after.dataset})
    said = f'Version {done.after.number} has the rows of version {done.of.number}. "Undo last change" takes it back.'
    return gr.Column(visible=False), *show(store, fresh), note(said), fresh.here(PATH)


def pictured(store: Store, look: Look) -> str:
    return glance_html(store, version_of(store, look))


def sheet_saved(store: Store, form: sheet_form.SheetForm, look: Look, *given: Any) -> tuple[Any, ...]:
    *boxes, file, without = given
    dataset = version_of(store, look).dataset
    sheet = sheet_form.save(store, dataset, boxes, file, without)
    said = f"The sheet of {dataset} is saved. Run the checks again to hold the rows to it."
    return *form.values(sheet), note(said)


def would_merge(store: Store, look: Look, other: Any, name: Any, copies: Any) -> str:
    return merging_html(store, *_merge(store, look, other, name, copies))


def merges(store: Store, look: Look, other: Any, name: Any, copies: Any) -> tuple[str, str]:
    from workbench.actions.merge_datasets import merge_datasets

    first, second, wanted, how = _merge(store, look, other, name, copies)
    done = merge_datasets(store, first, second, name=wanted, copies=how)  # type: ignore[arg-type]
    assert done.version is not None, "a merge that is not a preview makes a version"
    return note(
        f"{done.version.label} has {plural(done.version.size, 'row')}."
    ), f"/rows?dataset={done.version.dataset}"


def _merge(store: Store, look: Look, other: Any, name: Any, copies: Any) -> tuple[str, str, str, str]:
    if copies not in COPIES.values() or other not in datasets.names(store):
        raise BadInput("Choose the dataset to merge with. There must be another one in this store.")
    return version_of(store, look).label, str(other), datasets.check_name(str(name or "").strip()), str(copies)


def give(store: Store, look: Look, kind: Any) -> Any:
    from workbench.actions.export_rows import export_rows

    if kind not in FORMATS:
        raise BadInput(f"Choose one of {', '.join(FORMATS)}.")
    version = version_of(store, look)
    folder = Path(os.environ["GRADIO_TEMP_DIR"]) / f"export-{secrets.token_hex(8)}"
    folder.mkdir(mode=0o700)
    target = folder / f"{version.dataset}-v{version.number}-{kind}{ENDINGS.get(kind, '.jsonl')}"
    return gr.File(value=str(export_rows(store, version.label, format=kind, path=target)), visible=True)


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
