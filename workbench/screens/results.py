"""What the screens on results share: which evaluation the URL means, and how its figures look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from workbench.errors import BadInput, GoldloopError, NotFound
from workbench.records import Evaluation
from workbench.reports.tables import UNKNOWN
from workbench.screens.address import Look
from workbench.screens.escape import esc, note, table
from workbench.store import Store, evaluations, ratings

CSS = (Path(__file__).parent / "results.css").read_text(encoding="utf-8")
MOST_CHOICES = 100


def view(**options: Any) -> gr.HTML:
    """A place for escaped HTML with the look of results."""
    return gr.HTML("", css_template=CSS, apply_default_css=False, **options)


def evaluation_of(store: Store, look: Look, name: str = "evaluation") -> Evaluation | None:
    """The evaluation in the URL if it is finished, else the newest finished one, else None."""
    if wanted := look.number(name):
        try:
            found = evaluations.get(store, wanted)
            if found.summary:
                return found
        except NotFound:
            pass
    finished = evaluations.listed(store, finished=True)
    return finished[0] if finished else None


def title_of(one: Evaluation) -> str:
    """An evaluation in a list; says nothing of its outcome, since raters see it too."""
    return f"Evaluation {one.id} · run {one.run_id} · {one.golden} · {one.when[:16].replace('T', ' ')}"


def evaluation_choices(store: Store) -> list[tuple[str, str]]:
    """(words, id) of the finished evaluations, newest first."""
    return [(title_of(one), str(one.id)) for one in evaluations.listed(store, finished=True)[:MOST_CHOICES]]


def picker(store: Store, look: Look, name: str = "evaluation") -> Any:
    """The choices of a dropdown of evaluations, with the one in the URL chosen; hidden while there is none."""
    chosen = evaluation_of(store, look, name)
    return gr.Dropdown(
        choices=evaluation_choices(store), value=str(chosen.id) if chosen else None, visible=chosen is not None
    )


def number_of(value: Any, what: str) -> int:
    """A dropdown's value as an id. Raises BadInput."""
    if not str(value or "").isdecimal():
        raise BadInput(f"Choose {what} first.")
    return int(value)


def round_is_open(store: Store, evaluation_id: int) -> bool:
    """Whether people are rating this evaluation blind right now."""
    return any(not one.closed for one in ratings.rounds_of(store, evaluation_id))


def percent(value: float | None) -> str:
    return UNKNOWN if value is None else f"{100 * value:.0f} %"


def compared_html(store: Store, a: str, b: str) -> str:
    """Two runs or two evaluations side by side, or what stands in the way."""
    from workbench.actions.compare import compare

    try:
        done = compare(store, a, b)
    except GoldloopError as error:
        return note(str(error), "bad")
    lines = [[esc(cell) for cell in line] for line in done.rows]
    notes = "".join(f"<p>{esc(line)}</p>" for line in done.notes)
    return f"<h3>{esc(done.title)}</h3>{table(done.head, lines)}{notes}"
