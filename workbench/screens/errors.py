"""Errors: read the answers that failed, note the first thing wrong with each, and let the notes become kinds."""

from __future__ import annotations

from typing import Any

import gradio as gr

from workbench.actions.note_failure import Analysis, analysis, name_kind, note_failure, propose_kinds
from workbench.diagnosis.failures import KINDS
from workbench.errors import BadInput
from workbench.records import Evaluation, FailureNote
from workbench.screens.address import Look, address, last_opened
from workbench.screens.escape import empty, esc, note, plural, short, table
from workbench.screens.evaluation_view import cases_of, detail_html
from workbench.screens.page import OPEN_LAST, Page
from workbench.screens.results import evaluation_choices, evaluation_of, number_of, percent, round_is_open, view
from workbench.screens.rows import LIST_HTML, LIST_JS
from workbench.settings import user_name
from workbench.store import Store, failure_notes

TITLE, PATH = "Errors", "/errors"
SENTENCE = "Read what the tuned model got wrong, note the first thing wrong with it, and let the notes become kinds."
HIDDEN = "People are rating these answers blind right now: reading them here would tell which model wrote which."
SEALED = "This evaluation was made on the sealed rows. Nobody reads those; choose one of the dev part."
MOST_LISTED = 500


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH)
    with gr.Row(elem_classes="tools"):
        which = gr.Dropdown(label="Evaluation", choices=[], interactive=True, scale=4)
        propose = gr.Button("Propose kinds", size="sm", scale=0, min_width=130, elem_id="propose-kinds")
    counts = view(elem_id="error-kinds")
    with gr.Row(visible=False, elem_classes="tools") as grouping:
        group = gr.Dropdown(label="Notes that sound alike", choices=[], interactive=True, scale=5)
        name = gr.Textbox(label="Name of the kind", max_lines=1, scale=3)
        take = gr.Button("Make it a kind", size="sm", scale=0, min_width=130, elem_id="take-kind")
    with gr.Row(equal_height=False):
        with gr.Column(scale=4, min_width=340):
            grid = gr.HTML(None, html_template=LIST_HTML.replace(" · <kbd>e</kbd> edit", ""), js_on_load=LIST_JS,
                           apply_default_css=False, elem_id="error-list")  # fmt: skip
        with gr.Column(scale=8, min_width=460):
            with gr.Row(elem_classes="tools"):
                words = gr.Textbox(label="The first thing wrong with it", max_lines=1, scale=5, elem_id="error-note",
                                   placeholder="in your own words; Enter saves and goes on")  # fmt: skip
                kind = gr.Dropdown(label="Kind", choices=[], value="", allow_custom_value=True, scale=3, min_width=150)
                save = gr.Button("Save and go on", variant="primary", size="sm", scale=0, min_width=130,
                                 elem_id="error-save")  # fmt: skip
            detail = view(elem_id="error-detail")
    shown = [which, counts, grouping, grid, words, kind, detail]

    def show(look: Look) -> tuple[Any, ...]:
        return gr.Dropdown(choices=evaluation_choices(store), value=_value(store, look)), *_screen(store, look)

    def choose(look: Look, which: Any) -> tuple[Any, ...]:
        wanted = Look({"evaluation": str(number_of(which, "an evaluation"))})
        return *_screen(store, wanted), wanted.here(PATH)

    def opened(look: Look, event: dict[str, Any]) -> tuple[Any, ...]:
        wanted = last_opened(look, event, "row")
        return *_row(store, wanted), wanted.here(PATH)

    def saved(look: Look, words: Any, kind: Any) -> tuple[Any, ...]:
        evaluation, row_id = _current(store, look)
        note_failure(store, evaluation.id, row_id, str(words or ""), str(kind or ""))
        wanted = Look({**look.params, "evaluation": str(evaluation.id), "row": _next(store, evaluation, row_id)})
        return *_screen(store, wanted), wanted.here(PATH)

    def proposed(look: Look) -> tuple[Any, ...]:
        found = propose_kinds(store, _evaluation(store, look).id)
        if not found:
            raise BadInput("Every note has a kind already, or nothing was noted yet.")
        choices = [
            (f"{plural(len(one.row_ids), 'row')}: {short(one.notes[0], 90)}", "+".join(one.row_ids)) for one in found
        ]
        return gr.Row(visible=True), gr.Dropdown(choices=choices, value=choices[0][1]), found[0].name

    def taken(look: Look, group: Any, name: Any) -> tuple[Any, ...]:
        evaluation = _evaluation(store, look)
        rows = tuple(str(group or "").split("+"))
        count = name_kind(store, evaluation.id, rows, str(name or ""))
        return *_screen(store, look), note(f"{plural(count, 'row')} put under that kind.")

    page.arrive(show, [], shown)
    page.on(which.input, choose, [which], [*shown[1:], page.go])
    page.on(grid.open, opened, [], [*shown[4:], page.go], js=OPEN_LAST, trigger_mode="always_last")
    for event in (words.submit, save.click):
        page.on(event, saved, [words, kind], [*shown[1:], page.go], trigger_mode="once")
    page.on(propose.click, proposed, [], [grouping, group, name])
    page.on(take.click, taken, [group, name], [*shown[1:], page.say], trigger_mode="once")


def _value(store: Store, look: Look) -> str | None:
    found = evaluation_of(store, look)
    return str(found.id) if found else None


