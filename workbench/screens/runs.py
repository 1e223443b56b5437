"""Runs: live curves of one to eight runs, a table of all of them, and two side by side."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

import gradio as gr

from workbench import jobs
from workbench.actions.list_runs import state_of
from workbench.errors import BadInput, GoldloopError
from workbench.records import Job
from workbench.reports.curves import SMOOTHINGS
from workbench.screens.address import Look
from workbench.screens.escape import note
from workbench.screens.look import script
from workbench.screens.page import Page
from workbench.screens.progress import Card
from workbench.screens.results import CSS, view
from workbench.screens.run_curves import (
    AXES,
    LIVE,
    LOOKING,
    MOST_OVERLAID,
    SCALES,
    choice_of,
    chosen_runs,
    fresh_lines,
    overlay_of,
)
from workbench.screens.runs_view import PATH, detail_html, difference_of, listed_of, missing_html, table_of
from workbench.store import Store, runs

TITLE = "Runs"
SENTENCE = "Curves as they grow, every run with all its knobs, and what differs between two."
LOOKS = CSS + (Path(__file__).parent / "runs.css").read_text(encoding="utf-8")
CURVES_HTML, CURVES_JS = '<div class="curves"></div>', script("curve_draw", "curves")
TABLE_HTML, TABLE_JS = '<div class="runs-table"></div>', script("runs_table")
FILTERS = ("in", "model", "study", "price", "columns", "sort")
RECENT_JOBS = 20  # among which one that looks at a run may be
NEWS = 0.02  # of a metrics file's size: the doctor looks again when a curve has grown by so much


class RunCard(Card):
    """The job of the run that is looked at, with its stop and resume; of others the newest that needs attention."""

    def _now(self, look: Look) -> Any:
        found = chosen_runs(self.page.store, look)
        if len(found) == 1 and (job := self._looking(found[0].id, look)):
            return self.of(job)
        if len(found) == 1 and found[0].job_id is not None and not found[0].result:
            return self.of(jobs.get(self.page.store, found[0].job_id))
        return super()._now(look) if not (look.get("run") or look.get("runs")) else None

    def _looking(self, run: int, look: Look) -> Job | None:
        """The job that asks this run its rows or trains it once more: the one of the URL, else one that goes on."""
        known = [job for job in jobs.listed(self.page.store, limit=RECENT_JOBS) if job.kind in LOOKING]
        own = [job for job in known if job.settings.get("run") == run]
        return next((job for job in own if job.id == look.number("job") or not job.over), None)


def draw(store: Store) -> None:
    page = Page(store, TITLE, SENTENCE, PATH, own_jobs=("train", *LOOKING))
    card = RunCard(page, kinds=("train", *LOOKING))
    curves = gr.HTML(
        None, html_template=CURVES_HTML, js_on_load=CURVES_JS, css_template=LOOKS, apply_default_css=False,
        elem_id="curves", server_functions=[_fresh(store)],
    )  # fmt: skip
    detail = view(elem_id="run-detail")
    with gr.Row(elem_classes="tools", visible=False, elem_id="of-one-run") as of_one:
        recite = gr.Button("Does it recite its rows?", size="sm", scale=0, min_width=200, elem_id="recite")
        again = gr.Button("Repeat and compare", size="sm", scale=0, min_width=200, elem_id="repeat")
    difference = view(elem_id="difference")
    listing = gr.HTML(
        None, html_template=TABLE_HTML, js_on_load=TABLE_JS, css_template=LOOKS, apply_default_css=False,
        elem_id="runs", server_functions=[_csv(store)],
    )  # fmt: skip
    seen = gr.State({})  # size of each curve when the doctor last looked, and the states the table was drawn from
    shown = [curves, detail, difference, listing, of_one, seen]

    page.arrive(partial(show, store), [], shown)
    page.tick(partial(later, store), [curves, seen], [curves, detail, listing, seen])
    page.on(curves.see, partial(looked, store), [], [page.go])
    page.on(curves.overlay, partial(overlaid, store), [], [*shown, page.go])
    page.on(curves.ended, partial(show, store), [], shown, quiet=True)
    begun = [card.shown, page.say, page.go]
    page.on(recite.click, partial(recital_begun, store, card), [], begun, trigger_mode="once")
    page.on(again.click, partial(repetition_begun, store, card), [], begun, trigger_mode="once")
    page.on(card.shown.ended, partial(show, store), [], shown, quiet=True)
    page.on(listing.see, partial(filtered, store), [], [listing, page.go])
    page.on(listing.overlay, partial(overlaid, store), [], [*shown, page.go])
    page.on(listing.compare, partial(compared, store), [], [*shown, page.go])


def recital_begun(store: Store, card: RunCard, look: Look) -> tuple[Any, ...]:
    """A job that has the adapter answer training and validation rows; the doctor's words tell what came."""
    found = chosen_runs(store, look)
    if len(found) != 1 or not found[0].result:
        raise BadInput("Choose one finished run first: its adapter is asked its own training rows.")
    said = "is asked its rows; what it recites will stand with what the curve says."
    return _begun(store, card, look, "recite", found[0].id, said)


def repetition_begun(store: Store, card: RunCard, look: Look) -> tuple[Any, ...]:
    """A job that trains the run once more; what it says then stands with the run's notes."""
    found = chosen_runs(store, look)
    if len(found) != 1 or not found[0].result:
        raise BadInput("Choose one finished run first: it is trained once more and compared.")
    said = "is trained once more, which takes as long as it did; what came of it will stand with its notes."
    return _begun(store, card, look, "repeat", found[0].id, said)


