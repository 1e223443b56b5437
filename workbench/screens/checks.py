"""Checks: what is wrong with the rows, how many, and what mends it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from workbench import jobs
from workbench.checks.advice import count_advice
from workbench.errors import BadInput, GoldloopError, NotFound
from workbench.fixes.fix import catalogue as fix_catalogue
from workbench.records import Version
from workbench.screens.address import Look, version_of
from workbench.screens.check_board import board_of, knobs_given, panel_of, would_flag
from workbench.screens.differences import difference_html
from workbench.screens.escape import esc, note, plural
from workbench.screens.look import script
from workbench.screens.page import Page
from workbench.screens.progress import Card, card_of
from workbench.screens.undo_button import undo_button
from workbench.store import Store, datasets, findings

TITLE, PATH = "Checks", "/checks"
SENTENCE = "What is wrong with the rows, worst first. A check only measures; nothing changes until you apply a fix."
HERE = Path(__file__).parent
BOARD_JS, PANEL_JS = script("check_board"), script("check_panel")
SHOWN = 5  # components that `show` fills
DIRECT_ROWS = 1_500  # measured while one waits, some 4 seconds; 5,000 rows took 17 on two busy cores, so a job does it


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH, own_jobs=("check",))
    with gr.Row(elem_classes="tools"):
        run = gr.Button("Run the checks", variant="primary", size="sm", scale=0, min_width=150, elem_id="run-checks")
        undo = gr.Button("Undo last change", size="sm", scale=0, min_width=150, elem_id="undo")
        summary = gr.HTML("", apply_default_css=False, elem_classes="grow")
    card = Card(page, kinds=("check",))
    with gr.Row(equal_height=False):
        with gr.Column(scale=6, min_width=460):
            board = gr.HTML(
                None,
                html_template='<div class="board"></div>',
                js_on_load=BOARD_JS,
                apply_default_css=False,
                elem_id="board",
            )
            advice = gr.HTML("", apply_default_css=False)
        with gr.Column(scale=5, min_width=400):
            panel = gr.HTML(
                None,
                html_template='<div class="panel"></div>',
                js_on_load=PANEL_JS,
                apply_default_css=False,
                server_functions=[_would(store)],
                elem_id="panel",
            )
            difference = gr.HTML("", apply_default_css=False, elem_id="preview")

    shown = [board, panel, summary, advice, difference]
    page.arrive(partial(show, store), [], shown)
    page.refresh(
        page.on(run.click, partial(measure, store), [], [*shown, card.shown, page.say, page.go], trigger_mode="once")
    )
    page.on(card.shown.ended, partial(show, store), [], shown, quiet=True)
    page.on(board.open, partial(opened, store), [], [panel, difference, page.go], trigger_mode="always_last")
    page.on(panel.preview, partial(previewed, store), [], [difference], trigger_mode="once")
    made = page.refresh(
        page.on(panel.apply, partial(applied, store), [], [panel, difference, page.say, page.go], trigger_mode="once")
    )
    page.on(made.then, partial(measured_again, store), [], shown, quiet=True)
    page.on(panel.keep, partial(kept, store), [], [*shown, page.say, page.go], trigger_mode="once")
    page.on(panel.measure, partial(again, store), [], [*shown, card.shown, page.go], trigger_mode="once")
    undone = undo_button(page, undo, lambda look: (None, ""), [panel, difference])
    page.on(undone.then, partial(measured_again, store), [], shown, quiet=True)


def show(store: Store, look: Look) -> tuple[Any, ...]:
    try:
        version = version_of(store, look)
    except NotFound as error:
        said = (
            str(error) if datasets.names(store) else "There is nothing to check yet. Bring a file on the Data screen."
        )
        return {"lines": [], "said": said}, None, "", "", ""
    value = board_of(store, version, look.get("check"))
    return value, panel_of(store, version, value["current"]), _summary(value), _advice(store, version), ""


def measure(store: Store, look: Look) -> tuple[Any, ...]:
    version = version_of(store, look)
    if version.size > DIRECT_ROWS:
        job = jobs.start(store, "check", {"version": version.label})
        return (
            *[gr.skip()] * SHOWN,
            card_of(job),
            note("The checks run in the background."),
            look.here(PATH, job=job.id),
        )
    _run(store, version)
    return *show(store, look), gr.skip(), "", gr.skip()


def opened(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, Any, str]:
    check = str(event.get("check", ""))[:100]
    return panel_of(store, version_of(store, look), check), "", look.here(PATH, check=check)


def previewed(store: Store, look: Look, event: Mapping[str, Any]) -> str:
    from workbench.actions.apply_fix import apply_fix

    fix, where, version = _wanted(store, look, event)
    done = apply_fix(store, fix, version=version.label, where=where, preview=True)
    title = fix_catalogue()[fix].title
    return f"<h3>{esc(title)}: what would change</h3>{difference_html(done.difference)}"


def applied(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    from workbench.actions.apply_fix import apply_fix

    fix, where, version = _wanted(store, look, event)
    done = apply_fix(store, fix, version=version.label, where=where)
    assert done.after is not None, "a fix that is not a preview makes a version"
    said = f'Version {done.after.number}: {done.difference.summary}. "Undo last change" takes it back.'
    return None, "", note(said), _newest(look).here(PATH)


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
    return (
        *show(store, look),
        note(f"{plural(run.flagged, 'row')} flagged under the new limit."),
        look.here(PATH, check=check),
    )


def again(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    from workbench.actions.run_checks import run_checks

    version, check = version_of(store, look), str(event.get("check", ""))
    knobs = knobs_given(check, event.get("knobs"))
    if version.size > DIRECT_ROWS:
        job = jobs.start(store, "check", {"version": version.label, "only": [check], "knobs": {check: knobs}})
        return *[gr.skip()] * SHOWN, card_of(job), look.here(PATH, job=job.id)
    run_checks(store, version.label, only=[check], knobs={check: knobs})
    return *show(store, look), gr.skip(), gr.skip()


def _run(store: Store, version: Version) -> None:
    from workbench.actions.run_checks import run_checks

    run_checks(store, version.label)


def _wanted(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[str, str, Version]:
    """The fix, the rows and the version that a button means; the version is the one that the person saw."""
    fix, check, label = event.get("fix"), event.get("check"), event.get("version")
    if fix not in fix_catalogue() or not isinstance(check, str) or not isinstance(label, str):
        raise BadInput("That is no fix. Reload the page and try again.")
    return str(fix), f"check={check}", datasets.version(store, label)


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
    found = [line for line in lines if line["flagged"]]
    said = (
        f"{plural(len(found), 'check')} of {len(lines)} with findings" if found else "All clear: no check flags a row"
    )
    return f'<span class="quiet">{esc(said)}</span>'


def _advice(store: Store, version: Version) -> str:
    """How many rows which task needs, and what comes first."""
    said = "".join(f"<li>{esc(line)}</li>" for line in count_advice(datasets.rows_of(store, version)))
    return f'<details class="card advice" open><summary>Are these enough rows?</summary><ul>{said}</ul></details>'
