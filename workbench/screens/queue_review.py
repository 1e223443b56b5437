"""How a queue stands: who did what, how far people agree, where they differ, and what closing it would do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import gradio as gr

from workbench.actions import work_queue
from workbench.actions.close_queue import Closed
from workbench.errors import BadInput
from workbench.records import Agreement, Decision, Disagreement, Queue
from workbench.screens.address import Look, address
from workbench.screens.differences import difference_html, turn_changes
from workbench.screens.escape import esc, note, plural
from workbench.screens.look import script
from workbench.screens.page import Page
from workbench.screens.queue_desk import said_of
from workbench.settings import user_name
from workbench.store import Store, queues

REVIEW_JS = script("row_parts", "queue_review")
MOST_SHOWN = 50  # disagreements on the page
# Krippendorff 2004, "Content Analysis", ch. 11: rely on .800 and above, draw only tentative conclusions from .667 on.
RELIABLE, TENTATIVE = 0.8, 0.667


def draw_review(page: Page, store: Store) -> gr.HTML:
    """The part below the desk; filled with `review_of`."""
    review = gr.HTML(
        None,
        html_template='<div class="review"></div>',
        js_on_load=REVIEW_JS,
        apply_default_css=False,
        elem_id="review",
    )

    def settle(look: Look, event: Mapping[str, Any]) -> tuple[Any, ...]:
        found = settled(store, look, event)
        return review_of(store, found), note("Settled: that decision counts now.")

    def again(look: Look, event: Mapping[str, Any]) -> Any:
        number = event.get("queue")
        if type(number) is not int:
            raise BadInput("That is no queue. Reload the page and try again.")
        return review_of(store, queues.get(store, number))

    page.on(review.settle, settle, [], [review, page.say], trigger_mode="once")
    page.on(review.again, again, [], [review], quiet=True)
    return review


def settled(store: Store, look: Look, event: Mapping[str, Any]) -> Queue:
    """Makes one of the differing decisions the one that counts."""
    number, row_id, nonce, who = event.get("queue"), event.get("row"), event.get("nonce"), event.get("who")
    if type(number) is not int or not all(isinstance(one, str) and one for one in (row_id, nonce, who)):
        raise BadInput("The choice did not arrive whole. Reload the page and try again.")
    found = queues.get(store, number)
    differ = next((one for one in work_queue.disagreements(store, number) if one.row_id == row_id), None)
    said = next((one for one in differ.decisions if one.who == who), None) if differ else None
    if said is None:
        raise BadInput("That row is settled already, or its decisions changed. Look again.")
    action, messages, fix = said.action, said.messages, ""
    if action == "fix":  # its text is what counts, and a later edition of the fix may write another one
        action = "edit"
    me = look.get("who") or user_name()
    work_queue.decide(
        store, number, str(row_id), me, nonce=str(nonce)[:80], action=action, messages=messages, fix=fix,
        tags=said.tags, note=f"settled for {said.who}", settles=True,
    )  # fmt: skip
    return found


def review_of(store: Store, found: Queue | None) -> dict[str, Any] | None:
    """How a queue stands, as plain values; None where there is none."""
    if found is None:
        return None
    reached, agreed = work_queue.progress(store, found.id), work_queue.agreement(store, found.id)
    differ = work_queue.disagreements(store, found.id)
    return {
        "queue": found.id,
        "state": found.state,
        "opened": f"Opened by {found.who} on {found.when[:10]} from {found.version}"
        + (f", {found.where}" if found.where and found.where != "all" else ""),
        "closed_as": found.closed_as or "",
        "closed_href": _version_href(found.closed_as) if found.closed_as else "",
        "people": sorted(([who, number] for who, number in reached.mine.items()), key=lambda one: -int(one[1])),
        "held": sorted([who, number] for who, number in reached.leased.items() if number),
        "done": reached.done,
        "total": reached.total,
        "agreement": agreement_words(agreed, found),
        "pairs": [[a, b, rows, round(share)] for (a, b), (rows, share) in agreed.pairs.items()],
        "differ": [_difference(one) for one in differ[:MOST_SHOWN]],
        "more": max(0, len(differ) - MOST_SHOWN),
    }


def _version_href(label: str) -> str:
    dataset, _, number = label.rpartition("@")
    return address("/rows", dataset=dataset, version=number)


def agreement_words(agreed: Agreement, found: Queue) -> str:
    """How far people agree, in a sentence that says what the number means."""
    if agreed.percent is None:
        if found.overlap > 1:
            return "No overlap row has been decided by two people yet, so their agreement is not known."
        return "Nobody sees a row twice in this queue, so agreement is not measured."
    said = f"On {plural(agreed.rows, 'overlap row')} people chose the same in {agreed.percent:.0f} % of the pairs."
    alpha = agreed.krippendorff_alpha
    if alpha is None:
        return f"{said} Everybody always said the same, so chance cannot be told apart."
    sense = "reliable" if alpha >= RELIABLE else "tentative" if alpha >= TENTATIVE else "low: talk over the guidelines"
    return f"{said} Krippendorff's alpha {alpha:.2f} ({sense})."


def _difference(one: Disagreement) -> dict[str, Any]:
    return {
        "row": one.row_id,
        "place": one.place,
        "said": [_said(one, decision) for decision in one.decisions],
    }


def _said(one: Disagreement, decision: Decision) -> dict[str, Any]:
    turns: list[dict[str, Any]] = []
    if decision.messages is not None:
        places = [at if at < len(one.messages) else -1 for at in range(len(decision.messages))]
        turns = turn_changes(one.messages, decision.messages, places)
        roles = [*decision.messages, *one.messages[len(decision.messages) :]]
        for turn, message in zip(turns, roles, strict=True):
            turn["role"] = message["role"] or ""
    return {
        "who": decision.who,
        "said": said_of(decision),
        "note": decision.note,
        "late": decision.state == "late",
        "turns": [turn for turn in turns if turn.get("gone") or any(kind != "equal" for kind, _ in turn["parts"])],
    }


def closing_html(closed: Closed) -> str:
    """What closing a queue would do: counts, the difference, and what stays as it is."""
    counts = closed.counts
    parts = [
        (counts.get("keep", 0), "kept"), (counts.get("change", 0), "changed"), (counts.get("drop", 0), "dropped"),
        (len(closed.undecided), "undecided"), (len(closed.disagreed), "in disagreement"),
        (len(closed.flagged), "for others to look at"), (len(closed.collided), "changed by others meanwhile"),
    ]  # fmt: skip
    told = ", ".join(f"{number:,} {words}" for number, words in parts if number) or "nothing was decided"
    stay = len(closed.undecided) + len(closed.disagreed) + len(closed.flagged) + len(closed.collided)
    left = f" {plural(stay, 'row')} that are not settled stay as they are." if stay else ""
    head = f'<p><strong>Close the queue "{esc(closed.queue.name)}"?</strong> {esc(told)}.{esc(left)}'
    return f"{head} A closed queue takes no more decisions.</p>{difference_html(closed.difference)}"
