"""Rows: read them, see why they are flagged, edit them by hand."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from workbench.checks.check import catalogue
from workbench.errors import BadInput, GoldloopError, NotFound, Refused
from workbench.records import Version
from workbench.rows import Rows
from workbench.screens.address import Look, newest_of, version_of
from workbench.screens.differences import turn_changes
from workbench.screens.escape import note, plural
from workbench.screens.look import script
from workbench.screens.page import Page
from workbench.screens.row_filters import Chosen, Filters, choose, page_of, tags_of
from workbench.screens.row_flags import flags_of
from workbench.screens.row_task import draw_task, task
from workbench.screens.undo_button import undo_button
from workbench.store import Store, datasets

TITLE, PATH = "Rows", "/rows"
SENTENCE = "Every row as a conversation. An edit or a drop makes a new version and can be undone."
HERE = Path(__file__).parent
LIST_HTML = (HERE / "row_list.html").read_text(encoding="utf-8")
LIST_JS = (HERE / "row_list.js").read_text(encoding="utf-8")
DETAIL_JS = script("row_detail")
MOST_TURNS, MOST_CHARACTERS = 200, 6_000_000  # of one edit: above the largest row that the importer was tried with
ROLES = ("system", "user", "assistant", "tool")


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH)
    banner = draw_task(page, store)
    with gr.Row(elem_classes="tools"):
        check = gr.Dropdown(
            label="Flagged by", choices=[("any or none", "")], value="", allow_custom_value=True, scale=3
        )
        tag = gr.Dropdown(label="Tag", choices=[("any", "")], value="", allow_custom_value=True, scale=2)
        text = gr.Textbox(label="Text in the row", placeholder="words to look for, then Enter", max_lines=1, scale=3)
        clear = gr.Button("Clear filters", size="sm", scale=0, min_width=110)
        undo = gr.Button("Undo last change", size="sm", scale=0, min_width=140, elem_id="undo")
    with gr.Row(equal_height=False):
        with gr.Column(scale=5, min_width=380):
            grid = gr.HTML(
                None, html_template=LIST_HTML, js_on_load=LIST_JS, apply_default_css=False, elem_id="row-list"
            )
        with gr.Column(scale=6, min_width=420):
            detail = gr.HTML(
                None, html_template='<div class="detail"></div>', js_on_load=DETAIL_JS, apply_default_css=False,
                server_functions=[_preview(store)], elem_id="row-detail",
            )  # fmt: skip

    page.arrive(partial(show, store), [], [check, tag, text, grid, detail])
    page.arrive(partial(task, store), [], banner)
    for event in (check.input, tag.input, text.submit):
        page.on(event, partial(narrow, store), [check, tag, text], [grid, detail, page.go])
    page.on(clear.click, partial(cleared, store), [], [check, tag, text, grid, detail, *banner, page.go])
    page.on(grid.open, partial(opened, store), [], [detail, page.go], trigger_mode="always_last")
    page.on(grid.turn, partial(turned, store), [], [grid, detail, page.go])
    changed = [grid, detail, page.say, page.go]
    page.refresh(page.on(detail.save, partial(saved, store), [], changed, trigger_mode="once"))
    page.refresh(page.on(detail.drop, partial(dropped, store), [], changed, trigger_mode="once"))
    undo_button(page, undo, partial(show, store), [check, tag, text, grid, detail])


def show(store: Store, look: Look) -> tuple[Any, ...]:
    return _filters(store, look), _tags(store, look), look.get("text"), *_both(store, look)


def narrow(store: Store, look: Look, check: Any, tag: Any, text: Any) -> tuple[Any, ...]:
    wanted = Look({**look.params, "check": str(check or ""), "tag": str(tag or ""), "text": str(text or "")[:500]})
    wanted = Look({name: value for name, value in wanted.params.items() if name not in ("row", "page") and value})
    return *_both(store, wanted), wanted.here(PATH)


def cleared(store: Store, look: Look) -> tuple[Any, ...]:
    wanted = Look({name: value for name, value in look.params.items() if name in ("dataset", "version")})
    fresh = _filters(store, wanted), _tags(store, wanted), "", *_both(store, wanted)
    return *fresh, *task(store, wanted), wanted.here(PATH)


def opened(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, str]:
    wanted = Look({**look.params, "row": str(event.get("id", ""))[:100]})
    return _detail(store, version_of(store, wanted), wanted.get("row")), wanted.here(PATH)


def turned(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    number = event.get("page")
    if not isinstance(number, int):
        raise BadInput("That page does not exist.")
    wanted = Look({**{k: v for k, v in look.params.items() if k != "row"}, "page": str(max(1, number))})
    return *_both(store, wanted), wanted.here(PATH)


def saved(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    from workbench.actions.edit_row import edit_row

    row_id, version = _target(store, look, event)
    done = edit_row(store, row_id, _turns(store, version, row_id, event), version=version.label, why=_why(event))
    assert done.after is not None, "an edit that is not a preview makes a version"
    return _after(store, look, row_id, f'Saved as version {done.after.number}. "Undo last change" takes it back.')


def dropped(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    from workbench.actions.apply_fix import apply_fix

    row_id, version = _target(store, look, event)
    done = apply_fix(store, "drop_rows", version=version.label, where=f"row={row_id}", why=_why(event))
    assert done.after is not None, "a fix that is not a preview makes a version"
    return _after(store, look, "", f"The row is out: version {done.after.number} has {plural(done.after.size, 'row')}.")


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
    ids = [line["id"] for line in shown["rows"]]
    current = look.get("row") or (ids[0] if ids else "")
    of = chosen.flags.of
    old = f"Findings as measured on v{of.number}" if of is not None and of.number != version.number else ""
    shown |= {
        "current": current,
        "empty": NO_MATCH if filters.any else "This version has no rows.",
        "measured": "" if of is not None else "Not checked yet",
        "old": old,
        "check_href": look.to("/checks"),
    }
    return shown, _detail(store, version, current, chosen) if current else None


NO_ROWS = "There are no rows yet. Bring a file on the Data screen."
NO_MATCH = "No row matches these filters. Clear them to see all rows."


def _detail(store: Store, version: Version, row_id: str, chosen: Chosen | None = None) -> dict[str, Any] | None:
    """One row as plain values: its turns, why it is flagged, where it came from."""
    rows = chosen.rows if chosen is not None else datasets.rows_of(store, version)
    ids = rows.frame["row_id"]
    place = ids.index_of(row_id)
    if place is None:
        return {
            "gone": f"{version.label} has no such row: it was dropped, or it belongs to another version.",
            "id": row_id,
        }
    one = Rows(rows.frame[place : place + 1])
    known = catalogue()
    flags = chosen.flags if chosen is not None else flags_of(store, version, rows)
    reasons = [
        {
            "check": flag.check,
            "title": known[flag.check].title if flag.check in known else flag.check,
            "severity": known[flag.check].severity if flag.check in known else "info",
            "note": flag.note,
        }
        for flag in flags.by_place.get(place, [])
    ]
    return {
        "id": row_id,
        "version": version.label,
        "number": place + 1,
        "source": f"{one.frame['source'][0]}, line {one.frame['line'][0]}",
        "tags": one.tags[0],
        "extra": one.frame["extra"][0] or "",
        "reasons": reasons,
        "checked": flags.of is not None and flags.of.number == version.number,
        "turns": [{"role": m["role"] or "", "content": m["content"], "more": m["more"]} for m in one.messages[0]],
        "editable": newest_of(store, version).number == version.number,
    }


def _target(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[str, Version]:
    """The row that an event means and the version that the person saw it in; a newer one is a conflict, told later."""
    row_id, label = event.get("id"), event.get("version")
    if not isinstance(row_id, str) or not isinstance(label, str):
        raise BadInput("The edit did not arrive whole. Reload the page and try again.")
    return row_id, datasets.version(store, label)


def _why(event: Mapping[str, Any]) -> str:
    why = event.get("why")
    return why.strip()[:500] if isinstance(why, str) else ""


def _turns(store: Store, version: Version, row_id: str, event: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The edited turns as the browser sent them, checked; a turn's other keys come from the store."""
    sent = event.get("turns")
    if not isinstance(sent, list) or not 0 < len(sent) <= MOST_TURNS:
        raise BadInput(f"A row has 1 to {MOST_TURNS} turns.")
    old = datasets.rows_of(store, version).having([row_id])
    if not len(old):
        raise NotFound(f"{version.label} has no row {row_id}.")
    had = old.messages[0]
    turns, length = [], 0
    for one in sent:
        role, content = (one.get("role"), one.get("content")) if isinstance(one, dict) else (None, None)
        if role not in ROLES and role not in [m["role"] for m in had]:
            raise BadInput(f"Each turn needs one of the roles {', '.join(ROLES)}.")
        if content is not None and not isinstance(content, str):
            raise BadInput("Each turn needs a text.")
        length += len(content or "")
        at = one.get("from")
        kept = had[at] if isinstance(at, int) and 0 <= at < len(had) else None
        if kept is not None and kept["content"] is None and content == "":
            content = None  # the file had null there; an untouched empty box is no edit
        turns.append({"role": role, "content": content, "more": kept["more"] if kept else None})
    if length > MOST_CHARACTERS:
        raise Refused("This edit is larger than any row may be.")
    return turns


