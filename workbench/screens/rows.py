"""Rows: search and sort them, see why they are flagged and where, edit them by hand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from workbench.checks.check import catalogue
from workbench.errors import BadInput, Conflict, NotFound
from workbench.records import Version
from workbench.screens import row_edit
from workbench.screens.address import Look, last_opened, version_of
from workbench.screens.escape import note, plural
from workbench.screens.look import script
from workbench.screens.page import OPEN_LAST, Page
from workbench.screens.row_filters import ANY, BY_SEVERITY, NONE, ORDERS, Filters, choose, page_of, tags_of
from workbench.screens.row_task import draw_task, task
from workbench.screens.row_view import detail_of
from workbench.screens.row_view import server_functions as view_functions
from workbench.screens.undo_button import undo_button
from workbench.store import Store, datasets
from workbench.store.row_index import flags_of, rows_index

TITLE, PATH = "Rows", "/rows"
SENTENCE = "Every row as a conversation. An edit or a drop makes a new version and can be undone."
HERE = Path(__file__).parent
LIST_HTML = (HERE / "row_list.html").read_text(encoding="utf-8")
LIST_JS, DETAIL_JS = script("row_list"), script("row_parts", "row_conflict", "row_edit", "row_detail")
NO_ROWS = "There are no rows yet. Bring a file on the Data screen."
NO_MATCH = "No row matches these filters. Clear them to see all rows."
FILTERS = ("check", "tag", "text", "order", "gap", "page")


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH)
    banner = draw_task(page, store)
    with gr.Row(elem_classes="tools"):
        check = gr.Dropdown(
            label="Flagged by", choices=[("any or none", "")], value="", allow_custom_value=True, scale=3,
            min_width=150, elem_id="by-check",
        )  # fmt: skip
        tag = gr.Dropdown(label="Tag", choices=[("any", "")], value="", allow_custom_value=True, scale=2, min_width=110)
        text = gr.Textbox(
            label="Text in the row", placeholder="words to look for, then Enter", max_lines=1, scale=3, min_width=140
        )
        order = gr.Dropdown(
            label="Order", choices=[(words, name) for name, (words, _, _) in ORDERS.items()], value="", scale=3,
            min_width=150, elem_id="by-order",
        )  # fmt: skip
        clear = gr.Button("Clear filters", size="sm", scale=0, min_width=104)
        undo = gr.Button("Undo last change", size="sm", scale=0, min_width=136, elem_id="undo")
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=380):
            grid = gr.HTML(
                None, html_template=LIST_HTML, js_on_load=LIST_JS, apply_default_css=False, elem_id="row-list"
            )
        with gr.Column(scale=6, min_width=420):
            detail = gr.HTML(
                None, html_template='<div class="detail"></div>', js_on_load=DETAIL_JS, apply_default_css=False,
                server_functions=[row_edit.preview(store), row_edit.mended(store), *view_functions(store)],
                elem_id="row-detail",
            )  # fmt: skip

    inputs = [check, tag, text, order]
    page.arrive(partial(show, store), [], [*inputs, grid, detail])
    page.arrive(partial(task, store), [], banner)
    for event in (check.input, tag.input, text.submit, order.input):
        page.on(event, partial(narrow, store), inputs, [grid, detail, page.go])
    page.on(clear.click, partial(cleared, store), [], [*inputs, grid, detail, *banner, page.go])
    page.on(grid.open, partial(opened, store), [], [detail, page.go], js=OPEN_LAST, trigger_mode="always_last")
    page.on(grid.turn, partial(turned, store), [], [grid, detail, page.go])
    changed = [grid, detail, page.say, page.go]
    for event, do in ((detail.save, saved), (detail.drop, dropped), (detail.mend, mended), (detail.rule, ruled)):
        page.refresh(page.on(event, partial(do, store), [], changed, trigger_mode="once"))
    undo_button(page, undo, partial(show, store), [*inputs, grid, detail])


def show(store: Store, look: Look) -> tuple[Any, ...]:
    order = look.get("order") if look.get("order") in ORDERS else ""
    return _checks(store, look), _tags(store, look), look.get("text"), order, *_both(store, look)


def narrow(store: Store, look: Look, check: Any, tag: Any, text: Any, order: Any) -> tuple[Any, ...]:
    given = {"check": str(check or ""), "tag": str(tag or ""), "text": str(text or "")[:500], "order": str(order or "")}
    wanted = {**look.params, **given}
    fresh = Look({name: value for name, value in wanted.items() if name not in ("row", "page") and value})
    return *_both(store, fresh), fresh.here(PATH)


def cleared(store: Store, look: Look) -> tuple[Any, ...]:
    wanted = Look({name: value for name, value in look.params.items() if name in ("dataset", "version")})
    return *show(store, wanted), *task(store, wanted), wanted.here(PATH)


def opened(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, str]:
    wanted = last_opened(look, event, "row")
    return detail_of(store, version_of(store, wanted), wanted.get("row")), wanted.here(PATH)


def turned(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    number = event.get("page")
    if type(number) is not int:
        raise BadInput("That page does not exist.")
    wanted = Look({**{k: v for k, v in look.params.items() if k != "row"}, "page": str(max(1, number))})
    return *_both(store, wanted), wanted.here(PATH)


def saved(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    row_id = row_edit.target(store, event)[0]
    try:
        said = row_edit.save(store, event)
    except Conflict as clash:
        both = row_edit.conflict_of(store, event, clash)
        if both is None:
            raise
        return gr.skip(), both, note(str(clash), "bad"), gr.skip()
    return _after(store, look, row_id, said)


def dropped(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    return _after(store, look, "", row_edit.drop(store, event))


def mended(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    return _after(store, look, row_edit.target(store, event)[0], row_edit.mend(store, event))


def ruled(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    return _after(store, look, row_edit.target(store, event)[0], row_edit.rule(store, event))


def _both(store: Store, look: Look) -> tuple[Any, Any]:
    """The list and the detail beside it: the row in the URL, else the first of the page."""
    try:
        version = version_of(store, look)
    except NotFound as error:
        said = str(error) if datasets.names(store) else NO_ROWS
        return {"rows": [], "range": "", "page": 1, "pages": 1, "current": "", "empty": said}, None
    filters = Filters.of(look)
    chosen = choose(store, version, filters)
    shown = page_of(chosen, filters, look.get("row"))
    current = look.get("row") or (shown["rows"][0]["id"] if shown["rows"] else "")
    of = chosen.flags.of
    asked = {name: look.get(name) for name in ("check", "tag", "text")}
    shown |= {
        "current": current,
        "empty": NO_MATCH if filters.any else "This version has no rows.",
        "measured": "" if of is not None else "Not checked yet",
        "old": f"Findings as measured on v{of.number}" if of is not None and of.number != version.number else "",
        "check_href": look.to("/checks"),
        "queue": _queue(look, version, filters, shown["total"], asked),
    }
    return shown, detail_of(store, version, current, chosen.flags) if current else None


def _queue(look: Look, version: Version, filters: Filters, total: int, asked: Mapping[str, str]) -> dict[str, str]:
    """The way from a filter to a queue of its rows; {} where a queue cannot be told these rows."""
    if not total or not filters.where:
        return {}
    return {"words": f"Make a queue of {plural(total, 'row')}", "href": look.to("/queue", open=1, **asked)}


def _after(store: Store, look: Look, row_id: str, said: str) -> tuple[Any, ...]:
    """Where a change leaves the screen: on the newest version, the same filters, the message below the title."""
    kept = {name: value for name, value in look.params.items() if name not in ("version", "row")}
    wanted = Look({**kept, **({"row": row_id} if row_id else {})})
    return *_both(store, wanted), note(said), wanted.here(PATH)


def _checks(store: Store, look: Look) -> Any:
    try:
        counts = flags_of(store, version_of(store, look)).counts()
    except NotFound:
        counts = {}
    known = catalogue()
    found = [(f"{known[name].title if name in known else name} ({number:,})", name) for name, number in counts.items()]
    groups = [(name, name) for name in (ANY, *BY_SEVERITY, NONE)]
    return gr.Dropdown(choices=[("any or none", ""), *groups, *found], value=look.get("check"))


def _tags(store: Store, look: Look) -> Any:
    try:
        found = tags_of(rows_index(store, version_of(store, look)))
    except NotFound:
        found = []
    return gr.Dropdown(choices=[("any", "")] + [(f"{tag} ({n:,})", tag) for tag, n in found], value=look.get("tag"))
