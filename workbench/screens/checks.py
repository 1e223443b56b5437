"""Checks: what is wrong with the rows, how much, how sure that is, and the ways out."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import gradio as gr

from workbench import jobs
from workbench.checks.advice import count_advice
from workbench.checks.check import check_named
from workbench.errors import GoldloopError, NotFound
from workbench.records import Version
from workbench.screens import check_steps
from workbench.screens.address import Look, last_opened, version_of
from workbench.screens.check_board import board_of, knobs_given
from workbench.screens.check_panel import panel_of, would_flag
from workbench.screens.differences import difference_html
from workbench.screens.escape import esc, note, plural
from workbench.screens.look import script
from workbench.screens.page import OPEN_LAST, Page
from workbench.screens.pictures import quality_html
from workbench.screens.progress import Card, card_of
from workbench.screens.results import CSS
from workbench.screens.undo_button import undo_button
from workbench.store import Store, datasets, findings

TITLE, PATH = "Checks", "/checks"
SENTENCE = "What is wrong with the rows, what matters most first. Nothing changes until you say so."
BOARD_JS = script("row_parts", "check_board")
PANEL_JS = script("row_parts", "check_steps", "check_ways", "check_panel")
NOTHING = "There is nothing to check yet. Bring a file on the Data screen."
SHOWN = 4  # components that `show` fills
DIRECT_ROWS = 600  # measured while one waits, some 4 seconds with the whole catalogue; above it a job does it


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH, own_jobs=("check",))
    with gr.Row(elem_classes="tools"):
        run = gr.Button("Run the checks", variant="primary", size="sm", scale=0, min_width=150, elem_id="run-checks")
        undo = gr.Button("Undo last change", size="sm", scale=0, min_width=150, elem_id="undo")
        summary = gr.HTML("", apply_default_css=False, elem_classes="grow")
        enough = gr.Button("Are these enough rows?", size="sm", scale=0, min_width=190, elem_id="enough")
        quality = gr.Button("Quality over versions", size="sm", scale=0, min_width=180, elem_id="quality")
    card = Card(page, kinds=("check",))
    aside = gr.HTML("", apply_default_css=False, css_template=CSS, elem_id="aside")
    with gr.Row(equal_height=False):
        with gr.Column(scale=6, min_width=460):
            board = gr.HTML(
                None, html_template='<div class="board"></div>', js_on_load=BOARD_JS, apply_default_css=False,
                elem_id="board",
            )  # fmt: skip
        with gr.Column(scale=5, min_width=400, elem_classes="sticky"):
            panel = gr.HTML(
                None, html_template='<div class="panel"></div>', js_on_load=PANEL_JS, apply_default_css=False,
                server_functions=[_would(store), check_steps.proposals(store)], elem_id="panel",
            )  # fmt: skip
            difference = gr.HTML("", apply_default_css=False, elem_id="preview")

    shown = [board, panel, summary, difference]
    page.arrive(partial(show, store), [], shown)
    started = [*shown, card.shown, page.say, page.go]
    page.refresh(page.on(run.click, partial(measure, store), [], started, trigger_mode="once"))
    page.on(enough.click, partial(advice, store), [], [aside], trigger_mode="once")
    page.on(quality.click, partial(over_versions, store), [], [aside], trigger_mode="once")
    page.on(card.shown.ended, partial(show, store), [], shown, quiet=True)
    page.on(
        board.open, partial(opened, store), [], [panel, difference, page.go], js=OPEN_LAST, trigger_mode="always_last"
    )
    page.on(panel.preview, partial(previewed, store), [], [difference], trigger_mode="once")
    for event, do in ((panel.apply, applied), (panel.accept, accepted)):
        made = page.refresh(
            page.on(event, partial(do, store), [], [panel, difference, page.say, page.go], trigger_mode="once")
        )
        page.on(made.then, partial(measured_again, store), [], shown, quiet=True)
    for event, do in ((panel.rule, ruled), (panel.unrule, unruled)):
        page.on(event, partial(do, store), [], [*shown, page.say], trigger_mode="once")
    page.on(panel.keep, partial(kept, store), [], [*shown, page.say, page.go], trigger_mode="once")
    page.on(panel.measure, partial(again, store), [], [*shown, card.shown, page.go], trigger_mode="once")
    undone = undo_button(page, undo, lambda look: (None, ""), [panel, difference])
    page.on(undone.then, partial(measured_again, store), [], shown, quiet=True)


def show(store: Store, look: Look) -> tuple[Any, ...]:
    try:
        version = version_of(store, look)
    except NotFound as error:
        said = str(error) if datasets.names(store) else NOTHING
        return {"lines": [], "said": said}, None, "", ""
    value = board_of(store, version, look.get("check"))
    return value, panel_of(store, version, value["current"]), _summary(value), ""


def measure(store: Store, look: Look) -> tuple[Any, ...]:
    version = version_of(store, look)
    if version.size > DIRECT_ROWS:
        job = jobs.start(store, "check", {"version": version.label})
        said = note("The checks run in the background.")
        return *[gr.skip()] * SHOWN, card_of(job), said, look.here(PATH, job=job.id)
    _run(store, version)
    return *show(store, look), gr.skip(), "", gr.skip()


def opened(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, Any, str]:
    wanted = last_opened(look, event, "check", key="check")
    return panel_of(store, version_of(store, look), wanted.get("check")), "", wanted.here(PATH)


def previewed(store: Store, look: Look, event: Mapping[str, Any]) -> str:
    from workbench.actions.apply_fix import apply_fix

    fix, check, version = check_steps.wanted(store, event)
    done = apply_fix(store, fix.name, version=version.label, where=f"check={check}", preview=True)
    return f"<h3>{esc(fix.title)}: what would change</h3>{difference_html(done.difference)}"


def applied(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    from workbench.actions.apply_fix import apply_fix

    fix, check, version = check_steps.wanted(store, event)
    done = apply_fix(store, fix.name, version=version.label, where=f"check={check}")
    assert done.after is not None, "a fix that is not a preview makes a version"
    said = f'Version {done.after.number}: {done.difference.summary}. "Undo last change" takes it back.'
    return None, "", note(said), _newest(look).here(PATH)


def accepted(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    return None, "", note(check_steps.accept(store, event)), _newest(look).here(PATH)


def ruled(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    said = check_steps.no_problem(store, event)
    return *show(store, look), note(said)


def unruled(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    said = check_steps.raise_again(store, event)
    return *show(store, look), note(said)


def _newest(look: Look) -> Look:
    """The same look at the newest version of the dataset."""
    return Look({name: value for name, value in look.params.items() if name not in ("version", "job")})


def measured_again(store: Store, look: Look) -> tuple[Any, ...]:
    """The board of the newest version, measured now where that is quick; the message of the change stands already."""
    fresh = _newest(look)
    version = version_of(store, fresh)
    if version.size <= DIRECT_ROWS and not findings.runs(store, version):
        _run(store, version)
    return show(store, fresh)


def kept(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    from workbench.actions.set_limit import set_limit

    version, check, limit = version_of(store, look), str(event.get("check", "")), event.get("limit")
    run = set_limit(store, check, limit, version=version.label)  # type: ignore[arg-type]  # it refuses what is no number
    said = note(f"{plural(run.flagged, 'row')} flagged under the new limit.")
    fresh = Look({**look.params, "check": check})
    return *show(store, fresh), said, fresh.here(PATH)


def again(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    from workbench.actions.run_checks import run_checks

    version, check = version_of(store, look), str(event.get("check", ""))
    knobs = knobs_given(check, event.get("knobs"))
    if version.size > DIRECT_ROWS or check_named(check).costly:
        job = jobs.start(store, "check", {"version": version.label, "only": [check], "knobs": {check: knobs}})
        return *[gr.skip()] * SHOWN, card_of(job), look.here(PATH, job=job.id)
    run_checks(store, version.label, only=[check], knobs={check: knobs})
    return *show(store, look), gr.skip(), gr.skip()


def advice(store: Store, look: Look) -> str:
    """How many rows which task needs, and what comes first; asked for, since it reads every row."""
    said = "".join(f"<li>{esc(line)}</li>" for line in count_advice(datasets.rows_of(store, version_of(store, look))))
    return f'<div class="card advice"><strong>Are these enough rows?</strong><ul>{said}</ul></div>'


def over_versions(store: Store, look: Look) -> str:
    return quality_html(store, version_of(store, look))


def _run(store: Store, version: Version) -> None:
    from workbench.actions.run_checks import run_checks

    run_checks(store, version.label)


def _would(store: Store) -> Any:
    """A server function: how many rows another limit would flag, without measuring again."""

    def would(payload: Any) -> dict[str, Any]:
        try:
            event = payload if isinstance(payload, dict) else {}
            version = datasets.version(store, str(event.get("version", "")))
            return would_flag(store, version, str(event.get("check", "")), event.get("limit"))
        except GoldloopError as error:
            return {"error": str(error)}

    return would


def _summary(board: Mapping[str, Any]) -> str:
    lines = board["lines"]
    if not lines:
        return ""
    found = [line for line in lines if line["flagged"] and line["severity"] != "info"]
    hints = [line for line in lines if line["flagged"] and line["severity"] == "info"]
    said = f"{plural(len(found), 'finding')}, {plural(len(hints), 'hint')}, {plural(len(lines), 'check')} in all"
    return f'<span class="quiet">{esc(said if found or hints else "All clear: no check flags a row")}</span>'