def _evaluation(store: Store, look: Look) -> Evaluation:
    found = evaluation_of(store, look)
    if found is None:
        raise BadInput("Evaluate a run first: there is nothing to read yet.")
    return found


def _current(store: Store, look: Look) -> tuple[Evaluation, str]:
    evaluation = _evaluation(store, look)
    listed = _ids(store, evaluation)
    row_id = look.get("row") if look.get("row") in listed else (listed[0] if listed else "")
    if not row_id:
        raise BadInput("There is no answer to note anything on.")
    return evaluation, row_id


def _ids(store: Store, evaluation: Evaluation) -> list[str]:
    return [one.row_id for one in cases_of(store, evaluation)]


def _mine(store: Store, evaluation: Evaluation) -> dict[str, FailureNote]:
    me = user_name()
    return {one.row_id: one for one in failure_notes.listed(store, evaluation.id) if one.who == me}


def _next(store: Store, evaluation: Evaluation, row_id: str) -> str:
    """The next row after this one that this person has not noted on; the row itself when there is none."""
    listed, mine = _ids(store, evaluation), _mine(store, evaluation)
    at = listed.index(row_id)
    return next((one for one in (*listed[at + 1 :], *listed[:at]) if one not in mine), row_id)


def _readable(store: Store, look: Look) -> tuple[Evaluation | None, str]:
    """The evaluation, or None with what stands in the way."""
    found = evaluation_of(store, look)
    if found is None:
        return None, empty("There is nothing to read yet.", "Evaluate a run", "/evaluation")
    if (found.summary or {}).get("part") == "sealed":
        return None, note(SEALED, "busy")
    if round_is_open(store, found.id) and look.get("answers") != "shown":
        anyway = address(PATH, evaluation=found.id, answers="shown")
        return None, f'{note(HIDDEN, "busy")}<p><a class="go" href="{esc(anyway)}">Show them anyway</a></p>'
    return found, ""


def _screen(store: Store, look: Look) -> tuple[Any, ...]:
    """(the counts, the grouping row, the list, the note, the kind, the detail)"""
    evaluation, why_not = _readable(store, look)
    if evaluation is None:
        return why_not, gr.Row(visible=False), None, "", gr.Dropdown(choices=[("", "")], value=""), ""
    found = analysis(store, evaluation.id)
    return counts_html(found), gr.Row(visible=False), _list(store, evaluation, look), *_row(store, look)


def _list(store: Store, evaluation: Evaluation, look: Look) -> dict[str, Any]:
    noted = failure_notes.listed(store, evaluation.id)
    by_row: dict[str, list[FailureNote]] = {}
    for one in noted:
        by_row.setdefault(one.row_id, []).append(one)
    listed = cases_of(store, evaluation)[:MOST_LISTED]
    lines = [
        {
            "id": one.row_id, "number": place, "prompt": short(one.prompt, 140),
            "reply": short("; ".join(said.note for said in by_row.get(one.row_id, ())) or "not read yet", 140),
            "flags": [(said.kind or "noted", "info" if said.kind else "") for said in by_row.get(one.row_id, ())],
        }
        for place, one in enumerate(listed, 1)
    ]  # fmt: skip
    return {
        "rows": lines, "range": f"{len(by_row)} of {plural(len(listed), 'row')} noted on, worst first", "page": 1,
        "pages": 1, "current": look.get("row") or (listed[0].row_id if listed else ""), "empty": "No answers.",
    }  # fmt: skip


def _row(store: Store, look: Look) -> tuple[Any, ...]:
    """(the note, the kind, the detail) of the row in the URL, else of the first."""
    evaluation, _ = _readable(store, look)
    listed = cases_of(store, evaluation) if evaluation else []
    if evaluation is None or not listed:
        return "", gr.Dropdown(choices=[("", "")], value=""), ""
    one = next((case for case in listed if case.row_id == look.get("row")), listed[0])
    mine = _mine(store, evaluation).get(one.row_id)
    kinds = [found.kind for found in analysis(store, evaluation.id).counted]
    choices = list(dict.fromkeys(["", *kinds, *KINDS]))
    return (
        mine.note if mine else "",
        gr.Dropdown(choices=choices, value=mine.kind if mine else ""),
        detail_html(one, evaluation),
    )


def counts_html(found: Analysis) -> str:
    """The kinds found so far with their shares and slices, and whether reading on still brings new ones."""
    if not found.read:
        return f"<p>None of {plural(found.of, 'answer')} was noted on yet. Begin with the worst.</p>"
    lines = [
        [esc(one.kind), esc(one.rows),
         f"{percent(one.share.value)} <span class='quiet'>[{percent(one.share.low)}, {percent(one.share.high)}]</span>",
         esc(", ".join(f"{name} {count} of {of}" for name, count, of in one.slices[:5]))]
        for one in found.counted
    ]  # fmt: skip
    far = f"{found.read} of {plural(found.of, 'answer')} noted on, {found.without_kind} without a kind."
    since = plural(found.since_new, "note")
    if not found.counted:
        enough = " Give the notes kinds when some are written, or let kinds be proposed."
    elif found.saturated:
        enough = f" No new kind in the last {since}: reading on will seldom show another."
    else:
        enough = f" {since} since the last new kind; after some 15 without one you have seen most."
    listed = table(["kind of failure", "rows", "share of those read", "where"], lines) if lines else ""
    return f"<p>{esc(far + enough)}</p>{listed}"