def _preview(store: Store) -> Any:
    """A server function: what an edit would change, word by word."""

    def preview(payload: Any) -> dict[str, Any]:
        try:
            event = payload if isinstance(payload, dict) else {}
            row_id, version = _target(store, Look(), event)
            fresh = _turns(store, version, row_id, event)
            old = datasets.rows_of(store, version).having([row_id]).messages[0]
            places = [one.get("from") for one in event["turns"]]
            return {"turns": turn_changes(old, fresh, places)}
        except GoldloopError as error:
            return {"error": str(error)}

    return preview


def _after(store: Store, look: Look, row_id: str, said: str) -> tuple[Any, ...]:
    """Where a change leaves the screen: on the newest version, the same filters, the message below the title."""
    kept = {name: value for name, value in look.params.items() if name not in ("version", "row")}
    wanted = Look({**kept, **({"row": row_id} if row_id else {})})
    return *_both(store, wanted), note(said), wanted.here(PATH)


def _filters(store: Store, look: Look) -> Any:
    try:
        version = version_of(store, look)
        counts = flags_of(store, version, datasets.rows_of(store, version)).counts()
    except NotFound:
        counts = {}
    known = catalogue()
    found = [(f"{known[name].title if name in known else name} ({number:,})", name) for name, number in counts.items()]
    return gr.Dropdown(choices=[("any or none", ""), *found], value=look.get("check"))


def _tags(store: Store, look: Look) -> Any:
    try:
        found = tags_of(datasets.rows_of(store, version_of(store, look)))
    except NotFound:
        found = []
    return gr.Dropdown(choices=[("any", "")] + [(f"{tag} ({n:,})", tag) for tag, n in found], value=look.get("tag"))
