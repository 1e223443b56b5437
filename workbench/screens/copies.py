"""Copies: groups of rows that say the same, the one proposed to stay, and a slider that measures nothing again."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import gradio as gr

from workbench.checks.copy_stream import FIELDS
from workbench.errors import BadInput, GoldloopError, NotFound
from workbench.records import Version
from workbench.screens.address import Look, version_of
from workbench.screens.copies_view import chosen_of, groups_of, kept_by_number, limit_of, summary_of, without_groups
from workbench.screens.differences import difference_html
from workbench.screens.escape import note
from workbench.screens.look import script
from workbench.screens.page import Page
from workbench.screens.pictures import cluster_sizes_html
from workbench.screens.results import CSS
from workbench.screens.undo_button import undo_button
from workbench.store import Store, datasets

TITLE, PATH = "Copies", "/copies"
SENTENCE = "Rows that say the same. In each group one is proposed to stay; nothing goes until you say so."
JS = script("row_parts", "copies")
WORDS = {"both": "question and reply", "prompt": "questions", "reply": "replies", "conversation": "whole conversations"}
NOTHING = "There are no rows yet. Bring a file on the Data screen."


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH)
    with gr.Row(elem_classes="tools"):
        field = gr.Dropdown(
            label="Compare", choices=[(WORDS.get(one, one), one) for one in FIELDS], value="both", scale=2,
            elem_id="copies-field",
        )  # fmt: skip
        against = gr.Dropdown(label="With", choices=[("itself", "")], value="", scale=3, elem_id="copies-against")
        find = gr.Button("Find copies", variant="primary", size="sm", scale=0, min_width=140, elem_id="find-copies")
        undo = gr.Button("Undo last change", size="sm", scale=0, min_width=140, elem_id="undo")
    groups = gr.HTML(
        None, html_template='<div class="copies"></div>', js_on_load=JS, apply_default_css=False, elem_id="copies",
        server_functions=[_at(store)],
    )  # fmt: skip
    difference = gr.HTML("", apply_default_css=False, elem_id="preview")
    sizes = gr.HTML("", apply_default_css=False, css_template=CSS, elem_id="sizes")

    shown = [field, against, groups, difference, sizes]
    page.arrive(partial(show, store), [], shown)
    for event in (field.input, against.input):
        page.on(event, partial(choose, store), [field, against], [*shown, page.go])
    page.on(find.click, partial(finds, store), [field, against], [*shown, page.say], trigger_mode="once")
    page.on(groups.preview, partial(previewed, store), [], [difference], trigger_mode="once")
    page.refresh(page.on(groups.drop, partial(dropped, store), [], [*shown, page.say, page.go], trigger_mode="once"))
    undo_button(page, undo, partial(show, store), shown)


def show(store: Store, look: Look) -> tuple[Any, ...]:
    """The values of all that is shown."""
    field = look.get("field") if look.get("field") in FIELDS else "both"
    try:
        version = version_of(store, look)
    except NotFound:
        return field, gr.Dropdown(choices=[("itself", "")], value=""), {"said": NOTHING}, "", ""
    known = [one for one in datasets.listed(store) if one.id != version.id]
    labels = [one.label for one in reversed(known)]
    against = look.get("against") if look.get("against") in labels else ""
    found = _known(store, version, field, against)
    value: dict[str, Any] = {"said": f'{version.label} was not compared this way yet. Press "Find copies".'}
    pictures = ""
    if found is not None:
        value = {**groups_of(store, version, found, look.number("page", 1, low=1)), "summary": summary_of(found)}
        if not against and found.clusters.height:
            pictures = cluster_sizes_html(found.clusters.group_by("cluster").len()["len"].to_list())
    choices = [("itself", ""), *((label, label) for label in labels[:100])]
    return field, gr.Dropdown(choices=choices, value=against), value, "", pictures


def choose(store: Store, look: Look, field: Any, against: Any) -> tuple[Any, ...]:
    kept = {name: value for name, value in look.params.items() if name in ("dataset", "version")}
    wanted = Look({**kept, "field": str(field or "")[:50], **({"against": str(against)[:300]} if against else {})})
    return *show(store, wanted), wanted.here(PATH)


def finds(store: Store, look: Look, field: Any, against: Any) -> tuple[Any, ...]:
    from workbench.actions.find_copies import find_copies

    version = version_of(store, look)
    labels = [one.label for one in datasets.listed(store)]
    if field not in FIELDS or (against and against not in labels):
        raise BadInput("Choose what to compare, and with what.")
    found = find_copies(store, version.label, field=str(field), against=str(against) if against else None)
    wanted = Look({**look.params, "field": str(field), "against": str(against or "")})
    return *show(store, wanted), note(f"Compared: {found.near.height:,} pairs of rows are alike.")


def previewed(store: Store, look: Look, event: Mapping[str, Any]) -> str:
    from workbench.actions.find_copies import drop_copies

    _, found, keep = _meant(store, event)
    return f"<h3>What would go</h3>{difference_html(drop_copies(store, found, keep=keep, preview=True).difference)}"


def dropped(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    from workbench.actions.find_copies import drop_copies

    _, found, keep = _meant(store, event)
    done = drop_copies(store, found, keep=keep)
    assert done.after is not None, "a drop that is not a preview makes a version"
    fresh = Look({name: value for name, value in look.params.items() if name not in ("version", "page")})
    said = f'Version {done.after.number}: {done.difference.summary}. "Undo last change" brings them back.'
    return *show(store, fresh), note(said), fresh.here(PATH)


def _meant(store: Store, event: Mapping[str, Any]) -> tuple[Version, Any, dict[int, str]]:
    """The version, its copies under the limit without the groups left alone, and who stays where a person chose."""
    label, field, against = event.get("version"), event.get("field"), event.get("against")
    if not isinstance(label, str) or not label or field not in FIELDS or not isinstance(against, str):
        raise BadInput("The choice did not arrive whole. Reload the page and try again.")
    version = datasets.version(store, label)
    found = _known(store, version, str(field), against)
    if found is None:
        raise BadInput(f'{version.label} was not compared this way yet. Press "Find copies".')
    keep, leave = chosen_of(event)
    left = without_groups(found.at(limit_of(event.get("limit"))), leave)
    return version, left, kept_by_number(left, keep)


def _known(store: Store, version: Version, field: str, against: str) -> Any:
    from workbench.actions.find_copies import known_copies

    return known_copies(store, version.label, field=field, against=against)


def _at(store: Store) -> Any:
    """A server function: the groups under another limit, with the choices made so far; nothing is measured again."""

    def at(payload: Any) -> dict[str, Any]:
        try:
            event = payload if isinstance(payload, dict) else {}
            label, field, against, page = (event.get(name) for name in ("version", "field", "against", "page"))
            if not isinstance(label, str) or not label or field not in FIELDS or type(page) is not int:
                raise BadInput("The question did not arrive whole. Reload the page and try again.")
            version = datasets.version(store, label)
            found = _known(store, version, str(field), str(against or ""))
            if found is None:
                raise BadInput(f'{version.label} was not compared this way yet. Press "Find copies".')
            keep, leave = chosen_of(event)
            shown = groups_of(store, version, found.at(limit_of(event.get("limit"))), page, keep, leave)
            return {**shown, "summary": summary_of(found)}
        except GoldloopError as error:
            return {"error": str(error)}

    return at
