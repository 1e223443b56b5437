"""What the screens on results share: which evaluation the URL means, and how its figures look."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import gradio as gr

from workbench.errors import BadInput, GoldloopError, NotFound
from workbench.records import Evaluation
from workbench.reports.tables import UNKNOWN, arm_name, p_value
from workbench.reports.tally import RoundResult
from workbench.screens.address import Look
from workbench.screens.escape import esc, note, plural, table
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


def round_html(found: RoundResult) -> str:
    """The result of a closed round: sentence, bar, raters, reasons."""
    from workbench.reports.report import wins_bar_of

    lines = [
        [esc(one.name), *(esc(n) for n in (one.wins, one.ties, one.losses, one.both_bad, one.skipped)),
         percent(one.left_share.value), esc(one.too_fast)]
        for one in found.raters
    ]  # fmt: skip
    base, other = (arm_name(arm) for arm in found.arms)
    head = [
        "rater",
        f"{other} better",
        "equally good",
        f"{base} better",
        "both bad",
        "skipped",
        "chose left",
        "too fast",
    ]
    agreement = (
        f"Two raters of the same row chose alike in {found.agreed} of {found.pairs} cases. " if found.pairs
        else "No row was rated by two people, so their agreement is unknown. "
    )  # fmt: skip
    sides = (
        f"The answer on the left was preferred in {percent(found.left_share.value)} of the decided votes "
        f"(p {p_value(found.left_p)} against one half). " if found.left_share.value is not None else ""
    )  # fmt: skip
    same = f"{plural(found.identical, 'row')} with the same answer twice count as equally good and were not shown."
    reasons = "".join(
        f"<li><b>{esc(arm_name(arm) if arm in found.arms else arm)}</b>: {esc(why)}</li>"
        for _, arm, why in found.reasons[:50]
    )
    said = f"<h3>Reasons given</h3><ul>{reasons}</ul>" if reasons else ""
    return (
        f'<h3>Round {found.round_id}, closed</h3><p class="lead">{esc(found.sentence)}</p>{wins_bar_of(found)}'
        f'{table(head, lines)}<p class="quiet">{esc(agreement + sides + same)}</p>{said}'
    )


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