def _begun(store: Store, card: RunCard, look: Look, kind: str, run: int, said: str) -> tuple[Any, ...]:
    """The card of a job that looks at a run, begun unless it goes on already; the message; the address with it."""
    going = [one for one in jobs.listed(store, kind=kind, limit=RECENT_JOBS) if one.settings.get("run") == run]
    job = next((one for one in going if not one.over), None) or jobs.start(store, kind, {"run": run})
    kept = {name: value for name, value in look.params.items() if name not in ("runs", "a", "b")}
    return card.of(job), note(f"Run {run} {said}"), Look(kept).here(PATH, run=run, job=job.id)


def show(store: Store, look: Look) -> tuple[Any, ...]:
    """The values of all that is shown."""
    found = chosen_runs(store, look)
    table = table_of(store, look)
    difference = difference_of(store, look)
    # of two runs the doctor's words stand in the difference
    detail = missing_html(store, look) + ("" if difference else detail_html(store, found))
    of_one = gr.Row(visible=len(found) == 1 and bool(found[0].result))  # what its buttons do takes one finished run
    return choice_of(store, look), detail, difference, table, of_one, _seen(store, look)


def later(store: Store, look: Look, curves: Any, seen: Any) -> tuple[Any, ...]:
    """What a tick brings: curves of a run that has just begun, the doctor's words on what grew, states in the table."""
    before = seen if isinstance(seen, dict) else {}
    now = _seen(store, look)
    begun = [run.id for run in chosen_runs(store, look)] != ((curves or {}).get("runs") or [])
    grown = (
        begun
        or now["sizes"].keys() != before.get("sizes", {}).keys()
        or any(
            size > before["sizes"][run] * (1 + NEWS) or size < before["sizes"][run]
            for run, size in now["sizes"].items()
        )
    )
    moved = now["states"] != before.get("states")
    was = dict(before.get("states") or ())
    here = now["sizes"]
    resumed = any(state in LIVE and was.get(run, state) not in LIVE for run, state in now["states"] if str(run) in here)
    if not (grown or moved or begun):
        return (gr.skip(),) * 4
    return (
        {**choice_of(store, look), "again": time.time()} if begun or resumed else gr.skip(),
        detail_html(store, chosen_runs(store, look)) if (grown or moved) and not look.get("a") else gr.skip(),
        table_of(store, look) if moved or begun else gr.skip(),
        now if grown or moved else gr.skip(),
    )


def looked(store: Store, look: Look, event: Mapping[str, Any]) -> str:
    """How somebody wants to see the curves goes into the URL."""
    known: dict[str, Mapping[str, Any]] = {"x": AXES, "scale": SCALES, "smooth": SMOOTHINGS}
    wanted = {name: event.get(name) for name in known}
    if any(value not in known[name] for name, value in wanted.items()):
        raise BadInput("The choice did not arrive whole. Reload the page and try again.")
    usual = {"x": "step", "scale": "", "smooth": "usual"}
    return look.here(PATH, **{name: None if value == usual[name] else value for name, value in wanted.items()})


def overlaid(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    """The curves of the runs that were ticked, in one picture."""
    wanted = overlay_of(look, _ids(store, event, MOST_OVERLAID))
    return *show(store, wanted), wanted.here(PATH)


def compared(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    """Two runs side by side, their curves in one picture."""
    ids = _ids(store, event, 2)
    if len(ids) != 2:
        raise BadInput("Tick two runs to compare them.")
    kept = overlay_of(look, ids)
    wanted = Look({**kept.params, "a": str(ids[0]), "b": str(ids[1])})
    return *show(store, wanted), wanted.here(PATH)


def filtered(store: Store, look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
    """The table under other filters, with other columns, or in another order."""
    changed = {name: str(event[name])[:400] for name in FILTERS if name in event}
    wanted = Look({name: value for name, value in {**look.params, **changed}.items() if value})
    return gr.skip() if set(changed) == {"sort"} else table_of(store, wanted), wanted.here(PATH)


def _ids(store: Store, event: Mapping[str, Any], most: int) -> list[int]:
    given = event.get("runs")
    if not isinstance(given, list) or not given or any(type(one) is not int for one in given):
        raise BadInput("The choice did not arrive whole. Reload the page and try again.")
    if len(given) > most:
        raise BadInput(f"At most {most} runs fit into one picture.")
    return [runs.get(store, one).id for one in dict.fromkeys(given)]


def _seen(store: Store, look: Look) -> dict[str, Any]:
    """Sizes of the shown runs' curves, and the states of the newest runs."""
    sizes = {}
    for run in chosen_runs(store, look):
        path = runs.folder(store, run.id) / "metrics.jsonl"
        sizes[str(run.id)] = path.stat().st_size if path.exists() else 0
    return {"sizes": sizes, "states": [(run.id, state_of(store, run)) for run in runs.listed(store)[:20]]}


def _fresh(store: Store) -> Any:
    """A server function: what came since the browser last asked."""

    def fresh(payload: Any) -> dict[str, Any]:
        return fresh_lines(store, payload)

    return fresh


def _csv(store: Store) -> Any:
    """A server function: the table under the filters of a query, as the text of a CSV file with every column."""

    def csv(payload: Any) -> dict[str, Any]:
        try:
            return {"text": listed_of(store, Look.read(payload if isinstance(payload, str) else "")).csv}
        except GoldloopError as error:
            return {"error": str(error)}

    return csv
