"""Queue: rows one at a time in front of people who know the field; their decisions become one version."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from workbench.checks.check import catalogue
from workbench.errors import BadInput, NotFound
from workbench.records import Queue, Version
from workbench.screens import queue_desk
from workbench.screens.address import Look, version_of
from workbench.screens.escape import esc, note, plural
from workbench.screens.look import script
from workbench.screens.page import Page
from workbench.screens.queue_review import closing_html, draw_review, review_of
from workbench.screens.results import CSS
from workbench.screens.row_filters import Filters, choose
from workbench.settings import user_name
from workbench.store import Store, queues
from workbench.store.sheets import sheet_of

TITLE, PATH = "Queue", "/queue"
SENTENCE = "One row at a time, by keyboard. Decisions become a version when the queue is closed."
HERE = Path(__file__).parent
HTML = (HERE / "queue.html").read_text(encoding="utf-8")
JS = script("row_parts", "row_edit", "queue", "queue_paint")
MOST_QUEUES = 50
FEWEST_RENEWALS = 3  # in a lease's time, so that one lost call loses no row


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH)
    with gr.Row(elem_classes="tools"):
        which = gr.Dropdown(label="Queue", choices=[], interactive=True, scale=4, elem_id="which-queue")
        who = gr.Textbox(label="Your name", max_lines=1, max_length=80, scale=2, elem_id="who")
        new = gr.Button("Open a queue", size="sm", scale=0, min_width=130, elem_id="new-queue")
        finish = gr.Button("Close the queue", size="sm", scale=0, min_width=140, visible=False, elem_id="close-queue")
    with gr.Column(visible=False, elem_classes=["card", "plain"]) as form:
        meant = gr.HTML("", apply_default_css=False)
        with gr.Row(equal_height=False):
            name = gr.Textbox(label="Name of the queue", max_lines=1, scale=3, elem_id="queue-name")
            check = gr.Dropdown(label="Flagged by", choices=[], allow_custom_value=True, scale=3)
            tag = gr.Textbox(label="Tag", max_lines=1, scale=2)
            text = gr.Textbox(label="Text in the row", max_lines=1, scale=3)
        with gr.Row(equal_height=False):
            people = gr.Number(label="People on an overlap row", value=1, precision=0, minimum=1, maximum=20,
                               info="1: nobody sees a row twice.")  # fmt: skip
            share = gr.Number(label="Share of overlap rows", value=0.1, minimum=0, maximum=1, step=0.05,
                              info="Drawn by chance, to see how far people agree.")  # fmt: skip
            minutes = gr.Number(label="Minutes a row stays with one person", value=15, minimum=1, maximum=1440)
        guide = gr.Textbox(label="Guidelines, shown beside each row", lines=3, max_lines=10, elem_id="guidelines")
        with gr.Row():
            go_on = gr.Button("Open the queue", variant="primary", size="sm", scale=0, min_width=160,
                              elem_id="open-queue")  # fmt: skip
    with gr.Column(visible=False, elem_classes="card") as sure:
        asks = gr.HTML("", apply_default_css=False, elem_id="closing")
        with gr.Row():
            yes = gr.Button("Close it for good", variant="primary", size="sm", scale=0, min_width=160,
                            elem_id="close-yes")  # fmt: skip
            no = gr.Button("Not yet", size="sm", scale=0, min_width=110)
    desk = gr.HTML(
        None, html_template=HTML, js_on_load=JS, css_template=CSS, apply_default_css=False, elem_id="desk",
        server_functions=queue_desk.server_functions(store),
    )  # fmt: skip
    review = draw_review(page, store)

    fields = [meant, name, check, tag, text, guide]
    shown = [which, who, new, finish, form, sure, *fields, desk, review]
    page.arrive(partial(show, store), [], shown)
    page.on(which.input, partial(choose_queue, store), [which], [*shown, page.go])
    for event in (who.submit, who.blur):
        page.on(event, partial(rename, store), [who], [desk, review, page.go])
    page.on(new.click, partial(ask_new, store), [], [*shown, page.go])
    for event in (check.input, tag.submit, text.submit):
        page.on(event, partial(count, store), [check, tag, text], [meant])
    given = [name, check, tag, text, people, share, minutes, guide]
    page.on(go_on.click, partial(opened, store), given, [*shown, page.say, page.go], trigger_mode="once")
    page.on(finish.click, partial(ask_close, store), [], [sure, asks])
    page.on(no.click, lambda look: gr.Column(visible=False), [], [sure])
    page.refresh(page.on(yes.click, partial(close, store), [], [*shown, page.say, page.go], trigger_mode="once"))


def show(store: Store, look: Look) -> tuple[Any, ...]:
    """The values of all that is shown, in the order of `shown`."""
    found = queue_of(store, look)
    try:
        version = version_of(store, look)
    except NotFound:
        version = None
    opening = version is not None and (bool(look.get("open")) or found is None)
    me = look.get("who") or user_name()
    return (
        gr.Dropdown(choices=choices(store, look), value=str(found.id) if found else None, visible=found is not None),
        gr.Textbox(value=me, visible=found is not None),
        gr.Button(visible=version is not None and not opening),
        gr.Button(visible=found is not None and found.state == "open" and not opening),
        gr.Column(visible=opening), gr.Column(visible=False), *_form(store, look, version),
        desk_of(found, me) if not opening else None, review_of(store, found) if not opening else _nothing(version),
    )  # fmt: skip


def _nothing(version: Version | None) -> dict[str, Any] | None:
    return None if version is not None else {"said": "There are no rows yet. Bring a file on the Data screen."}


def _form(store: Store, look: Look, version: Version | None) -> tuple[Any, ...]:
    if version is None:
        return "", "", gr.Dropdown(choices=[]), "", "", ""
    known = catalogue()
    checks = [("any or none", ""), *((check.title, check.name) for check in known.values())]
    check, tag, text = look.get("check"), look.get("tag"), look.get("text")
    name = known[check].title if check in known else tag or text or f"{version.dataset} v{version.number}"
    return (
        meant(store, version, check, tag, text), name, gr.Dropdown(choices=checks, value=check), tag, text,
        sheet_of(store, version.dataset).guidelines,
    )  # fmt: skip


def meant(store: Store, version: Version, check: str, tag: str, text: str) -> str:
    """How many rows a new queue would have, in words."""
    found = len(choose(store, version, Filters(check=check, tag=tag, text=text)).places)
    narrowed = check or tag or text
    of = f"those of {version.label} that match" if narrowed else f"all of {version.label}; narrow it below"
    return f"<p><strong>A queue of {esc(plural(found, 'row'))}</strong>: {esc(of)}.</p>"


def count(store: Store, look: Look, check: Any, tag: Any, text: Any) -> str:
    return meant(store, version_of(store, look), *(str(one or "")[:500] for one in (check, tag, text)))


def choices(store: Store, look: Look) -> list[tuple[str, str]]:
    """The queues of the dataset in the URL, open ones first; of every dataset where none is named."""
    listed = queues.listed(store, look.get("dataset") or None)[:MOST_QUEUES]
    listed.sort(key=lambda one: one.state != "open")
    return [(f"{one.name} · {one.version} · {plural(one.size, 'row')} · {one.state}", str(one.id)) for one in listed]


def queue_of(store: Store, look: Look) -> Queue | None:
    """The queue in the URL, else the newest open one of the dataset; None where there is none."""
    if number := look.number("queue"):
        return queues.get(store, number)
    listed = queues.listed(store, look.get("dataset") or None)
    return next((one for one in listed if one.state == "open"), listed[0] if listed else None)


def desk_of(found: Queue | None, who: str) -> dict[str, Any] | None:
    """What the desk works on; None where the queue is closed or there is none."""
    if found is None or found.state != "open" or not who.strip():
        return None
    renew = max(5.0, found.lease_minutes * 60 / FEWEST_RENEWALS)
    return {"queue": found.id, "who": who, "guidelines": found.guidelines, "renew": renew, "version": found.version}


def choose_queue(store: Store, look: Look, which: Any) -> tuple[Any, ...]:
    if not str(which or "").isdecimal():
        raise BadInput("Choose a queue first.")
    found = queues.get(store, int(which))
    wanted = Look({"dataset": found.dataset, "queue": str(found.id), "who": look.get("who")})
    return *show(store, wanted), wanted.here(PATH)


def rename(store: Store, look: Look, who: Any) -> tuple[Any, ...]:
    wanted = Look({**look.params, "who": str(who or "").strip()[:80]})
    found = queue_of(store, wanted)
    return desk_of(found, wanted.get("who")), review_of(store, found), wanted.here(PATH)


def ask_new(store: Store, look: Look) -> tuple[Any, ...]:
    wanted = Look({**{name: value for name, value in look.params.items() if name != "queue"}, "open": "1"})
    return *show(store, wanted), wanted.here(PATH)


def opened(
    store: Store, look: Look, name: Any, check: Any, tag: Any, text: Any, people: Any, share: Any, minutes: Any,
    guide: Any,
) -> tuple[Any, ...]:  # fmt: skip
    from workbench.actions.open_queue import open_queue

    numbers = (people, share, minutes)
    if any(isinstance(one, bool) or not isinstance(one, int | float) for one in numbers):
        raise BadInput("People, share and minutes must be numbers.")
    wanted_check, wanted_tag, wanted_text = (str(one or "").strip()[:500] for one in (check, tag, text))
    filters = Filters(check=wanted_check, tag=wanted_tag, text=wanted_text)
    if filters.any and not filters.where:
        raise BadInput("A queue takes rows with findings, of a tag, or with a text in them.")
    made = open_queue(
        store, str(name or ""), version=version_of(store, look).label, where=filters.where or "all",
        overlap=int(people), overlap_share=float(share), lease_minutes=float(minutes),
        guidelines=str(guide or "")[:100_000],
    )  # fmt: skip
    wanted = Look({"dataset": made.dataset, "queue": str(made.id), "who": look.get("who")})
    said = note(f'The queue "{made.name}" is open with {plural(made.size, "row")}. Press ? for the keys.')
    return *show(store, wanted), said, wanted.here(PATH)


def ask_close(store: Store, look: Look) -> tuple[Any, ...]:
    from workbench.actions.close_queue import close_queue

    found = queue_of(store, look)
    if found is None:
        raise BadInput("There is no queue to close.")
    return gr.Column(visible=True), closing_html(close_queue(store, found.id, preview=True))


def close(store: Store, look: Look) -> tuple[Any, ...]:
    from workbench.actions.close_queue import close_queue

    found = queue_of(store, look)
    if found is None:
        raise BadInput("There is no queue to close.")
    done = close_queue(store, found.id)
    made = (
        f"version {done.after.number}: {done.difference.summary}" if done.after else "no new version: nothing changed"
    )
    wanted = Look({"dataset": found.dataset, "queue": str(found.id), "who": look.get("who")})
    return *show(store, wanted), note(f'The queue "{found.name}" is closed; it made {made}.'), wanted.here(PATH)
