"""The sign-off desk: golden rows one by one by keyboard; sign, object, or put right."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from workbench.actions.edit_golden import edit_golden
from workbench.actions.sign_golden import read_sealed, sign_golden
from workbench.errors import BadInput, NotFound
from workbench.records import Golden, RowState
from workbench.reports.asked import asked
from workbench.rows import Rows
from workbench.screens.address import Look, version_of
from workbench.screens.escape import note
from workbench.screens.look import script
from workbench.screens.page import Page
from workbench.screens.results import CSS
from workbench.settings import LONGEST_NAME, user_name
from workbench.store import Store, goldens
from workbench.store.golden_signatures import states, summed

DESK_JS = script("golden_sign")
MOST_ROWS = 1_000  # handed to a browser at once
LONGEST = 20_000  # characters of a text that a browser sends


def draw_desk(page: Page, store: Store, path: str) -> tuple[Any, list[Any], list[Any]]:
    """The tab "Sign off". Gives what fills it, what is filled, and the events that change the sign-off or the set."""
    with gr.Row(elem_classes="tools"):
        who = gr.Textbox(label="Your name", max_lines=1, max_length=80, scale=2, elem_id="sign-who",
                         info="Who froze or edited a row cannot sign it.")  # fmt: skip
        read = gr.Button("Read the next sealed row…", size="sm", scale=0, min_width=200, elem_id="read-sealed")
    with gr.Row(visible=False, elem_classes="tools") as sure:
        gr.HTML(
            "<p>Sealed rows stay unread so that nobody can work towards them. Reading one to sign it off is possible "
            "until the first look; that you have read it is recorded under your name and printed in reports.</p>",
            apply_default_css=False,
        )
        yes = gr.Button("Read it, and record that", variant="stop", size="sm", scale=0, min_width=190)
        no = gr.Button("No", size="sm", scale=0, min_width=80)
    desk = gr.HTML(
        None, html_template='<div class="sign-desk"></div>', js_on_load=DESK_JS, css_template=CSS,
        apply_default_css=False, elem_id="sign-desk",
    )  # fmt: skip

    def show(look: Look) -> tuple[Any, ...]:
        return look.get("who") or user_name(), desk_of(store, look), gr.Row(visible=False)

    def rename(look: Look, who: Any) -> tuple[Any, ...]:
        wanted = Look({**look.params, "who": str(who or "").strip()[:80]})
        return desk_of(store, wanted), wanted.here(path)

    def signed(look: Look, who: Any, event: Mapping[str, Any]) -> tuple[Any, ...]:
        this, row, said = _golden(store, look), _text(event, "row"), _text(event, "note")
        objects = event.get("objects") is True
        sign_golden(store, this, [row], who=_name(who), note=said, objects=objects)
        return desk_of(store, _as(look, who)), note("Objection kept." if objects else "Signed off.")

    def edited(look: Look, who: Any, event: Mapping[str, Any]) -> tuple[Any, ...]:
        this = _golden(store, look)
        done = edit_golden(
            store, _text(event, "row"), question=_text(event, "question"), reply=_text(event, "reply"),
            reason=_text(event, "reason"), dataset=this.dataset, who=_name(who),
        )  # fmt: skip
        assert done.golden is not None, "an edit that is no preview makes a golden version"
        said = f"{done.golden.label} holds the new text. Evaluate all arms anew; somebody else signs the row off."
        return desk_of(store, _as(look, who)), note(said)

    def ask(look: Look) -> Any:
        return gr.Row(visible=True)

    def opened(look: Look, who: Any) -> tuple[Any, ...]:
        this = _golden(store, look)
        left = [one for one in states(store, this).values() if one.part == "sealed" and one.state == "unsigned"]
        if not left:
            raise BadInput(f"No sealed row of {this.label} waits to be signed off.")
        row = read_sealed(store, this, left[0].row_id, who=_name(who))
        return desk_of(store, _as(look, who), row), gr.Row(visible=False)

    page.arrive(show, [], [who, desk, sure])
    for event in (who.submit, who.blur):
        page.on(event, rename, [who], [desk, page.go], quiet=True)
    changes = [
        page.on(desk.sign, signed, [who], [desk, page.say]),
        page.on(desk.edit, edited, [who], [desk, page.say], trigger_mode="once"),
    ]
    page.on(read.click, ask, [], [sure])
    page.on(no.click, lambda look: gr.Row(visible=False), [], [sure])
    changes.append(page.on(yes.click, opened, [who], [desk, sure], trigger_mode="once"))
    return show, [who, desk, sure], changes


def desk_of(store: Store, look: Look, opened: Rows | None = None) -> dict[str, Any]:
    """What the desk shows: rows that may be read, and one sealed row that was just opened; texts as plain values."""
    try:
        this = goldens.in_force(store, version_of(store, look).dataset)
    except NotFound as error:
        return {"said": str(error), "rows": [], "sum": None}
    known, me = states(store, this), look.get("who") or user_name()
    rows = goldens.readable(store, this)
    shown = [_row(one, turns, reply, known[one], me) for one, turns, reply in
             zip(rows.row_id[:MOST_ROWS], rows.messages, rows.reply, strict=False)]  # fmt: skip
    if opened is not None:
        row_id = opened.row_id[0]
        shown.insert(0, _row(row_id, opened.messages[0], opened.reply[0], known[row_id], me))
    order = {"objected": 0, "unsigned": 1, "signed": 2}
    shown.sort(key=lambda one: (one["part"] != "sealed", order[one["state"]]))
    return {"said": "", "label": this.label, "rows": shown, "sum": summed(known), "me": me}


def _row(row_id: str, turns: list[dict[str, Any]], reply: str, state: RowState, me: str) -> dict[str, Any]:
    own = me in (state.froze, state.edited_by)
    return {
        "id": row_id, "part": state.part, "state": state.state, "by": state.by, "note": state.note,
        "asked": asked(turns), "reply": reply,
        "question": next((turn["content"] or "" for turn in reversed(turns) if turn["role"] == "user"), ""),
        "own": ("You edited it" if me == state.edited_by else "You froze it") if own else "",
    }  # fmt: skip


def _golden(store: Store, look: Look) -> Golden:
    return goldens.in_force(store, version_of(store, look).dataset)


def _as(look: Look, who: Any) -> Look:
    return Look({**look.params, "who": _name(who)})


def _name(who: Any) -> str:
    name = str(who or "").strip()[:LONGEST_NAME]
    if not name:
        raise BadInput("Write your name first, so that others see who signed.")
    return name


def _text(event: Mapping[str, Any], key: str) -> str:
    value = event.get(key)
    if not isinstance(value, str) or len(value) > LONGEST:
        raise BadInput("That did not arrive whole. Reload the page and try again.")
    return value
